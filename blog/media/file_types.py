"""Detects the format of an uploaded file by its first bytes, not its name, and explains why a file is refused."""

from importlib.util import find_spec

from django.utils.translation import gettext as _

HEAD = 4096
PART = 2**20  # bytes that are searched at once

PICTURES = ("jpeg", "png", "gif", "webp", "avif")
CONVERTED = {"heic": "jpeg"}  # formats that are taken and stored as another one, because few browsers show them
READS_HEIC = find_spec("pillow_heif") is not None  # the extra `heif`
DOCUMENTS = ("pdf", "mp3", "m4a", "mp4", "m4v", "mov", "webm", "gpx")
# The file name extensions of each picture format, and the display names of the formats.
ENDINGS = {"jpeg": {"jpg", "jpeg", "jpe", "jfif"}} | {shape: {shape} for shape in PICTURES if shape != "jpeg"}
ENDINGS["heic"] = {"heic", "heif", "hif"}
PICTURE_ENDINGS = set().union(*ENDINGS.values())
SPOKEN = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WebP", "avif": "AVIF", "heic": "HEIC"}
ACCEPTED = ".jpg,.jpeg,.png,.gif,.webp,.avif,.pdf,.mp3,.m4a,.mp4,.m4v,.mov,.webm,.gpx"
ACCEPTED += ",.heic,.heif,.hif" if READS_HEIC else ""

SOUND_AND_FILM = frozenset(b"M4A |M4B |M4V |isom|iso2|iso4|iso5|iso6|mp41|mp42|avc1|dash".split(b"|"))
HEIC = frozenset(b"heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|msf1".split(b"|"))

# Formats that are recognized but refused: first bytes, display name.
OTHER_PICTURES = [
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"\0\0\1\0", "ICO"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"FUJIFILM", "RAW"),
]
MATROSKA = b"\x1aE\xdf\xa3"
OTHER_FILMS = [(MATROSKA, "Matroska"), (b"OggS", "Ogg"), (b"fLaC", "FLAC")]
ARCHIVES = [(b"PK\3\4", "ZIP"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "gzip")]


def sniff(head, ending):
    """The format, one of PICTURES, CONVERTED or DOCUMENTS, or None. `ending` (the extension) only decides between m4a,
    m4v and mp4, which share a container."""
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
    if head.startswith(MATROSKA) and b"webm" in head[:64]:
        return "webm"
    if is_gpx(head):
        return "gpx"
    return None


def brands(head):
    """The brands in the box ftyp of an ISO media file: the major brand and the compatible ones."""
    box = head[8 : max(16, min(int.from_bytes(head[:4], "big"), 256))]
    return {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}


def sniff_container(found, ending):
    if found & {b"avif", b"avis"}:
        return "avif"
    if found & HEIC:
        return "heic" if READS_HEIC else None
    if found & SOUND_AND_FILM:
        return ending if ending in ("m4a", "m4v") else "mp4"
    if b"qt  " in found:
        return "mov"
    return None


def is_gpx(head):
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    has_types = b"<!doctype" in text or b"<!entity" in text
    return text.startswith((b"<?xml", b"<gpx")) and b"<gpx" in text and not has_types and b"<html" not in text


def declares_types(file):
    """Whether an XML file has a DOCTYPE or entities. Reads all of it: a long comment can push them past HEAD."""
    file.seek(0)
    before, found = b"", False
    while not found and (part := file.read(PART)):
        text = before + part.lower()
        found = b"<!doctype" in text or b"<!entity" in text
        before = text[-len(b"<!doctype") :]
    file.seek(0)
    return found


def is_called(shape, ending):
    """Whether a file of this format may have this extension. A picture may have that of any picture format, because it
    is stored under a new name."""
    return ending in (PICTURE_ENDINGS if is_picture(shape) else {shape})


def is_picture(shape):
    return shape in PICTURES or shape in CONVERTED


# Reasons for refusing a file


def why_not(head, ending):
    text = head.lower()
    if b"<svg" in text or ending in ("svg", "svgz"):
        return _("SVG pictures can contain scripts and are not accepted. Save it as PNG.")
    if b"<html" in text or b"<script" in text or b"<!doctype" in text or ending in ("html", "htm", "xhtml"):
        return _("web pages can contain scripts and are not accepted.")
    if head[4:8] == b"ftyp" and brands(head) & HEIC:
        return is_a_picture("HEIC", ending, ENDINGS["heic"]) + " " + how_to_take_heic()
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WAVE"):
        return is_a_film("AVI" if head[8:12] == b"AVI " else "WAV", ending, {"avi", "wav"})
    for begins, name in OTHER_PICTURES:
        if head.startswith(begins):
            return is_a_picture(name, ending, OWN_ENDINGS.get(name, {name.lower()}))
    for begins, name in OTHER_FILMS:
        if head.startswith(begins):
            return is_a_film(name, ending, OWN_ENDINGS.get(name, {name.lower()}))
    for begins, name in ARCHIVES:
        if head.startswith(begins):
            return _("it is a %s archive. Unpack it and upload the files one by one.") % name
    if ending in ENDINGS["heic"] and not READS_HEIC:
        return is_a_picture("HEIC", ending, {ending}) + " " + how_to_take_heic()
    taken = _("only JPEG, PNG, GIF, WebP and AVIF pictures, PDF, MP3, M4A, MP4, M4V, MOV, WebM and GPX are accepted.")
    if ending in PICTURE_ENDINGS or ending in DOCUMENTS:
        return _("it is named “.%s”, but its content is of another type.") % ending + " " + taken
    return taken


OWN_ENDINGS = {
    "TIFF": {"tif", "tiff", "dng", "nef", "cr2", "arw"},
    "Photoshop": {"psd"},
    "JPEG XL": {"jxl"},
    "JPEG 2000": {"jp2", "jpx", "j2k"},
    "RAW": {"raf"},
    "Matroska": {"mkv", "mka", "webm"},
    "Ogg": {"ogg", "oga", "ogv", "opus"},
}


def is_a_picture(name, ending, own):
    facts = {"name": name, "said": ending}
    if ending in own or not ending:
        return _("browsers cannot show %(name)s. Save it as JPEG.") % facts
    return (
        _("it is named “.%(said)s”, but it is a %(name)s picture. Browsers cannot show %(name)s: save it as JPEG.")
        % facts
    )


def how_to_take_heic():
    return _("Once its owner installs the extra “heif” (see installing.md), this blog converts HEIC itself.")


def is_a_film(name, ending, own):
    facts = {"name": name, "said": ending}
    if ending in own or not ending:
        return _("not every browser can play %(name)s. Save it as MP4, or sound as MP3.") % facts
    return (
        _(
            "it is named “.%(said)s”, but it is %(name)s, which not every browser can play. Save it "
            "as MP4, or sound as MP3."
        )
        % facts
    )
