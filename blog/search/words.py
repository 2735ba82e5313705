"""Text as the search sees it, the same for both databases."""

import re
import threading
from functools import lru_cache

from snowballstemmer import stemmer

from ground.site import site
from ground.words import fold

LONGEST_QUERY = 200  # characters
MOST_WORDS = 12
LANGUAGES = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
# Scripts without spaces between words: Han, Hiragana, Katakana, Hangul.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff"
WORD = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")
IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
# What is marked as a whole: a word with its stops, or a character of those scripts.
PART = re.compile(rf"\s+|[{UNSPACED}]|[^\s{UNSPACED}]+")

_own = threading.local()


def prepared(text, language=None):
    """The words of a text, ready for the index: "Läufe im Café 東京都" -> "lauf im cafe 東京 京都".

    Whoever prepares thousands asks `stemmed()` once and says it.
    """
    language = stemmed() if language is None else language
    return " ".join(word for match in WORD.finditer(fold(text)) for word in pieces(match[0], language))


def query_words(text):
    """The words somebody asks for, as they stand in the index; of a longer query the first twelve."""
    language = stemmed()
    words = [word for match in WORD.finditer(fold(text[:LONGEST_QUERY])) for word in pieces(match[0], language)]
    return list(dict.fromkeys(words))[:MOST_WORDS]


def stemmed():
    """The blog's language as the stemmer calls it, or ""; asked once a text, for within a transaction it is a query."""
    return LANGUAGES.get(site().language.partition("-")[0], "")


def pieces(word, language):
    """A word's stem; pairs of neighbours where the script knows no spaces (a single character stands alone)."""
    if IS_UNSPACED.match(word):
        return [word[at : at + 2] for at in range(len(word) - 1)] or [word]
    return [stem(word[:100], language)]


@lru_cache(maxsize=50_000)
def stem(word, algorithm):
    return own_stemmer(algorithm).stemWord(word) if algorithm else word


def own_stemmer(algorithm):
    """This thread's: a stemmer keeps the word that it works on."""
    stemmers = _own.__dict__
    if algorithm not in stemmers:
        stemmers[algorithm] = stemmer(algorithm)
    return stemmers[algorithm]


def highlighted(text, words, around=None):
    """The text as a list of (part, is_hit); with `around`, so many words from a little before the first hit."""
    parts = PART.findall(text)
    hits = hits_in(parts, words)
    if around:
        first = hits.index(True) if True in hits else 0
        start = max(0, first - around // 2)
        end = start + around * 2
        before, after = ["… "] if start else [], [" …"] if end < len(parts) else []
        parts, hits = [*before, *parts[start:end], *after], [*[False] * len(before), *hits[start:end], False]
    runs = []
    for part, hit in zip(parts, hits, strict=False):
        if runs and runs[-1][1] == hit:
            runs[-1] = (runs[-1][0] + part, hit)
        else:
            runs.append((part, hit))
    return runs


def hits_in(parts, words):
    """For each part, whether it is what was asked for; of the scripts without spaces, both of a pair that is."""
    language, hits = stemmed(), []
    before = ""  # the character of such a script right before
    for part in parts:
        here = fold(part) if IS_UNSPACED.match(part) else ""
        if here and before:
            hits.append(before + here in words)
            hits[-2] |= hits[-1]
        else:
            hits.append(here in words if here else not part.isspace() and wanted(part, words, language))
        before = here
    return hits


def wanted(part, words, language):
    found = roots(part, language) if len(part) < 40 else roots.__wrapped__(part, language)
    return not found.isdisjoint(words)


@lru_cache(maxsize=10_000)
def roots(part, language):
    """What a word of a text is found by. Every text is made of the same few thousand words."""
    return frozenset(piece for match in WORD.finditer(fold(part)) for piece in pieces(match[0], language))
