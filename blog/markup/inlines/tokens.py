"""What the scanner makes of the text of one block: a flat list, from which the tree is built at the end.

Words that may still change (smart punctuation) are plain `str`; everything else is one of these.
"""


class Fixed(str):
    """Words that stay as they are: an escaped sign, a character reference, a sign that closes nothing."""

    __slots__ = ()


class Run:
    """Stars, underscores or tildes side by side; `opens` and `closes` hold the elements that they mark in the end."""

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
    """A line break that is shown."""

    __slots__ = ()


class Code:
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Address:
    """An address that is a link unless it stands in one."""

    __slots__ = ("text", "href")

    def __init__(self, text: str, href: str) -> None:
        self.text, self.href = text, href


class Tag:
    """Raw HTML for the cleaners."""

    __slots__ = ("html", "name", "closing")

    def __init__(self, html: str, name: str, closing: bool) -> None:
        self.html, self.name, self.closing = html, name, closing


class Footnote:
    __slots__ = ("label", "typed")

    def __init__(self, label: str, typed: str) -> None:
        self.label, self.typed = label, typed


class Braces:
    """`{.class key=value}`: attributes of the element right before, or else words."""

    __slots__ = ("typed", "attributes")

    def __init__(self, typed: str, attributes: dict[str, str]) -> None:
        self.typed, self.attributes = typed, attributes
