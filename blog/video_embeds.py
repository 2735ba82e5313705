"""YouTube and Vimeo videos. A URL alone in a paragraph becomes a placeholder that loads the player only after a click;
until then, and without scripts, it is a link.

Works on HTML that our sanitizer has written, as `blog.responsive_images` does; the placeholder is a template.
"""

import re
from html import unescape
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.template.loader import render_to_string

_ALONE = re.compile(r'<p>\s*(?:<a href="(https?://[^"\s]+)">)?(https?://[^<\s"]+)(?:</a>)?\s*</p>')
_YOUTUBE = re.compile(r"[A-Za-z0-9_-]{6,20}")
_VIMEO = re.compile(r"/(?:video/)?([0-9]{5,12})(?:/([0-9a-f]{6,20}))?/?")
_TIME = re.compile(r"(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,5})s?)?")


def embed_videos(html):
    """Replace every paragraph of sanitized `html` that contains only a video's URL with a placeholder for its
    player."""

    def dressed(paragraph):
        address = unescape(paragraph[2])
        if paragraph[1] and unescape(paragraph[1]) != address:
            return paragraph[0]
        found = player_of(address)
        return render_to_string("blog/_player.html", found).strip() if found else paragraph[0]

    return _ALONE.sub(dressed, html) if "youtu" in html or "vimeo" in html else html


def player_of(address: str) -> dict[str, str] | None:
    """{"service", "watch", "embed"} for the URL of a video, or None for any other URL."""
    try:
        url = urlsplit(address)
        host = (url.hostname or "").removeprefix("www.").removeprefix("m.")
        query = parse_qs(url.query, max_num_fields=20)
    except ValueError:
        return None
    if host in ("youtube.com", "youtu.be", "youtube-nocookie.com"):
        return youtube(url, host, query)
    if host in ("vimeo.com", "player.vimeo.com") and (film := _VIMEO.fullmatch(url.path)):
        secret = film[2] or query.get("h", [""])[0]
        hidden = f"&h={secret}" if re.fullmatch("[0-9a-f]{6,20}", secret) else ""
        watch = f"https://vimeo.com/{film[1]}" + (f"/{secret}" if hidden else "")
        return {"service": "Vimeo", "watch": watch, "embed": f"https://player.vimeo.com/video/{film[1]}?dnt=1{hidden}"}
    return None


def youtube(url: SplitResult, host: str, query: dict[str, list[str]]) -> dict[str, str] | None:
    first, _, rest = url.path.strip("/").partition("/")
    if host == "youtu.be":
        film = first
    elif first == "watch":
        film = query.get("v", [""])[0]
    else:
        film = rest if first in ("shorts", "live", "embed") else ""
    if not _YOUTUBE.fullmatch(film):
        return None
    start = seconds(query.get("t", query.get("start", [""]))[0])
    return {
        "service": "YouTube",
        "watch": f"https://www.youtube.com/watch?v={film}" + (f"&t={start}s" if start else ""),
        "embed": f"https://www.youtube-nocookie.com/embed/{film}?rel=0" + (f"&start={start}" if start else ""),
    }


def seconds(text: str) -> int:
    """ "90", "90s" and "1m30s" are all 90."""
    time = _TIME.fullmatch(text)
    hours, minutes, rest = (int(part or 0) for part in time.groups()) if time else (0, 0, 0)
    return hours * 3600 + minutes * 60 + rest
