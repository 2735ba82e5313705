"""A stranger's picture becomes a small square of ours: decoded within limits, upright, drawn on a fresh canvas.

Imports Pillow, so only the job that has fetched a picture imports this module.
"""

import io
import struct
import warnings

from PIL import Image, ImageOps

SIDE = 160  # pixels; shown at 40, sharp on every screen
MAX_PIXELS = 16_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    OverflowError,
)


class InvalidImage(Exception):
    """No picture, a broken one, or one that is too large to be looked at."""


def render_avatar(data: bytes) -> bytes:
    """The picture as a WebP of SIDE × SIDE; nothing of the file is left but its pixels. Raises NotReadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return as_webp(data)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, *DECODING_ERRORS) as trouble:
        raise InvalidImage(str(trouble)) from trouble


def as_webp(data):
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (SIDE, SIDE))  # a JPEG can be decoded at a half, a quarter, an eighth
        image.load()
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    square = ImageOps.fit(plain, (SIDE, SIDE), Image.Resampling.LANCZOS)
    canvas = Image.new(square.mode, square.size)
    canvas.paste(square)
    out = io.BytesIO()
    canvas.save(out, "WEBP", quality=82)
    return out.getvalue()
