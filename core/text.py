"""Normalize untrusted text, so that it is safe to store, print, send by email and put into feeds.

All functions take and return plain text (`str`), not HTML, and accept any string.
"""

import re
import unicodedata
from functools import cache

# Characters that XML 1.0 (feeds, exports) or PostgreSQL cannot hold, or that make text look like another one: controls,
# lone surrogates, noncharacters, the byte order mark, annotation marks, bidi embeddings, overrides, isolates.
# Left-to-right and right-to-left marks are kept: Hebrew and Arabic need them.
_NEWLINE = re.compile("\r\n|[\r\x85\u2028\u2029\x0b\x0c]")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\u202a-\u202e\u2066-\u206f"
    + "".join(chr((plane << 16) + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
_MARKS_IN_A_ROW = 10  # scripts need about five; longer runs are abuse, and slow to normalize (UAX 15)

# Letters with a stroke and ligatures, which Unicode does not decompose.
_LIGATURES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

# Scripts written without spaces; Korean has them.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"

# What mail programs turn into links in plain text: hosts, email addresses, anything after a scheme. The dots include
# all characters that browsers accept as dots in a host, with invisible characters after them. Ideographic full stops
# also end sentences: next to Chinese or Japanese letters they count as dots only before a top-level domain.
_DOTS = "[.\uff0e\u3002\uff61]"
_INVISIBLE = "[\u00ad\u200b-\u200f\u2060]*"
_TOP = "com|net|org|info|biz|xyz|top|app|dev|io|jp|cn|tw|hk|kr|test|example"
_UNSPACED_TOP = (
    "中国|中國|公司|网络|網絡|网址|香港|台湾|台灣|世界|商店|みんな|コム|ストア|セール|クラウド|ファッション|ポイント"
)
_HOST_DOT = re.compile(
    rf"(?<=[^\s.])\.(?={_INVISIBLE}[^\W\d_]{{2}}|\d{{1,3}}{_DOTS}\d)"
    rf"|(?<=[^\s.{_UNSPACED}]){_DOTS}(?={_INVISIBLE}[^\W\d_{_UNSPACED}]{{2}}|\d{{1,3}}{_DOTS}\d)"
    rf"|(?<=[{_UNSPACED}]){_DOTS}(?={_INVISIBLE}(?:(?:{_TOP})\b|[a-z]{{2,}}[/:]|xn--))"
    rf"|(?<=[^\s.]){_DOTS}(?={_INVISIBLE}(?:{_UNSPACED_TOP})(?!\w))"
    rf"|(?<=www){_DOTS}|(?<=\d{_DOTS}\d){_DOTS}(?=\d)|(?<=\d{_DOTS}\d\d){_DOTS}(?=\d)|(?<=\d{_DOTS}\d\d\d){_DOTS}(?=\d)",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"(?<=\w):(?=[/\\]{2})|(?:(?<=\bmailto)|(?<=\btel)|(?<=\bsms)|(?<=\bfacetime)|(?<=\bskype)|(?<=\bwhatsapp)|(?<=\btg)"
    r"|(?<=\bjavascript)|(?<=\bvbscript)|(?<=\bdata)|(?<=\bfile)|(?<=\bmagnet)|(?<=\bbitcoin)|(?<=\bgeo)):(?=\S)",
    re.IGNORECASE,
)

# Letters and symbols by category, but invisible: Hangul and Khmer fillers, the blank Braille pattern, the object
# replacement character, the musical null notehead.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800\ufffc\U0001d159")

_STEP = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_UNSPACED_PER_WORD = 2  # WordPress cuts at 55 words, in Japanese at 110 characters


def tidy(text: str) -> str:
    """The text in NFC with `\\n` for every kind of newline, and without forbidden characters.

    Leading and trailing whitespace is kept (it has a meaning in Markdown). The result may be longer than the text,
    since NFC decomposes a few letters: check lengths afterwards. Idempotent: `tidy(tidy(x)) == tidy(x)`.
    """
    if text.isascii() and text.isprintable():  # most names and lines
        return text
    # Look at each distinct character once: in a long text, each search below holds up other threads.
    letters = "".join(set(text))
    if _NEWLINE.search(letters):
        text = _NEWLINE.sub("\n", text)
    if _FORBIDDEN.search(letters):
        text = _FORBIDDEN.sub("", text)
    if letters.isascii():
        return text
    if any(map(unicodedata.combining, letters)):
        text = _many_marks().sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


def tidy_line(text: str) -> str:
    """`tidy` for a name, a title or a subject: one line, with single spaces, stripped."""
    return " ".join(tidy(text).split())


def isolated(name: object) -> str:
    """Wrap text in Unicode isolates, so that its direction does not affect the sentence into which it is inserted.

    U+2068 (first strong isolate) and U+2069 (pop directional isolate), UAX 9: for places that cannot hold a <bdi>, such
    as attributes, messages and strings of scripts. Text that went through `tidy` contains neither of them.
    """
    return f"\u2068{name}\u2069"


def visible(text: str) -> str:
    """The visible characters of the text; "" for a name of Hangul fillers, soft hyphens, tag characters or spaces."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK)


def fold(word: str) -> str:
    """Case-fold a word and remove accents and full-width forms, for search and for keys.

    "Café", "CAFE" and "ｃａｆé" give "cafe", "Straße" gives "strasse". Marks that change the letter
    (Japanese voicing, Indic vowels) are kept. The result may be longer than the word.
    """
    if word.isascii():
        return tidy(word).casefold()
    word = unicodedata.normalize("NFKD", tidy(word)).casefold()
    word = _ACCENT.sub("", unicodedata.normalize("NFKD", word)).translate(_LIGATURES)
    return unicodedata.normalize("NFC", word)


def shorten(text: str, words: int) -> str:
    """The first `words` words in one line, with "…" if the text was longer.

    Two Chinese or Japanese characters count as one word.
    """
    text = tidy_line(text)
    room = words * _UNSPACED_PER_WORD
    for step in _STEP.finditer(text):
        room -= 1 if re.match(f"[{_UNSPACED}]", step[0]) else _UNSPACED_PER_WORD
        if room < 0:
            return text[: step.start()].rstrip().rstrip(",;:–—-、，") + "…" if step.start() else "…"
    return text


def defang(text: str) -> str:
    """Change URLs and hosts so that mail programs do not turn them into links: "https[:]//spam[.]example".

    For untrusted text in plain-text email. A full stop that ends a sentence is kept, unless a word follows directly.
    """
    return _SCHEME.sub("[:]", _HOST_DOT.sub("[.]", text))


@cache
def _many_marks() -> re.Pattern[str]:
    """Matches a run of combining marks that is too long; compiled when the first text that is not ASCII needs it."""
    marks = "".join(re.escape(chr(n)) for n in range(0x300, 0x20000) if unicodedata.combining(chr(n)))
    return re.compile(f"([{marks}]{{{_MARKS_IN_A_ROW}}})[{marks}]+")
