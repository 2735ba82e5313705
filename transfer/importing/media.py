"""Files of the old blog: fetched four at a time (transfer.importing.media_sources) and taken as any upload is."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape, unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from blog.media import uploads
from blog.models import Post, Redirect
from core.text import shorten
from transfer.importing import digests
from transfer.importing.media_sources import DAMAGED, UNREADABLE, Fetched, Getter, NotFound
from transfer.importing.media_spellings import ADDRESS, MARK, file_name_of, hosts_and_paths
from transfer.importing.plan import OWN_CARD, Attachment
from transfer.importing.session import Session
from transfer.importing.texts import plain_text
from transfer.models import ImportRef, MediaFile
from transfer.models.import_run import Result
from transfer.old_urls import urlsplit_or_none
from transfer.records import Item
from transfer.wordpress.text.media_keys import media_key

AT_A_TIME = 4
TRIES = 3  # imports that try to fetch a file


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
    for row in rows:
        row.inside = session.plan.attachments[int(row.foreign_id)].inside
    for start in range(0, len(rows), AT_A_TIME):
        yield rows[start : start + AT_A_TIME]


def bring(rows: list[MediaFile], get: Getter, session: Session) -> None:
    """Fetch these files side by side and store what came; the rest keep the reason."""
    for row in fetch_rows(rows, get, session.owner):
        if row.media is not None:
            session.media[int(row.foreign_id)] = row.media


def fetch_rows(rows: list[MediaFile], get: Getter, owner: User) -> list[MediaFile]:
    """Fetch files side by side and store each, or the reason why it did not come."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = list(pool.map(lambda row: attempt(row, get), rows))
    for row, result in zip(rows, found, strict=True):
        if isinstance(result, str):
            row.state, row.reason, row.tries = MediaFile.State.FAILED, result[:500], row.tries + 1
            row.save(update_fields=["state", "reason", "tries"])
        else:
            take(row, ContentFile(result.content, name=file_name_of(row.url) or "file"), owner, place=result.place)
    return rows


def attempt(row: MediaFile, get: Getter) -> Fetched | str:
    """The file, or why it did not come."""
    try:
        return get(row)
    except NotFound as trouble:
        return str(trouble)
    except (*DAMAGED, *UNREADABLE) as trouble:
        return str(trouble) or type(trouble).__name__


def take(row: MediaFile, upload: Any, owner: User, *, place: str = "") -> None:
    """Store a file (with `name` and `size`) like an upload by the owner, with the texts that it had on the old blog.
    Refusals are kept as the reason, and the `place` at which it was found if that is not its address."""
    try:
        media = uploads.store_upload(upload, owner)
    except uploads.Refused as refusal:
        row.state, row.reason, row.tries = MediaFile.State.FAILED, refusal.reason[:500], row.tries + 1
        row.save(update_fields=["state", "reason", "tries"])
        return
    media.alt, media.caption = row.alt, plain_text(row.caption)[:1000]
    media.save()
    row.media, row.state = media, MediaFile.State.BROUGHT
    row.reason = _("It was found at %s.") % place[:400] if place else ""
    row.save(update_fields=["media", "state", "reason"])
    for path in old_paths(row):
        Redirect.keep(path, media, public=True)


def show_in_texts(row: MediaFile, posts: Sequence[int] | None = None) -> int:
    """Replace the file's old addresses, in all spellings, in the posts that have them (in these alone, if they are
    given); returns how many changed."""
    stem = PurePosixPath(file_name_of(row.url)).stem
    if not stem or row.media is None:
        return 0
    new, changed = row.media.get_absolute_url(), 0
    if posts is None:
        name = shared_stem(stem)
        found = Post.objects.filter(Q(source__contains=name) | Q(source__contains=quote(name)))
        posts = list(found.values_list("pk", flat=True))
    for pk in posts:
        before = Post.objects.filter(pk=pk).first()
        if before is None:
            continue
        before.source = replaced(before.source, row.url, new)
        before.prepare_tokens(before.prepare())  # before the lock is taken
        with transaction.atomic():
            post = Post.objects.select_for_update().get(pk=pk)
            refs = ImportRef.objects.filter(model="post", thing=pk, stored=digests.of_post(post))
            unchanged = list(refs.values_list("pk", flat=True))
            source = replaced(post.source, row.url, new)
            if source != post.source:
                post.source, changed = source, changed + 1
                post.reuse(before)
                post.save(update_fields=["source"])
                ImportRef.objects.filter(pk__in=unchanged).update(stored=digests.of_post(post))
    return changed


def shared_stem(stem: str) -> str:
    """What all spellings of a file's name begin with."""
    while mark := MARK.search(stem):
        stem = stem[: mark.start()]
    return stem


def replaced(source: str, url: str, new: str) -> str:
    """The text with `new` for every spelling of a file's address: either scheme, WordPress.com's hosts, any size."""
    if not PurePosixPath(file_name_of(url)).suffix:
        exact = "|".join(re.escape(each) for each in (url, escape(url)))
        return re.sub(rf"(?:{exact})(?![^\s\"'<>()\[\]])", lambda _found: new, source)
    key = media_key(url)
    return ADDRESS.sub(lambda found: new if media_key(unescape(found[0])) == key else found[0], source)


def old_paths(row: MediaFile) -> list[str]:
    """The paths at which the old blog had a file: its own, and those of WordPress and WordPress.com for uploads."""
    parts = urlsplit_or_none(row.url)
    if not parts or len(parts.path) < 2:
        return []
    host, path = hosts_and_paths(parts.netloc.lower(), parts.path, "")[0]
    path = unquote(path).replace("\x00", "")
    paths = [] if host.endswith(".files.wordpress.com") else [path]
    _before, found, inside = path.partition("/wp-content/uploads/")
    if not found:
        _before, found, inside = path.partition("/files/") if path.startswith("/files/") else ("", "", path[1:])
    if found or host.endswith(".files.wordpress.com"):
        paths += [f"/wp-content/uploads/{inside}", f"/files/{inside}"]
    elif row.inside:
        paths.append(f"/wp-content/uploads/{row.inside}")
    return list(dict.fromkeys(paths))


# The receipt


def add_line(item: Item, session: Session) -> None:
    """The receipt's line of an attachment."""
    kind, title = "attachments", item.title or file_name_of(item.attachment_url)
    reference = str(item.number or item.guid)
    row = session.media_rows.get(reference)
    result: str
    if item.meta_value(OWN_CARD):
        result, reason = Result.SKIPPED, _("It is the picture of a link card, which the blog fetches itself.")
    elif session.dry and row is None:
        result, reason = (Result.BROUGHT, "") if session.run.options.get("media", "skip") != "skip" else later()
    elif row is None:
        result, reason = Result.FAILED, _("It has no number or address.")
    elif row.media_id and row.run_id != session.run.pk:
        result, reason = Result.UNCHANGED, ""
    elif row.media_id:
        result, reason = Result.BROUGHT, row.reason
        media = session.media.get(item.number or 0)
        if media is not None and not session.dry:
            session.remember("attachments", reference, media, digest=digests.of_record(item))
    elif row.state == MediaFile.State.FAILED:
        result, reason = Result.FAILED, shorten(row.reason, 60)
    else:
        result, reason = later()
    session.add_line(kind, item, result, reason, reference=reference, title=title)


def later() -> tuple[str, str]:
    return Result.SKIPPED, _("Files were not asked for: it can be fetched or uploaded later.")
