"""Pictures and other files of a source: rows, and files under the names that they have on the disk."""

import logging
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounts.avatars import stored_name
from blog.gpx import Unreadable
from blog.link_previews import digest_of_picture
from blog.media.file_types import HEAD, sniff
from blog.media.tracks import describe_track
from blog.models import LinkCard, Media
from blog.models.media import FORMATS
from core.media_storage import media_storage, staged_folder
from transfer.exporting import columns
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.values import values_of

log = logging.getLogger(__name__)

NAME = re.compile(r"[0-9a-f]{32}")
MOST_WIDTHS, WIDEST = 20, 20_000
LARGEST_PICTURE = 1 << 20  # bytes; of a link card


def restore_media(known: Known) -> None:
    """Every file's row, its file and its widths; people's pictures. Missing files are counted."""
    rows: list[Media] = []
    dates: dict[int, datetime] = {}
    for found in known.source.media():
        facts = values_of(Media, found, columns.MEDIA, "media")
        check(facts)
        facts["by_id"] = known.users.get(facts.get("by_id") or 0)
        if created_at := facts.pop("created_at", None):
            dates[facts["id"]] = created_at
        rows.append(Media(**facts))
        copy_files(rows[-1], known)
    Media.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        row.created_at = dates.get(row.pk, row.created_at)
    Media.objects.bulk_update(rows, ["created_at"], batch_size=500)
    known.media = {row.pk for row in rows}
    known.counted["files"] = len(rows)
    for name in known.source.pictures():
        if NAME.fullmatch(name):
            copy_avatar(name, known)


def check(facts: dict[str, Any]) -> None:
    """Raises Refused for a row whose values would become paths that are none of ours."""
    widths, name = facts.get("widths", []), facts.get("file_name", "")
    is_right = (
        facts.get("id") is not None
        and NAME.fullmatch(facts.get("name", ""))
        and facts.get("format") in FORMATS
        and name not in ("", ".", "..")
        and not re.search(r"[\x00-\x1f/\\]", name)
        and re.fullmatch("([0-9a-f]{8})?", facts.get("poster", ""))
        and len(widths) <= MOST_WIDTHS
        and all(type(each) is int and 0 < each <= WIDEST for each in widths)
    )
    if not is_right:
        raise Refused(_("%(where)s: the value of %(column)s is not possible.") % {"where": "media", "column": "name"})


def copy_files(media: Media, known: Known) -> None:
    there = [name for name in media.kept_files if known.source.has_file(f"media/{media.name}/{name}")]
    if media.full not in there:
        known.counted["missing files"] += 1
    if not there:
        return
    known.folders.append(media.folder)
    with staged_folder() as folder:
        for name in there:
            known.source.copy(f"media/{media.name}/{name}", folder / name)
            expected = media.format if name == media.full else "webp"
            if format_of(folder / name) != expected:
                raise Refused(_("%s is another kind of file than its row says.") % f"media/{media.name}/{name}")
        if media.format == "gpx" and media.full in there:
            make_track(folder, folder / media.full, media)
        media_storage().put_folder(media.folder, folder)


def make_track(folder: Path, original: Path, media: Media) -> None:
    """Its files for readers; a track that cannot be read has none, and nobody but its owner gets it."""
    try:
        describe_track(folder, original)
    except Unreadable as trouble:
        log.warning("%s has no map: %s", media.title, trouble)


def restore_link_cards(known: Known) -> None:
    """Before the posts, which are rendered with them. The picture is served under the hash of its content."""
    cards: dict[str, LinkCard] = {}
    for found, picture in known.source.link_cards():
        facts = values_of(LinkCard, found, columns.LINK_CARD, "link_cards")
        if not facts.get("address", "").startswith(("http://", "https://")):
            raise Refused(_("%s does not have what belongs there.") % "link_cards")
        if picture is not None:
            if len(picture) > LARGEST_PICTURE or sniff(picture[:HEAD], "webp") != "webp":
                raise Refused(_("%s is another kind of file than its row says.") % "link_cards")
            facts |= {"picture": picture, "digest": digest_of_picture(picture)}
        cards[facts["address"]] = LinkCard(**facts)
    LinkCard.objects.filter(address__in=cards).delete()
    LinkCard.objects.bulk_create(cards.values(), batch_size=100)


def copy_avatar(name: str, known: Known) -> None:
    if media_storage().exists(stored_name(name)):
        return
    with staged_folder() as folder:
        copied = known.source.copy(f"pictures/{name}.webp", folder / name)
        if copied and format_of(folder / name) == "webp":
            media_storage().put(stored_name(name), folder / name)


def format_of(path: Path) -> str | None:
    with path.open("rb") as file:
        found: str | None = sniff(file.read(HEAD), path.suffix.lstrip("."))
    return found
