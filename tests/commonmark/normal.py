"""HTML in one form, so that ours can be compared with the specification's.

Each step takes one difference out of both sides; what is not listed here counts.
"""

import re
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from blog.markup import POST
from blog.markup.dom import free_tree, parse_html, unwrap, walk
from blog.markup.sanitizer import clean

BLOCKS = frozenset(
    "blockquote dd details div dl dt figcaption figure h hr li ol p pre summary table tbody td th thead tr ul".split()
)
_SPACES = re.compile(r"\s+")


def normal(html: str) -> str:
    """The HTML without the differences that this module lists."""
    root = parse_html(clean(html, POST))  # what the cleaner refuses
    for step in STEPS:
        step(root)
    collapse_spaces(root)
    return free_tree(root)


def level_headings(root: Element) -> None:
    """The page's title is the only h1, and every heading has a name."""
    for element in root.iter():
        if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            element.tag = "h"
            element.attrib.pop("id", None)


def plain_links(root: Element) -> None:
    """What a link says of its relation, and how much of its address is percent-encoded."""
    for link in root.iter("a"):
        link.attrib.pop("rel", None)
        if "href" in link.attrib:
            link.set("href", unquote(link.get("href")))
        elif not link.attrib:
            link.tag = "unlinked"
    for parent, child in walk(root):
        if child.tag == "unlinked":
            unwrap(parent, child)


def plain_figures(root: Element) -> None:
    """A picture alone in its paragraph is a figure with its title as caption."""
    for figure in root.iter("figure"):
        figure.tag = "p"
        for caption in figure.findall("figcaption"):
            next(figure.iter("img")).set("title", caption.text or "")
            figure.remove(caption)


def plain_pictures(root: Element) -> None:
    """When a picture is loaded, and how much of its address is percent-encoded."""
    for picture in root.iter("img"):
        picture.attrib.pop("loading", None)
        picture.attrib.pop("decoding", None)
        picture.set("src", unquote(picture.get("src", "")))


def plain_code(root: Element) -> None:
    """The colours and the language of code."""
    for parent, child in walk(root):
        if parent.tag == "div" and parent.get("class") == "highlight" and child.tag == "pre":
            parent.tag = "uncoloured"
        if child.tag == "span" and (child.attrib.keys() <= {"class"}):
            unwrap(parent, child)
    for parent, child in walk(root):
        if child.tag == "uncoloured":
            unwrap(parent, child)
    for code in root.iter():
        if code.tag in ("code", "pre"):
            code.attrib.pop("class", None)


STEPS = [level_headings, plain_links, plain_figures, plain_pictures, plain_code]


def collapse_spaces(element: Element) -> None:
    """Blanks that no browser shows, as in the specification's own normalize.py."""
    if element.tag == "pre":
        return
    outer = element.tag in BLOCKS or element.tag == "root"
    before = "block" if outer else "words"
    element.text = _collapsed(element.text, before, _edge(element, 0))
    for index, child in enumerate(element):
        collapse_spaces(child)
        edge = "block" if child.tag in BLOCKS else "break" if child.tag == "br" else "words"
        child.tail = _collapsed(child.tail, edge, _edge(element, index + 1))


def _edge(element: Element, index: int) -> str:
    if index < len(element):
        return "block" if element[index].tag in BLOCKS else "words"
    return "block" if element.tag in BLOCKS or element.tag == "root" else "words"


def _collapsed(text: str | None, before: str, behind: str) -> str:
    text = _SPACES.sub(" ", text or "")
    text = text.lstrip() if before in ("block", "break") else text
    return text.rstrip() if behind == "block" else text
