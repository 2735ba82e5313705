"""Files of the old blog: from a folder or zip of its uploads, or downloaded, and taken as any upload is."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from accounts.models import User
from blog.media import uploads
from blog.models import Post, Redirect
from core import safe_fetch
from core.text import shorten
from transfer.importing import digests
from transfer.importing.plan import Attachment, urlsplit_or_none
from transfer.importing.session import Session
from transfer.models import ImportRef, MediaFile
from transfer.models.import_run import Result
from transfer.records import Item

AT_A_TIME = 4
TRIES = 3
SECONDS = 60
LARGEST = uploads.LARGEST_DOCUMENT

Getter = Callable[[MediaFile], bytes]


class NotFound(Exception):
    """The file is not in the folder or zip, or does not answer; the text tells why."""


def register(session: Session) -> None:
    """A MediaFile for every attachment of the file; those that are here already keep theirs."""
    known = {row.foreign_id: row for row in MediaFile.objects.filter(origin=session.origin).select_related("media")}
    new = []
    for attachment in session.plan.attachments.values():
        row = known.get(str(attachment.number))
        if row is None:
            new.append(row_of(attachment, session))
        elif row.media is not None:
            session.media[attachment.number] = row.media
    if not session.dry:
        MediaFile.objects.bulk_create(new, batch_size=500)


def row_of(attachment: Attachment, session: Session) -> MediaFile:
    return MediaFile(
        run=session.run,
        origin=session.origin,
        foreign_id=str(attachment.number),
        url=attachment.url[:1000],
        title=attachment.title[:300],
        alt=attachment.alt[:500],
        caption=attachment.caption[:1000],
        description=attachment.description,
        parent=str(attachment.parent or ""),
        link=attachment.link[:1000],
    )


def waiting(session: Session) -> Iterator[list[MediaFile]]:
    """The files that are not here yet, a few at a time."""
    numbers = [str(number) for number in session.plan.attachments]
    rows = [
        row
        for start in range(0, len(numbers), 5000)
        for row in MediaFile.objects.filter(
            origin=session.origin, media=None, tries__lt=TRIES, foreign_id__in=numbers[start : start + 5000]
        )
    ]
    for start in range(0, len(rows), AT_A_TIME):
        yield rows[start : start + AT_A_TIME]


def bring(rows: list[MediaFile], get: Getter, session: Session) -> None:
    """Fetch these files side by side and store what came; the rest keep the reason."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = list(pool.map(lambda row: attempt(row, get), rows))
    for row, content in zip(rows, found, strict=True):
        if isinstance(content, str):
            row.state, row.reason, row.tries = MediaFile.State.FAILED, content[:500], row.tries + 1
            row.save(update_fields=["state", "reason", "tries"])
        else:
            take(row, ContentFile(content, name=file_name_of(row.url) or "file"), session.owner)
            if row.media is not None:
                session.media[int(row.foreign_id)] = row.media


def attempt(row: MediaFile, get: Getter) -> bytes | str:
    """The file's bytes, or why it did not come."""
    try:
        return get(row)
    except NotFound as trouble:
        return str(trouble)
    except (safe_fetch.FetchError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as trouble:
        return str(trouble) or type(trouble).__name__
    except (RuntimeError, NotImplementedError) as trouble:  # zipfile's: encrypted, or packed in another way
        return str(trouble) or type(trouble).__name__


def take(row: MediaFile, upload: Any, owner: User) -> None:
    """Store a file (with `name` and `size`) like an upload by the owner, with the texts that it had on the old blog.
    Refusals are kept as the reason."""
    try:
        media = uploads.store_upload(upload, owner)
    except uploads.Refused as refusal:
        row.state, row.reason, row.tries = MediaFile.State.FAILED, refusal.reason[:500], row.tries + 1
        row.save(update_fields=["state", "reason", "tries"])
        return
    media.alt, media.caption = row.alt, shorten_html(row.caption)
    media.save()
    row.media, row.state, row.reason = media, MediaFile.State.BROUGHT, ""
    row.save(update_fields=["media", "state", "reason"])
    for path in old_paths(row):
        Redirect.keep(path, media, public=True)


def show_in_texts(row: MediaFile) -> int:
    """Replace the file's old addresses, in all spellings, in the posts that have them; returns how many changed."""
    pattern, stem = spellings(row.url), PurePosixPath(file_name_of(row.url)).stem
    if pattern is None or not stem or row.media is None:
        return 0
    new, changed = row.media.get_absolute_url(), 0
    for pk in list(Post.objects.filter(source__contains=quote(stem)).values_list("pk", flat=True)):
        before = Post.objects.get(pk=pk)
        before.source = pattern.sub(new, before.source)
        before.prepare_tokens(before.prepare())  # before the lock is taken
        with transaction.atomic():
            post = Post.objects.select_for_update().get(pk=pk)
            refs = ImportRef.objects.filter(model="post", thing=pk, stored=digests.of_post(post))
            unchanged = list(refs.values_list("pk", flat=True))
            source = pattern.sub(new, post.source)
            if source != post.source:
                post.source, changed = source, changed + 1
                post.reuse(before)
                post.save(update_fields=["source"])
                ImportRef.objects.filter(pk__in=unchanged).update(stored=digests.of_post(post))
    return changed


def spellings(url: str) -> re.Pattern[str] | None:
    """Every spelling of a picture's address: either scheme, through WordPress.com's image host, in another size."""
    parts = urlsplit_or_none(url)
    if parts is None:
        return None
    path = PurePosixPath(parts.path)
    stem = re.sub(r"-(?:scaled|rotated|\d{1,5}x\d{1,5})$", "", str(path.with_suffix("")))
    host = re.escape(parts.netloc)
    return re.compile(
        rf"(?:https?:)?//(?:i\d\.wp\.com/)?(?:www\.)?{host}{re.escape(stem)}"
        rf"(?:-scaled|-rotated|-e\d{{10,13}})?(?:-\d{{1,5}}x\d{{1,5}})?{re.escape(path.suffix)}(?:\?[^\s\"'<>)\]]*)?"
    )


def shorten_html(text: str) -> str:
    """A caption without its tags."""
    return strip_tags(text).strip()[:1000]


def file_name_of(url: str) -> str:
    parts = urlsplit_or_none(url)
    return PurePosixPath(unquote(parts.path)).name if parts else ""


def old_paths(row: MediaFile) -> list[str]:
    """The paths at which the old blog had a file: its own, and those of WordPress and WordPress.com for uploads."""
    parts = urlsplit_or_none(row.url)
    if not parts or len(parts.path) < 2:
        return []
    path = unquote(parts.path)
    paths = [] if parts.netloc.endswith(".files.wordpress.com") else [path]
    _before, found, inside = path.partition("/wp-content/uploads/")
    if not found:
        _before, found, inside = path.partition("/files/") if path.startswith("/files/") else ("", "", path[1:])
    if found or parts.netloc.endswith(".files.wordpress.com"):
        paths += [f"/wp-content/uploads/{inside}", f"/files/{inside}"]
    return list(dict.fromkeys(paths))


# Where files come from


def downloaded(row: MediaFile) -> bytes:
    """The file from the old host. Raises NotFound or a FetchError."""
    answer = safe_fetch.fetch(row.url, max_bytes=LARGEST, seconds=SECONDS)
    if answer.status != 200:
        raise NotFound(_("The old host answered %d.") % answer.status)
    if not answer.body:
        raise NotFound(_("The old host sent an empty file."))
    return answer.body


class Folder:
    """A folder of uploads, or one that holds it: files are found by the end of their old path."""

    def __init__(self, root: Path):
        self.root = root
        self.files: dict[str, list[str]] = {}
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                inside = path.relative_to(root).as_posix()
                self.files.setdefault(path.name.casefold(), []).append(inside)

    def read(self, inside: str) -> bytes:
        return (self.root / inside).read_bytes()

    def __call__(self, row: MediaFile) -> bytes:
        name = file_name_of(row.url)
        found = best_match(unquote(row.url), self.files.get(name.casefold(), []))
        if found is None:
            raise NotFound(_("“%s” is not among the files.") % name)
        return self.read(found)


class Zip(Folder):
    """The same for a zip file."""

    def __init__(self, path: Path):
        self.archive = zipfile.ZipFile(path)
        self.files = {}
        for info in self.archive.infolist():
            if not info.is_dir() and not info.filename.startswith("__MACOSX/"):
                self.files.setdefault(PurePosixPath(info.filename).name.casefold(), []).append(info.filename)

    def read(self, inside: str) -> bytes:
        with self.archive.open(inside) as file:
            content = io.BytesIO(file.read(LARGEST + 1)).getvalue()
        if len(content) > LARGEST:
            raise NotFound(_("“%s” is too large.") % inside)
        return content


def best_match(url: str, paths: list[str]) -> str | None:
    """The path that shares the most last parts with the URL; None if several share equally many, for a picture of
    another month would be the wrong one."""
    if not paths:
        return None
    wanted = url.split("?")[0].split("/")

    def shared(path: str) -> int:
        count = 0
        for mine, its in zip(reversed(path.split("/")), reversed(wanted), strict=False):
            if mine.casefold() != its.casefold():
                break
            count += 1
        return count

    best = max(map(shared, paths))
    found = [path for path in paths if shared(path) == best]
    return found[0] if len(found) == 1 else None


def getter(option: str) -> Getter | None:
    """What `--media` names: None for "skip", a download, a folder or a zip. Raises ValueError."""
    if option in ("", "skip"):
        return None
    if option == "download":
        return downloaded
    path = Path(option)
    if path.is_dir():
        return Folder(path)
    if zipfile.is_zipfile(path):
        return Zip(path)
    raise ValueError(_("“%s” is neither a folder nor a zip file.") % option)


# The receipt


def tell(item: Item, session: Session) -> None:
    """The receipt's line of an attachment."""
    kind, title = "attachments", item.title or file_name_of(item.attachment_url)
    reference = str(item.number or item.guid)
    row = session.media_rows.get(reference)
    if session.dry and row is None:
        result, reason = (Result.BROUGHT, "") if session.run.options.get("media", "skip") != "skip" else later()
    elif row is None:
        result, reason = Result.FAILED, _("It has no number or address.")
    elif row.media_id and row.run_id != session.run.pk:
        result, reason = Result.UNCHANGED, ""
    elif row.media_id:
        result, reason = Result.BROUGHT, ""
        media = session.media.get(item.number or 0)
        if media is not None and not session.dry:
            session.remember("attachments", reference, media, digest=digests.of_record(item))
    elif row.state == MediaFile.State.FAILED:
        result, reason = Result.FAILED, shorten(row.reason, 60)
    else:
        result, reason = later()
    session.say(kind, item, result, reason, reference=reference, title=title)


def later() -> tuple[str, str]:
    return Result.SKIPPED, _("Files were not asked for: it can be fetched or uploaded later.")
