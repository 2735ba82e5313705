"""Pictures and other files that posts still show from an old blog, and bringing them here after the import."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from html import unescape
from operator import or_
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from blog.models import Post, Redirect
from blog.models.redirect import key_of
from transfer import uploads
from transfer.importing import media
from transfer.importing.media_sources import Download, Getter, Several, archive_at
from transfer.importing.media_spellings import file_name_of, size_of
from transfer.models import ImportRun, MediaFetch, MediaFile
from transfer.old_urls import urlsplit_or_none
from transfer.wordpress.text.media_keys import media_key

SHOWN = re.compile(r'\b(src|srcset|poster|href)="([^"]*)"')
# A link counts as a file by its ending; what `src` names is one whatever its name.
FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?|heic|ico|pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|epub|zip|gz|"
    r"mp3|m4a|og[agv]|wav|flac|mp4|m4v|mov|webm|avi)",
    re.IGNORECASE,
)
IN_SRCSET = re.compile(r"(?:https?:)?//[^\s]+")
BEGUN = (ImportRun.State.RUNNING, ImportRun.State.CANCELLED, ImportRun.State.FAILED, ImportRun.State.DONE)


@dataclass
class OldFile:
    """A file of an old blog. `urls` are the spellings that posts show, `row` what the import knows of it."""

    key: str  # transfer.wordpress.text.media_keys.media_key
    run: ImportRun
    urls: list[str] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    row: MediaFile | None = None

    @property
    def url(self) -> str:
        """The attachment's address, or the spelling that shows the largest picture."""
        return self.row.url if self.row else max(self.urls, key=size_of)

    @property
    def name(self) -> str:
        return (self.row.title if self.row else "") or file_name_of(self.url) or self.url

    def stored_row(self) -> MediaFile:
        """Its MediaFile, which is created for a file that is no attachment in the export."""
        if self.row is None:
            self.row = row_of_url(self.run, self.url)
        return self.row


def row_of_url(run: ImportRun, url: str) -> MediaFile:
    digest = hashlib.sha256(media_key(url).encode("utf-8", "replace")).hexdigest()
    facts = {"run": run, "url": url[:1000]}
    return MediaFile.objects.get_or_create(origin=run.origin, foreign_id=f"shown {digest}", defaults=facts)[0]


def old_hosts() -> dict[str, ImportRun]:
    """{host, as media keys have it: the newest import} of the blogs that were brought, and of their files."""
    found: dict[str, ImportRun] = {}
    for run in ImportRun.objects.filter(state__in=BEGUN).exclude(origin="").order_by("-pk"):
        if run.origin in {other.origin for other in found.values()}:
            continue
        urls = MediaFile.objects.filter(origin=run.origin).values_list("url", flat=True)
        by_host = {url.split("/")[2]: url for url in urls.iterator() if url.count("/") > 2}
        for url in (f"//{run.origin}/x", *by_host.values()):
            found.setdefault(host_of_key(media_key(url)), run)
    found.pop("", None)
    return found


def host_of_key(key: str) -> str:
    host = key.partition("/")[0]
    return "" if host.endswith(".invalid") else host


def run_of(url: str) -> ImportRun | None:
    """The import of the blog to whose files an address belongs."""
    return old_hosts().get(host_of_key(media_key(url)))


def shown_files() -> list[OldFile]:
    """The files that posts outside the trash show from an old host, those that most posts show first."""
    hosts = old_hosts()
    files: dict[str, OldFile] = {}
    for post in posts_with(hosts):
        for url in urls_in(post.html):
            key = media_key(url)
            run = hosts.get(host_of_key(key))
            if run is None:
                continue
            file = files.setdefault(key, OldFile(key, run))
            if url not in file.urls:
                file.urls.append(url)
            if post not in file.posts:
                file.posts.append(post)
    for row in MediaFile.objects.filter(origin__in={run.origin for run in hosts.values()}) if files else ():
        if found := files.get(media_key(row.url)):
            found.row = row
    answered = answered_here(files.values())
    return sorted((file for file in files.values() if file.key not in answered), key=lambda file: -len(file.posts))


def posts_with(hosts: Iterable[str]) -> Iterator[Post]:
    """The posts that name one of these hosts."""
    names = {name for host in hosts for name in (host, host.replace(".wordpress.com", ".files.wordpress.com"))}
    if not names:
        return iter(())
    wanted = reduce(or_, [Q(html__contains=name) for name in names])
    posts = Post.objects.filter(wanted).exclude(status=Post.Status.TRASH).order_by("-publish_at", "-pk")
    return posts.only("title", "summary", "visibility", "path", "html").iterator(chunk_size=200)


def urls_in(html: str) -> Iterator[str]:
    """The addresses of files in a post's HTML."""
    for name, value in SHOWN.findall(html):
        if name == "srcset":
            yield from IN_SRCSET.findall(unescape(value))
        elif "//" in value[:8] and (name != "href" or is_file(value)):
            yield unescape(value)


def is_file(url: str) -> bool:
    parts = urlsplit_or_none(unescape(url))
    return parts is not None and bool(FILE.fullmatch(f".{parts.path.rpartition('.')[2]}"))


def answered_here(files: Iterable[OldFile]) -> set[str]:
    """The keys of files whose old host is this blog's own, and whose old path redirects to the file."""
    here = urlsplit(settings.LONGRUN_URL).netloc.removeprefix("www.")
    paths = {
        key_of(parts.path).replace("\x00", ""): file.key
        for file in files
        for url in file.urls
        if (parts := urlsplit_or_none(url)) and parts.netloc.removeprefix("www.") == here
    }
    kept = Redirect.objects.filter(key__in=list(paths)[:30_000], media__isnull=False).values_list("key", flat=True)
    return {paths[key] for key in kept}


def waiting_files(shown: Iterable[OldFile]) -> list[OldFile]:
    """The files of the old blogs that are not here and that no post shows."""
    keys = {file.key for file in shown}
    hosts = old_hosts().values()
    runs = {run.origin: run for run in hosts}
    rows = MediaFile.objects.filter(origin__in=runs, media=None).order_by("pk")
    return [
        OldFile(key, runs[row.origin], [row.url], row=row) for row in rows if (key := media_key(row.url)) not in keys
    ]


def source_of(fetch: MediaFetch, shown: Iterable[OldFile]) -> Getter:
    """The archive of an upload, else the old hosts with all addresses that posts show. Raises ValueError."""
    if fetch.upload:
        return Several([archive_at(path) for path in uploads.files(fetch.upload)])
    return Download({file.key: sorted(file.urls, key=size_of, reverse=True) for file in shown})


def fetch_files(
    files: list[OldFile], get: Getter, owner: User, progress: Callable[[int, int], bool], done: int = 0
) -> int:
    """Bring files that have not been tried since `tries` was set to 0, four at a time, and let the posts show them.

    `progress(done, total)` returns False to stop. Returns how many came.
    """
    todo = [file for file in files if file.row is None or file.row.media_id or not file.row.tries]
    total, came = done + len(todo), 0
    for start in range(0, len(todo), media.AT_A_TIME):
        if not progress(done + start, total):
            return came
        part = todo[start : start + media.AT_A_TIME]
        rows = [file.stored_row() for file in part]
        media.fetch_rows([row for row in rows if not row.media_id], get, owner)
        for file, row in zip(part, rows, strict=True):
            if row.media_id:
                came += 1
                media.show_in_texts(row, [post.pk for post in file.posts])
    progress(total, total)
    return came
