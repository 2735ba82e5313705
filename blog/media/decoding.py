"""Decodes an uploaded picture with all its frames, and truncated JPEGs; the rest is done by core.images.

Imports Pillow, so import this module only when something is uploaded.
"""

import io
from dataclasses import dataclass, field

from PIL import Image

from blog.media import animation
from core.images import LARGEST, NotReadable, TooManyPixels, canvas_of, opened, still

END_OF_JPEG = b"\xff\xd9"
SCAN_OF_JPEG = b"\xff\xda"
ROWS_MISSING, SHARE_MISSING = 32, 20  # a truncated JPEG is accepted if it lacks at most 32 rows or 1/20 of its rows
FULL_SCANS = 6  # of a progressive JPEG: later scans only refine the picture


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
    try:
        with opened(source, [shape]) as image:
            count = animation.count(image, source, shape)
            cost = animation.cost(count, image.width * image.height)
            return cost if count > 1 and cost <= animation.MOST else 0
    except (TooManyPixels, NotReadable):
        return 0  # `decode` raises the error


def decode(source, shape, *, first_only=False):
    """Decodes a picture of the format `shape` into a Decoded; `first_only`: only its first frame.

    Raises TooManyPixels before anything is decoded, NotReadable if decoding fails.
    """
    try:
        return decode_whole(source, shape, first_only)
    except NotReadable:
        mended = end_or_nothing(source) if shape == "jpeg" else None
        if not mended:
            raise
        return decode(mended, shape, first_only=first_only)


def decode_whole(source, shape, first_only):
    with opened(source, [shape]) as image:
        count = 1 if first_only or shape == "heic" else animation.count(image, source, shape)
        moves = count > 1
        if moves and animation.cost(count, image.width * image.height) <= animation.MOST:
            return moving(image, source, shape, count)
        return Decoded([still(image, source)], became_still=moves)


def moving(image, source, shape, count):
    """All frames, composed as a viewer shows them. The default image of an animated PNG need not be a frame."""
    canvases, durations, first = [], [], int(bool(getattr(image, "default_image", False)))
    for number in range(first, first + count):
        try:
            image.seek(number)
        except EOFError:
            break
        image.load()
        canvases.append(canvas_of(image.copy()))
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
    except NotReadable:
        return None


def with_its_end(source):
    """The JPEG with an end marker added, if only its last rows or last scans are missing: browsers show it then. None
    if more is missing or something else is wrong."""
    source.seek(0)
    content = source.read()
    if content.endswith(END_OF_JPEG):
        return None
    with opened(io.BytesIO(content), ["jpeg"]) as image:
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
