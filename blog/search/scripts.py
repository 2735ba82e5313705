"""Character classes for the search, as the contents of [] in a regular expression."""

import unicodedata


def _class(kinds, *ranges):
    """The characters of these ranges whose Unicode category begins with one of `kinds`, as ranges for []."""
    chosen = [n for start, end in ranges for n in range(start, end + 1) if unicodedata.category(chr(n))[0] in kinds]
    runs = []
    for n in chosen:
        if runs and runs[-1][1] == n - 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)


_SOUTH_EAST_ASIA = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0xA980, 0xA9FF),  # Javanese, more of Burmese
    (0xAA60, 0xAADF),  # more of Burmese, Tai Viet
)
_EAST_ASIA = (
    "\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Scripts without spaces between words, and Korean, where particles are attached to words.
UNSPACED = _EAST_ASIA + _class("LN", *_SOUTH_EAST_ASIA)
MARKS_OF_UNSPACED = _class("M", *_SOUTH_EAST_ASIA) + "\u3099\u309a"
# Vowel signs and other marks that belong to a word in scripts with spaces (of India, Ethiopia, Nepal …).
MARKS = _class(
    "M", (0x0483, 0x0487), (0x0711, 0x07BF), (0x07EB, 0x0DFF), (0x135D, 0x135F), (0x1900, 0x194F), (0xA8E0, 0xA8FF)
)
# Optional characters, which the search ignores: joiners, soft hyphens, Hebrew points, Arabic vowels and tatweel.
SILENT = (
    "\u00ad\u034f\u180e\u200b-\u200d\u2060"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
)
