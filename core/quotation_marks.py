"""Quotation marks of the languages, as BCP 47 tags: for smart punctuation and for texts of other systems.

Source: Unicode CLDR or, where common usage differs from it, the orthography of the language. No Django here.
"""

NARROW = "\u202f"  # narrow no-break space, inside French quotation marks

# Opening and closing quotation mark, then both for a nested quotation.
_ENGLISH = ("“", "”", "‘", "’")
_GERMAN = ("„", "“", "‚", "‘")
_ANGLES = ("«", "»", "“", "”")
_ANGLES_ALONE = ("«", "»", "‹", "›")
_EASTERN = ("«", "»", "„", "“")
_LOW = ("„", "”", "‚", "’")
_LOW_AND_ANGLES = ("„", "”", "«", "»")
_CLOSING_ALONE = ("”", "”", "’", "’")
MARKS = {
    **dict.fromkeys("bg cs da-trad de is ka lt sk sl mk".split(), _GERMAN),
    **dict.fromkeys("de-ch de-li fa hy rm it-ch".split(), _ANGLES_ALONE),
    **dict.fromkeys("ca el es eu gl it pt-pt sq".split(), _ANGLES),
    **dict.fromkeys("be ru uk kk".split(), _EASTERN),
    **dict.fromkeys("hr sr bs et".split(), _LOW),
    **dict.fromkeys("pl ro hu".split(), _LOW_AND_ANGLES),
    **dict.fromkeys("fi sv he".split(), _CLOSING_ALONE),
    **dict.fromkeys("nb nn no".split(), ("«", "»", "‘", "’")),
    "ar": ("”", "“", "’", "‘"),
    "es-419": _ENGLISH,
    "es-mx": _ENGLISH,
    "fr": (f"«{NARROW}", f"{NARROW}»", "“", "”"),
    "fr-ch": (f"«{NARROW}", f"{NARROW}»", f"‹{NARROW}", f"{NARROW}›"),
    "hu": ("„", "”", "»", "«"),
}
UNTOUCHED = ("ja", "zh", "yue")  # these have their own signs on the keyboard


def quotation_marks(language: str) -> tuple[str, str, str, str] | None:
    """(opening, closing, nested opening, nested closing) of a language ("" means English); None where typewriter
    quotation marks stay as typed."""
    language = language.lower().replace("_", "-")
    primary = language.partition("-")[0]
    if primary in UNTOUCHED:
        return None
    return MARKS.get(language) or MARKS.get(primary, _ENGLISH)
