"""A stranger's picture becomes one of ours: decoded within limits, upright, in sRGB, drawn on a fresh canvas.

Nothing of the former file is left but its pixels: no EXIF, no place, no comment, no profile, no second picture
behind it. Imports Pillow, so only an upload imports this module.
"""

import io
import math
import struct
import warnings
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageCms, ImageOps, ImageSequence

MOST_PIXELS = 50_000_000
MOST_MOVING_PIXELS = 20_000_000  # of all frames together
WIDTHS = (480, 960, 1600)
LARGEST = 2400  # of the fallback in its own format
TALLEST = 16_000  # WebP ends at 16,383
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

OPENED_AS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "gif": ("GIF",), "webp": ("WEBP",), "avif": ("AVIF",)}
SAVED_AS = {
    "jpeg": {"format": "JPEG", "quality": 86, "progressive": True, "optimize": True},
    "png": {"format": "PNG"},
    "gif": {"format": "GIF"},
    "webp": {"format": "WEBP", "quality": 84},
    "avif": {"format": "AVIF", "quality": 65, "speed": 8},
}
NARROW = {"format": "WEBP", "quality": 80}
# One at a time: the largest picture takes a few hundred megabytes while it is decoded, and four threads answer.
_alone = Lock()
# What Pillow's readers raise on a broken file; that of AVIF says RuntimeError.
BROKEN = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, struct.error
)  # fmt: skip


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
    with _alone:
        return encode_alone(source, folder, shape, full_name)


def encode_alone(source, folder, shape, full_name):
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


def squares(source, shape, sizes):
    """{size: a square PNG of the picture's middle}. Raises as `encode` does."""
    try:
        with _alone:
            frames, _durations = decode(source, shape)
            drawn = {}
            for size in sizes:
                out = io.BytesIO()
                ImageOps.fit(frames[0].convert("RGBA"), (size, size), Image.Resampling.LANCZOS).save(out, "PNG")
                drawn[size] = out.getvalue()
            return drawn
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise TooManyPixels from bomb
    except BROKEN as trouble:
        raise NotReadable from trouble


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
    profile, orientation = image.info.get("icc_profile"), image.getexif().get(ORIENTATION)
    bounds = (TALLEST, LARGEST) if orientation in ON_ITS_SIDE else (LARGEST, TALLEST)
    canvas = drawn_within(with_plain_mode(image), bounds)
    if orientation in TURNS:
        canvas = canvas.transpose(TURNS[orientation])
    if profile:
        canvas = in_srgb(canvas, profile)
    if canvas.mode == "CMYK":
        canvas = canvas.convert("RGB")
    canvas.info.clear()
    return canvas


def drawn_within(image, bounds):
    """A fresh canvas with the picture, made smaller until it fits.

    Strip by strip: to resize a transparent picture Pillow first copies the whole of it, 200 MB for the largest.
    Each strip brings the rows around it that its edges are made of, so no seam can be seen.
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
