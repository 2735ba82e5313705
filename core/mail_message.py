"""Encode an email in 7 bits throughout, so that no server on the way re-encodes it and breaks its DKIM signature."""

import email.message
from email.charset import QP, Charset
from email.header import Header
from email.utils import parseaddr, quote
from typing import Any

from django.core.mail import EmailMultiAlternatives

LONGEST_WORD = 75  # characters of an encoded word (RFC 2047)
LONGEST_PLAIN = 60  # characters of a word in a subject that is not encoded, so that it fits in a line with "Subject: "
LONGEST_NAME = 60  # characters of the sender's display name

_quoted_printable = Charset("utf-8")
_quoted_printable.body_encoding = QP


class Message(EmailMultiAlternatives):
    """Changes three things of Django's messages: 8-bit bodies for non-ASCII text, encoded words of 76 characters, and
    folding that puts `Subject:` on a line of its own before a long word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not all(text.isascii() for text in (self.body, *(str(content) for content, _type in self.alternatives))):
            self.encoding = _quoted_printable

    def attach_alternative(self, content: Any, mimetype: str) -> None:
        super().attach_alternative(content, mimetype)
        if not content.isascii():
            self.encoding = _quoted_printable

    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        name, address = parseaddr(self.from_email)
        if not name.isascii():
            replace(made, "From", f"{encoded('From', name)} <{address}>")
        if not self.subject.isascii() or any(len(word) > LONGEST_PLAIN for word in self.subject.split()):
            replace(made, "Subject", encoded("Subject", str(self.subject)))
        return made


def encoded(header: str, words: str) -> str:
    return Header(words, "utf-8", maxlinelen=LONGEST_WORD, header_name=header).encode()


def replace(made: email.message.Message, header: str, value: str) -> None:
    """Replace a header without Django's `__setitem__`, which would encode the value again."""
    del made[header]
    email.message.Message.__setitem__(made, header, value)


def named(address: str, name: str) -> str:
    """The address with this display name, unless it has one already."""
    said, bare = parseaddr(address)
    return address if said or not name else f'"{quote(name[:LONGEST_NAME])}" <{bare}>'
