"""Text that people typed or machines sent, made safe to store, print, mail and feed.

Everything here takes and gives `str`; nothing raises on any string, and nothing knows of HTML.
"""

import re
import unicodedata
from functools import cache

# What neither XML 1.0 (feeds, exports) nor PostgreSQL can hold, or what only deceives the eye: controls,
# lone surrogates, noncharacters, the byte order mark, annotation marks, bidi embeddings, overrides, isolates.
# The left-to-right and right-to-left marks stay: Hebrew and Arabic need them.
_NEWLINE = re.compile("\r\n|[\r\x85\u2028\u2029\x0b\x0c]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\u202a-\u202e\u2066-\u206f"
    + "".join(chr((plane << 16) + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
_MARKS_IN_A_ROW = 10  # the richest scripts need about five; more is mischief, and slow to normalise (UAX 15)

# Letters whose stroke or ligature Unicode does not take apart.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

# Scripts written without spaces; Korean has them.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"

# What a mail program makes a link of, though it is plain text: hosts, addresses, anything behind a scheme. The dots are
# those that browsers take for one in a host; what cannot be seen may stand behind them. Those of Japanese and Chinese
# end sentences too: beside their letters they are dots of a host only before a top-level domain.
_DOTS = "[.\uff0e\u3002\uff61]"
_UNSEEN = "[\u00ad\u200b-\u200f\u2060]*"
_TOP = "com|net|org|info|biz|xyz|top|app|dev|io|jp|cn|tw|hk|kr|test|example"
_UNSPACED_TOP = (
    "中国|中國|公司|网络|網絡|网址|香港|台湾|台灣|世界|商店|みんな|コム|ストア|セール|クラウド|ファッション|ポイント"
)
_HOST_DOT = re.compile(
    rf"(?<=[^\s.])\.(?={_UNSEEN}[^\W\d_]{{2}}|\d{{1,3}}{_DOTS}\d)"
    rf"|(?<=[^\s.{_UNSPACED}]){_DOTS}(?={_UNSEEN}[^\W\d_{_UNSPACED}]{{2}}|\d{{1,3}}{_DOTS}\d)"
    rf"|(?<=[{_UNSPACED}]){_DOTS}(?={_UNSEEN}(?:(?:{_TOP})\b|[a-z]{{2,}}[/:]|xn--))"
    rf"|(?<=[^\s.]){_DOTS}(?={_UNSEEN}(?:{_UNSPACED_TOP})(?!\w))"
    rf"|(?<=www){_DOTS}|(?<=\d{_DOTS}\d){_DOTS}(?=\d)|(?<=\d{_DOTS}\d\d){_DOTS}(?=\d)|(?<=\d{_DOTS}\d\d\d){_DOTS}(?=\d)",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"(?<=\w):(?=[/\\]{2})|(?:(?<=\bmailto)|(?<=\btel)|(?<=\bsms)|(?<=\bfacetime)|(?<=\bskype)|(?<=\bwhatsapp)|(?<=\btg)"
    r"|(?<=\bjavascript)|(?<=\bvbscript)|(?<=\bdata)|(?<=\bfile)|(?<=\bmagnet)|(?<=\bbitcoin)|(?<=\bgeo)):(?=\S)",
    re.IGNORECASE,
)

# Letters and symbols by their category, but empty on every screen: Hangul and Khmer fillers, the blank of Braille, the
# place of an embedded object, the null notehead of music.
_SHOWING_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800\ufffc\U0001d159")

_STEP = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_UNSPACED_PER_WORD = 2  # WordPress cuts at 55 words, in Japanese at 110 characters


def tidy(text: str) -> str:
    """The text in NFC with `\\n` for every kind of newline, and without what no reader could see or want.

    Leading and trailing space stays (it means something in Markdown). The result may be longer than the
    text, since NFC takes a few letters apart: measure afterwards. `tidy(tidy(x)) == tidy(x)`.
    """
    if text.isascii() and text.isprintable():  # most names and lines
        return text
    text = _UNWANTED.sub("", _NEWLINE.sub("\n", text))
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _many_marks().sub(r"\1", text))


def tidy_line(text: str) -> str:
    """The same for a name, a title, a subject: one line, single spaces, none at the ends."""
    return " ".join(tidy(text).split())


def isolated(name: object) -> str:
    """Somebody's words for a sentence of ours in plain text: whatever their direction, they do not turn the sentence.

    First strong isolate … pop directional isolate (Unicode, UAX 9), where no <bdi> can stand: in attributes, flash
    messages, sentences that scripts make. Words that went through `tidy` hold neither of the two.
    """
    return f"\u2068{name}\u2069"


def visible(text: str) -> str:
    """The text without what shows nothing: "" for a name of Hangul fillers, soft hyphens, tag characters or blanks."""
    return "".join(
        letter for letter in text if unicodedata.category(letter)[0] in "LNPS" and letter not in _SHOWING_NOTHING
    )


def fold(word: str) -> str:
    """What two spellings of a word have in common: no case, no accents, no full-width forms; for keys, search.

    "Café", "CAFE" and "ｃａｆé" give "cafe", "Straße" gives "strasse". Marks that are letters of their own
    (Japanese voicing, Indic vowels) stay. The result may be longer than the word.
    """
    if word.isascii():
        return tidy(word).casefold()
    word = unicodedata.normalize("NFKD", tidy(word)).casefold()
    word = _ACCENT.sub("", unicodedata.normalize("NFKD", word)).translate(_PLAIN)
    return unicodedata.normalize("NFC", word)


def shorten(text: str, words: int) -> str:
    """The first `words` words in one line, with "…" if anything was left out.

    Two characters of Chinese or Japanese count as one word.
    """
    text = tidy_line(text)
    room = words * _UNSPACED_PER_WORD
    for step in _STEP.finditer(text):
        room -= 1 if re.match(f"[{_UNSPACED}]", step[0]) else _UNSPACED_PER_WORD
        if room < 0:
            return text[: step.start()].rstrip().rstrip(",;:–—-、，") + "…" if step.start() else "…"
    return text


def unlinked(text: str) -> str:
    """The text with no address in it that a mail program would make a link: "https[:]//spam[.]example".

    For strangers' words in plain-text mail. A point at the end of a sentence stays one, unless a word follows at once.
    """
    return _SCHEME.sub("[:]", _HOST_DOT.sub("[.]", text))


@cache
def _many_marks() -> re.Pattern:
    """A run of combining marks that is too long; built once, and only for text that is not plain ASCII."""
    marks = "".join(re.escape(chr(n)) for n in range(0x300, 0x20000) if unicodedata.combining(chr(n)))
    return re.compile(f"([{marks}]{{{_MARKS_IN_A_ROW}}})[{marks}]+")
