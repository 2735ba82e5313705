"""Autolinks: in angle brackets (CommonMark 0.31, 6.5), and bare URLs as on GitHub."""

import re

from blog.markup.inlines.escapes import encoded, unescaped
from blog.markup.inlines.links import scheme_of
from blog.markup.inlines.tokens import Address, Fixed

BARE_BEGIN = r"(?<![^\W_])(?:(?:ht|f)tps?://|[wW]{3}\.)(?=[^\W_])"
_IN_ANGLES = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\x00-\x20]*+)>")
_MAIL = re.compile(
    r"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]++@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*+)>"
)
_SIGNS = r"-\w.?,!'(){}/+&@%$#=:\"|~;*^"
_BARE = re.compile(rf"[{_SIGNS}\[\]]++")
# In brackets, a "]" without its "[" in the URL does not belong to the URL.
_BARE_IN_BRACKETS = re.compile(rf"(?:[{_SIGNS}]++|\[[{_SIGNS}]*+\])++")
_LAST = re.compile(r"[^\W_]|[-/#@$+=]")
_PARTNER = {")": "(", "]": "["}


def in_angles(text: str, place: int, schemes: frozenset[str], *, mail: bool) -> tuple[Address | Fixed, int] | None:
    """(link, end index), or None. A URL with another scheme is plain text if it has "//"; otherwise it is no URL, such
    as `<localhost:5001>`."""
    if found := _IN_ANGLES.match(text, place):
        address = found[1]
        scheme = scheme_of(address)
        if scheme in schemes and (mail or scheme != "mailto"):
            return Address(address, encoded(address)), found.end()
        if address.startswith("//", len(scheme) + 1):
            return Fixed(address), found.end()
    elif mail and (found := _MAIL.match(text, place)):
        return Address(found[1], f"mailto:{found[1]}"), found.end()
    return None


def bare(text: str, place: int, schemes: frozenset[str], *, in_brackets: bool) -> tuple[Address | Fixed, int] | None:
    """(link, end index) of a bare URL, or None: without punctuation that ends a sentence, with balanced brackets."""
    pattern = _BARE_IN_BRACKETS if in_brackets else _BARE
    end = pattern.match(text, place).end()  # type: ignore[union-attr]  # an address begins here
    end = _without_last_signs(text, place, end)
    shown = unescaped_references(text[place:end])
    host = shown.partition("://")[2] or shown[4:]
    if len(host) < 2:
        return None
    href = shown if "://" in shown[:8] else f"http://{shown}"
    return (Address(shown, encoded(href)) if scheme_of(href) in schemes else Fixed(shown)), end


def unescaped_references(address: str) -> str:
    return unescaped(address.replace("\\", "\\\\")) if "&" in address else address


def _without_last_signs(text: str, place: int, end: int) -> int:
    count = {sign: text.count(sign, place, end) for sign in "()[]*"}
    while end > place:
        sign = text[end - 1]
        if _LAST.match(sign):
            break
        if sign in _PARTNER and count[_PARTNER[sign]] >= count[sign]:
            break
        if sign == "*" and count["*"] % 2 == 0 and not text.startswith("**", end - 2):  # "?q=*a*"
            break
        if sign in count:
            count[sign] -= 1
        end -= 1
    return end
