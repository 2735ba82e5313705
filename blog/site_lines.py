"""What an owner writes line by line about the blog: profiles elsewhere, and <meta> elements by which other services
verify whose blog it is."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_LINES = 30
LONGEST_URL = 500  # characters
# Elements that Longrun writes itself, or that change how browsers treat a page.
TAKEN = frozenset("bingbot color-scheme description generator googlebot referrer robots theme-color viewport".split())

_META = re.compile(r"<meta\s([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(name|property|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:._-]{0,59}")


@dataclass(frozen=True)
class Profile:
    title: str
    url: str


@dataclass(frozen=True)
class Verification:
    name: str
    content: str


def profiles_in(text: str) -> list[Profile]:
    """A profile for each line "https://social.example/@ada" or "Mastodon https://social.example/@ada".

    Raises ValidationError, which names the line.
    """
    found = []
    for number, line in _lines(text):
        title, _space, url = line.rpartition(" ")
        try:
            parts = urlsplit(url)
            is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= LONGEST_URL
        except ValueError:
            is_url = False
        if not is_url:
            raise ValidationError(
                _("Line %d: write an address with https://, with or without a name before it.") % number
            )
        host = (parts.hostname or "").removeprefix("www.")
        found.append(Profile(title.strip() or host, url))
    return found


def verifications_in(text: str) -> list[Verification]:
    """A <meta> element for each line "name: content" or for the element itself. Raises ValidationError."""
    found = []
    for number, line in _lines(text):
        if element := _META.fullmatch(line):
            values = {name.lower(): unescape("".join(said)) for name, *said in _ATTRIBUTE.findall(element[1])}
            name, content = values.get("name") or values.get("property") or "", values.get("content", "")
        else:
            name, content = re.split(r":\s+", line, maxsplit=1) if re.search(r":\s+", line) else (line, "")
        name, content = name.strip(), content.strip()
        if not _NAME.fullmatch(name) or not content or len(content) > 300:
            raise ValidationError(
                _("Line %d: write a name, a colon, a space and a value, or the whole <meta> element.") % number
            )
        if name.lower() in TAKEN:
            raise ValidationError(_("Line %(line)d: Longrun sets “%(name)s” itself.") % {"line": number, "name": name})
        found.append(Verification(name, content))
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    lines = [(number, " ".join(line.split())) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if len(lines) > MOST_LINES:
        raise ValidationError(_("At most %d lines.") % MOST_LINES)
    return lines


def valid_profiles(text: str) -> None:
    profiles_in(text)


def valid_verifications(text: str) -> None:
    verifications_in(text)
