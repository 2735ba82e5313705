"""A stranger's picture, decoded within limits: upright, in sRGB, on fresh canvases, with its frames if it moves.

Nothing of the former file is left but its pixels: no EXIF, no place, no comment, no profile, no second picture
behind it. Imports Pillow, so only an upload imports this module.
"""

import io
import math
import struct
import warnings
from dataclasses import dataclass, field

from PIL import Image, ImageCms, ImageMath, ImageOps

from blog.media import animation

MOST_PIXELS = 50_000_000
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
END_OF_JPEG = b"\xff\xd9"
SCAN_OF_JPEG = b"\xff\xda"
ROWS_MISSING, SHARE_MISSING = 32, 20  # a JPEG may lack so many rows at its end, or one in so many
FULL_SCANS = 6  # of a progressive JPEG: what follows them only sharpens

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

OPENED_AS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "gif": ("GIF",), "webp": ("WEBP",), "avif": ("AVIF",)}
# What Pillow's readers raise on a broken file; that of AVIF says RuntimeError.
BROKEN = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, struct.error
)  # fmt: skip


class TooManyPixels(Exception):
    """More than MOST_PIXELS, by what the header says."""


class NotReadable(Exception):
    """Not a whole picture of the kind that it begins like."""


@dataclass
class Decoded:
    """The frames as fresh canvases (one, if it does not move), how long each is shown (ms), how often all are (0: for
    ever), and whether frames were left out because they are too many, or it plays more often than can be said."""

    canvases: list
    durations: list = field(default_factory=list)
    plays: int = 0
    became_still: bool = False
    became_endless: bool = False


def animation_cost(source, shape):
    """What the frames of a picture cost that is kept moving (frames.cost), told without decoding them; else 0."""
    source.seek(0)
    try:
        with Image.open(source, formats=OPENED_AS[shape]) as image:
            count = animation.count(image, source, shape)
            cost = animation.cost(count, image.width * image.height)
            return cost if count > 1 and cost <= animation.MOST else 0
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, *BROKEN):
        return 0  # `decode` says what is wrong


def decode(source, shape, *, still=False):
    """`still`: the first frame will do. Raises TooManyPixels before anything is decoded, else NotReadable."""
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
    """Every frame, as a viewer would put it on the screen. A PNG may begin with a picture that is none of them."""
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


# A JPEG whose end is missing


def end_or_nothing(source):
    try:
        return with_its_end(source)
    except BROKEN:
        return None


def with_its_end(source):
    """A JPEG of which only the last rows, or the last refinement, are missing, with an end: browsers show it so. None
    where more is missing, or something else is wrong."""
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
    """How many rows at the end of a picture that is cut off cannot be decoded. Told by a mark that they leave."""
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


# A canvas that knows nothing else


def plain(image, depth=8):
    """The picture upright, not too large, in sRGB. `depth`: bits of each of its samples."""
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


def with_plain_mode(image, depth=8):
    """RGB, RGBA or, until its profile is applied, CMYK."""
    clear = image.info.get("transparency")
    if image.mode in ("RGB", "RGBA", "CMYK") and clear is None:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey
        return from_deep_grey(image.convert("I"), clear)
    if clear is not None and depth != 8:
        image.info["transparency"] = in_eight_bits(clear, depth, image.mode)
    return image.convert("RGBA" if "A" in image.getbands() or clear is not None else "RGB")


def from_deep_grey(image, clear):
    """RGB, or RGBA where one grey (`clear`) stands for nothing."""
    shown = image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if isinstance(clear, int):
        shown.putalpha(
            ImageMath.lambda_eval(lambda given: given["convert"]((given["grey"] != clear) * 255, "L"), grey=image)
        )
    return shown


def in_eight_bits(clear, depth, mode):
    """The colour that a PNG calls transparent, as Pillow gives its samples: it keeps it in the file's own depth."""
    if isinstance(clear, tuple) and depth == 16:
        return tuple(value >> 8 for value in clear)
    if isinstance(clear, int) and mode == "L" and depth in (2, 4):
        return clear * 255 // (2**depth - 1)
    return clear


def depth_of(source, shape):
    """Bits of each sample; told of PNG alone."""
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
        return image  # a profile that fits not: the colours as they are


def square(canvas, size):
    """A square PNG of the picture's middle."""
    out = io.BytesIO()
    ImageOps.fit(canvas.convert("RGBA"), (size, size), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()
