"""Pictures that others sent are decoded within limits, and only their pixels are kept."""

import io
import struct
import zlib

import pytest
from PIL import Image

from core import images
from tests.test_arrows import named, sources

ALL = images.FORMATS


def picture(form="PNG", mode="RGB", size=(60, 40), **options):
    """A file whose left half is black and whose right half is white."""
    drawn = Image.new("L", size, 0)
    drawn.paste(255, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    drawn.convert(mode).save(out, form, **options)
    return out


def claims(width, height):
    """A PNG whose header claims this size, with hardly any pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "I;16"),
    ("PNG", "LA"), ("GIF", "P"), ("WEBP", "RGBA"), ("AVIF", "RGB")])  # fmt: skip
def test_every_format_becomes_a_plain_canvas(form, mode):
    canvas = images.decode(picture(form, mode), ALL)
    assert canvas.size == (60, 40) and canvas.mode in ("RGB", "RGBA") and canvas.info == {}
    assert [canvas.convert("L").getpixel((x, 20)) for x in (5, 55)] == [pytest.approx(0, abs=9), pytest.approx(255, 9)]


def test_only_the_formats_asked_for_are_opened():
    assert images.decode(picture("GIF", "P"), ["gif", "png"]).size == (60, 40)
    for source in (picture("GIF", "P"), picture("BMP"), picture("TIFF"), io.BytesIO(b"<svg>"), io.BytesIO()):
        with pytest.raises(images.NotReadable):
            images.decode(source, ["jpeg", "png"])


@pytest.mark.parametrize("most", [images.MOST_PIXELS, 2399])
def test_too_many_pixels_are_refused_by_the_header(most):
    source = claims(10_000, 5_001) if most == images.MOST_PIXELS else picture()
    with pytest.raises(images.TooManyPixels):
        images.decode(source, ALL, most)
    with pytest.raises(images.TooManyPixels):
        images.decode(claims(60_000, 60_000), ALL, most)


def test_as_many_pixels_as_allowed_are_decoded():
    assert images.decode(picture(), ALL, 2400).size == (60, 40)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_half_a_file_is_not_readable(form):
    whole = picture(form, size=(400, 300)).getvalue()
    with pytest.raises(images.NotReadable):
        images.decode(io.BytesIO(whole[: len(whole) // 2]), ALL)


def test_of_an_animation_the_first_frame_is_decoded():
    source = picture("GIF", "P", save_all=True, append_images=[Image.new("P", (60, 40), 0)] * 3)
    assert images.decode(source, ALL).convert("L").getpixel((55, 20)) == 255


def test_a_picture_on_its_side_is_put_upright_without_its_metadata():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"
    canvas = images.decode(picture("JPEG", exif=exif), ALL)
    assert canvas.size == (40, 60) and not canvas.getexif() and canvas.info == {}
    assert canvas.convert("L").getpixel((20, 5)) < 9 and canvas.convert("L").getpixel((20, 55)) > 246


def test_a_wide_picture_is_scaled_down():
    assert images.decode(picture(size=(images.LARGEST * 2, 100)), ALL).size == (images.LARGEST, 50)


def test_a_square_is_the_middle():
    assert images.square(images.decode(picture(size=(300, 100)), ALL), 10).size == (10, 10)


def test_no_other_module_opens_a_picture():
    assert [named(file) for file in sources() if "Image.open(" in file.read_text()] == ["core/images.py"]


@pytest.mark.parametrize(("mode", "is_smaller"), [("L", True), ("RGB", True), ("P", False)])
def test_a_huge_picture_is_reduced_before_it_is_converted(monkeypatch, mode, is_smaller):
    monkeypatch.setattr(images, "MOST_PIXELS", 9_999)
    monkeypatch.setattr(images, "LARGEST", 40)
    image = Image.new(mode, (200, 100))
    assert images.reduced(image).size == ((100, 50) if is_smaller else (200, 100))
    assert images.reduced(Image.new(mode, (90, 90))).size == (90, 90)


def test_pixels_are_allowed_for_a_while_only():
    with images.pixels_allowed(images.MOST_PIXELS + 1), images.opened(claims(50_000_001, 1), ["png"]) as image:
        assert image.width == 50_000_001
    with pytest.raises(images.TooManyPixels), images.opened(claims(50_000_001, 1), ["png"]):
        pass
