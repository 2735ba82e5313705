"""What an author may bring, what is taken out of it, and what is refused with which reason."""

import io
import struct
import zlib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageChops, ImageCms, ImageStat

from blog.desk import media as media_desk
from blog.media import file_types, uploads
from core import media_storage
from tests.blog.uploading import bomb, files_in, leftovers, opened, picture, refusal, take
from tests.media_files import folder_of

GPS = 0x8825
ORIENTATION = 0x0112


pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # ours is an error


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.mark.parametrize(
    ("shape", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif")]
)
def test_a_picture_is_kept_in_its_format_and_as_webp(db, shape, ending):
    media = take(f"My Photo – 1.{ending}", picture(shape, (1800, 900)))
    assert (media.kind, media.format, media.width, media.height) == ("picture", shape.lower(), 1800, 900)
    assert media.file_name == f"my-photo-1.{ending}"
    assert media.widths == [480, 960, 1600]
    assert files_in(media) == sorted(["480.webp", "960.webp", "1600.webp", f"full.{ending}"])
    assert opened(media).format == shape
    for width in media.widths:
        narrow = opened(media, f"{width}.webp")
        assert (narrow.format, narrow.size) == ("WEBP", (width, width // 2))


def test_a_small_picture_is_not_enlarged_and_a_large_one_ends_at_2400(db):
    assert take("s.png", picture("PNG", (300, 200))).widths == [300]
    assert take("m.png", picture("PNG", (700, 200))).widths == [480, 700]
    large = take("l.jpg", picture("JPEG", (5000, 2500)))
    assert (large.width, large.height) == (2400, 1200)


def test_places_and_people_are_taken_out(db):
    exif = Image.Exif()
    exif[0x010E] = "Ada at home"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    for shape, options in (("JPEG", {"comment": b"Ada at home"}), ("PNG", {}), ("WEBP", {}), ("AVIF", {})):
        content = picture(shape, exif=exif, **options)
        assert b"Ada at home" in content
        media = take(f"home.{shape.lower()}", content)
        for file in folder_of(media).iterdir():
            assert b"Ada at home" not in file.read_bytes()
            assert b"Exif" not in file.read_bytes()
            image = Image.open(file)
            assert not dict(image.getexif())
            assert not {"comment", "exif", "xmp", "photoshop"} & set(image.info)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright(db, orientation):
    # Where the red corner of each orientation must come to lie: (left, top).
    corners = {1: (1, 1), 2: (0, 1), 3: (0, 0), 4: (1, 0), 5: (1, 1), 6: (0, 1), 7: (0, 0), 8: (1, 0)}
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    media = take("upright.jpg", picture("JPEG", (800, 600), exif=exif))
    assert (media.width, media.height) == ((800, 600) if orientation < 5 else (600, 800))
    image = opened(media).convert("RGB")
    left, top = corners[orientation]
    x = 20 if left else image.width - 20
    y = 20 if top else image.height - 20
    red, green, _ = image.getpixel((x, y))
    assert (red > 200, green < 60) == (True, True)


def test_transparency_and_greys_survive(db):
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    file = io.BytesIO()
    clear.save(file, "PNG")
    assert opened(take("clear.png", file.getvalue())).getpixel((50, 50))[3] == 0
    grey = Image.new("I;16", (100, 100), 32768)  # without a colour that stands for nothing
    file = io.BytesIO()
    grey.save(file, "PNG")
    assert 120 < opened(take("grey.png", file.getvalue())).convert("L").getpixel((50, 50)) < 135


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_made_smaller_in_strips_has_no_seams(db, mode):
    large = Image.radial_gradient("L").resize((2900, 2100)).convert(mode)
    file = io.BytesIO()
    large.save(file, "PNG", compress_level=1)
    ours = opened(take("large.png", file.getvalue())).convert("RGB")
    whole = large.resize(ours.size, Image.Resampling.LANCZOS).convert("RGB")
    worst = max(high for low, high in ImageChops.difference(ours, whole).getextrema())
    assert worst <= 1


def test_a_picture_for_printers_becomes_one_for_screens(db):
    media = take("print.jpg", picture("JPEG", mode="CMYK"))
    assert opened(media).mode == "RGB"


def test_colours_are_brought_into_srgb_and_a_nonsense_profile_harms_nothing(db):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"not a profile at all"):
        media = take("colours.png", picture("PNG", icc_profile=icc))
        assert "icc_profile" not in opened(media).info
        assert opened(media).convert("RGB").getpixel((5, 5))[0] > 250


def test_a_bomb_is_refused_before_it_is_decoded(db):
    content = bomb(12_000, 12_000)
    assert len(content) < 30_000
    assert "decoding it takes too much memory" in refusal("bomb.png", content)
    assert leftovers() == []


def test_more_pixels_than_any_format_may_have_are_refused(db):
    assert "more than 200 million pixels" in refusal("bomb.png", bomb(20_000, 10_001))


def test_a_page_hidden_behind_a_picture_is_gone(db):
    media = take("both.png", picture("PNG") + b"<html><script>alert(1)</script></html>")
    assert all(b"<script>" not in file.read_bytes() for file in folder_of(media).iterdir())


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def late(said, at):
    """A track with something so many bytes behind its beginning, where a comment pretends that it has begun."""
    begins = b'<?xml version="1.0"?><!-- <gpx> '
    return begins.ljust(at, b"-") + b" -->" + said + b"<gpx></gpx>"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        (
            "logo.svg",
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
            "SVG pictures can contain scripts",
        ),
        ("logo.png", b'<svg onload="alert(1)">', "SVG pictures can contain scripts"),
        ("page.html", b"<!doctype html><p>Hello", "web pages can contain scripts"),
        ("page.jpg", b"<html><script>alert(1)</script>", "web pages can contain scripts"),
        ("paper.jpg", b"%PDF-1.7\n", "named “.jpg” but is PDF"),
        ("photo.pdf", b"\xff\xd8\xff\xe0" + b"\x00" * 50, "named “.pdf” but is JPEG"),
        ("photo.html", b"\xff\xd8\xff\xe0" + b"\x00" * 50, "named “.html” but is JPEG"),
        ("photo", b"\xff\xd8\xff\xe0" + b"\x00" * 50, "named “.” but is JPEG"),
        ("photo.heic", HEIC, "browsers cannot show HEIC"),
        ("photo.jpg", HEIC, "it is named “.jpg”, but it is a HEIC picture"),
        ("photo.png", b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf", "but it is a HEIC picture"),
        ("burst.jpeg", b"\x00\x00\x00\x18ftyphevc\x00\x00\x00\x00msf1hevc", "but it is a HEIC picture"),
        ("scan.jpg", b"II*\x00\x08\x00\x00\x00", "it is named “.jpg”, but it is a TIFF picture"),
        ("scan.tif", b"MM\x00*\x00\x00\x00\x08", "browsers cannot show TIFF. Save it as JPEG"),
        ("new.png", b"\xff\x0a\xfa\x1f", "but it is a JPEG XL picture"),
        ("old.gif", b"BM6\x00\x00\x00", "but it is a BMP picture"),
        ("film.mp4", b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "but is MOV"),
        ("clip.mp4", b"\x1aE\xdf\xa3\x9fB\x82\x84webm", "but is WEBM"),
        ("clip.mp4", b"\x1aE\xdf\xa3\x01", "but it is Matroska"),
        ("clip.mkv", b"\x1aE\xdf\xa3\x01", "not every browser can play Matroska"),
        ("song.mp3", b"RIFF\x24\x00\x00\x00WAVEfmt ", "but it is WAV"),
        ("album.jpg", b"PK\x03\x04", "it is a ZIP archive"),
        ("paper.png", b"%PDF-1.7\n", "named “.png” but is PDF"),
        ("words.jpg", b"These are words.", "it is named “.jpg”, but its content is of another type"),
        ("tool.exe", b"MZ\x90\x00", "only JPEG, PNG"),
        ("empty.jpg", b"", "the file is empty"),
        ("track.gpx", b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>', "web pages"),
        ("track.gpx", b'<?xml version="1.0"?><html><gpx/></html>', "web pages"),
        ("track.gpx", late(b"<!DOCTYPE gpx SYSTEM 'http://evil.example/x'>", 5000), "with a DOCTYPE or entities"),
        ("track.gpx", late(b"<!doctype gpx>", 2**20 - 8), "with a DOCTYPE or entities"),
        ("track.gpx", late(b'<!ENTITY a "b">', 3 * 2**20), "with a DOCTYPE or entities"),
    ],
)
def test_what_is_not_taken_is_refused_with_the_reason(db, monkeypatch, name, content, why):
    monkeypatch.setattr(file_types, "READS_HEIC", False)
    reason = refusal(name, content)
    assert reason.startswith(f"{name}: ")
    assert why in reason
    assert leftovers() == []


def test_the_media_page_and_the_refusal_name_every_type_that_is_taken(db):
    page, refused = str(media_desk.UploadForm().fields["files"].help_text), refusal("tool.exe", b"MZ\x90\x00")
    taken = [file_types.SPOKEN.get(each, each.upper()) for each in (*file_types.PICTURES, *file_types.DOCUMENTS)]
    assert [each for each in taken if each.lower() not in page.lower()] == []
    assert [each for each in taken if each.lower() not in refused.lower()] == []
    for size in (uploads.LARGEST_PICTURE, uploads.LARGEST_DOCUMENT, uploads.LARGEST_TRACK):
        assert f"up to {size // uploads.MB} MB" in page


def photo(size=(1200, 800), **options):
    """Noise as a JPEG: every row has something to say."""
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 90).resize(size).convert("RGB")
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=85, **options)
    return file.getvalue()


@pytest.mark.parametrize(("kept", "progressive"), [(30, False), (200, False), (0.5, False), (0.9, False), (0.1, True)])
def test_a_damaged_picture_is_refused(db, kept, progressive):
    content = photo(progressive=progressive)
    content = content[: kept if kept > 1 else int(len(content) * kept)]
    assert "damaged or incomplete" in refusal("half.jpg", content)
    assert leftovers() == []


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        pytest.param(options, missing, marks=[] if missing in also else pytest.mark.long)
        for options, also in [
            ({}, [1, 40]), ({"progressive": True}, [2]), ({"subsampling": 0}, []), ({"restart_marker_rows": 1}, [12])
        ]
        for missing in [1, 2, 12, 40]
    ],
)  # fmt: skip
def test_a_picture_without_its_last_bytes_is_taken_as_browsers_show_it(db, options, missing):
    whole = photo(**options)
    media = take("photo.jpg", whole[:-missing])
    assert (media.width, media.height) == (1200, 800)
    made, meant = opened(media).convert("L"), Image.open(io.BytesIO(whole)).convert("L")
    apart = ImageChops.difference(made.crop((0, 0, 1200, 760)), meant.crop((0, 0, 1200, 760)))
    assert ImageStat.Stat(apart).mean[0] < 4


def test_a_cut_printed_picture_and_a_grey_one_are_taken_too(db):
    for mode in ("CMYK", "L"):
        assert take("cut.jpg", picture("JPEG", (400, 300), mode)[:-5]).width == 400


@pytest.mark.parametrize("shape", ["AVIF", "WEBP", "PNG", "GIF"])
def test_a_picture_with_a_byte_turned_over_is_taken_or_refused(db, shape):
    content = picture(shape, (64, 64))
    refused = 0
    for place in range(12, len(content), 3):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            take("damaged", bytes(damaged))
        except uploads.Refused:
            refused += 1
    assert refused


@pytest.mark.parametrize(
    ("said", "shape", "ending", "media_type"),
    [
        ("png", "JPEG", "jpg", "image/jpeg"),
        ("jpg", "PNG", "png", "image/png"),
        ("jpg", "AVIF", "avif", "image/avif"),
        ("gif", "WEBP", "webp", "image/webp"),
        ("webp", "GIF", "gif", "image/gif"),
        ("jfif", "GIF", "gif", "image/gif"),
    ],
)
def test_a_picture_that_says_it_is_another_one_is_judged_by_what_it_is(client, ada, said, shape, ending, media_type):
    media = take(f"photo.{said}", picture(shape, (200, 100)), ada)
    assert media.file_name == f"photo.{ending}"
    spoken = {"WEBP": "WebP"}.get(shape, shape)
    assert (
        media.upload_notice
        == f"\u2068photo.{said}\u2069 is a {spoken} picture: it is kept as \u2068photo.{ending}\u2069."
    )
    client.force_login(ada)
    answer = client.get(media.get_absolute_url())
    assert answer["Content-Type"] == media_type
    assert Image.open(io.BytesIO(b"".join(answer))).format == shape


@pytest.mark.parametrize("said", ["jpg", "JPG", "jpeg", "jpe", "jfif"])
def test_a_jpeg_has_several_endings(db, said):
    media = take(f"photo.{said}", picture("JPEG", (200, 100)))
    assert (media.file_name, media.upload_notice) == ("photo.jpg", "")


def grey_png(depth, samples, clear, colour_type=0):
    """A PNG of one row, with the colour that stands for nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    if depth == 16:
        row = b"".join(struct.pack(">H", sample) for sample in samples)
    else:
        row = int("".join(f"{sample:0{depth}b}" for sample in samples).ljust(32, "0"), 2).to_bytes(4, "big")
    width = len(samples) // (3 if colour_type == 2 else 1)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, 1, depth, colour_type, 0, 0, 0))]
    parts += [
        (b"tRNS", struct.pack(f">{len(clear)}H", *clear)),
        (b"IDAT", zlib.compress(b"\x00" + row)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize(
    ("depth", "samples", "clear", "colour_type"),
    [
        (16, [513, 513, 30_000, 514], [513], 0),
        (8, [7, 7, 200, 8], [7], 0),
        (4, [15, 15, 3, 14], [15], 0),
        (2, [1, 1, 3, 2], [1], 0),
        (1, [1, 1, 0, 0], [1], 0),
        (16, [65535, 0, 0] * 2 + [0, 65535, 0] * 2, [65535, 0, 0], 2),
    ],
)
def test_the_colour_that_stands_for_nothing_is_seen_through(db, depth, samples, clear, colour_type):
    shown = opened(take("clear.png", grey_png(depth, samples, clear, colour_type))).convert("RGBA")
    assert [shown.getpixel((x, 0))[3] for x in range(4)] == [0, 0, 255, 255]


TRACK = b"<trk><trkseg>" + b'<trkpt lat="48.2" lon="16.4"/>' * 2 + b"</trkseg></trk>"


@pytest.mark.parametrize(
    ("name", "content", "shape"),
    [
        ("paper.pdf", b"%PDF-1.7\nwords", "pdf"),
        ("song.mp3", b"ID3\x04\x00" + b"\x00" * 30, "mp3"),
        ("song.MP3", b"\xff\xfb\x90\x44" + b"\x00" * 30, "mp3"),
        ("talk.m4a", b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00isommp42", "m4a"),
        ("film.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", "mp4"),
        ("run.gpx", b'\xef\xbb\xbf<?xml version="1.0"?>\n<gpx version="1.1">' + TRACK + b"</gpx>", "gpx"),
        ("long.gpx", b"<gpx>" + b"<trkpt/>" * 200_000 + TRACK + b"</gpx>", "gpx"),
    ],
)
def test_a_document_is_kept_as_it_came(db, name, content, shape):
    media = take(name, content)
    assert (media.kind, media.format) == ("document", shape)
    assert (folder_of(media) / media.full).read_bytes() == content
    assert (folder_of(media) / media.full).stat().st_mode & 0o777 == 0o600


def test_sizes_have_limits(db, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_PICTURE", 100)
    assert "there is room for" in refusal("large.jpg", picture())
    monkeypatch.setattr(uploads, "LARGEST_DOCUMENT", 10)
    assert "there is room for" in refusal("large.pdf", b"%PDF-1.7" + b"x" * 10)


@pytest.mark.parametrize("name", ["../../../etc/passwd.png", "..\\..\\boot.png", "a\x00b.png", "….png", "/.png.png"])
def test_a_name_never_reaches_the_disk(db, name, folder):
    media = take("x.png", picture("PNG", (50, 50)))
    upload = SimpleUploadedFile("x.png", picture("PNG", (50, 50)))
    upload._name = name
    media = uploads.store_upload(upload, None)
    assert folder_of(media).parent.parent == folder
    assert files_in(media) == ["50.webp", "full.png"]
    assert not {"/", "\\", "\x00"} & set(media.file_name)


def test_a_full_disk_leaves_nothing_behind(db, monkeypatch):
    import errno

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(media_storage.Path, "replace", full)
    assert "no room left" in refusal("a.pdf", b"%PDF-1.7")
    assert leftovers() == []


def test_a_disk_that_became_read_only_is_to_be_tried_again_later(db, monkeypatch):
    import errno

    def read_only(*args):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(media_storage.Path, "replace", read_only)
    with pytest.raises(uploads.Busy, match="does not answer"):
        uploads.store_upload(SimpleUploadedFile("a.pdf", b"%PDF-1.7"), None)


def test_pages_are_served_without_pillow():
    import subprocess
    import sys

    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import django; django.setup()\n"
        "import config.urls\nassert 'PIL' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=settings.BASE_DIR)
