"""Slugs by WordPress's rules, so that the URLs of an imported blog stay the same.

Follows WordPress's `remove_accents`, `sanitize_title_with_dashes` and `wp_unique_post_slug`, with three differences:
slugs are stored unquoted in NFC ("東京", not "%e6%9d%b1…"), the table of accents is the same for every language (ß is
always ss), and invisible characters are always dropped.
"""

import re
import unicodedata
from collections.abc import Callable, Container
from functools import cache
from urllib.parse import quote, unquote

LENGTH = 200  # bytes of the percent-encoded slug: WordPress's column

# These may follow any path, as the name of a feed.
RESERVED = frozenset({"atom", "embed", "feed", "rdf", "rss", "rss2"})

# Latin letters that Unicode does not decompose into a base letter and accents.
_LETTERS = str.maketrans(
    {
        "ª": "a", "Æ": "AE", "æ": "ae", "Ð": "D", "ð": "d", "Ø": "O", "ø": "o", "º": "o", "ß": "ss", "ẞ": "SS",
        "Þ": "TH", "þ": "th", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "Ĳ": "IJ", "ĳ": "ij", "ĸ": "k",
        "Ŀ": "L", "ŀ": "l", "Ł": "L", "ł": "l", "ŉ": "n", "Ŋ": "N", "ŋ": "n", "Œ": "OE", "œ": "oe", "Ŧ": "T",
        "ŧ": "t", "ſ": "s", "Ɖ": "D", "ɖ": "d", "Ƒ": "F", "ƒ": "f", "€": "E", "£": "", "×": "x",
    }
)  # fmt: skip
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>?")
_OCTETS = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_ENTITY_OF_A_DASH = re.compile(r"&(?:nbsp|ndash|mdash|#160|#8211|#8212);")
_ENTITY = re.compile(r"&#?\w+;")
# What WordPress drops besides ASCII punctuation: quotes, guillemets, bullets, marks, standalone accents.
_DROPPED = frozenset("¡¿«»‹›‘’‚‛“”„‟•©®°…™´ˊ`¨¸′″‴")
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


def slugify(text: str) -> str:
    """The slug of a title: "Łódź – 3 × “Café”" is "lodz-3-x-cafe". May be empty; never over LENGTH bytes."""
    text = _TAG.sub("", unicodedata.normalize("NFC", text))
    # What is already percent-encoded keeps its accents, as in WordPress.
    pieces = re.split(f"({_OCTETS.pattern})", text)
    text = "".join(_decoded(piece) if at % 2 else without_accents(piece) for at, piece in enumerate(pieces))
    text = _ENTITY.sub("", _ENTITY_OF_A_DASH.sub("-", text.lower()))
    text = "".join(map(_allowed, unicodedata.normalize("NFC", text)))
    if len(pieces) == 1:  # an accent may follow its letter only now that what stood between them is dropped
        text = without_accents(text)
    return shortened(re.sub("-+", "-", text).strip("-"))


def unique(
    slug: str, taken: Callable[[str], bool], *, reserved: Container[str] = RESERVED, numeric_clash: bool = True
) -> str:
    """The slug, or the first of slug-2, slug-3 … that is neither taken nor reserved.

    With `numeric_clash`, a number that could be a year, a month or a day is reserved, too. Pass False where no date can
    be in the slug's place, as for tags.
    """
    slug = shortened(slug)
    if slug and not (slug in reserved or slug in RESERVED or numeric_clash and reads_as_a_date(slug) or taken(slug)):
        return slug
    number = 2
    while taken(candidate := f"{shortened(slug, LENGTH - len(str(number)) - 1)}-{number}".lstrip("-")):
        number += 1
    return candidate


def reads_as_a_date(slug: str) -> bool:
    """Whether /slug/ could be a year, a month or a day."""
    if not (slug.isascii() and slug.isdecimal()):
        return False
    return len(slug) == 4 or len(slug) <= 2 and 1 <= int(slug) <= 31


def shortened(slug: str, length: int = LENGTH) -> str:
    """The longest prefix of the slug that has at most `length` bytes when percent-encoded and ends with a whole
    character."""
    if len(slug) * 12 <= length:  # a character has at most four bytes, each percent-encoded as three
        return slug
    room = length
    for at, character in enumerate(slug):
        room -= len(quote(character, safe=""))
        if room < 0:
            while at and unicodedata.category(slug[at]).startswith("M"):
                at -= 1  # never separate a letter from its combining marks
            return slug[:at].rstrip("-")
    return slug


def without_accents(text: str) -> str:
    """The text with plain Latin letters; letters of other scripts keep their marks (が does not become か, nor й и)."""
    plain: list[str] = []
    for character in unicodedata.normalize("NFC", text).translate(_LETTERS):
        if unicodedata.combining(character) and plain and plain[-1].isascii():
            continue
        plain.append(_base(character))
    return "".join(plain)


@cache
def _base(character: str) -> str:
    if character.isascii() or not unicodedata.name(character, "").startswith("LATIN "):
        return character
    apart = unicodedata.normalize("NFKD", character)
    return "".join(part for part in apart if not unicodedata.combining(part)).translate(_LETTERS)


def _decoded(octets: str) -> str:
    try:
        text = unquote(octets, errors="strict")
    except UnicodeDecodeError:
        return ""
    return re.sub(r"[^a-zA-Z0-9_\u0080-\U0010ffff]", "-", text)


def _allowed(character: str) -> str:
    if character.isascii():
        if character.isalnum() or character in "_-":
            return character
        return "-" if character.isspace() or character in "/." else ""
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp", "Pd") or character == "−":
        return "-"
    if category.startswith("C") or character in _DROPPED or ord(character) in _VARIATION_SELECTORS:
        return ""
    return character
