"""When two e-mail addresses are the same address."""

import unicodedata


def normal(address):
    """The one spelling under which an address is stored and compared; "" for none.

    Upper and lower case are one address, look-alikes are not: the Kelvin sign lower-cases to the
    letter k and would open somebody else's account, so no letter crosses into ASCII here.
    """
    address = unicodedata.normalize("NFC", (address or "").strip())
    return "".join(_lower(letter) for letter in address)


def _lower(letter):
    lower = letter.lower()
    return lower if lower.isascii() == letter.isascii() else letter
