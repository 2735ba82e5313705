"""Addresses on lines of their own, without blank lines between them: each becomes a paragraph, so that each can become
a player, a map or a card, as one that stands alone does."""

import re
from xml.etree.ElementTree import Element

from blog.markup.dom import is_blank

_FILE = re.compile(r"/media/[0-9a-f]{32}/")


def set_apart(root: Element) -> None:
    """Split paragraphs of nothing but such lines. Words beside an address, or two on a line, leave all as it is."""
    for parent in list(root.iter()):
        if not any(child.tag == "p" and len(child) > 1 for child in parent):
            continue
        kept: list[Element] = []
        for child in parent:
            links = _lines_of(child)
            kept += [_paragraph(child, link) for link in links] if links else [child]
            kept[-1].tail = child.tail
        parent[:] = kept


def _lines_of(element: Element) -> list[Element]:
    """The links of a paragraph that has nothing but one on each of two or more lines."""
    if element.tag != "p" or element.attrib or not is_blank(element.text):
        return []
    links: list[Element] = []
    is_new_line = True
    for child in element:
        if child.tag == "br":
            is_new_line = True
        elif child.tag == "a" and is_new_line and _is_address(child):
            links.append(child)
            is_new_line = False
        else:
            return []
        if not is_blank(child.tail):
            return []
        is_new_line = is_new_line or "\n" in (child.tail or "")
    return links if len(links) > 1 else []


def _is_address(link: Element) -> bool:
    address = link.get("href", "")
    is_bare = address.startswith(("http://", "https://")) and link.text == address
    return not len(link) and (is_bare or bool(_FILE.match(address)))


def _paragraph(element: Element, link: Element) -> Element:
    made = Element(element.tag)
    link.tail = None
    made.append(link)
    made.tail = "\n"
    return made
