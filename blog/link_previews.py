"""Asks a page what it is: Open Graph and the title of its HTML, else the oEmbed answer to which it links.

Nothing of the answer is trusted: it comes by `core.safe_fetch`, its texts are cut and printed by templates, its picture
is decoded and encoded anew. Sources: ogp.me; oembed.com, "Discovery".
"""

import hashlib
import io
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from core import safe_fetch
from core.text import tidy_line

SECONDS, PICTURE_SECONDS = 8, 10
MOST_HTML, MOST_JSON, MOST_PICTURE = 2_000_000, 200_000, 8_000_000  # bytes
MOST_TAGS = 20_000
LONGEST_TITLE, LONGEST_SITE = 300, 200
SIDE = 480  # pixels; the longer side of the picture
SMALLEST = 48  # pixels; smaller ones are counters and badges
_CHARSET = re.compile(r"charset=[\"']?([A-Za-z0-9_.:-]{1,40})")
_OEMBED = ("application/json+oembed", "text/json+oembed")


@dataclass(frozen=True)
class Picture:
    content: bytes  # WebP
    width: int
    height: int

    @property
    def digest(self) -> str:
        return digest_of_picture(self.content)


def digest_of_picture(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


@dataclass(frozen=True)
class Preview:
    title: str
    site: str
    picture: Picture | None = None


def look_up(address: str) -> Preview | None:
    """What the page at this URL says of itself; None if it cannot be fetched, or gives no title."""
    try:
        answer = safe_fetch.fetch(address, max_bytes=MOST_HTML, seconds=SECONDS, accept="text/html")
    except safe_fetch.FetchError:
        return None
    if answer.status != 200 or "html" not in answer.content_type.lower():
        return None
    head = Head.of(text_of(answer))
    said = {} if head.title and head.picture else oembed(urljoined(answer.url, head.oembed))
    title = cut(head.title or said.get("title") or said.get("author_name"), LONGEST_TITLE)
    if not title:
        return None
    host = (urlsplit(answer.url).hostname or "").removeprefix("www.")
    site = cut(head.site or said.get("provider_name"), LONGEST_SITE) or host
    picture = urljoined(answer.url, head.picture) or urljoined(answer.url, said.get("thumbnail_url"))
    return Preview(title, site, picture_at(picture) if picture else None)


def text_of(answer: safe_fetch.Response) -> str:
    found = _CHARSET.search(answer.content_type) or _CHARSET.search(answer.body[:2048].decode("latin-1"))
    try:
        return answer.body.decode(found[1] if found else "utf-8", "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")


def cut(text: object, most: int) -> str:
    return tidy_line(text)[:most].strip() if isinstance(text, str) else ""


def urljoined(base: str, address: object) -> str:
    """The absolute http(s) URL, or "" if there is none."""
    if not isinstance(address, str) or not address.strip():
        return ""
    try:
        joined = urljoin(base, address.strip())
        return joined if urlsplit(joined).scheme in ("http", "https") else ""
    except ValueError:
        return ""


class Head(HTMLParser):
    """The facts in the head of an HTML document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.metas: dict[str, str] = {}
        self.oembed, self.text = "", ""
        self.in_title = self.is_over = False
        self.tags = 0

    @classmethod
    def of(cls, html: str) -> "Head":
        head = cls()
        for start in range(0, len(html), 16_384):
            if head.is_over:
                break
            head.feed(html[start : start + 16_384])
        return head

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        self.is_over = self.is_over or tag == "body" or self.tags > MOST_TAGS
        if self.is_over:
            return
        facts = {name: value or "" for name, value in reversed(attrs)}
        if tag == "title" and not self.text:
            self.in_title = True
        elif tag == "meta" and (name := (facts.get("property") or facts.get("name", "")).lower()):
            self.metas.setdefault(name, facts.get("content", ""))
        elif tag == "link" and not self.oembed and facts.get("type", "").lower() in _OEMBED:
            self.oembed = facts.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        self.in_title = self.in_title and tag != "title"
        self.is_over = self.is_over or tag == "head"

    def handle_data(self, data: str) -> None:
        if self.in_title and not self.is_over:
            self.text += data[: 2 * LONGEST_TITLE]

    def first(self, *names: str) -> str:
        return next((self.metas[name] for name in names if self.metas.get(name, "").strip()), "")

    @property
    def title(self) -> str:
        return self.first("og:title", "twitter:title") or self.text

    @property
    def site(self) -> str:
        return self.first("og:site_name", "application-name")

    @property
    def picture(self) -> str:
        return self.first("og:image:secure_url", "og:image:url", "og:image", "twitter:image", "twitter:image:src")


def oembed(address: str) -> dict[str, object]:
    """The oEmbed answer at this URL; {} if there is none."""
    if not address:
        return {}
    try:
        answer = safe_fetch.fetch(address, max_bytes=MOST_JSON, seconds=SECONDS, accept="application/json")
        said = json.loads(answer.body) if answer.status == 200 else {}
    except (safe_fetch.FetchError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def picture_at(address: str) -> Picture | None:
    """The picture at this URL, small and encoded here; None if it cannot be fetched or read."""
    from core import images  # Pillow is large, and only this needs it

    try:
        answer = safe_fetch.fetch(address, max_bytes=MOST_PICTURE, seconds=PICTURE_SECONDS, accept="image/*")
        if answer.status != 200:
            return None
        canvas = images.decode(io.BytesIO(answer.body), images.FORMATS)
    except (safe_fetch.FetchError, images.NotReadable, images.TooManyPixels):
        return None
    if min(canvas.size) < SMALLEST:
        return None
    small, out = images.drawn_within(canvas, (SIDE, SIDE)), io.BytesIO()
    small.save(out, "WEBP", quality=80)
    return Picture(out.getvalue(), small.width, small.height)
