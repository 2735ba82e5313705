"""Turns text into the tokens that both databases index: separated by spaces, case-folded and stemmed.

"Running in a Wi-Fi zone 東京都" -> "run in a wi fi wifi zone 東京 京都 都" (Snowball's stems of English)

Text of scripts without spaces is indexed as pairs of neighbouring characters (each with its marks), and the last
character alone; so a query of one character is a prefix of some token. Words joined by a hyphen, an apostrophe or a dot
are indexed separately and joined: "e-mail" is found by "email", and "email" by "e-mail".
"""

import re
import threading
from dataclasses import dataclass
from functools import lru_cache

from blog.search.scripts import MARKS, MARKS_OF_UNSPACED, SILENT, UNSPACED
from core.site import site
from core.text import fold

INDEX_VERSION = 2  # increase it when the same text gives other tokens, so that everything is indexed again
LONGEST_QUERY = 200  # characters
MOST_WORDS = 12
MOST_PAIRS = 24  # of one run of a script without spaces in a query
MOST_PARTS = 5  # of a word with hyphens; with more (a URL) only the parts are indexed, not the joined forms
LANGUAGES = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

_LETTERS = rf"[^\W_{UNSPACED}{MARKS_OF_UNSPACED}](?:[^\W_{UNSPACED}{MARKS_OF_UNSPACED}]|[{MARKS}])*"
WORD = re.compile(rf"[{UNSPACED}][{UNSPACED}{MARKS_OF_UNSPACED}]*|{_LETTERS}(?:['\-.&_·]{_LETTERS})*")
CLUSTER = re.compile(rf"[{UNSPACED}][{MARKS_OF_UNSPACED}]*")
_JOINTS = re.compile(r"['\-.&_·]")
_SILENT = re.compile(f"[{SILENT}]")
# Folding decomposes the vowel "am"; some people type it as two characters around a tone mark. Both become one letter.
_AM_THAI = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_AM_LAO = re.compile("\u0ecd([\u0ec8-\u0ecb]?)\u0eb2")
_HEBREW_QUOTE = re.compile('(?<=[\u05d0-\u05ea])["\u05f4](?=[\u05d0-\u05ea])')
# All apostrophes become ', all hyphens -.
_ONE_SIGN = str.maketrans(dict.fromkeys("’‘ʼʻʹ′´`＇\u05f3", "'") | dict.fromkeys("‐‑⁃﹣－\u05be", "-"))

_own = threading.local()


@dataclass(frozen=True)
class Query:
    """A parsed query. Every group must match; a group matches if all terms of one of its alternatives occur.

    A term that ends in "*" matches as a prefix.
    """

    groups: tuple  # of tuples of alternatives, which are tuples of terms
    runs: tuple = ()  # the parts of the query in scripts without spaces, as tuples of characters with their marks

    def __bool__(self):
        return bool(self.groups)

    @property
    def terms(self):
        return {term for group in self.groups for alternative in group for term in alternative}


def tokenize(text, algorithm=None):
    """The tokens of a text, separated by spaces. Pass `algorithm` (of `algorithm_for`) for many texts: finding the
    default may cost a query each time."""
    algorithm = algorithm_for() if algorithm is None else algorithm
    return " ".join([token for match in WORD.finditer(normalize(text)) for token in tokens(match[0], algorithm)])


def parse_query(text, algorithms=None):
    """The Query for what a visitor typed: its first 200 characters and 12 words. `algorithms`: the stemmers of the
    indexed texts (default: the blog's)."""
    algorithms = sorted({algorithm_for()} if algorithms is None else algorithms)
    groups, runs = {}, []
    for match in WORD.finditer(normalize(text[:LONGEST_QUERY])):
        word = match[0]
        if CLUSTER.match(word):
            run = tuple(CLUSTER.findall(word))
            runs.append(run)
            groups[query_pairs(run),] = None
        else:
            ways = [way for algorithm in algorithms for way in variants(word, algorithm)]
            groups[tuple(dict.fromkeys(ways))] = None
    return Query(tuple(groups)[:MOST_WORDS], tuple(runs[:MOST_WORDS]))


def normalize(text):
    """The text case-folded, with apostrophes and hyphens unified and without optional characters (SILENT)."""
    if text.isascii():
        return fold(text)
    text = _HEBREW_QUOTE.sub("'", text.translate(_ONE_SIGN))
    text = _SILENT.sub("", fold(text))
    return _AM_LAO.sub("\\1\u0eb3", _AM_THAI.sub("\\1\u0e33", text))


def algorithm_for(tag=None):
    """Snowball's name for a language (BCP 47 tag; None: the blog's), or "" if it has no stemmer. Call it once per
    text: it may cost a query."""
    tag = site().language if tag is None else tag
    return LANGUAGES.get(tag.partition("-")[0].lower(), "")


def tokens(word, algorithm):
    """The tokens under which a word is indexed."""
    if CLUSTER.match(word):
        run = CLUSTER.findall(word)
        return [*map("".join, zip(run, run[1:], strict=False)), run[-1]]
    if word.isalnum() or not _JOINTS.search(word):
        return [stem(word[:100], algorithm)]
    parts = _JOINTS.split(word)
    return [stem(part[:100], algorithm) for part in (*parts, *joined(parts))]


def joined(parts):
    """Each pair of neighbouring parts joined, and all parts joined; those of digits only (dates, numbers) left out."""
    if len(parts) > MOST_PARTS:
        return []
    together = [a + b for a, b in zip(parts, parts[1:], strict=False)]
    if len(parts) > 2:
        together.append("".join(parts))
    return [word for word in together if not word.isdigit()]


def variants(word, algorithm):
    """The alternatives for a word of a query: its parts separately, and joined."""
    if word.isalnum() or not _JOINTS.search(word):
        return [(stem(word[:100], algorithm),)]
    parts = _JOINTS.split(word)
    ways = [parts]
    if 1 < len(parts) <= MOST_PARTS and not "".join(parts).isdigit():
        ways.append(["".join(parts)])
        if len(parts) > 2:
            ways += [[*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]] for at in range(len(parts) - 1)]
    return [tuple(dict.fromkeys(stem(part[:100], algorithm) for part in way)) for way in ways]


def query_pairs(run):
    if len(run) == 1:
        return (f"{run[0]}*",)
    return tuple(dict.fromkeys(map("".join, zip(run, run[1:], strict=False))))[:MOST_PAIRS]


@lru_cache(maxsize=50_000)
def stem(word, algorithm):
    return own_stemmer(algorithm).stemWord(word) if algorithm else word


def own_stemmer(algorithm):
    """A stemmer for this thread: stemmers keep state, so threads cannot share one."""
    stemmers = _own.__dict__
    if algorithm not in stemmers:
        from snowballstemmer import stemmer  # it loads 3 MB: the stemmers of all its languages

        stemmers[algorithm] = stemmer(algorithm)
    return stemmers[algorithm]
