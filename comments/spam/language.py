"""In which script, and perhaps in which language, a text is written: by its letters, and by its commonest words."""

import re
import unicodedata
from collections import Counter

LEAST_LETTERS, LEAST_WORDS = 12, 8  # below that a text tells nothing

# What a script is called in the names of its letters; Japanese is written in three of them.
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
# In which languages a word is common.
SPEAKERS = {
    word: [language for language, words in WORDS.items() if word in words.split()]
    for word in {word for words in WORDS.values() for word in words.split()}
}


def script_of(text):
    """LATIN, CYRILLIC, CJK, …: that of three letters in five, or ""."""
    letters = list(filter(str.isalpha, text[:2000]))
    if len(letters) < LEAST_LETTERS:
        return ""
    scripts = Counter()
    for letter, number in Counter(letters).items():
        scripts["LATIN" if letter.isascii() else unicodedata.name(letter, "?").split()[0]] += number
    script, number = scripts.most_common(1)[0]
    return script if number >= 0.6 * len(letters) else ""


def language_of(text):
    """One of a few languages of Latin script, if its commonest words tell plainly; else ""."""
    words = re.findall(r"[^\W\d_]+", text[:2000].casefold())
    if len(words) < LEAST_WORDS:
        return ""
    common = Counter(name for word in words for name in SPEAKERS.get(word, ()))
    (language, first), (_other, second) = [*common.most_common(2), ("", 0), ("", 0)][:2]
    return language if first >= 0.15 * len(words) and first >= 1.6 * second else ""


def is_foreign(text, *, at_home, beside):
    """Whether a text is plainly in another script or language than the blog (`at_home`) and than what it answers."""
    home = at_home.split("-")[0].lower()
    script, ours = script_of(text), SCRIPTS.get(home, {"LATIN"})
    if script and script not in ours and script != script_of(beside):
        return True
    language = language_of(text)
    return bool(language) and home in WORDS and language != home and language != language_of(beside)
