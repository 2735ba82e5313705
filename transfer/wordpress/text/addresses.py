"""Old URLs in a text: which are files, which are pages, and what they are called at the new place."""

import re
from urllib.parse import urljoin, urlsplit

from transfer.wordpress.text.context import Context

_FILE = re.compile(
    r"\.(?:jpe?g|jpe|png|gif|webp|avif|svgz?|bmp|ico|tiff?|heic|heif|pdf|mp3|m4a|m4b|aac|flac|oga|ogg|wav|wma|mp4|m4v|mov"
    r"|webm|ogv|avi|wmv|mpe?g|3gp|docx?|xlsx?|pptx?|ppsx?|od[tsp]|rtf|txt|csv|zip|gz|epub|key|pages|numbers|vtt|srt|gpx"
    r"|kml|ics|xml|json|psd|ai|eps)\Z",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")


class Addresses:
    """Rewrites URLs and remembers them in the order of the text."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.media: dict[str, None] = {}
        self.links: dict[str, None] = {}
        self.other_spellings: dict[str, tuple[str, ...]] = {}

    def picture(self, url: str, others: list[str] | None = None) -> str:
        """The new URL of a picture, sound or video; `others` are further spellings, tried in order."""
        url = self.absolute(url)
        if not url or url.startswith("data:"):
            return url
        self.media.setdefault(url)
        more = tuple(dict.fromkeys(each for each in map(self.absolute, others or []) if each and each != url))
        if more:
            self.other_spellings.setdefault(url, more)
        for each in (url, *more):
            new = self.context.media(each)
            if new is not None:
                return new
        return url

    def link(self, url: str) -> str:
        """The new URL of what a link leads to, with the fragment of the old one."""
        url = url.strip()
        if not url or url.startswith("#"):
            return url
        whole = self.absolute(url)
        if not whole.startswith(("http://", "https://")):
            return url
        self.links.setdefault(whole)
        page, sign, fragment = whole.partition("#")
        new = None
        if is_file(page):
            new = self.context.media(page)
            self.media.setdefault(page) if new is not None or self._is_ours(page) else None
        if new is None:
            new = self.context.link(page)
        if new is None:
            return url
        return new if "#" in new or not sign else f"{new}#{fragment}"

    def absolute(self, url: str) -> str:
        """The URL with scheme and host, if the old origin is known."""
        url = "".join(url.split()) if "\n" in url else url.strip()
        if url.startswith("//"):
            return f"https:{url}"
        if not url or _SCHEME.match(url) or not self.context.origins:
            return url
        try:
            return urljoin(self.context.origins[0].rstrip("/") + "/", url)
        except ValueError:
            return url

    def _is_ours(self, url: str) -> bool:
        return any(_bare(url).startswith(_bare(origin)) for origin in self.context.origins)


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").lower()


def is_file(url: str) -> bool:
    """Whether the path of a URL ends like that of a picture, sound, video or document."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(_FILE.search(parts.path))
