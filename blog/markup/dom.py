"""Parses sanitized HTML into an element tree and serializes it.

Only for output of the sanitizers: every tag is closed there and no element contains raw text, so the standard library's
parser sees the same document as a browser. The serialized HTML is sanitized once more (`nh3_clean`).
"""

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

KEPT, DROPPED, UNWRAPPED = "kept", "dropped", "unwrapped"
VOID = frozenset({"br", "col", "hr", "img", "source", "wbr"})

_TOKEN = re.compile(r"""</([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>|([^<]+)""")
_ATTRIBUTE = re.compile(r""" ([a-z-]+)="([^"]*)\"""")


def parse_html(html: str) -> Element:
    """Parse a fragment. Returns a root element (not part of the HTML) with the fragment as its content."""
    root = _regular(html)
    return _any(html) if root is None else root


def _regular(html: str) -> Element | None:
    """A parser for HTML as nh3 writes it, five times as fast as HTMLParser; None for any other HTML."""
    root = Element("root")
    above, place = [root], 0
    for token in _TOKEN.finditer(html):
        if token.start() != place:
            return None
        place = token.end()
        closed, opened, attributes, text = token.groups()
        if text:
            holder = above[-1]
            said = unescape(text) if "&" in text else text
            if len(holder):
                holder[-1].tail = (holder[-1].tail or "") + said
            else:
                holder.text = (holder.text or "") + said
        elif opened:
            found = {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)} if attributes else {}
            element = SubElement(above[-1], opened, found)
            if opened not in VOID:
                above.append(element)
        elif above[-1].tag != closed or len(above) == 1:
            return None
        else:
            above.pop()
    return root if place == len(html) and len(above) == 1 else None


def _any(html: str) -> Element:
    planter = _TreeBuilder()
    planter.feed(html)
    planter.close()
    return planter.root


def free_tree(root: Element) -> str:
    """Serialize the content of the root; equal trees give equal HTML."""
    parts: list[str] = []
    write = parts.append
    waiting: list[Element | str] = [root]  # a stack of elements and of text to be written unchanged
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            write(element)
            continue
        if element is not root:
            attributes = "".join([f' {name}="{escape(value)}"' for name, value in sorted(element.attrib.items())])
            write(f"<{element.tag}{attributes}>")
            if element.tail:
                waiting.append(escape(element.tail, quote=False))
            if element.tag in VOID:
                continue
            waiting.append(f"</{element.tag}>")
        if element.text:
            # HTML parsers ignore one newline at the start of <pre>, so a second one is written.
            write("\n" if element.tag == "pre" and element.text.startswith("\n") else "")
            write(escape(element.text, quote=False))
        waiting.extend(reversed(element))
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
    """Remove the element and keep its content."""
    index = list(parent).index(child)
    tail, inside = child.tail, list(child)
    parent.remove(child)
    add_text(parent, index, child.text)
    for offset, grandchild in enumerate(inside):
        parent.insert(index + offset, grandchild)
    add_text(parent, index + len(inside), tail)


def drop(parent: Element, child: Element) -> None:
    """Remove the element with its content; the text after it stays."""
    index = list(parent).index(child)
    parent.remove(child)
    add_text(parent, index, child.tail)
    child.tail = None


def prune(root: Element, fate: Callable[[Element, Element], str]) -> None:
    """Call `fate(parent, child)` for every element, descendants first: KEPT, DROPPED (with content) or UNWRAPPED.

    Linear time: each list of children is rewritten once, whereas `drop` and `unwrap` search for the index every time.
    """
    for parent in reversed(list(root.iter())):
        fates = [fate(parent, child) for child in parent]
        if fates.count(KEPT) == len(fates):
            continue
        children, texts = [], [[parent.text or ""]]
        for child, decided in zip(list(parent), fates, strict=True):
            inside = [child] if decided == KEPT else list(child) if decided == UNWRAPPED else []
            if decided == UNWRAPPED:
                texts[-1].append(child.text or "")
            for each in inside:
                children.append(each)
                texts.append([each.tail or ""])
            if decided != KEPT:
                texts[-1].append(child.tail or "")
        parent[:] = children
        parent.text = "".join(texts[0])
        for each, tail in zip(children, texts[1:], strict=True):
            each.tail = "".join(tail)


def is_blank(text: str | None) -> bool:
    return not text or not text.strip()


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        add_text(self.open[-1], len(self.open[-1]), data)


def walk(root: Element) -> Iterator[tuple[Element, Element]]:
    """(parent, child) of each element, as the tree was when this was called."""
    return iter([(parent, child) for parent in root.iter() for child in parent])
