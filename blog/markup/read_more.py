"""`<!--more-->`: where the teaser of a post ends in lists, as in WordPress; `<!--more link text-->` sets the link's
text."""

import re
import secrets
from copy import deepcopy
from dataclasses import replace
from xml.etree.ElementTree import Element

from blog.markup.blocks.structure import code_lines
from blog.markup.dom import DROPPED, KEPT, is_blank, parents, prune, unwrap
from blog.markup.notices import Notice

_MORE = re.compile(r"<!--\s{0,9}more(?P<words>(?:\s[^<>\n]{0,200})?)-->", re.IGNORECASE)
_APART = "\n\n"


def mark(text: str, source_format: str) -> tuple[str, str, str]:
    """Replace `<!--more-->` by a random placeholder word, because the sanitizers remove HTML comments.

    Returns (text, placeholder, link text); the placeholder is "" if the text has no `<!--more-->`.
    """
    found, alone = _in_markdown(text) if source_format == "markdown" else (_MORE.search(text), False)
    if not found:
        return text, "", ""
    word = f"more{secrets.token_hex(16)}"
    put = f"{_APART}{word}{_APART}" if alone else word
    return text[: found.start()] + put + text[found.end() :], word, " ".join(found["words"].split())


def as_unmarked(notices: list[Notice], marked: str, word: str) -> list[Notice]:
    """The notices with their lines changed to those of the original text: `mark` may have added lines."""
    if not word:
        return notices
    line = marked.count("\n", 0, marked.index(word)) + 1
    added = len(_APART) * 2 if f"{_APART}{word}{_APART}" in marked else 0
    of_mark = line - added // 2

    def unmarked(notice: Notice) -> Notice:
        moved = min(notice.line, max(of_mark, notice.line - added))
        return replace(notice, line=moved)

    return [unmarked(notice) for notice in notices]


def _in_markdown(text: str) -> tuple[re.Match[str] | None, bool]:
    """The first `<!--more-->` outside of code (None if there is none), and whether it begins its line."""
    code: set[int] | None = None
    line, counted = 1, 0
    for found in _MORE.finditer(text):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        code = code_lines(text) if code is None else code
        if "`" not in before and line not in code:
            return found, is_blank(before)
    return None, False


def place(root: Element, word: str) -> Element | None:
    """Replace the placeholder in the tree by an empty <span> and return it; None if it is not in text, then it is only
    removed from the attributes."""
    target = Element("span")
    holder = _put(root, word, target)
    if holder is None:
        for element in root.iter():  # such as alt or title
            for name, said in element.attrib.items():
                element.set(name, said.replace(word, ""))
        return None
    if holder.tag == "p" and len(holder) == 1 and is_blank(holder.text) and is_blank(target.tail):
        unwrap(parents(root)[holder], holder)
    return target


def cut(root: Element, target: Element, name: str) -> Element:
    """Set the target's id to `name` and return the teaser: a copy of the tree up to the target."""
    target.set("id", name)
    teaser = deepcopy(root)
    _end_at(teaser, name)
    prune(teaser, lambda parent, child: DROPPED if _points_below(child) else KEPT)
    return teaser


def _put(root: Element, word: str, target: Element) -> Element | None:
    """Put the target in place of the placeholder; returns its parent, or None if the placeholder is not in text."""
    above = parents(root)
    for element in root.iter():
        text, tail = element.text or "", element.tail or ""
        if word in text:
            element.text, _, target.tail = text.partition(word)
            element.insert(0, target)
            return element
        if word in tail:
            element.tail, _, target.tail = tail.partition(word)
            holder = above[element]
            holder.insert(list(holder).index(element) + 1, target)
            return holder
    return None


def _end_at(root: Element, name: str) -> None:
    """Remove the target and everything after it, and ancestors that are empty then."""
    above = parents(root)
    child = next(element for element in root.iter() if element.get("id") == name)
    found = True
    while child is not root:
        holder = above[child]
        child.tail = None
        index = list(holder).index(child)
        gone = found or not len(child) and is_blank(child.text)
        del holder[index + (not gone) :]
        child, found = holder, False


def _points_below(element: Element) -> bool:
    """Whether it links to what the teaser lacks: the table of contents, or a footnote reference."""
    if element.tag == "sup":
        return any("footnote-ref" in link.get("class", "") for link in element)
    return element.get("class") == "toc"
