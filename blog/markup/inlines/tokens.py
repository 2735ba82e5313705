"""The tokens of the scanner: a flat list for the text of one block, from which the elements are built.

Text that smart punctuation may change is a plain `str`; everything else is one of these classes.
"""


class Fixed(str):
    """Text that must not be changed: an escaped character, a character reference, an unmatched marker."""

    __slots__ = ()


class Run:
    """A run of "*", "_", "~" or "="; `opens` and `closes` are the names of the elements that it begins and ends."""

    __slots__ = ("sign", "length", "left", "can_open", "can_close", "serial", "opens", "closes")

    def __init__(self, sign: str, length: int, can_open: bool, can_close: bool, serial: int) -> None:
        self.sign, self.length, self.left = sign, length, length
        self.can_open, self.can_close, self.serial = can_open, can_close, serial
        self.opens: list[str] = []
        self.closes: list[str] = []


class Open:
    __slots__ = ("tag", "attributes")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes


class Close:
    __slots__ = ()


class Break:
    """A hard line break (<br>)."""

    __slots__ = ()


class Code:
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Leaf:
    """An element with text in which nothing has a meaning."""

    __slots__ = ("tag", "text", "attributes")

    def __init__(self, tag: str, text: str, attributes: dict[str, str] | None = None) -> None:
        self.tag, self.text, self.attributes = tag, text, attributes or {}


class Address:
    """An autolink; plain text inside another link."""

    __slots__ = ("text", "href")

    def __init__(self, text: str, href: str) -> None:
        self.text, self.href = text, href


class Tag:
    """An inline HTML tag, passed to the sanitizers."""

    __slots__ = ("html", "name", "closing")

    def __init__(self, html: str, name: str, closing: bool) -> None:
        self.html, self.name, self.closing = html, name, closing


class Footnote:
    __slots__ = ("label", "typed")

    def __init__(self, label: str, typed: str) -> None:
        self.label, self.typed = label, typed


class Braces:
    """`{.class key=value}`: attributes of the element directly before it; text if there is none."""

    __slots__ = ("typed", "attributes")

    def __init__(self, typed: str, attributes: dict[str, str]) -> None:
        self.typed, self.attributes = typed, attributes
