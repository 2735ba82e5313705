"""Decodes an uploaded picture within limits: upright, converted to sRGB, on new canvases, with all frames.

Only the pixels are kept: no EXIF, no location, no comment, no color profile, no second picture appended to the file.
Imports Pillow, so import this module only when something is uploaded.
"""

import io
import math
import struct
import warnings
from dataclasses import dataclass, field

from PIL import Image, ImageCms, ImageMath, ImageOps

from blog.media import animation

MOST_PIXELS = 50_000_000
LARGEST = 2400  # width in pixels of the file in the original format
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
END_OF_JPEG = b"\xff\xd9"
SCAN_OF_JPEG = b"\xff\xda"
ROWS_MISSING, SHARE_MISSING = 32, 20  # a truncated JPEG is accepted if it lacks at most 32 rows or 1/20 of its rows
FULL_SCANS = 6  # of a progressive JPEG: later scans only refine the picture

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

OPENED_AS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "gif": ("GIF",), "webp": ("WEBP",), "avif": ("AVIF",)}
# What Pillow's readers raise for a broken file (the AVIF reader: RuntimeError).
BROKEN = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, struct.error
)  # fmt: skip


class TooManyPixels(Exception):
    """More than MOST_PIXELS according to the header."""


class NotReadable(Exception):
    """The file is damaged, incomplete or not of the format that its first bytes indicate."""


@dataclass
class Decoded:
    """A decoded picture.

    `canvases`: the frames, one for a still picture; `durations`: ms per frame; `plays`: see blog.media.animation;
    `became_still`: only the first frame was kept, because the animation costs too much; `became_endless`: `plays` was
    over animation.MOST_PLAYS and is now 0.
    """

    canvases: list
    durations: list = field(default_factory=list)
    plays: int = 0
    became_still: bool = False
    became_endless: bool = False


def animation_cost(source, shape):
    """The animation.cost of a picture that stays animated, without decoding it; 0 for any other picture."""
    source.seek(0)
    try:
        with Image.open(source, formats=OPENED_AS[shape]) as image:
            count = animation.count(image, source, shape)
            cost = animation.cost(count, image.width * image.height)
            return cost if count > 1 and cost <= animation.MOST else 0
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, *BROKEN):
        return 0  # `decode` raises the error


def decode(source, shape, *, still=False):
    """Decodes a picture of the format `shape` into a Decoded; `still`: only its first frame.

    Raises TooManyPixels before anything is decoded, NotReadable if decoding fails.
    """
    try:
        return decode_whole(source, shape, still)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise TooManyPixels from bomb
    except BROKEN as trouble:
        mended = end_or_nothing(source) if shape == "jpeg" else None
        if mended:
            return decode(mended, shape, still=still)
        raise NotReadable from trouble


def decode_whole(source, shape, still):
    source.seek(0)
    with Image.open(source, formats=OPENED_AS[shape]) as image:
        pixels = image.width * image.height
        if pixels > MOST_PIXELS:
            raise Image.DecompressionBombError
        count = 1 if still else animation.count(image, source, shape)
        moves = count > 1
        if moves and animation.cost(count, pixels) <= animation.MOST:
            return moving(image, source, shape, count)
        if shape == "jpeg":
            image.draft("RGB", (LARGEST, LARGEST))  # a JPEG can be decoded at a half, a quarter, an eighth
        image.load()
        return Decoded([plain(image, depth_of(source, shape))], became_still=moves)


def moving(image, source, shape, count):
    """All frames, composed as a viewer shows them. The default image of an animated PNG need not be a frame."""
    canvases, durations, first = [], [], int(bool(getattr(image, "default_image", False)))
    for number in range(first, first + count):
        try:
            image.seek(number)
        except EOFError:
            break
        image.load()
        canvases.append(plain(image.copy()))
        durations.append(min(max(0, round(image.info.get("duration", 100))), animation.LONGEST))
    if not canvases:
        raise EOFError
    if len({canvas.mode for canvas in canvases}) > 1:
        canvases = [canvas.convert("RGBA") for canvas in canvases]
    plays = animation.plays(image, source, shape)
    is_endless = plays > animation.MOST_PLAYS
    return Decoded(canvases, durations, 0 if is_endless else plays, became_endless=is_endless)


# Truncated JPEGs


def end_or_nothing(source):
    try:
        return with_its_end(source)
    except BROKEN:
        return None


def with_its_end(source):
    """The JPEG with an end marker added, if only its last rows or last scans are missing: browsers show it then. None
    if more is missing or something else is wrong."""
    source.seek(0)
    content = source.read()
    if content.endswith(END_OF_JPEG):
        return None
    with Image.open(io.BytesIO(content), formats=OPENED_AS["jpeg"]) as image:
        if image.info.get("progressive"):
            enough = content.count(SCAN_OF_JPEG) >= FULL_SCANS
        else:
            enough = rows_missing(image) <= max(ROWS_MISSING, image.height // SHARE_MISSING)
    return io.BytesIO(content + END_OF_JPEG) if enough else None


def rows_missing(image):
    """How many rows at the end of a truncated picture cannot be decoded: the buffer is filled with an unlikely color
    first, and rows that still have it were not decoded."""
    image.draft("RGB", (LARGEST, LARGEST))
    image.load_prepare()
    mark = {1: 1, 3: (1, 254, 3), 4: (1, 254, 3, 5)}[len(image.getbands())]
    image.im.paste(mark if isinstance(mark, tuple) else (mark,), (0, 0, *image.size))
    try:
        image.load()
        return 0
    except OSError:
        pass
    left = Image.new(image.mode, image.size)
    left.im = image.im
    for row in range(left.height - 1, -1, -1):
        colours = left.crop((0, row, left.width, row + 1)).getcolors(1)
        if not colours or colours[0][1] != mark:
            return left.height - 1 - row
    return left.height


# New canvases without metadata


def plain(image, depth=8):
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


def drawn_within(image, bounds):
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


def with_plain_mode(image, depth=8):
    """The picture converted to RGB or RGBA, or left in CMYK until its profile is applied."""
    clear = image.info.get("transparency")
    if image.mode in ("RGB", "RGBA", "CMYK") and clear is None:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey
        return from_deep_grey(image.convert("I"), clear)
    if clear is not None and depth != 8:
        image.info["transparency"] = in_eight_bits(clear, depth, image.mode)
    return image.convert("RGBA" if "A" in image.getbands() or clear is not None else "RGB")


def from_deep_grey(image, clear):
    """RGB from 16-bit greyscale, or RGBA if one grey value (`clear`) is transparent."""
    shown = image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if isinstance(clear, int):
        shown.putalpha(
            ImageMath.lambda_eval(lambda given: given["convert"]((given["grey"] != clear) * 255, "L"), grey=image)
        )
    return shown


def in_eight_bits(clear, depth, mode):
    """The transparent color of a PNG in 8 bits: Pillow converts the samples, but leaves this value as it is."""
    if isinstance(clear, tuple) and depth == 16:
        return tuple(value >> 8 for value in clear)
    if isinstance(clear, int) and mode == "L" and depth in (2, 4):
        return clear * 255 // (2**depth - 1)
    return clear


def depth_of(source, shape):
    """Bits per sample of a PNG; 8 for all other formats."""
    if shape != "png":
        return 8
    source.seek(24)
    return (source.read(1) or b"\x08")[0]


def in_srgb(image, profile):
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGB" if image.mode == "CMYK" else image.mode
        return ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image  # an unusable profile: keep the colors as they are


def square(canvas, size):
    """The center of the picture as a square PNG (bytes)."""
    out = io.BytesIO()
    ImageOps.fit(canvas.convert("RGBA"), (size, size), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()
