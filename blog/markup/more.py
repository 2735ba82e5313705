"""`<!--more-->`: where a post is cut in lists, as in WordPress; `<!--more and so on-->` gives the link its words."""

import re
import secrets
from copy import deepcopy
from xml.etree.ElementTree import Element

from blog.markup.fences import lines_outside_code
from blog.markup.tree import drop, is_blank, parents, unwrap, walk

_MORE = re.compile(r"<!--\s{0,9}more(?P<words>(?:\s[^<>\n]{0,200})?)-->", re.IGNORECASE)
_INDENTED_CODE = "    "


def mark(text: str, source_format: str) -> tuple[str, str, str]:
    """Put a word that nobody can guess where the teaser ends, for comments do not survive cleaning.

    Answers with the text, the word and the author's own words for the link; the word is "" where there is no mark.
    """
    found, alone = _in_markdown(text) if source_format == "markdown" else (_MORE.search(text), False)
    if not found:
        return text, "", ""
    word = f"more{secrets.token_hex(16)}"
    put = f"\n\n{word}\n\n" if alone else word
    return text[: found.start()] + put + text[found.end() :], word, " ".join(found["words"].split())


def _in_markdown(text: str) -> tuple[re.Match | None, bool]:
    """The first mark that is not shown as code, and whether nothing stands before it in its line."""
    for place, line in lines_outside_code(text):
        found = _MORE.search(line)
        if found and "`" not in line[: found.start()] and not line.startswith(_INDENTED_CODE):
            return _MORE.match(text, place + found.start()), is_blank(line[: found.start()])
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
    for parent, child in walk(teaser):
        if _points_below(child):
            drop(parent, child)
    return teaser


def _put(root: Element, word: str, target: Element) -> Element | None:
    """Put the target where the word stands; answers with the element that holds it now."""
    above = parents(root)
    for element in root.iter():
        if word in (element.text or ""):
            element.text, _, target.tail = element.text.partition(word)
            element.insert(0, target)
            return element
        if word in (element.tail or ""):
            element.tail, _, target.tail = element.tail.partition(word)
            holder = above[element]
            holder.insert(list(holder).index(element) + 1, target)
            return holder
    return None


def _end_at(element: Element, name: str) -> bool:
    """Remove the target and everything behind it."""
    for index, child in enumerate(list(element)):
        found = child.get("id") == name
        if found or _end_at(child, name):
            child.tail = None
            for later in list(element)[index + 1 :]:
                element.remove(later)
            if found or not len(child) and is_blank(child.text):
                element.remove(child)
            return True
    return False


def _points_below(element: Element) -> bool:
    """The contents, and the number of a footnote, lead to what the teaser does not have."""
    if element.tag == "sup":
        return any("footnote-ref" in link.get("class", "") for link in element)
    return element.get("class") == "toc"
