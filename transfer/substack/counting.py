"""Counts what is in the exports of Substack by patterns in the texts, without building their trees.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

import io
import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from transfer.records import KINDS
from transfer.subscribers.counting import count_rows, table_rows
from transfer.textfiles.tree import Tree
from transfer.wordpress.files import Source

IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(class|src|srcset)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
FACTS = re.compile(r"""data-attrs=(?:"([^"]*)"|'([^']*)')""")
BUTTON = re.compile(r"""<a\b[^>]*\bfile-embed-button\b[^>]*>""")
HREF = re.compile(r"""\bhref="([^"]*)\"""")
FOREIGN = re.compile(r"(?:^|\s)(?:embedded-|tweet|digest-|expanded-|profile|twitter|instagram|avatar|logo)")
WRAPPED = re.compile(r"image/fetch/.*?(https?(?:%3A%2F%2F|://).*)", re.IGNORECASE)
PAGES = ("page",)
POSTS = ("newsletter", "podcast", "thread", "video", "post", "")


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS; the files that posts show are attachments."""
    found = dict.fromkeys(KINDS, 0)
    for path in map(Path, paths):
        tree = Tree(path)
        try:
            count_export(tree, found)
        finally:
            if tree.archive is not None:
                tree.archive.close()
    return found


def count_export(tree: Tree, found: dict[str, int]) -> None:
    files: set[str] = set()
    texts = {PurePosixPath(name).stem: name for name in tree.real if re.search(r"(?:^|/)posts/[^/]+\.html$", name)}
    table = min((name for name in tree.real if name.rpartition("/")[2] == "posts.csv"), key=len, default="")
    for facts in posts(tree, table) if table else []:
        if facts is None:
            found["posts"] += 1
            continue
        own = facts.get("type", "").lower()
        kind = "pages" if own in PAGES else "posts" if own in POSTS else "other"
        found[kind] += 1
        number = facts.get("post_id", "")
        stem = number if number in texts else next((each for each in sorted(texts) if each.split(".")[0] == number), "")
        name = texts.pop(stem, "") if stem else ""
        if kind != "other":
            files |= pictures(tree.text(name)) if name else set()
            files |= {facts["podcast_url"]} if facts.get("podcast_url", "").startswith("http") else set()
    for name in texts.values():
        found["posts"] += 1
        files |= pictures(tree.text(name))
    found["attachments"] += len(files)
    for name in tree.real:
        if re.search(r"(?:^|/)email_list(?:\.[\w-]+)?\.csv$", name):
            found["subscribers"] += count_rows(Source(name, io.BytesIO(tree.read(name))))


def posts(tree: Tree, name: str) -> Iterator[dict[str, str] | None]:
    """{column: cell} of each row of posts.csv, None for a broken one."""
    rows = table_rows(Source(name, io.BytesIO(tree.read(name))))
    columns = [cell.lower() for cell in next(rows, [])]
    for cells in rows:
        yield dict(zip(columns, cells, strict=True)) if len(cells) == len(columns) else None


def pictures(html: str) -> set[str]:
    """The original addresses of the pictures and files of a text, without those of embedded posts of others."""
    found = set()
    for tag in IMAGE.findall(html):
        facts = {name: unescape(one or two) for name, one, two in ATTRIBUTE.findall(tag)}
        if FOREIGN.search(facts.get("class", "")) or "__ss-rehost__" in facts.get("src", ""):
            continue
        sizes = re.findall(r"(\S+)\s+(\d+)w", facts.get("srcset", ""))
        found.add(unwrapped(max(sizes, key=lambda each: int(each[1]))[0] if sizes else facts.get("src", "")))
    for match in FACTS.findall(html):
        found |= {unwrapped(url) for url in gallery(unescape(match[0] or match[1]))}
    for tag in re.findall(r"<[^<>]*\bimage3\b[^<>]*>", html):
        found |= {unwrapped(url) for url in re.findall(r'"src"\s*:\s*"([^"]+)"', unescape(tag))}
    for tag in BUTTON.findall(html):
        if link := HREF.search(tag):
            found.add(unwrapped(unescape(link[1])))
    return {url for url in found if url.startswith(("http://", "https://"))}


def gallery(text: str) -> list[str]:
    try:
        facts: Any = json.loads(text)
        images = facts["gallery"]["images"]
        return [str(each["src"]) for each in images if isinstance(each, dict) and each.get("src")]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def unwrapped(url: str) -> str:
    url = url.strip()
    while "/image/fetch/" in url and (match := WRAPPED.search(url)):
        url = unquote(match[1]) if "%3a%2f%2f" in match[1].lower() else match[1]
    return url
