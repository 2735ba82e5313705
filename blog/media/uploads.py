"""What somebody brings: looked at, refused with a reason, or stored under a name that nobody can guess."""

import errno
import shutil
import tempfile
from pathlib import Path, PurePath

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blog.media.file_types import (
    ACCEPTED,
    ENDINGS,
    HEAD,
    PICTURES,
    SPOKEN,
    declares_types,
    is_called,
    sniff,
    why_not,
)
from blog.models.media import FORMATS, Media
from blog.slugs import slugify
from core import child_process
from core.text import isolated, tidy_line

MB = 1024 * 1024
LARGEST_PICTURE = 20 * MB
LARGEST_DOCUMENT = 100 * MB

__all__ = ["ACCEPTED", "Busy", "Refused", "replace", "take"]


class Refused(Exception):
    """A file that is not taken; `reason` says why, to the person who brought it."""

    def __init__(self, name, reason):
        super().__init__(reason)
        self.reason = f"{name}: {reason}"


class Busy(Refused):
    """Not now: the blog is at work on other pictures."""


def take(upload, by, key=""):
    """Stores an uploaded file (with `name`, `size` and the methods of a file) and returns its row.

    `key` is the browser's own for this file, 32 hexadecimal digits: sent again with the same one, because an answer
    was lost, the file is the one that is there. Raises Refused. Whatever goes wrong, nothing of the file is left.
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
        shutil.rmtree(media.folder, ignore_errors=True)
        if isinstance(trouble, IntegrityError) and (other := uploaded_before(by, key)):  # at the same time
            return other
        raise
    return media


def uploaded_before(by, key):
    return Media.objects.filter(by=by, upload_key=key).first() if key and by else None


def replace(media, upload, *, same_address, also=None):
    """Another file in the place of `media`, which stays what posts call it. Raises Refused.

    The files are made before the database is held; `also` is called in the same transaction as the change.
    """
    name = name_of(upload)
    new = row_for(upload, name, media.by)
    if new.kind != media.kind:
        raise Refused(name, _("a picture takes the place of a picture, a document that of a document."))
    if same_address and new.format != media.format:
        raise Refused(name, _("at the same address it has to be %s again.") % media.format.upper())
    try:
        store(upload, new, name)
        with transaction.atomic():
            media.take_over(new, same_address=same_address)
            if also:
                also()
    except BaseException:
        shutil.rmtree(new.folder, ignore_errors=True)
        raise


def name_of(upload):
    return tidy_line(PurePath(upload.name.replace("\\", "/")).name)[:200] or _("a file")


def row_for(upload, name, by):
    """Not saved yet. Raises Refused for what is not taken."""
    shape = shape_of(upload, name)
    return Media(
        kind=Media.Kind.PICTURE if shape in PICTURES else Media.Kind.DOCUMENT,
        title=name,
        file_name=f"{slugify(PurePath(name).stem)[:80].strip('-') or 'file'}.{FORMATS[shape][0]}",
        format=shape,
        by=by,
    )


# What it is


def shape_of(upload, name):
    """The format by its first bytes; the ending of its name must say the same."""
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
            _("it says “.%(said)s” but is %(is)s. Give it its own ending.") % {"said": ending, "is": shape.upper()},
        )
    room = LARGEST_PICTURE if shape in PICTURES else LARGEST_DOCUMENT
    if upload.size > room:
        raise Refused(
            name,
            _("it has %(has)d MB, and there is room for %(room)d MB.")
            % {"has": -(-upload.size // MB), "room": room // MB},
        )
    if shape == "gpx" and declares_types(upload):
        raise Refused(name, _("a track with a DOCTYPE or entities is not taken. Export it once more without them."))
    return shape


# Where it goes


def store(upload, media, name):
    """Writes the files beside their place and moves them there when they are whole."""
    root = Path(settings.MEDIA_ROOT)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".coming-", ignore_cleanup_errors=True) as coming:
            folder = Path(coming, media.name)
            folder.mkdir(mode=0o700)
            fill(upload, media, folder, name)
            for file in folder.iterdir():
                file.chmod(0o600)
            media.folder.parent.mkdir(mode=0o700, exist_ok=True)
            folder.replace(media.folder)
    except OSError as trouble:
        if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(name, _("there is no room left on the blog's disk.")) from trouble
        raise


def fill(upload, media, folder, name):
    if media.kind == Media.Kind.DOCUMENT:
        with (folder / media.full).open("wb") as file:
            shutil.copyfileobj(upload, file, MB)
        media.size = (folder / media.full).stat().st_size
        return
    # Pillow is imported here and nowhere else: pages are served without it, which saves time and memory.
    from blog.media import encoding

    try:
        made = encoding.encode(upload, folder, media.format, media.full)
    except encoding.TooManyPixels:
        most = encoding.MOST_PIXELS // 1_000_000
        raise Refused(name, _("it has more than %d million pixels. Make it smaller first.") % most) from None
    except child_process.Busy:
        raise Busy(name, _("the blog is at work on other pictures. Bring it again in a minute.")) from None
    except encoding.NotReadable:
        raise Refused(name, _("it is damaged or incomplete: it cannot be read to its end.")) from None
    media.width, media.height, media.widths = made.width, made.height, made.widths
    media.told = " ".join(told(made, media, name))
    media.size = (folder / media.full).stat().st_size


def told(made, media, name):
    """What became of a picture that is not what was brought, in sentences."""
    ending = PurePath(name).suffix.lower().lstrip(".")
    if ending not in ENDINGS[media.format]:
        facts = {"name": isolated(name), "is": SPOKEN[media.format], "kept": isolated(media.file_name)}
        yield _("%(name)s is a %(is)s picture: it is kept as %(kept)s.") % facts
    if made.became_still:
        yield _("%s moves too long for this blog: it is kept as a still picture. Make it shorter or smaller, "
                "or bring it as MP4.") % isolated(name)  # fmt: skip
    if made.became_endless:
        yield _("%s plays more often than can be said: it is kept so that it plays for ever.") % isolated(name)
