"""The one decoder of pictures that others sent: within limits, upright, converted to sRGB, on new canvases.

Only the pixels are kept: no EXIF, no location, no comment, no color profile, no second picture appended to the file.
Imports Pillow, which is large, so import this module only where a picture has arrived. Uploads with several frames are
decoded by blog.media.decoding.
"""

import io
import math
import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from PIL import Image, ImageCms, ImageMath, ImageOps

MOST_PIXELS = 50_000_000
LARGEST = 2400  # width in pixels of a canvas
TALLEST = 16_000  # height in pixels; WebP's limit is 16,383
ORIENTATION = 0x0112
ON_ITS_SIDE = (5, 6, 7, 8)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
STRIP = 256

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

FORMATS = ("jpeg", "png", "gif", "webp", "avif")
# What Pillow's readers raise for a broken file (the AVIF reader: RuntimeError).
BROKEN = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, struct.error
)  # fmt: skip


class TooManyPixels(Exception):
    """More pixels than allowed, according to the header."""


class NotReadable(Exception):
    """The file is damaged, incomplete or of none of the formats."""


@contextmanager
def pixels_allowed(most: int) -> Iterator[None]:
    """Allow pictures of up to `most` pixels. It holds for the whole process: for a child process with limits."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, most
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


@contextmanager
def opened(source: BinaryIO, shapes: Iterable[str], most_pixels: int | None = None) -> Iterator[Image.Image]:
    """Pillow's image of a file of one of these FORMATS, of which only the header has been read.

    `most_pixels`: MOST_PIXELS, or what `pixels_allowed` says. Raises TooManyPixels, or NotReadable if opening it, or
    decoding it within the block, fails.
    """
    source.seek(0)
    try:
        with Image.open(source, formats=[pillow_name(shape) for shape in shapes]) as image:
            if image.width * image.height > (most_pixels or Image.MAX_IMAGE_PIXELS or MOST_PIXELS):
                raise TooManyPixels
            yield image
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise TooManyPixels from bomb
    except BROKEN as trouble:
        raise NotReadable from trouble


def pillow_name(shape: str) -> str:
    """Pillow's name of a format. "heic" takes the extra `heif`, which is loaded here."""
    if shape != "heic":
        return shape.upper()
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    return "HEIF"


def decode(source: BinaryIO, shapes: Iterable[str], most_pixels: int | None = None) -> Image.Image:
    """The picture, or its first frame, on a new canvas. Raises TooManyPixels and NotReadable, as `opened` does."""
    with opened(source, shapes, most_pixels) as image:
        return still(image, source)


def still(image: Image.Image, source: BinaryIO) -> Image.Image:
    image.draft("RGB", (LARGEST, LARGEST))  # a JPEG can be decoded at a half, a quarter, an eighth
    image.load()
    return canvas_of(reduced(image), depth_of(image, source))


def reduced(image: Image.Image) -> Image.Image:
    """A picture of more than MOST_PIXELS at a fraction of its size, before it is converted, which takes memory."""
    factor = min(image.width, image.height) // LARGEST
    is_huge = image.width * image.height > MOST_PIXELS and factor > 1
    if is_huge and image.mode in ("L", "RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        smaller = image.reduce(factor)
        smaller.format = image.format
        return smaller
    return image


def square(canvas: Image.Image, size: int) -> Image.Image:
    """The center of the picture as a square of `size` pixels."""
    return ImageOps.fit(canvas, (size, size), Image.Resampling.LANCZOS)


# New canvases without metadata


def canvas_of(image: Image.Image, depth: int = 8) -> Image.Image:
    """The picture upright, within LARGEST and TALLEST, in sRGB. `depth`: bits per sample."""
    profile, orientation = image.info.get("icc_profile"), image.getexif().get(ORIENTATION)
    bounds = (TALLEST, LARGEST) if orientation in ON_ITS_SIDE else (LARGEST, TALLEST)
    canvas = drawn_within(with_plain_mode(image, depth), bounds)
    if orientation in TURNS:
        canvas = canvas.transpose(TURNS[orientation])
    if profile:
        canvas = in_srgb(canvas, profile)
    if canvas.mode == "CMYK":
        canvas = canvas.convert("RGB")
    canvas.info.clear()
    return canvas


def drawn_within(image: Image.Image, bounds: tuple[int, int]) -> Image.Image:
    """A new canvas with the picture, scaled down to fit `bounds` (width, height).

    It is resized in strips, because Pillow copies a transparent picture before resizing it, 200 MB for the largest.
    Each strip includes the neighbouring rows that the filter reads, so that no seam is visible.
    """
    scale = max(1, image.width / bounds[0], image.height / bounds[1])
    width, height = max(1, round(image.width / scale)), max(1, round(image.height / scale))
    canvas = Image.new(image.mode, (width, height))
    step = image.height / height
    around = math.ceil(3 * step) + 1
    for top in range(0, height, STRIP):
        bottom = min(height, top + STRIP)
        above, below = max(0, math.floor(top * step) - around), min(image.height, math.ceil(bottom * step) + around)
        rows = image.crop((0, above, image.width, below))
        box = (0, top * step - above, image.width, min(bottom * step - above, rows.height))
        canvas.paste(rows.resize((width, bottom - top), Image.Resampling.LANCZOS, box=box), (0, top))
    return canvas


def with_plain_mode(image: Image.Image, depth: int = 8) -> Image.Image:
    """The picture converted to RGB or RGBA, or left in CMYK until its profile is applied."""
    clear = image.info.get("transparency")
    if image.mode in ("RGB", "RGBA", "CMYK") and clear is None:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey
        return from_deep_grey(image.convert("I"), clear)
    if clear is not None and depth != 8:
        image.info["transparency"] = in_eight_bits(clear, depth, image.mode)
    return image.convert("RGBA" if "A" in image.getbands() or clear is not None else "RGB")


def from_deep_grey(image: Image.Image, clear: Any) -> Image.Image:
    """RGB from 16-bit greyscale, or RGBA if one grey value (`clear`) is transparent."""
    shown = image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if isinstance(clear, int):
        shown.putalpha(
            ImageMath.lambda_eval(lambda given: given["convert"]((given["grey"] != clear) * 255, "L"), grey=image)
        )
    return shown


def in_eight_bits(clear: Any, depth: int, mode: str) -> Any:
    """The transparent color of a PNG in 8 bits: Pillow converts the samples, but leaves this value as it is."""
    if isinstance(clear, tuple) and depth == 16:
        return tuple(value >> 8 for value in clear)
    if isinstance(clear, int) and mode == "L" and depth in (2, 4):
        return clear * 255 // (2**depth - 1)
    return clear


def depth_of(image: Image.Image, source: BinaryIO) -> int:
    """Bits per sample of a PNG; 8 for all other formats."""
    if image.format != "PNG":
        return 8
    source.seek(24)
    return (source.read(1) or b"\x08")[0]


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGB" if image.mode == "CMYK" else image.mode
        made = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
        return cast(Image.Image, made)  # None only where it converts in place
    except (ImageCms.PyCMSError, OSError):
        return image  # an unusable profile: keep the colors as they are
