"""Clean HTML as a tree and back.

Only for what the cleaners have passed: every tag is closed there and nothing is raw text, so that the standard
library's tokenizer cannot see another document than a browser does. What comes back is sealed once more.
"""

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

ALONE = frozenset({"br", "col", "hr", "img", "source", "wbr"})


def grow(html: str) -> Element:
    """The tree of a fragment; its root is an element without a name in the page."""
    planter = _Planter()
    planter.feed(html)
    planter.close()
    return planter.root


def fell(root: Element) -> str:
    """The HTML of what stands in the root; equal trees give equal HTML."""
    parts: list[str] = []
    _write_inside(root, parts.append)
    return "".join(parts)


def parents(root: Element) -> dict[Element, Element]:
    return {child: parent for parent in root.iter() for child in parent}


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def add_text(parent: Element, index: int, text: str | None) -> None:
    """Put text before the child with this index."""
    if not text:
        return
    if index == 0:
        parent.text = (parent.text or "") + text
    else:
        parent[index - 1].tail = (parent[index - 1].tail or "") + text


def unwrap(parent: Element, child: Element) -> None:
    """Take the element away and leave what stands in it."""
    index = list(parent).index(child)
    tail, inside = child.tail, list(child)
    parent.remove(child)
    add_text(parent, index, child.text)
    for offset, grandchild in enumerate(inside):
        parent.insert(index + offset, grandchild)
    add_text(parent, index + len(inside), tail)


def drop(parent: Element, child: Element) -> None:
    """Take the element away with what stands in it; the text behind it stays."""
    index = list(parent).index(child)
    parent.remove(child)
    add_text(parent, index, child.tail)
    child.tail = None


def is_blank(text: str | None) -> bool:
    return not text or not text.strip()


class _Planter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in ALONE:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        add_text(self.open[-1], len(self.open[-1]), data)


def _write_inside(element: Element, write) -> None:
    if element.text:
        # The parser swallows one newline at the start of <pre>; a second one saves it.
        write("\n" if element.tag == "pre" and element.text.startswith("\n") else "")
        write(escape(element.text, quote=False))
    for child in element:
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in sorted(child.attrib.items()))
        write(f"<{child.tag}{attributes}>")
        if child.tag not in ALONE:
            _write_inside(child, write)
            write(f"</{child.tag}>")
        if child.tail:
            write(escape(child.tail, quote=False))


def walk(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each element with its parent, as the tree was when the walk began."""
    return iter([(parent, child) for parent in root.iter() for child in parent])
