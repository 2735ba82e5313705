"""Convert an untrusted picture to a small square: decoded within limits, rotated by its EXIF data, re-encoded.

Imports Pillow, which is large, so only the job that has fetched a picture imports this module.
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
    """Not an image, a broken one, or one with too many pixels."""


def render_avatar(data: bytes) -> bytes:
    """The picture as a WebP of SIDE × SIDE pixels, without metadata. Raises InvalidImage."""
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
        image.draft("RGB", (SIDE, SIDE))  # decode a large JPEG at 1/2, 1/4 or 1/8 of its size
        image.load()
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    square = ImageOps.fit(plain, (SIDE, SIDE), Image.Resampling.LANCZOS)
    canvas = Image.new(square.mode, square.size)
    canvas.paste(square)
    out = io.BytesIO()
    canvas.save(out, "WEBP", quality=82)
    return out.getvalue()
