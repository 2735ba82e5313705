"""Counts what is in a folder of texts by the lines of the files, where the reader parses them.

Posts, pages and comments are counted by patterns. Names of categories, tags and authors, and which files a text shows,
come from the same code as the reader's, since only that knows what a name or a reference is.
"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from transfer.date_values import parse_date
from transfer.records import KINDS
from transfer.textfiles.front_matter import FENCED, FrontMatterError, split
from transfer.textfiles.own_export import own_term
from transfer.textfiles.reader import DATES, Blog, authors_of
from transfer.textfiles.site import DATED, slugged
from transfer.textfiles.tree import Tree, kind_by, trees

LAYOUT = re.compile(r"^(?:layout|type)[ \t]*[:=][ \t]*[\"']?(\w+)", re.MULTILINE | re.IGNORECASE)
DATE = re.compile(rf"^(?:{'|'.join(DATES)})[ \t]*[:=][ \t]*[\"']?([^\"'\n#]+)", re.MULTILINE | re.IGNORECASE)
IN_JSON = re.compile(r"^[\s{,]*\"(\w+)\"[ \t]*:", re.MULTILINE)
ORG = re.compile(r"^[ \t]*#\+(?=\w+:)", re.MULTILINE)
NUMBER = re.compile(r"^longrun:.*\"number\": (\d{1,15})\b", re.MULTILINE)
ENTRY = re.compile(r"^- ", re.MULTILINE)
COUNTED = {"post": "posts", "page": "pages", "section": "other"}


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all folders}, for every kind of records.KINDS."""
    found = dict.fromkeys(KINDS, 0)
    for tree in trees(paths):
        blog = Blog(tree, "")
        for name in tree.texts():
            text = tree.text(name)
            if kind := kind_of_text(name, text):
                found[COUNTED[kind]] += 1
            if number := NUMBER.search(text):
                found["comments"] += number_of_comments(tree, number[1])
        found["authors"] += len({slugged(name) for text in blog.texts for name in authors_of(text.facts)})
        for term in blog.terms():
            found["categories" if term.taxonomy == "category" else "tags"] += 1
        shown: set[str] = set()
        for each in blog.texts:
            blog.item(each)
            shown |= set(blog.references.found)
        found["attachments"] += len(shown)
    return found


def kind_of_text(name: str, text: str) -> str:
    """ "post", "page" or "section"; "" for HTML without front matter, and for a list of our own export, which is a
    category or tag."""
    try:
        facts, body, _line = split(text)
    except FrontMatterError:
        return kind_by(name, "", False)
    if facts is None and name.lower().endswith((".html", ".htm")):
        return ""
    if own_term(facts or {}, text):
        return ""
    match = FENCED.match(text)
    head = match[3] if match else IN_JSON.sub(r"\1:", ORG.sub("", text)) if facts is not None else ""
    layout = LAYOUT.search(head)
    path = PurePosixPath(name)
    dated = DATED.fullmatch(path.stem) or DATED.fullmatch(path.parent.name)
    has_date = dated is not None or any(parse_date(value.strip().rstrip(",")) for value in DATE.findall(head))
    has_text = bool(body.strip()) and "list" not in (facts or {})
    return kind_by(name, layout[1].lower() if layout else "", has_date, has_text)


def number_of_comments(tree: Tree, number: str) -> int:
    names = (f"private/comments/{number}.yaml", f"data/comments/{number}.yaml")
    return next((len(ENTRY.findall(tree.text(name))) for name in names if name in tree.real), 0)
