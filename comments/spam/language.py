"""Detects the script of a text by its letters, and for Latin script the language by its most common words."""

import re
import unicodedata
from collections import Counter

LEAST_LETTERS, LEAST_WORDS = 12, 8  # shorter texts are not judged

# {language: its scripts}, as they are called in Unicode character names; languages not listed use Latin script.
SCRIPTS = {
    "ru": {"CYRILLIC"}, "uk": {"CYRILLIC"}, "bg": {"CYRILLIC"}, "be": {"CYRILLIC"}, "mk": {"CYRILLIC"},
    "sr": {"CYRILLIC", "LATIN"}, "kk": {"CYRILLIC"}, "el": {"GREEK"}, "he": {"HEBREW"}, "ar": {"ARABIC"},
    "fa": {"ARABIC"}, "ur": {"ARABIC"}, "hi": {"DEVANAGARI"}, "mr": {"DEVANAGARI"}, "bn": {"BENGALI"}, "ta": {"TAMIL"},
    "te": {"TELUGU"}, "th": {"THAI"}, "ka": {"GEORGIAN"}, "hy": {"ARMENIAN"}, "ko": {"HANGUL", "CJK"}, "zh": {"CJK"},
    "ja": {"HIRAGANA", "KATAKANA", "CJK"},
}  # fmt: skip

WORDS = {
    "en": "the and of to is that it you for was with this have not are but they what",
    "de": "der die das und ist nicht ich ein eine mit auf den von zu wir auch es sich",
    "fr": "le la les et est je que pas une des pour dans qui vous nous du en avec",
    "es": "el la los que y es no una por con para se del las me lo como mi",
    "pt": "o os que e é não uma por com para se do da as me como meu mais",
    "it": "il la che e è non una per con di si del della gli mi come sono ho",
    "nl": "de het een en van ik niet is dat op te met voor zijn we was er maar",
    "pl": "i w nie na się że jest do z to jak ale co mnie po tak był o",
    "sv": "och det att i en jag är som på inte för med av den har var vi ett",
}
# {word: languages in which it is common}.
SPEAKERS = {
    word: [language for language, words in WORDS.items() if word in words.split()]
    for word in {word for words in WORDS.values() for word in words.split()}
}


def script_of(text: str) -> str:
    """The script of at least 60 % of the letters ("LATIN", "CYRILLIC", "CJK", …), or "" if unclear or too short."""
    letters = list(filter(str.isalpha, text[:2000]))
    if len(letters) < LEAST_LETTERS:
        return ""
    scripts: Counter[str] = Counter()
    for letter, number in Counter(letters).items():
        scripts["LATIN" if letter.isascii() else unicodedata.name(letter, "?").split()[0]] += number
    script, number = scripts.most_common(1)[0]
    return script if number >= 0.6 * len(letters) else ""


def language_of(text: str) -> str:
    """The code of one of the languages in `WORDS`, or "" if unclear or too short."""
    words = re.findall(r"[^\W\d_]+", text[:2000].casefold())
    if len(words) < LEAST_WORDS:
        return ""
    common = Counter(name for word in words for name in SPEAKERS.get(word, ()))
    (language, first), (_other, second) = [*common.most_common(2), ("", 0), ("", 0)][:2]
    return language if first >= 0.15 * len(words) and first >= 1.6 * second else ""


def is_foreign(text: str, *, at_home: str, beside: str) -> bool:
    """Whether a text is clearly in another script or language than the blog (code `at_home`) and the text `beside`."""
    home = at_home.split("-")[0].lower()
    script, ours = script_of(text), SCRIPTS.get(home, {"LATIN"})
    if script and script not in ours and script != script_of(beside):
        return True
    language = language_of(text)
    return bool(language) and home in WORDS and language != home and language != language_of(beside)
