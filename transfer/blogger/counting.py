"""Counts what is in backups of Blogger by patterns in the text, without parsing the XML.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.wordpress.files import sources

ENTRY = re.compile(r"<entry[\s>].*?</entry\s*>", re.DOTALL)
CATEGORY = re.compile(r"<category\b([^>]*)>")
ATTRIBUTE = re.compile(r"(\w+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")")
TYPE = re.compile(r"<blogger:type>\s*(\w+)\s*<")
REPLY = re.compile(r"<thr:in-reply-to\b[^>]*\bref\s*=\s*[\"']([^\"']*)[\"']|<blogger:parent>([^<]*)<")
IDENTIFIER = re.compile(r"<id>([^<]*)</id>")
AUTHOR = re.compile(r"<author>.*?<name>([^<]*)</name>", re.DOTALL)
PICTURE = re.compile(
    r"""<img\s(?:[^>]*?\s)?src=["'](https?://[^"'\s/]*(?:blogspot|googleusercontent|blogger)\.com/[^"'\s]+)""", re.I
)
KIND = "http://schemas.google.com/g/2005#kind"


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of records.KINDS."""
    found = dict.fromkeys(KINDS, 0)
    for source in sources(paths):
        posts: set[str] = set()
        comments: list[str] = []
        labels: set[str] = set()
        authors: set[str] = set()
        pictures: set[str] = set()
        for match in ENTRY.finditer("".join(source.pieces())):
            entry = match.group()
            terms = [attributes(each) for each in CATEGORY.findall(entry)]
            kind = next((term["term"].rpartition("#")[2] for term in terms if term.get("scheme") == KIND), "")
            type_of = TYPE.search(entry)
            reply = REPLY.search(entry)
            kind = kind or (type_of[1].lower() if type_of else "comment" if reply else "post")
            if kind == "comment":
                comments.append(last_number((reply[1] or reply[2] or "") if reply else ""))
            elif kind in ("post", "page"):
                found[f"{kind}s"] += 1
                identifier = IDENTIFIER.search(entry)
                posts.add(last_number(identifier[1]) if identifier else "")
                labels |= {" ".join(term["term"].split()) for term in terms if "atom/ns#" in term.get("scheme", "")}
                author = AUTHOR.search(entry)
                authors.add(" ".join(html.unescape(author[1]).split()) if author else "")
                pictures |= set(PICTURE.findall(html.unescape(entry)))
            else:
                found["other"] += 1
        found["comments"] += len(comments)
        found["other"] += any(post not in posts for post in comments)
        found["tags"] += len(labels - {""})
        found["authors"] += len(authors - {""})
        found["attachments"] += len(pictures)
    return found


def attributes(text: str) -> dict[str, str]:
    return {"term": ""} | {name: html.unescape(one or two) for name, one, two in ATTRIBUTE.findall(text)}


def last_number(text: str) -> str:
    numbers = re.findall(r"\d+", text)
    return numbers[-1] if numbers else text
