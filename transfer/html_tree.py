"""HTML as a tree, for texts whose own elements become plain ones: Substack's and Medium's."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape

from transfer.wordpress.text.scanner import OPAQUE, VOID, Scanner

DEEPEST = 100
UNREAD = frozenset(OPAQUE - {"iframe"})  # scripts, style sheets and forms' parts: nobody reads their content

Child = "Element | str"


@dataclass
class Element:
    """`children` are elements, and text as HTML with its character references as typed. The root has no name."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def elements(self) -> Iterator["Element"]:
        """All elements below, in their order."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.elements()

    def first(self, name: str = "", css_class: str = "") -> "Element | None":
        """The first element below with this name and class."""
        found = (each for each in self.elements() if not name or each.name == name)
        return next((each for each in found if not css_class or css_class in each.classes), None)

    @property
    def text(self) -> str:
        """What can be read, in one line."""
        parts = (child.text if isinstance(child, Element) else unescape(child) for child in self.children)
        return re.sub(r"\s+", " ", "".join(parts)).strip()

    def html(self) -> str:
        inside = self.inner_html()
        if not self.name:
            return inside
        facts = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return f"<{self.name}{facts}>" if self.name in VOID else f"<{self.name}{facts}>{inside}</{self.name}>"

    def inner_html(self) -> str:
        return "".join(child.html() if isinstance(child, Element) else child for child in self.children)


def parse(text: str) -> Element:
    """The tree of a text. What is not closed ends with its parent; below DEEPEST levels elements are unwrapped."""
    root = Element("")
    open_elements, scanner, place = [root], Scanner(text), 0
    while place < len(text):
        start = text.find("<", place)
        if start < 0:
            start = len(text)
        if start > place:
            open_elements[-1].children.append(text[place:start])
        if start == len(text):
            break
        tag, place = scanner.tag(start)
        if place == start:  # a "<" that begins nothing
            open_elements[-1].children.append("&lt;")
            place = start + 1
        elif tag is not None and tag.closes:
            close(open_elements, tag.name)
        elif tag is not None and tag.name not in UNREAD:
            element = Element(tag.name, dict(tag.attributes))
            if len(open_elements) <= DEEPEST:
                open_elements[-1].children.append(element)
                if tag.name not in VOID and tag.name not in OPAQUE:
                    open_elements.append(element)
    return root


def close(open_elements: list[Element], name: str) -> None:
    for place in range(len(open_elements) - 1, 0, -1):
        if open_elements[place].name == name:
            del open_elements[place:]
            return


def rewrite(element: Element, change: Callable[[Element], "list[Element | str] | None"]) -> None:
    """Replace every element below by what `change` returns for it; for None it stays, with its children changed."""
    children: list[Element | str] = []
    for child in element.children:
        new = change(child) if isinstance(child, Element) else None
        if new is not None:
            children += new
            continue
        if isinstance(child, Element):
            rewrite(child, change)
        children.append(child)
    element.children = children


def figure(url: str, alt: str = "", caption: str = "", link: str = "") -> Element:
    """A picture with its caption (HTML)."""
    inside: Element = Element("img", {"src": url, "alt": alt})
    if link:
        inside = Element("a", {"href": link}, [inside])
    below: list[Element | str] = [Element("figcaption", {}, [caption])] if caption.strip() else []
    return Element("figure", {}, [inside, *below])


def linked(url: str, words: str) -> list[Element | str]:
    """A paragraph that is a link, for what was embedded; nothing without an address."""
    if not url.startswith(("http://", "https://")):
        return []
    return [Element("p", {}, [Element("a", {"href": url}, [escape(words or url, quote=False)])])]


def widest_of(srcset: str) -> str:
    """The address of the largest picture of a `srcset`: candidates end in a width or density, addresses hold commas."""
    found = re.findall(r"(\S+?)\s+([0-9.]{1,8})[wx](?:,|\s*$)", srcset)
    return max(found, key=lambda each: float(each[1].strip(".") or 0), default=("", ""))[0].lstrip(",")
