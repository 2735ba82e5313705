"""Whether the addresses of the old blog answer here, before the domain moves.

Addresses come from a sitemap (also an index of sitemaps given as several files), an export of any system, or a list
with one URL or path on each line. Each is asked for in this process, as a guest's browser would; one redirect is
allowed.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from transfer.importing.recognition import clues_of
from transfer.importing.systems import SYSTEMS, recognized
from transfer.records import Channel, Item
from transfer.wordpress.errors import Refused

LOC = re.compile(r"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)", re.IGNORECASE)
LARGEST_SITEMAP = 200 << 20  # bytes; the protocol allows 50 MB
SHOWN = {"publish", "inherit"}  # what the old blog showed to everybody


@dataclass(frozen=True)
class Answer:
    """How a path answers: `status` of the last response, `target` of the redirect ("" without one)."""

    path: str
    status: int
    target: str = ""
    hops: int = 0

    @property
    def is_fine(self) -> bool:
        return self.status == 200 and self.hops <= 1


def paths_in(file: Path) -> Iterator[str]:
    """The paths that a file names, each once. Raises Refused for a file that holds none."""
    seen: dict[str, None] = {}
    for url in urls_in(file):
        if (path := path_of(url)) and path not in seen:
            seen[path] = None
            yield path
    if not seen:
        raise Refused(_("There are no addresses in this file."), file=file.name)


def urls_in(file: Path) -> Iterator[str]:
    with open(file, "rb") as opened:
        head = opened.read(4096)
    if clues_of(file).says("<urlset", "<sitemapindex"):
        yield from (unescape(url) for url in LOC.findall(text_of_sitemap(file)))
    elif head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<", b"PK", b"\x1f\x8b", b"{", b"SQLite")):
        yield from exported(file)
    else:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (line.strip() for line in lines if line.strip() and not line.startswith("#"))


def text_of_sitemap(file: Path) -> str:
    """The text of a sitemap, also of one that is packed with gzip. Raises Refused for what is damaged or too large."""
    try:
        with open(file, "rb") as opened:
            packed = opened.read(2) == b"\x1f\x8b"
        with gzip.open(file) if packed else open(file, "rb") as opened:
            content = opened.read(LARGEST_SITEMAP + 1)
    except (OSError, EOFError, zlib.error):
        raise Refused(_("This file cannot be read."), file=file.name)
    if len(content) > LARGEST_SITEMAP:
        raise Refused(_("This sitemap is too large."), file=file.name)
    return content.decode("utf-8", "replace")


def exported(file: Path) -> Iterator[str]:
    """The links of what the old blog showed, as its export names them; links to other hosts are left out."""
    host = ""
    system = SYSTEMS[recognized([file]) or "wordpress"]
    for record in system.read([file], ""):
        if isinstance(record, Channel):
            host = urlsplit(record.url).netloc
            yield record.url + "/"
        elif isinstance(record, Item) and record.status in SHOWN and not record.password:
            for url in (record.link, record.attachment_url):
                if url and (not host or urlsplit(url).netloc.removeprefix("www.") == host.removeprefix("www.")):
                    yield url


def path_of(url: str) -> str:
    """Path and query of a URL, or of a path; "" for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("", "http", "https") or not (parts.netloc or url.startswith("/")):
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def check(path: str) -> Answer:
    """Ask for a path as a guest, and once more where a redirect leads. HEAD is not counted in the 404 log."""
    here = urlsplit(settings.LONGRUN_URL)
    from django.test import Client  # 5 MB, which the web server would keep for a page that is seldom opened

    client = Client(SERVER_NAME=here.hostname or "localhost", HTTP_HOST=here.netloc)
    client.raise_request_exception = False
    answer = client.head(path, secure=here.scheme == "https")
    drain(answer)
    if answer.status_code not in (301, 302, 303, 307, 308):
        return Answer(path, answer.status_code)
    target = answer.headers["Location"]
    if urlsplit(target).netloc not in ("", here.netloc):
        return Answer(path, answer.status_code, target, 1)
    second = client.head(path_of(target) or "/", secure=here.scheme == "https")
    drain(second)
    return Answer(path, second.status_code, target, 1 if second.status_code < 300 or second.status_code >= 400 else 2)


def drain(answer: HttpResponseBase) -> None:
    """Let a streamed answer close its file. Django's client closes the others, without closing the database."""
    if answer.streaming:
        for _piece in answer.streaming_content:  # type: ignore[attr-defined]  # of StreamingHttpResponse
            pass
