"""Text as the search sees it, the same for both databases: tokens between spaces, folded and stemmed.

"Running in a Wi-Fi zone 東京都" -> "run in a wi fi wifi zone 東京 京都 都" (Snowball's stems of English)

Scripts without spaces between words are filed as pairs of neighbours (a letter with its marks is one), and the last one
alone: a single character that is asked for begins one of them. Words that a hyphen, an apostrophe or a dot joins are
filed one by one and in one: "e-mail" is found by "email", and "email" by "e-mail".
"""

import re
import threading
from dataclasses import dataclass
from functools import lru_cache

from snowballstemmer import stemmer

from blog.search.scripts import MARKS, MARKS_OF_UNSPACED, SILENT, UNSPACED
from core.site import site
from core.text import fold

INDEX_VERSION = 2  # rises whenever the same text gives other tokens
LONGEST_QUERY = 200  # characters
MOST_WORDS = 12
MOST_PAIRS = 24  # of a run without spaces
MOST_PARTS = 5  # of a word with hyphens; what has more (an address) is filed by its parts alone
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
# The vowel am is one letter, which folding takes apart; some type it in two, around a mark of the tone.
_AM_THAI = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_AM_LAO = re.compile("\u0ecd([\u0ec8-\u0ecb]?)\u0eb2")
_HEBREW_QUOTE = re.compile('(?<=[\u05d0-\u05ea])["\u05f4](?=[\u05d0-\u05ea])')
# All apostrophes are one, and so are all hyphens.
_ONE_SIGN = str.maketrans(dict.fromkeys("’‘ʼʻʹ′´`＇\u05f3", "'") | dict.fromkeys("‐‑⁃﹣－\u05be", "-"))

_own = threading.local()


@dataclass(frozen=True)
class Query:
    """What somebody asks for. Every group must be found, by one of its alternatives, of which all terms must occur.

    A term that ends in "*" is the beginning of a token.
    """

    groups: tuple  # of tuples of alternatives, which are tuples of terms
    runs: tuple = ()  # what was asked for in scripts without spaces, as tuples of clusters

    def __bool__(self):
        return bool(self.groups)

    @property
    def terms(self):
        return {term for group in self.groups for alternative in group for term in alternative}


def prepared(text, algorithm=None):
    """The tokens of a text, ready for the index. Whoever prepares thousands asks `stemmed()` once and says it."""
    algorithm = stemmed() if algorithm is None else algorithm
    return " ".join([token for match in WORD.finditer(plainly(text)) for token in tokens(match[0], algorithm)])


def asked(text, algorithms=None):
    """The Query for what somebody typed, at most twelve words of it; `algorithms` are those of the index."""
    algorithms = sorted({stemmed()} if algorithms is None else algorithms)
    groups, runs = {}, []
    for match in WORD.finditer(plainly(text[:LONGEST_QUERY])):
        word = match[0]
        if CLUSTER.match(word):
            run = tuple(CLUSTER.findall(word))
            runs.append(run)
            groups[pairs_asked(run),] = None
        else:
            ways = [way for algorithm in algorithms for way in ways_to_write(word, algorithm)]
            groups[tuple(dict.fromkeys(ways))] = None
    return Query(tuple(groups)[:MOST_WORDS], tuple(runs[:MOST_WORDS]))


def plainly(text):
    """The text folded, and without what readers leave out as they like."""
    if text.isascii():
        return fold(text)
    text = _HEBREW_QUOTE.sub("'", text.translate(_ONE_SIGN))
    text = _SILENT.sub("", fold(text))
    return _AM_LAO.sub("\\1\u0eb3", _AM_THAI.sub("\\1\u0e33", text))


def stemmed(tag=None):
    """A language (None: the blog's) as the stemmer calls it, or ""; asked once a text: it may be a query."""
    tag = site().language if tag is None else tag
    return LANGUAGES.get(tag.partition("-")[0].lower(), "")


def tokens(word, algorithm):
    """What a word is filed under."""
    if CLUSTER.match(word):
        run = CLUSTER.findall(word)
        return [*map("".join, zip(run, run[1:], strict=False)), run[-1]]
    if word.isalnum() or not _JOINTS.search(word):
        return [stem(word[:100], algorithm)]
    parts = _JOINTS.split(word)
    return [stem(part[:100], algorithm) for part in (*parts, *joined(parts))]


def joined(parts):
    """Neighbours in one, and all in one, where there is a letter in them: no dates, no numbers."""
    if len(parts) > MOST_PARTS:
        return []
    together = [a + b for a, b in zip(parts, parts[1:], strict=False)]
    if len(parts) > 2:
        together.append("".join(parts))
    return [word for word in together if not word.isdigit()]


def ways_to_write(word, algorithm):
    """The alternatives for a word that is asked for: in its parts, and in one."""
    if word.isalnum() or not _JOINTS.search(word):
        return [(stem(word[:100], algorithm),)]
    parts = _JOINTS.split(word)
    ways = [parts]
    if 1 < len(parts) <= MOST_PARTS and not "".join(parts).isdigit():
        ways.append(["".join(parts)])
        if len(parts) > 2:
            ways += [[*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]] for at in range(len(parts) - 1)]
    return [tuple(dict.fromkeys(stem(part[:100], algorithm) for part in way)) for way in ways]


def pairs_asked(run):
    if len(run) == 1:
        return (f"{run[0]}*",)
    return tuple(dict.fromkeys(map("".join, zip(run, run[1:], strict=False))))[:MOST_PAIRS]


@lru_cache(maxsize=50_000)
def stem(word, algorithm):
    return own_stemmer(algorithm).stemWord(word) if algorithm else word


def own_stemmer(algorithm):
    """This thread's: a stemmer keeps the word that it works on."""
    stemmers = _own.__dict__
    if algorithm not in stemmers:
        stemmers[algorithm] = stemmer(algorithm)
    return stemmers[algorithm]
