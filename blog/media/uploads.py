"""Uploaded files: checked, refused with a reason, or stored under a name that cannot be guessed."""

import errno
import hashlib
import logging
import shutil
from contextlib import contextmanager
from pathlib import PurePath

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blog.media.file_types import (
    ACCEPTED,
    CONVERTED,
    ENDINGS,
    HEAD,
    PICTURES,
    SPOKEN,
    declares_types,
    is_called,
    is_picture,
    sniff,
    why_not,
)
from blog.models.media import FORMATS, Media
from blog.recording_players import FILMS, SOUNDS
from blog.slugs import slugify
from core import child_process
from core.media_storage import StorageAway, media_storage, staged_folder
from core.text import isolated, tidy_line

logger = logging.getLogger(__name__)

MB = 1024 * 1024
LARGEST_PICTURE = 20 * MB
LARGEST_DOCUMENT = 100 * MB
LARGEST_TRACK = 25 * MB

__all__ = ["ACCEPTED", "PICTURES", "Busy", "Refused", "replace", "store_upload"]


class Refused(Exception):
    """The file is refused; `reason` is the message for the person who uploaded it."""

    def __init__(self, name, reason):
        super().__init__(reason)
        self.reason = f"{name}: {reason}"


class Busy(Refused):
    """Too many pictures are being processed; the upload can be tried again later."""


def store_upload(upload, by, key=""):
    """Stores an uploaded file (a file object with `name` and `size`) and returns its Media row.

    `key`: 32 hexadecimal digits that the browser chose for this file. If a response was lost and the browser uploads
    again with the same key, the existing row is returned. Raises Refused; on any error the stored files are removed.
    """
    if media := uploaded_before(by, key):
        return media
    name = name_of(upload)
    media = row_for(upload, name, by)
    media.upload_key = key
    try:
        store(upload, media, name)
        media.save()
    except BaseException as trouble:
        discard(media)
        if isinstance(trouble, IntegrityError) and (other := uploaded_before(by, key)):  # concurrent upload
            return other
        raise
    return media


def uploaded_before(by, key):
    return Media.objects.filter(by=by, upload_key=key).first() if key and by else None


def replace(media, upload, *, same_address, also=None):
    """Replaces the file of `media`; posts that use it show the new one. Raises Refused.

    The files are encoded before the transaction begins; `also` is called in the same transaction as the change.
    """
    name = name_of(upload)
    new = row_for(upload, name, media.by)
    if new.kind != media.kind:
        raise Refused(name, _("a picture can only be replaced with a picture, a document with a document."))
    if same_address and new.format != media.format:
        raise Refused(name, _("at the same address it has to be %s again.") % media.format.upper())
    try:
        store(upload, new, name)
        with transaction.atomic():
            media.take_over(new, same_address=same_address)
            if also:
                also()
    except BaseException:
        discard(new)
        raise


def store_poster(film, upload):
    """Stores a picture as the poster of a film, encoded as uploads are, at most 1,600 pixels wide. Raises Refused."""
    name = name_of(upload)
    picture = row_for(upload, name, film.by)  # is never saved
    if not picture.is_picture:
        raise Refused(name, _("a poster is a picture."))
    before = film.poster_file if film.poster else ""
    with storage_refusals(name), staged_folder() as folder:
        fill(upload, picture, folder, name)
        widest = (folder / f"{picture.widths[-1]}.webp").read_bytes()
        film.poster = hashlib.sha256(widest).hexdigest()[:8]
        media_storage().put(f"{film.folder}/{film.poster_file}", widest)
        film.poster_removed = False
        film.save(update_fields=["poster", "poster_removed"])
        if before and before != film.poster_file:
            media_storage().delete(f"{film.folder}/{before}")


def remove_poster(film):
    """Deletes the poster of a film, and remembers that none is wanted."""
    before = film.poster_file
    film.poster, film.poster_removed = "", True
    film.save(update_fields=["poster", "poster_removed"])
    media_storage().delete(f"{film.folder}/{before}")


def name_of(upload):
    return tidy_line(PurePath(upload.name.replace("\\", "/")).name)[:200] or _("a file")


def row_for(upload, name, by):
    """An unsaved Media for the upload. Raises Refused."""
    shape = shape_of(upload, name)
    stored = CONVERTED.get(shape, shape)
    media = Media(
        kind=Media.Kind.PICTURE if is_picture(shape) else Media.Kind.DOCUMENT,
        title=name,
        file_name=f"{slugify(PurePath(name).stem)[:80].strip('-') or 'file'}.{FORMATS[stored][0]}",
        format=stored,
        by=by,
    )
    media.upload_format = shape
    return media


# Checks


def shape_of(upload, name):
    """The format by the first bytes of the file. Raises Refused if the extension does not match, or for a file that is
    empty, too large or of an unsupported format."""
    upload.seek(0)
    head = upload.read(HEAD)
    upload.seek(0)
    ending = PurePath(name).suffix.lower().lstrip(".")
    if not head:
        raise Refused(name, _("the file is empty."))
    shape = sniff(head, ending)
    if shape is None:
        raise Refused(name, why_not(head, ending))
    if not is_called(shape, ending):
        raise Refused(
            name,
            _("it is named “.%(said)s” but is %(is)s. Give it the right extension.")
            % {"said": ending, "is": shape.upper()},
        )
    room = LARGEST_PICTURE if is_picture(shape) else LARGEST_TRACK if shape == "gpx" else LARGEST_DOCUMENT
    if upload.size > room:
        raise Refused(
            name,
            _("it has %(has)d MB, and there is room for %(room)d MB.")
            % {"has": -(-upload.size // MB), "room": room // MB},
        )
    if shape == "gpx" and declares_types(upload):
        raise Refused(name, _("a track with a DOCTYPE or entities is not accepted. Export it again without them."))
    return shape


# Storage


def store(upload, media, name):
    """Writes the files to a temporary folder and stores them when they are complete. Raises Refused."""
    with storage_refusals(name), staged_folder() as folder:
        fill(upload, media, folder, name)
        media_storage().put_folder(media.folder, folder)


@contextmanager
def storage_refusals(name):
    """Raises Refused for what keeps the storage from taking a file."""
    try:
        yield
    except OSError as trouble:  # StorageAway is one
        if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(name, _("there is no room left on the blog's disk.")) from trouble
        if not (isinstance(trouble, StorageAway) or trouble.errno in (errno.EROFS, errno.EIO)):
            raise
        logger.error("an upload was refused: %s", trouble)
        raise Busy(name, _("the place where files are stored does not answer. Try again in a minute.")) from trouble


def discard(media):
    """Delete the files of an upload that failed."""
    try:
        media_storage().delete_folder(media.folder)
    except OSError as trouble:
        logger.warning("files that no row names may be left in %s: %s", media.folder, trouble)


def fill(upload, media, folder, name):
    if media.kind == Media.Kind.DOCUMENT:
        with (folder / media.full).open("wb") as file:
            shutil.copyfileobj(upload, file, MB)
        media.size = (folder / media.full).stat().st_size
        if media.format in SOUNDS | FILMS:
            describe_recording(media, folder / media.full, name)
        if media.format == "gpx":
            make_track(folder, folder / media.full, name)
        return
    # Imports Pillow, which serving pages does not need: importing it here saves time and memory.
    from blog.media import encoding

    try:
        made = encoding.encode(upload, folder, media.upload_format, media.full)
    except encoding.TooManyPixels:
        most = encoding.HUGEST // 1_000_000
        raise Refused(name, _("it has more than %d million pixels. Make it smaller first.") % most) from None
    except encoding.TooLarge:
        said = _("it has so many pixels that decoding it takes too much memory. Make it smaller, or save it as JPEG.")
        raise Refused(name, said) from None
    except child_process.Busy:
        raise Busy(name, _("the blog is processing other pictures. Try again in a minute.")) from None
    except encoding.NotReadable:
        raise Refused(name, _("it is damaged or incomplete.")) from None
    media.width, media.height, media.widths = made.width, made.height, made.widths
    media.upload_notice = " ".join(upload_notice(made, media, name))
    media.size = (folder / media.full).stat().st_size


def make_track(folder, path, name):
    from blog.gpx import Unreadable
    from blog.media.tracks import describe_track

    try:
        describe_track(folder, path)
    except Unreadable as trouble:
        raise Refused(name, str(trouble)) from None


def describe_recording(media, path, name):
    from blog.media import recordings

    media.seconds = recordings.duration_of(path, media.format)
    if media.format in ("mp4", "m4v", "mov") and recordings.is_hevc(path):
        media.upload_notice = _(
            "%(name)s is a film in HEVC (H.265), which does not play in every browser. Exported as H.264 it does."
        ) % {"name": isolated(name)}


def upload_notice(made, media, name):
    """Sentences that tell the uploader how the stored picture differs from the uploaded one."""
    ending = PurePath(name).suffix.lower().lstrip(".")
    if media.upload_format in CONVERTED:
        facts = {"name": isolated(name), "is": SPOKEN[media.upload_format], "kept": isolated(media.file_name)}
        yield _("%(name)s is a %(is)s picture: it was converted and is kept as %(kept)s.") % facts
    elif ending not in ENDINGS[media.format]:
        facts = {"name": isolated(name), "is": SPOKEN[media.format], "kept": isolated(media.file_name)}
        yield _("%(name)s is a %(is)s picture: it is kept as %(kept)s.") % facts
    if made.became_still:
        yield _(
            "the animation %s is too long: it is kept as a still picture. Make it shorter or "
            "smaller, or upload it as MP4."
        ) % isolated(name)
    if made.became_endless:
        yield _("%s repeats too many times to be stored exactly: it loops forever.") % isolated(name)
