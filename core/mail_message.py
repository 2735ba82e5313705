"""Encode an email in 7 bits throughout, so that no server on the way re-encodes it and breaks its DKIM signature."""

import email.message
from email.charset import QP, Charset
from email.header import Header
from email.utils import parseaddr, quote
from typing import Any

import django
from django.core.mail import EmailMultiAlternatives

LONGEST_WORD = 75  # characters of an encoded word (RFC 2047)
LONGEST_PLAIN = 60  # characters of a word in a subject that is not encoded, so that it fits in a line with "Subject: "
LONGEST_NAME = 60  # characters of the sender's display name

IS_MODERN = django.VERSION >= (6,)  # its messages are `email.message.EmailMessage`; before, Django's own classes
_quoted_printable = Charset("utf-8")
_quoted_printable.body_encoding = QP


class Message(EmailMultiAlternatives):
    """Changes three things of Django's messages: 8-bit bodies for non-ASCII text, encoded words of 76 characters, and
    folding that puts `Subject:` on a line of its own before a long word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not all(text.isascii() for text in (self.body, *(str(content) for content, _type in self.alternatives))):
            self.encode_bodies()

    def attach_alternative(self, content: Any, mimetype: str) -> None:
        super().attach_alternative(content, mimetype)
        if not content.isascii():
            self.encode_bodies()

    def encode_bodies(self) -> None:
        if not IS_MODERN:  # else `message` does it
            self.encoding = _quoted_printable

    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        if IS_MODERN:
            encode_texts(made)
        name, address = parseaddr(self.from_email)
        if not name.isascii():
            replace(made, "From", f"{encoded('From', name)} <{address}>")
        if not self.subject.isascii() or any(len(word) > LONGEST_PLAIN for word in self.subject.split()):
            replace(made, "Subject", encoded("Subject", str(self.subject)))
        return made


def encoded(header: str, words: str) -> str:
    return Header(words, "utf-8", maxlinelen=LONGEST_WORD, header_name=header).encode()


def encode_texts(made: email.message.EmailMessage) -> None:
    """Quoted-printable for each text that has 8 bits, and for what Python encodes as base64 because that is shorter."""
    for part in made.walk():
        if part.get_content_maintype() == "text" and part["Content-Transfer-Encoding"] in ("8bit", "base64"):
            text = part.get_content()
            part.set_content(text, subtype=part.get_content_subtype(), charset="utf-8", cte="quoted-printable")


def replace(made: email.message.Message, header: str, value: str) -> None:
    """Replace a header without `__setitem__`, which would encode the value again, or refuse its folds."""
    del made[header]
    made.set_raw(header, value)


def named(address: str, name: str) -> str:
    """The address with this display name, unless it has one already."""
    said, bare = parseaddr(address)
    return address if said or not name else f'"{quote(name[:LONGEST_NAME])}" <{bare}>'
