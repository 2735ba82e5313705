"""Convert an untrusted picture to a small square.

Imports Pillow, which is large, so only the job that has fetched a picture imports this module.
"""

import io

from core import images

SIDE = 160  # pixels; shown at 40, sharp on every screen
MAX_PIXELS = 16_000_000
FORMATS = ("jpeg", "png", "gif", "webp")


class InvalidImage(Exception):
    """Not an image, a broken one, or one with too many pixels."""


def render_avatar(data: bytes) -> bytes:
    """The picture as a WebP of SIDE × SIDE pixels, without metadata. Raises InvalidImage."""
    try:
        canvas = images.decode(io.BytesIO(data), FORMATS, MAX_PIXELS)
    except (images.TooManyPixels, images.NotReadable) as trouble:
        raise InvalidImage(str(trouble)) from trouble
    out = io.BytesIO()
    images.square(canvas, SIDE).save(out, "WEBP", quality=82)
    return out.getvalue()
