"""Counts what is in the exports of Medium by patterns in the pages, without building their trees.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.textfiles.tree import Tree

PAGE = re.compile(r"(?:^|/)posts/([^/]+)\.html?$", re.IGNORECASE)
CONTENT = re.compile(r"""<section\b[^>]*class="e-content"[^>]*>(.*?)(?:<footer\b|\Z)""", re.DOTALL)
SUMMARY = re.compile(r"""<section\b[^>]*class="p-summary"[^>]*>(.*?)</section>""", re.DOTALL)
TITLE = re.compile(r"""<h1\b[^>]*class="p-name"[^>]*>(.*?)</h1>""", re.DOTALL)
AUTHOR = re.compile(r"""<a\b[^>]*href="[^"]*@([\w.-]+)[^"]*"[^>]*class="p-author""")
TAG = re.compile(r"""<a\b[^>]*class="p-tag"[^>]*>(.*?)</a>""", re.DOTALL)
PROFILE = re.compile(
    r"""<a\b[^>]*class="u-url"[^>]*href="[^"]*@([\w.-]+)|<a\b[^>]*href="[^"]*@([\w.-]+)[^"]*"[^>]*class="u-url"""
)
IMAGE = re.compile(r"""<img\b[^>]*?\bsrc="(https?://[^"]+)\"""")
SHAPES = re.compile(r"<(?:h[1-4]|figure|img)\b")
HOSTED = re.compile(r"https?://(?:cdn-images-\d+|miro)\.medium\.com/(?:[^\"?#]*/)?([^/\"?#]+)")


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS; responses are "other", pictures attachments."""
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
    authors: set[str] = set()
    tags: set[str] = set()
    files: set[str] = set()
    for name in tree.real:
        if re.search(r"(?:^|/)profile/profile\.html$", name) and (match := PROFILE.search(tree.text(name))):
            authors.add(match[1] or match[2])
        page = PAGE.search(name)
        if page is None:
            continue
        text = tree.text(name)
        body = match[1] if (match := CONTENT.search(text)) else ""
        if not page[1].startswith("draft_") and answers(text, body):
            found["other"] += 1
        else:
            found["posts"] += 1
            files |= {
                hosted[1] if (hosted := HOSTED.match(url)) else url for url in map(html.unescape, IMAGE.findall(body))
            }
        authors |= {match[1]} if (match := AUTHOR.search(text)) else set()
        tags |= {re.sub(r"[\W_]+", "-", words(tag).casefold()).strip("-") for tag in TAG.findall(text)}
    found["authors"] += len(authors)
    found["tags"] += len(tags)
    found["attachments"] += len(files)


def answers(text: str, body: str) -> bool:
    """Whether a page is a response: without heading, subtitle and picture, and its title is how its text begins."""
    summary, title = SUMMARY.search(text), TITLE.search(text)
    if SHAPES.search(body) or summary and words(summary[1]) or not title or not body:
        return False
    start = squeezed(re.sub(r"[….\s]+$", "", words(title[1])))
    return bool(start) and squeezed(words(body)).startswith(start)


def words(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def squeezed(text: str) -> str:
    plain = re.sub(r"[‘’]", "'", re.sub(r"[“”]", '"', text)).replace("…", ".")
    return re.sub(r"\s+", "", plain).casefold()
