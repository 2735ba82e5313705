"""Normalize email addresses: for forms, for sending, and for finding an account by its address.

    encode_idna("Ann@BÜCHER.example")      →  "Ann@xn--bcher-kva.example"
    normalize_email("Ann@BÜCHER.example")  →  "ann@xn--bcher-kva.example"

A host is lower-cased, composed (NFC) and encoded by IDNA 2008 (RFC 5891), without further mappings: IDNA 2003, which
Python's codec and Django still use, would send email for straße.example to strasse.example, and the compatibility
mapping of UTS 46 email for Ⅰ.example to i.example. Those are different domains.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

INVALID = _("Please enter a valid email address, such as ann@example.org.")


def encode_idna(address: str) -> str:
    """The address with its host in lower-case ASCII, as it is sent to a mail server. Raises ValidationError.

    The local part must be ASCII and stays as typed. Non-ASCII characters that NFC or lower-casing would turn into ASCII
    (the Kelvin sign, "ſ") are refused: the result would be somebody else's address.
    """
    name, at, host = address.strip().rpartition("@")
    if not (at and name.isascii()):
        raise ValidationError(INVALID, code="invalid")
    if host.isascii() and "xn--" not in host.lower():
        return f"{name}@{host.lower()}"
    if any(_becomes_ascii(letter) for letter in host):
        raise ValidationError(INVALID, code="invalid")
    import idna  # imported when needed: its tables take memory that most blogs never use

    try:
        encoded = idna.encode(unicodedata.normalize("NFC", unicodedata.normalize("NFC", host).lower())).decode()
    except idna.IDNAError:
        raise ValidationError(INVALID, code="invalid")
    return f"{name}@{encoded}"


def normalize_email(address: str | None) -> str:
    """The form in which an address is stored and compared: `encode_idna`, lower-cased; "" for none. Never raises.

    An invalid address is composed and lower-cased, except for characters that would become ASCII by that.
    """
    address = (address or "").strip()
    try:
        return encode_idna(address).lower()
    except ValidationError:
        if not any(_becomes_ascii(letter) for letter in address):
            address = unicodedata.normalize("NFC", address)
        return "".join(letter if _becomes_ascii(letter) else letter.lower() for letter in address)


_NO_MAILBOX = re.compile(r"^(?:no|do-?not)-?reply@|[.@](?:no|do-?not)-?reply\.(?=[^@]*$)")


def is_deliverable(address: str | None) -> bool:
    """False for addresses nobody reads: "…@users.noreply.github.com", "no-reply@example.org"; and for no address."""
    address = normalize_email(address)
    return "@" in address and not _NO_MAILBOX.search(address)


def _becomes_ascii(letter: str) -> bool:
    """Whether NFC or lower-casing turns a non-ASCII character into an ASCII one."""
    changed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", letter).lower())
    return changed.isascii() and not letter.isascii()
