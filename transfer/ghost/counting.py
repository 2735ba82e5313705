"""Counts what is in the exports of Ghost by the brackets of the JSON text, without building the document.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from transfer.ghost.files import documents
from transfer.records import KINDS

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
FILE = re.compile(
    r"""(?:__GHOST_URL__|https?://[^\s"'<>\\]+?|(?<=["'(\s,]))/content/(images|media|files)/"""
    r"""(?:size/w\d+(?:h\d+)?/(?:format/\w+/)?)?([^\s"'<>),\\?#&]+)"""
)
SIZE = re.compile(r"size/w\d+(?:h\d+)?/(?:format/\w+/)?")
TABLES = {"users": "authors", "tags": "tags", "comments": "comments"}
LISTS = ("members", "subscribers")


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS; files that posts show are attachments."""
    found = dict.fromkeys(KINDS, 0)
    for _name, text in documents(paths):
        posts: set[str] = set()
        comments: list[str] = []
        files: set[str] = set()
        seen: dict[str, set[str]] = {"users": set(), "tags": set()}
        for table, facts in rows(text):
            number = facts.get("id", "")
            if table == "posts":
                is_page = facts.get("type") == "page" or facts.get("page") in ("1", "true")
                found["pages" if is_page else "posts"] += 1
                posts.add(number)
                files |= files_of(facts)
            elif table == "comments":
                comments.append(facts.get("post_id", ""))
            elif table in LISTS:
                found["subscribers"] += 1
            elif table in TABLES and number not in seen[table]:
                seen[table].add(number)
                found[TABLES[table]] += 1
        found["comments"] += len(comments)
        found["other"] += any(post not in posts for post in comments)
        found["attachments"] += len(files)
    return found


def files_of(facts: dict[str, str]) -> set[str]:
    """The files that a post shows: those of the blog by their path, another featured picture by its address."""
    source = next(
        (facts[key] for key in ("html", "lexical", "mobiledoc", "markdown") if facts.get(key, "").strip()), ""
    )
    picture = facts.get("feature_image") or facts.get("image", "")
    found = {f"/content/{match[1]}/{match[2]}" for match in FILE.finditer(source)}
    if "/content/" in picture:
        found.add(SIZE.sub("", f"/content/{picture.partition('/content/')[2]}"))
    elif picture.startswith("http"):
        found.add(picture)
    return found


def rows(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(table, its plain values) of each row: an object in a list of "data", or of the outermost object without one."""
    levels: list[tuple[str, str]] = []  # (bracket, key of the value that it begins)
    key, before, is_key = "", "", False
    facts: dict[str, str] = {}
    wrapped = re.search(r'"data"\s*:\s*\{', text) is not None
    depth = 0  # of the row that is open
    for match in TOKEN.finditer(text):
        token = match.group()
        if token in "{[":
            levels.append((token, key))
            if token == "{" and not depth and is_row(levels, wrapped):
                depth, facts = len(levels), {}
            key = ""
        elif token in "}]":
            if depth and len(levels) == depth:
                yield levels[-2][1], facts
                depth = 0
            if levels:
                levels.pop()
            key = ""
        elif token == ":":
            key, is_key = scalar(before), True
        elif token == ",":
            key = ""
        elif is_key and key and len(levels) == depth:
            facts[key] = scalar(token)
        is_key = token == ":"
        before = token


def is_row(levels: list[tuple[str, str]], wrapped: bool) -> bool:
    if len(levels) < 3 or levels[-2][0] != "[" or levels[-3][0] != "{":
        return False
    return levels[-3][1] == "data" if wrapped else len(levels) == 3


def scalar(token: str) -> str:
    if not token.startswith('"'):
        return "" if token == "null" else token
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token.strip('"')
