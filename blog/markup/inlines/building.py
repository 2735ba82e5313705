"""Builds the elements of a block from its flat list of text and tokens."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from blog.markup import attributes
from blog.markup.blocks.footnotes import reference
from blog.markup.inlines.links import scheme_of
from blog.markup.inlines.tokens import Address, Braces, Break, Close, Code, Fixed, Footnote, Leaf, Open, Run, Tag

MAX_DEPTH = 60  # of elements in one block


class TooDeep(Exception):
    """More than MAX_DEPTH elements are nested."""


class Builder:
    def __init__(self, block: Element, stash: Callable[[str], str], *, for_readers: bool = False) -> None:
        """`stash` stores raw HTML and returns its placeholder."""
        self.for_readers = for_readers
        self.open = [block]
        self.stash = stash
        self.words: list[str] = []
        self.last: Element | None = None  # the element after which text is added
        self.just_closed: Element | None = None
        self.pictures: list[Open] = []  # open images, in which text becomes the alt text
        self.links = 0
        self.behind_link: list[str] = []  # labels of the footnotes in an open link, which cannot hold another link

    def build(self, tokens: list[Any]) -> None:
        for token in tokens:
            kind = type(token)
            if kind is str or kind is Fixed:
                self.write(token)
            else:
                _DEEDS[kind](self, token)
        self.flush()

    def write(self, words: str) -> None:
        if words:
            self.words.append(words)
            self.just_closed = None

    def flush(self) -> None:
        if not self.words:
            return
        words = "".join(self.words).replace("&", "&amp;")  # the serializer does not escape what looks like a reference
        self.words.clear()
        if self.last is None:
            self.open[-1].text = (self.open[-1].text or "") + words
        else:
            self.last.tail = (self.last.tail or "") + words

    def start(self, tag: str, attributes: dict[str, str] | None = None) -> Element:
        self.flush()
        if len(self.open) > MAX_DEPTH:
            raise TooDeep
        values = {name: value.replace("&", "&amp;") for name, value in (attributes or {}).items()}
        element = SubElement(self.open[-1], tag, values)
        self.open.append(element)
        self.last = self.just_closed = None
        return element

    def end(self) -> None:
        self.flush()
        self.last = self.just_closed = self.open.pop()

    def run(self, run: Run) -> None:
        if self.pictures:
            return self.write(run.sign * run.left)
        for _tag in run.closes:
            self.end()
        self.write(run.sign * run.left)
        for tag in reversed(run.opens):
            self.start(tag)
        return None

    def begin(self, token: Open) -> None:
        if token.tag == "img":
            if not self.pictures:
                self.flush()
            self.pictures.append(token)
        elif self.pictures:
            self.pictures.append(token)
        else:
            self.links += 1
            self.start("a", token.attributes)

    def close(self, _token: Close) -> None:
        if not self.pictures:
            self.links -= 1
            link = self.open[-1]
            if not len(link) and not "".join(self.words).strip():
                self.words.clear()
                self.show_address(link.get("href", "").replace("&amp;", "&"))
            self.end()
            labels, self.behind_link = self.behind_link, []
            for label in labels:
                self.refer_to(label)
            return
        token = self.pictures.pop()
        if not self.pictures:
            alt, self.words = "".join(self.words), []
            self.start("img", {"alt": alt, **token.attributes})
            self.end()
        return

    def show_address(self, address: str) -> None:
        """Show the URL as the text of an empty link. In a post, an empty link to a path of the site stays empty."""
        if self.for_readers or scheme_of(address):
            self.words.append(address)

    def line_break(self, _token: Break) -> None:
        if self.pictures:
            return self.write("\n")
        self.start("br")
        self.end()
        self.just_closed = None
        return None

    def code(self, token: Code) -> None:
        if self.pictures:
            return self.write(token.text)
        self.start("code").text = token.text.replace("&", "&amp;")
        self.end()
        return None

    def leaf(self, token: Leaf) -> None:
        if self.pictures:
            return self.write(token.text)
        self.start(token.tag, token.attributes).text = token.text.replace("&", "&amp;")
        self.end()
        return None

    def address(self, token: Address) -> None:
        if self.pictures or self.links:
            return self.write(token.text)
        self.start("a", {"href": token.href})
        self.words.append(token.text)
        self.end()
        return None

    def tag(self, token: Tag) -> None:
        if self.pictures:
            return
        if token.name == "a":
            self.links = max(0, self.links + (-1 if token.closing else 1))
        self.write(self.stash(token.html))

    def footnote(self, token: Footnote) -> None:
        if any(element.tag == "a" for element in self.open) and not self.pictures:
            self.behind_link.append(token.label)
            return None
        if self.pictures or self.links:
            return self.write(token.typed)
        return self.refer_to(token.label)

    def refer_to(self, label: str) -> None:
        self.flush()
        self.last = self.just_closed = reference(label)
        self.open[-1].append(self.last)

    def braces(self, token: Braces) -> None:
        if self.just_closed is None or self.words:
            return self.write(token.typed)
        attributes.put(self.just_closed, token.attributes)
        self.just_closed = None
        return None


_DEEDS: dict[type, Callable[[Builder, Any], object]] = {
    Address: Builder.address,
    Braces: Builder.braces,
    Break: Builder.line_break,
    Close: Builder.close,
    Code: Builder.code,
    Footnote: Builder.footnote,
    Leaf: Builder.leaf,
    Open: Builder.begin,
    Run: Builder.run,
    Tag: Builder.tag,
}
