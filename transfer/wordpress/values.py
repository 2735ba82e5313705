"""The values of WXR elements: dates, numbers, slugs. What cannot be read is None or 0, never an error."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.entities import html5
from urllib.parse import unquote_to_bytes

# What no text may hold: control characters but tab and newline, halves of pairs, non-characters.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?.*)?")
NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
REFERENCE = re.compile(r"&(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|"
    "var"
)
PAIR = re.compile(rf"<({INLINE})(?:\s[^<>]*)?>([^<]*+)</\1\s*>", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
VOID = re.compile(r"<(?:br|hr|img|wbr)\b[^<>]*>", re.IGNORECASE)
LONGEST_LINE = 4000  # characters
NESTED = 10  # tags inside of each other that a title has at most


def without_controls(text: str) -> str:
    """U+0080 to U+009F become what Windows-1252 means by them, as in browsers; other control characters go."""
    return CONTROL.sub(_replacement, text) if CONTROL.search(text) else text


def _replacement(match: re.Match[str]) -> str:
    codes = bytes(ord(character) for character in match.group().strip("\0") if 0x80 <= ord(character) < 0xA0)
    return codes.decode("cp1252", "ignore")


def date(text: str) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS` as MySQL writes it, naive. None for "0000-00-00 …", "-0001-11-30 …" and garbage."""
    if len(text) == 19 and text[10] == " ":
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return found if found.tzinfo is None and found.year > 2 else None
    match = DATE.fullmatch(text.strip())
    if not match:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  (the file has no zone)
    except ValueError:
        return None
    return found if found.year > 2 else None


def rfc822_date(text: str) -> datetime | None:
    """A `pubDate` in UTC, naive. None for "Wed, 30 Nov -0001 00:00:00 +0000" and garbage."""
    if "-0001" in text or not text:
        return None
    try:
        found = parsedate_to_datetime(text.strip())
        found = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.year > 2 else None


def number(text: str) -> int | None:
    """A whole number of at most 18 digits; None for everything else, also for negative ones."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return None
    value = int(text)
    return value if value >= 0 else None


def order(text: str) -> int:
    """A number that may be negative, as `menu_order` is; 0 for what is none."""
    text = text.strip()
    return int(text) if NUMBER.fullmatch(text) else 0


def slug(text: str) -> str:
    """A slug with its percent codes decoded (WordPress encodes non-Latin slugs); broken codes stay as they are."""
    text = text.strip()
    if "%" not in text:
        return text
    try:
        return without_controls(unquote_to_bytes(text).decode("utf-8")).replace("\n", "").replace("\t", "")
    except UnicodeDecodeError:
        return text


def plain_line(html: str) -> str:
    """A title or name as readers saw it: WordPress stores both as HTML. What is no pair of inline tags is text."""
    text = html.strip()[:LONGEST_LINE]
    if "<" in text:
        text = COMMENT.sub("", text)
        for _level in range(NESTED):
            text, number = PAIR.subn(r"\2", text)
            if not number:
                break
        text = VOID.sub(" ", text)
    return unescaped(text).strip()


def unescaped(text: str) -> str:
    """Character references and the named ones of HTML resolved; a lone "&" is itself."""
    return REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    if name[0] != "#":
        return html5.get(f"{name};", match.group())
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return without_controls(chr(number)) if number < 0x110000 else ""
