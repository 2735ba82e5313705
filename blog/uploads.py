"""What somebody brings: looked at, refused with a reason, or stored under a name that nobody can guess."""

import errno
import shutil
import tempfile
from pathlib import Path, PurePath

from django.conf import settings
from django.utils.translation import gettext as _

from blog.models.media import FORMATS, Media
from blog.slugs import slugify
from ground.words import tidy_line

MB = 1024 * 1024
LARGEST_PICTURE = 20 * MB
LARGEST_DOCUMENT = 100 * MB
HEAD = 4096

PICTURES = ("jpeg", "png", "gif", "webp", "avif")
DOCUMENTS = ("pdf", "mp3", "m4a", "mp4", "gpx")
PICTURE_ENDINGS = {"jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif"}
SOUND_AND_FILM = frozenset(b"M4A |M4B |M4V |isom|iso2|iso4|iso5|iso6|mp41|mp42|avc1|dash".split(b"|"))
ACCEPTED = ".jpg,.jpeg,.png,.gif,.webp,.avif,.pdf,.mp3,.m4a,.mp4,.gpx"


class Refused(Exception):
    """A file that is not taken; `reason` says why, to the person who brought it."""

    def __init__(self, name, reason):
        super().__init__(reason)
        self.reason = f"{name}: {reason}"


def take(upload, by):
    """Stores an uploaded file (with `name`, `size` and the methods of a file) and returns its row.

    Raises Refused. Whatever goes wrong, nothing of the file is left behind.
    """
    name = name_of(upload)
    media = row_for(upload, name, by)
    try:
        store(upload, media, name)
        media.save()
    except BaseException:
        shutil.rmtree(media.folder, ignore_errors=True)
        raise
    return media


def replace(media, upload, *, same_address):
    """Another file in the place of `media`, which stays what posts call it. Raises Refused; wants a transaction."""
    name = name_of(upload)
    new = row_for(upload, name, media.by)
    if new.kind != media.kind:
        raise Refused(name, _("a picture takes the place of a picture, a document that of a document."))
    if same_address and new.format != media.format:
        raise Refused(name, _("at the same address it has to be %s again.") % media.format.upper())
    try:
        store(upload, new, name)
        media.take_over(new, same_address=same_address)
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
    endings = PICTURE_ENDINGS if shape in PICTURES else {shape}
    if ending not in endings:
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
    return shape


def sniff(head, ending):
    """One of PICTURES or DOCUMENTS, or None. Film and sound share one container: there the ending says which."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    if head[4:8] == b"ftyp":
        return sniff_container(brands(head), ending)
    if is_gpx(head):
        return "gpx"
    return None


def brands(head):
    """The names in the first box of an ISO file: its own kind, then those that it can be read as."""
    box = head[8 : max(16, min(int.from_bytes(head[:4], "big"), 256))]
    return {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}


def sniff_container(found, ending):
    if found & {b"avif", b"avis"}:
        return "avif"
    if found & {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}:
        return None
    if found & SOUND_AND_FILM:
        return "m4a" if ending == "m4a" else "mp4"
    return None


def is_gpx(head):
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    has_types = b"<!doctype" in text or b"<!entity" in text
    return text.startswith((b"<?xml", b"<gpx")) and b"<gpx" in text and not has_types and b"<html" not in text


def why_not(head, ending):
    text = head.lower()
    if b"<svg" in text or ending in ("svg", "svgz"):
        return _("SVG pictures can carry scripts and are not taken. Save it as PNG.")
    if b"<html" in text or b"<script" in text or b"<!doctype" in text or ending in ("html", "htm", "xhtml"):
        return _("web pages can carry scripts and are not taken.")
    if ending in ("heic", "heif"):
        return _("browsers cannot show HEIC. Save it as JPEG.")
    return _("only JPEG, PNG, GIF, WebP and AVIF pictures, PDF, MP3, M4A, MP4 and GPX are taken.")


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
    from blog import encoding

    try:
        made = encoding.encode(upload, folder, media.format, media.full)
    except encoding.TooManyPixels:
        most = encoding.MOST_PIXELS // 1_000_000
        raise Refused(name, _("it has more than %d million pixels. Make it smaller first.") % most) from None
    except encoding.NotReadable:
        raise Refused(name, _("it is damaged or incomplete: it cannot be read to its end.")) from None
    media.width, media.height, media.widths = made.width, made.height, made.widths
    media.size = (folder / media.full).stat().st_size
