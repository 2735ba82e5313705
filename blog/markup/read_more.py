"""`<!--more-->`: where a post is cut in lists, as in WordPress; `<!--more and so on-->` gives the link its words."""

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
    """Put a word that nobody can guess where the teaser ends, for comments do not survive cleaning.

    Answers with the text, the word and the author's own words for the link; the word is "" where there is no mark.
    """
    found, alone = _in_markdown(text) if source_format == "markdown" else (_MORE.search(text), False)
    if not found:
        return text, "", ""
    word = f"more{secrets.token_hex(16)}"
    put = f"{_APART}{word}{_APART}" if alone else word
    return text[: found.start()] + put + text[found.end() :], word, " ".join(found["words"].split())


def as_unmarked(notices: list[Notice], marked: str, word: str) -> list[Notice]:
    """Notices of a marked text with the lines that it has without its mark."""
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
    """The first mark that is not shown as code, and whether nothing stands before it in its line."""
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
    """Take the word out of the tree and answer with the target that stands in its place; None where it is no text."""
    target = Element("span")
    holder = _put(root, word, target)
    if holder is None:
        for element in root.iter():  # in what a picture or a link is called
            for name, said in element.attrib.items():
                element.set(name, said.replace(word, ""))
        return None
    if holder.tag == "p" and len(holder) == 1 and is_blank(holder.text) and is_blank(target.tail):
        unwrap(parents(root)[holder], holder)
    return target


def cut(root: Element, target: Element, name: str) -> Element:
    """Name the target, and answer with what stands before it."""
    target.set("id", name)
    teaser = deepcopy(root)
    _end_at(teaser, name)
    prune(teaser, lambda parent, child: DROPPED if _points_below(child) else KEPT)
    return teaser


def _put(root: Element, word: str, target: Element) -> Element | None:
    """Put the target where the word stands; answers with the element that holds it now."""
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
    """Remove the target and everything behind it, with the boxes that hold nothing then."""
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
    """The contents, and the number of a footnote, lead to what the teaser does not have."""
    if element.tag == "sup":
        return any("footnote-ref" in link.get("class", "") for link in element)
    return element.get("class") == "toc"
