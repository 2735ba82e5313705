"""The one spelling of an email address: for forms that take it, letters that go to it, and accounts found by it.

    spelled("Ann@BÜCHER.example")  →  "Ann@xn--bcher-kva.example"
    normal("Ann@BÜCHER.example")   →  "ann@xn--bcher-kva.example"

A host is encoded by IDNA 2008 (RFC 5891) after its letters became small and composed (NFC), and by nothing else: IDNA
2003, which Python's own codec and Django still use, sends letters for straße.example to strasse.example, and the
compatibility mapping of UTS 46 those for Ⅰ.example to i.example. They are other people's.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

INVALID = _("Please enter a valid email address, such as ann@example.org.")


def spelled(address: str) -> str:
    """The address with its host in the letters that travel (ASCII, small). Raises ValidationError.

    The part before the @ must be ASCII and stays as it was typed. A letter outside ASCII that would become another
    address by being composed or lower-cased (the Kelvin sign, "ſ") is refused.
    """
    name, at, host = address.strip().rpartition("@")
    if not (at and name.isascii()):
        raise ValidationError(INVALID, code="invalid")
    if host.isascii() and "xn--" not in host.lower():
        return f"{name}@{host.lower()}"
    if any(_crosses(letter) for letter in host):
        raise ValidationError(INVALID, code="invalid")
    import idna  # its tables take room in memory that most blogs have no use for

    try:
        encoded = idna.encode(unicodedata.normalize("NFC", unicodedata.normalize("NFC", host).lower())).decode()
    except idna.IDNAError:
        raise ValidationError(INVALID, code="invalid")
    return f"{name}@{encoded}"


def normal(address: str | None) -> str:
    """The spelling under which an address is stored and compared, all of it in small letters; "" for none.

    What no email can be sent to is composed and lower-cased, but no letter of it becomes one of ASCII.
    """
    address = (address or "").strip()
    try:
        return spelled(address).lower()
    except ValidationError:
        if not any(_crosses(letter) for letter in address):
            address = unicodedata.normalize("NFC", address)
        return "".join(letter if _crosses(letter) else letter.lower() for letter in address)


_NO_MAILBOX = re.compile(r"^(?:no|do-?not)-?reply@|[.@](?:no|do-?not)-?reply\.(?=[^@]*$)")


def takes_mail(address: str | None) -> bool:
    """Whether somebody can read what is sent there: not at "…@users.noreply.github.com" nor "no-reply@example.org"."""
    address = normal(address)
    return "@" in address and not _NO_MAILBOX.search(address)


def _crosses(letter):
    """Whether a letter outside ASCII becomes one inside it when it is composed or lower-cased."""
    changed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", letter).lower())
    return changed.isascii() and not letter.isascii()
