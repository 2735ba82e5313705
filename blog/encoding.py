"""A stranger's picture becomes one of ours: decoded within limits, upright, in sRGB, drawn on a fresh canvas.

Nothing of the former file is left but its pixels: no EXIF, no place, no comment, no profile, no second picture
behind it. Imports Pillow, so only an upload imports this module.
"""

import io
import struct
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, ImageSequence

MOST_PIXELS = 50_000_000
MOST_MOVING_PIXELS = 20_000_000  # of all frames together
WIDTHS = (480, 960, 1600)
LARGEST = 2400  # of the fallback in its own format
TALLEST = 16_000  # WebP ends at 16,383
ORIENTATION = 0x0112
ON_ITS_SIDE = (5, 6, 7, 8)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

OPENED_AS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "gif": ("GIF",), "webp": ("WEBP",), "avif": ("AVIF",)}
SAVED_AS = {
    "jpeg": {"format": "JPEG", "quality": 86, "progressive": True, "optimize": True},
    "png": {"format": "PNG"},
    "gif": {"format": "GIF"},
    "webp": {"format": "WEBP", "quality": 84},
    "avif": {"format": "AVIF", "quality": 65, "speed": 8},
}
NARROW = {"format": "WEBP", "quality": 80}
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, OverflowError)


class TooManyPixels(Exception):
    """More than MOST_PIXELS, by what the header says."""


class NotReadable(Exception):
    """Not a whole picture of the kind that it begins like."""


@dataclass(frozen=True)
class Encoded:
    width: int
    height: int
    widths: list


def encode(source, folder, shape, full_name):
    """Writes `full_name` in the format `shape` (at most LARGEST wide) and the WebP widths ("480.webp") into `folder`.

    An animated GIF or WebP keeps moving up to MOST_MOVING_PIXELS; beyond them it is its first frame. Raises
    TooManyPixels before anything is decoded, NotReadable where decoding fails.
    """
    try:
        frames, durations = decode(source, shape)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise TooManyPixels from bomb
    except BROKEN as trouble:
        raise NotReadable from trouble
    width, height = frames[0].size
    write(frames, durations, folder / full_name, SAVED_AS[shape])
    widths = [narrow for narrow in WIDTHS if narrow < width] + ([width] if width <= WIDTHS[-1] else [])
    for narrow in reversed(widths):
        size = (narrow, max(1, round(height * narrow / width)))
        frames = [frame if frame.size == size else frame.resize(size, Image.Resampling.LANCZOS) for frame in frames]
        write(frames, durations, folder / f"{narrow}.webp", NARROW)
    return Encoded(width, height, widths)


def decode(source, shape):
    """The frames as fresh canvases, and how long each is shown (ms)."""
    source.seek(0)
    with Image.open(source, formats=OPENED_AS[shape]) as image:
        pixels = image.width * image.height
        if pixels > MOST_PIXELS:
            raise Image.DecompressionBombError
        count = getattr(image, "n_frames", 1) if shape in ("gif", "webp") else 1
        if count > 1 and count * pixels <= MOST_MOVING_PIXELS:
            moving = [(plain(frame.copy()), frame.info.get("duration", 100)) for frame in ImageSequence.Iterator(image)]
            return [frame for frame, _ in moving], [duration for _, duration in moving]
        if shape == "jpeg":
            image.draft("RGB", (LARGEST, LARGEST))  # a JPEG can be decoded at a half, a quarter, an eighth
        image.load()
        return [plain(image)], []


def plain(image):
    """The picture upright, not too large, in sRGB, on a canvas that knows nothing else."""
    profile = image.info.get("icc_profile")
    image = with_plain_mode(image)
    bounds = (LARGEST, TALLEST)
    if image.getexif().get(ORIENTATION) in ON_ITS_SIDE:
        bounds = bounds[::-1]
    image.thumbnail(bounds, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if profile:
        image = in_srgb(image, profile)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    canvas = Image.new(image.mode, image.size)
    canvas.paste(image)
    return canvas


def with_plain_mode(image):
    """RGB, RGBA or, until its profile is applied, CMYK."""
    if image.mode in ("RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    clear = "A" in image.getbands() or "transparency" in image.info
    return image.convert("RGBA" if clear else "RGB")


def in_srgb(image, profile):
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGB" if image.mode == "CMYK" else image.mode
        return ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that fits not: the colours as they are


def write(frames, durations, path, options):
    if options["format"] == "JPEG":
        frames = [frame.convert("RGB") if frame.mode != "RGB" else frame for frame in frames]
    if len(frames) > 1:
        options = options | {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": 0}
        if options["format"] == "GIF":
            options |= {"disposal": 2}
    frames[0].save(path, **options)
