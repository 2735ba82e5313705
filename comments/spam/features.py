"""Feature extraction for the spam classifier: links, patterns, subjects, words and character n-grams of a text.

Signs are named features ("contact & money"), which work in languages and subjects without training examples; grams
are the words, word pairs and character n-grams, hashed to numbers. `comments/spam/seed/signs.tsv` lists the phrases by
which a subject is recognized.
"""

import re
import unicodedata
from collections import defaultdict
from functools import cache
from itertools import combinations
from pathlib import Path
from zlib import crc32

from django.utils.translation import gettext_lazy as _

from core.text import fold

SEEDS = Path(__file__).parent / "seed"
READ = 2000  # characters; a limit, so that the time for long texts is bounded
WINDOW = 30  # words
GRAMS, NAMES = 1 << 18, 1 << 12  # hash buckets for grams (numbers from 0) and for signs (numbers from GRAMS)
MOST_GRAMS = 600  # of one text; those with the lowest numbers, so that the choice is deterministic
RUN = crc32(b"c ")  # the prefix of character n-grams, hashed

Marks = tuple[list[int], list[int]]  # numbers of the signs, numbers of the grams

HONEST = {"doubt", "lived", "own"}
REACHES = {"link", "obscured address", "phone", "short number", "mail address", "handle", "contact", "follow"}
# With a way to reach the spammer (REACHES), one of these makes the feature "outright"; without it the score is lower.
TRICKS = {"2 subjects", "disguise", "bracket code", "typed anchor", "spun", "3 links", "little but links",
          "shortened link", "cheap host", "selling name"}  # fmt: skip

# Letters of other alphabets that look like Latin ones, and digits and symbols that look like letters.
LOOKALIKES = str.maketrans("асеорхуіјѕԁһвнкмтαβενοικρτυ", "aceopxyijsdhbhkmtabevoikptu")
FIGURES = str.maketrans("013457@$!|€", "oieastasile")
PRESENTED = re.compile("[\uff21-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9\U0001f130-\U0001f189]")
HIDDEN = re.compile("[\u00ad\u034f\u061c\u115f\u180e\u200b\u2060-\u2064\ufeff]")

ADDRESS = r"(?<![\w@.-])[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){0,3}"
REST = r"[^\s<>\"'\])}]"
LINK = re.compile(
    rf"(?:https?://|www\.){REST}+|{ADDRESS}\.(?:com|net|org|info|biz|io|tv|eu|uk|de|fr|nl|pl|ru|ua|cn|br|jp|example|"
    rf"xyz|online|site|shop|store|club|website|vip|icu|cc)\b(?:/{REST}*)?|{ADDRESS}\.[a-z]{{2,6}}/\w{REST}*",
    re.I,
)
MAY_BE_LINK = re.compile(r"://|\.\S")
OBSCURED = re.compile(
    r"\b[\w-]{3,}\s*[(\[{]\s*(?:dot|\.)\s*[)\]}]\s*\w+|\b[\w-]{4,}\s+dot\s+(?:com|net|org|example|info|ru)\b"
    r"|\b[\w-]{5,} \. (?:com|net|org|example|info|ru)\b|\b[\w-]{5,}\.\s(?:com|net)\b", re.I)  # fmt: skip
OF_ANY_ADDRESS = frozenset("http https www com org net co uk eu de fr example blog index html".split())
CHEAP = re.compile(r"\.(?:top|xyz|click|online|site|club|icu|buzz|shop|store|win|bid|loan|tk|ml|ga|cf|gq|pw|cc|vip|fun|"
                   r"space|website|live|work|men|date|stream|download|biz)(?:/|$)", re.I)  # fmt: skip
SHORTENED = re.compile(r"\b(?:bit\.ly|t\.co|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|cutt\.ly|rb\.gy|adf\.ly)/\w", re.I)
KNOWN = re.compile(
    r"//(?:[\w-]+\.)*(?:wikipedia|wikimedia|archive|openstreetmap|python|djangoproject|mozilla|debian|kernel|ietf|w3|"
    r"gnu|postgresql|sqlite|doi|arxiv)\.org/|//(?:[\w-]+\.)*(?:github|gitlab|stackoverflow|stackexchange|djangoproject|bbc|theguardian|"
    r"nytimes)\.(?:com|co\.uk)/|//[\w.-]+\.(?:edu|gov|ac\.\w\w|gov\.\w\w)/", re.I)  # fmt: skip
FORUM_TAG = re.compile(
    r"\[(?:(url|link|img|email|b|i|u|size|color|quote)(?:=([^\]\n]{1,300}))?|/(url|link|img|email|b|i|u|size|color|quote))\]"
    r"(?!\()", re.I)  # fmt: skip
FORUM_REACH = 2000  # characters between an opening tag and its closing one
CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}")
SHAPES = {name: re.compile(pattern, flags) for name, pattern, flags in [
    ("typed anchor", r"<a\s[^>]*href", re.I),
    ("mail address", r"[\w.+-]+@[\w-]+\.[\w.]+", 0),
    ("phone", r"(?<![\w/.-])(?!\d{4}-\d\d-\d\d)\+?\(?\d(?:[ ().-]{0,2}\d){8,14}(?![\w/])", 0),
    ("short number", r"(?i:\b(?:txt|text|call|reply|send|sms|to|on)\b)\W+(?:\w+\W+){0,4}\d{5,6}\b", 0),
    ("handle", r"(?<![\w@/.])@\w*[_\d]\w*|t\.me/|wa\.me/", 0),
    ("referral", r"[?&](?:ref|aff|aid|utm_\w+|partner|invite|promo)=|/ref/|referral", re.I),
    ("money amount", r"[$€£₹₽¥]\s?\d|\d\s?(?:[$€£₹₽¥]|usd|euros?|dollars?|руб|гривень|万円|元)", re.I),
    ("large amount", r"[$€£₹]\s?\d{1,3}(?:[., ]\d{3})+|[$€£]\s?\d{4,}|\d(?:[.,]\d+)?\s?(?:million|billion|万円)", re.I),
    ("percent", r"\d\s?%", 0),
    ("many marks", r"[!?]{3,}|!.*!.*!|(?:\. ?){5,}", re.S),
    ("arrows", r"(?:>{2,}|-{2,}>|={2,}>|→|👉|➡|👇|♦|★|✅|💯)", 0),
    ("per message", r"\b\d+p\b|\bppm\b|\bper (?:msg|min|text)\b|\bt&c|\b18\+", re.I),
    ("spun", r"\{[^{}|]+(?:\|[^{}|]+)+\}", 0),
    ("code", r"`[^`]+`|^(?: {4}|\t)\S|\w\(\w*\)|[{};]\s*$|\b\w+\.\w+\(|--\w{2,}", re.M),
    ("quotation", r"^>\s?\w|[“«„][^”»“]{15,}", re.M),
    ("question", r"\?(?:\s|$)|？|؟", 0),
]}  # fmt: skip


# Initial weights, for signs that are too rare in the seed list.
EXPECTED = {
    "disguise": 2.0, "spun": 3.0, "bracket code": 1.5, "typed anchor": 1.5, "obscured address": 0.8, "referral": 0.8,
    "shortened link": 0.8, "cheap host": 0.8, "per message": 0.8, "short number": 0.8, "phone": 0.5, "arrows": 0.5,
    "large amount": 0.3, "gibberish": 0.8, "little but links": 0.5, "5 links": 1.0, "selling name": 0.5,
    "code": -1.2, "known places": -0.8, "quotation": -0.5, "question": -0.3, "doubt": -0.7, "lived": -0.5, "own": -1.5,
    "machine": 1.5, "gamble": 0.4,
}  # fmt: skip

# The reasons shown to the owner.
TYPICAL = _("“%(word)s” is in %(spam)d comments that you marked as spam and in %(honest)d that you approved.")
TYPICAL_OF_SPAM = _("“%(word)s” is in %(spam)d comments that you marked as spam and in none that you approved.")
SENTENCES = {
    "money": _("It is about earning money."),
    "prize": _("It promises a prize or a gift."),
    "urgent": _("It urges people to act at once."),
    "act": _("It tells people to click, visit, order or register."),
    "contact": _("It asks people to write elsewhere."),
    "asking": _("It asks for a message or a call."),
    "follow": _("It asks for followers or advertises the commenter's own page."),
    "medicine": _("It is about pills or cures."),
    "gamble": _("It is about gambling."),
    "adult": _("It is about sex or dating."),
    "loan": _("It is about loans, insurance or bank details."),
    "invest": _("It is about investments or cryptocurrency."),
    "seo": _("It sells traffic, links or websites."),
    "shop": _("It sells goods."),
    "papers": _("It sells essays or documents."),
    "hack": _("It offers hacking or cracked software."),
    "spell": _("It offers spells or miracles."),
    "fund": _("It is about an inheritance or a donation."),
    "stream": _("It offers films, music or books for free."),
    "promise": _("It promises that there is no risk."),
    "offer": _("It offers a service."),
    "praise": _("It is general praise."),
    "machine": _("It is praise in words that bots use."),
    "link": _("It contains a link."),
    "2 links": _("It contains several links."),
    "3 links": _("It contains several links."),
    "5 links": _("It contains several links."),
    "little but links": _("It contains little besides links."),
    "selling website": _("The commenter's website is named after a product."),
    "selling name": _("The commenter's name is an advertisement."),
    "selling host": _("A link goes to an address that is named after a product."),
    "cheap host": _("A link goes to a kind of address that spammers like."),
    "shortened link": _("A shortened link hides where it goes."),
    "referral": _("It contains an affiliate link."),
    "obscured address": _("It disguises an address."),
    "bracket code": _("It contains forum code (BBCode)."),
    "typed anchor": _("It contains HTML links."),
    "mail address": _("It contains an email address."),
    "phone": _("It contains a phone number."),
    "short number": _("It asks for a call or message to a phone number."),
    "handle": _("It mentions an account elsewhere."),
    "money amount": _("It mentions an amount of money."),
    "large amount": _("It mentions a large amount of money."),
    "many marks": _("It has many exclamation or question marks."),
    "shouting": _("It is written in capital letters."),
    "shouted words": _("Some of its words are in capital letters."),
    "arrows": _("It contains arrows or stars."),
    "many pictures": _("It contains many emoji."),
    "per message": _("It mentions the price of a message."),
    "spun": _("It is a bot's unfilled template."),
    "disguise": _("It disguises words with foreign letters, digits or hidden characters."),
    "gibberish": _("Some of its words are not real words."),
    "repetition": _("It repeats itself."),
}


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+", text)


@cache
def subjects() -> tuple[dict[str, list[tuple[str, str]]], dict[str, set[str]]]:
    """The phrases of `signs.tsv` as (openings, pieces).

    Openings are {first three characters: [(phrase, subject)]}. A phrase ends with a space, so that it matches whole
    words; a prefix ("loan*") does not. Pieces are {text: subjects} for scripts without spaces, found anywhere.
    """
    openings: dict[str, list[tuple[str, str]]] = defaultdict(list)
    pieces: dict[str, set[str]] = defaultdict(set)
    for line in (SEEDS / "signs.tsv").read_text(encoding="utf-8").splitlines():
        name, listed = line.split("\t")
        for entry in listed.split(";"):
            words = " ".join(words_of(fold(entry)))
            if any(unicodedata.category(letter) == "Lo" for letter in words):
                pieces[words].add(name)
            else:
                opening = words if entry.strip().endswith("*") else f"{words} "
                openings[opening[:3]].append((opening, name))
    return openings, pieces


def gist(text: str) -> set[str]:
    """The subjects of the window of `WINDOW` words that has most of them, and all honest signs of the text.

    Not those of the whole text, because long honest texts touch many subjects."""
    words = text.split()
    parts = [" ".join(words[at : at + WINDOW]) for at in range(0, max(1, len(words) - WINDOW // 2), WINDOW // 2)]
    about = [found(part) for part in parts]
    return max(about, key=lambda names: len(names - HONEST)) | HONEST & set().union(*about)


def found(text: str) -> set[str]:
    """The set of subjects of a text that `plain` has folded."""
    openings, pieces = subjects()
    words, at = words_of(text), 0
    names: set[str] = set()
    line = " ".join([*words, ""])
    for word in words:
        for opening, name in openings.get(line[at : at + 3], ()):
            if line.startswith(opening, at):
                names.add(name)
        at += len(word) + 1
    if not text.isascii():
        names |= {name for piece, speaks_of in pieces.items() if piece in text for name in speaks_of}
    return names


def plain(text: str) -> str:
    """The text folded, without invisible characters, and with look-alike letters in Latin words replaced."""
    text = fold(HIDDEN.sub("", text)).replace("’", "'")
    return re.sub(r"\w*[a-z]\w*", lambda word: word[0].translate(LOOKALIKES), text) if not text.isascii() else text


def undisguised(text: str) -> str:
    """The text with digits in words read as letters ("v1agra"), and s p a c e d letters joined."""
    text = re.sub(r"(?<!\w)\w(?:([ .*_-])\w)(?:\1\w)+(?!\w)", lambda run: re.sub(r"[ .*_-]", "", run[0]), text)
    return re.sub(r"(?=\S*[a-z])\S*[\d@$!|€]\S*", lambda word: word[0].translate(FIGURES), text)


def marks(text: str, author: str = "", url: str = "") -> Marks:
    """(numbers of the signs, numbers of the grams), the classifier's input."""
    return sorted({number_of(name) for name in signs(text, author, url)}), list(grams(text, author, url))


def number_of(name: str) -> int:
    return GRAMS + crc32(name.encode()) % NAMES


def signs(text: str, author: str = "", url: str = "") -> set[str]:
    """The set of names of signs in a text; "a & b" for combinations of two."""
    text = text[:READ]
    read = plain(text)
    about = gist(read)
    seen = {name for name, pattern in SHAPES.items() if pattern.search(text)}
    seen |= shapes_of(text, read) | links_among(text) | name_of(author, url)
    bare = undisguised(read)
    disguised = set() if bare == read else gist(bare) - about - HONEST
    if disguised:
        seen.add("disguise")
    if PRESENTED.search(text) or HIDDEN.search(text) or mixed(text):
        seen.add("disguise")
    about |= disguised
    reaches = (seen | about) & REACHES
    trades = about - HONEST - {"praise"}
    seen |= {f"{number} subjects" for number in (1, 2, 3, 4, 6) if len(trades) >= number}
    seen |= {f"{number} ways to reach" for number in (1, 2, 3) if len(reaches) >= number}
    if "selling website" in seen:
        seen |= {f"selling website & {name}" for name in (about | seen) & {"praise", "brief", "short"}}
    if (reaches or "selling website" in seen) and seen & TRICKS:
        seen.add("outright")
    if reaches:
        seen |= {f"reach & {name}" for name in about}
        seen |= {f"reach & {name}" for name in seen & {"brief", "short", "money amount", "large amount", "shouting"}}
    seen |= {" & ".join(pair) for pair in combinations(sorted(about - HONEST), 2)}
    return seen | about


def shapes_of(text: str, read: str) -> set[str]:
    words, letters = words_of(read), list(filter(str.isalpha, text))
    seen = {name for name, most in (("brief", 5), ("short", 20)) if len(words) <= most}
    seen |= {"long"} if len(words) > 80 else set()
    if len(letters) > 15 and sum(map(str.isupper, letters)) > 0.5 * len(letters):
        seen.add("shouting")
    elif len(re.findall(r"\b[A-Z]{4,}\b", text)) > 2:
        seen.add("shouted words")
    if not text.isascii() and sum(unicodedata.category(letter) == "So" for letter in text) > 2:
        seen.add("many pictures")
    if len(words) > 12 and len(set(words)) < 0.55 * len(words):
        seen.add("repetition")
    if CONSONANTS.search(read) and sum(map(bool, map(CONSONANTS.search, words_of(LINK.sub("", read))))) > 1:
        seen.add("gibberish")
    if forum_code(text):
        seen.add("bracket code")
    if letters and not re.search(r"[.!?,;:)。、!?،]", text) and len(words) > 8:
        seen.add("no stops")
    return seen


def forum_code(text: str) -> str:
    """The first piece of BBCode ("[b]…[/b]", "[url=…]") in a text, or "".

    Markdown's brackets do not match: "[link](…)", "a[url]". Each tag is read once, so the time is linear.
    """
    opened: dict[str, int] = {}
    for tag in FORUM_TAG.finditer(text):
        name, value, closed = tag.groups()
        if closed:
            start = opened.get(closed.lower())
            if start is not None and tag.start() - start <= FORUM_REACH:
                return text[start : tag.end()]
        elif name.lower() in ("url", "link", "img") and value and len(value.strip("'\" ")) > 3:
            return tag[0]
        else:
            opened[name.lower()] = tag.start()
    return ""


def links_in(text: str) -> list[str]:
    return LINK.findall(text) if MAY_BE_LINK.search(text) else []


def links_among(text: str) -> set[str]:
    links = links_in(text)
    seen = {f"{number} links" for number in (2, 3, 5) if len(links) >= number}
    if OBSCURED.search(text):
        seen.add("obscured address")
    if not links:
        return seen
    left = LINK.sub("", re.sub(r"</?a[^>]*>|\[/?url[^\]]*\]", "", text))
    if sum(letter.isalpha() for letter in left) < 25:
        seen.add("little but links")
    joined = " ".join(links)
    seen |= {name for name, pattern in (("cheap host", CHEAP), ("shortened link", SHORTENED)) if pattern.search(joined)}
    if all(KNOWN.search(link) for link in links):
        return seen | {"known places"}
    if found(plain(re.sub(r"[^\w]+", " ", joined))) - HONEST - {"praise"}:
        seen.add("selling host")
    return seen | {"link"}


def name_of(author: str, url: str) -> set[str]:
    """The signs in the author's name and website. Having a website is none, because the form asks for it."""
    seen = set()
    if url and CHEAP.search(url):
        seen.add("cheap host")
    if url and found(plain(re.sub(r"[^\w]+", " ", url))) - HONEST - {"praise"}:
        seen.add("selling website")
    if found(plain(author)) - HONEST - {"praise"} or links_in(author):
        seen.add("selling name")
    return seen


def mixed(text: str) -> bool:
    """Whether a word mixes Latin with Cyrillic or Greek letters."""
    return bool(re.search(r"[A-Za-z][А-яёіјѕΑ-ω]|[А-яёіјѕΑ-ω][A-Za-z]", text))


def grams(text: str, author: str = "", url: str = "") -> dict[int, str]:
    """{number: word} for the words and word pairs of a text, its links and author; {number: ""} for its n-grams.

    At most `MOST_GRAMS`. The n-grams have 3 and 5 characters, or 2 and 4 in texts that are not ASCII."""
    read = re.sub(r"\d+", "0", plain(text[:READ]))
    words = words_of(read)
    named = [(f"w {word}", word) for word in words]
    named += [(f"w {one} {two}", f"{one} {two}") for one, two in zip(words, words[1:], strict=False)]
    named += [(f"n {word}", word) for word in words_of(plain(author))]
    named += [(f"l {word}", word) for link in links_in(text[:READ]) for word in words_of(plain(link))]
    named += [(f"l {word}", word) for word in words_of(plain(url)) if word not in OF_ANY_ADDRESS]
    numbers = {crc32(piece.encode()) % GRAMS: word for piece, word in named}
    line = " ".join(words)
    for size in (3, 5) if line.isascii() else (2, 4):
        runs = (line[at : at + size] for at in range(len(line) - size + 1))
        numbers |= {crc32(run.encode(), RUN) % GRAMS: "" for run in runs}
    if len(numbers) <= MOST_GRAMS:
        return numbers
    return {number: numbers[number] for number in sorted(numbers)[:MOST_GRAMS]}
