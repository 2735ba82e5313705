"""Backslash escapes and character references (CommonMark 0.31, 2.4 and 2.5)."""

import re
from html import unescape
from html.entities import html5

from blog.markup.policies import POST
from blog.markup.sanitizer import strip_control_characters

PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE_OR_REFERENCE = re.compile(rf"\\([!-/:-@\[-`{{-~])|{REFERENCE.pattern}")
_UNSAFE = re.compile(r'[\x00-\x20"<>\\`]')


def resolved(reference: str) -> str | None:
    """The character of a character reference; None for a name that HTML does not define."""
    if reference[1] != "#":
        return html5.get(reference[1:])
    return strip_control_characters(unescape(reference), POST) or "\ufffd"


def unescaped(text: str) -> str:
    """A title or URL with backslash escapes and character references resolved."""
    if "\\" not in text and "&" not in text:
        return text
    return _ESCAPE_OR_REFERENCE.sub(lambda found: found[1] or resolved(found[0]) or found[0], text)


def encoded(address: str) -> str:
    """The URL with forbidden characters percent-encoded; existing percent-encoding stays."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", address)
