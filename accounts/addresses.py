"""When two e-mail addresses are the same address."""

import unicodedata


def normal(address):
    """The one spelling under which an address is stored and compared; "" for none.

    Upper and lower case are one address, look-alikes are not: the Kelvin sign becomes the letter k when it
    is lower-cased or composed, and would open somebody else's account. So no letter crosses into ASCII here.
    """
    address = (address or "").strip()
    if not any(_crosses(letter, unicodedata.normalize("NFC", letter)) for letter in address):
        address = unicodedata.normalize("NFC", address)
    return "".join(letter if _crosses(letter, letter.lower()) else letter.lower() for letter in address)


def looks_alike(address):
    """Whether somebody or something could take this for another address."""
    return normal(address) != unicodedata.normalize("NFKC", address).strip().lower()


def _crosses(letter, changed):
    return changed.isascii() and not letter.isascii()
