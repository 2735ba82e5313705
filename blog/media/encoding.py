"""Encode an uploaded picture (decoded by blog.media.decoding) in its own format and as WebP in three widths.

Imports Pillow, so import this module only when something is uploaded.
"""

import io
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from PIL import AvifImagePlugin, Image

from blog.media import animation
from blog.media.decoding import animation_cost, decode
from blog.media.file_types import CONVERTED
from core import child_process
from core.images import MOST_PIXELS, NotReadable, TooManyPixels, pixels_allowed, square

__all__ = ["HUGEST", "MOST_PIXELS", "NotReadable", "TooLarge", "TooManyPixels", "encode", "squares"]

WIDTHS = (480, 960, 1600)
SAVED_AS = {
    "jpeg": {"format": "JPEG", "quality": 86, "progressive": True, "optimize": True},
    "png": {"format": "PNG"},
    "gif": {"format": "GIF"},
    "webp": {"format": "WEBP", "quality": 84},
    "avif": {"format": "AVIF", "quality": 65, "speed": 8},
}
NARROW = {"format": "WEBP", "quality": 80}
# One picture at a time: decoding the largest takes a few hundred megabytes, and there are four request threads.
_alone = Lock()
# An animation with a higher animation.cost (about a second of work) is encoded in a child process.
IN_THIS_PROCESS = 2_000_000
SECONDS, MEMORY = 60, 1024 * 1024 * 1024  # limits of the child process; at worst it takes 15 s and 400 MB
# A picture of more than MOST_PIXELS is decoded in a child process, too. A JPEG is decoded at a half to an eighth of its
# size, with all its coefficients in memory if it is progressive; in other formats the pixels may take 256 MiB, and
# Python, the libraries and what is made of the picture the rest.
HUGEST = 200_000_000  # pixels
MEMORY_HUGE = 384 * 1024 * 1024
AvifImagePlugin.DEFAULT_MAX_THREADS = 2  # instead of one per processor: each needs memory


class TooLarge(Exception):
    """Decoding it exceeds the limits of the child process."""


@dataclass(frozen=True)
class Encoded:
    width: int
    height: int
    widths: list
    became_still: bool = False
    became_endless: bool = False


def encode(source, folder, shape, full_name):
    """Writes `full_name` in the format `shape` (at most LARGEST wide) and the WebP widths ("480.webp") into `folder`.

    An animation keeps its frames and how often it plays if its cost is at most `animation.MOST`; otherwise, or if the
    child process exceeds its limits, only the first frame is kept and `became_still` is true. Returns an Encoded.
    Raises TooManyPixels (more than HUGEST) before anything is decoded, TooLarge, NotReadable if decoding fails,
    child_process.Busy if too many requests wait for a child process.
    """
    if shape in CONVERTED:  # by libraries in C++ that read what strangers sent
        return encode_huge(source, folder, shape, full_name)
    if animation_cost(source, shape) <= IN_THIS_PROCESS:
        try:
            return encode_here(source, folder, shape, full_name)
        except TooManyPixels:
            return encode_huge(source, folder, shape, full_name)
    try:
        return encode_elsewhere(source, folder, shape, full_name)
    except child_process.Busy:
        raise
    except child_process.LimitExceeded:
        for file in folder.iterdir():
            file.unlink()
        return encode_here(source, folder, shape, full_name, still=True)


def encode_here(source, folder, shape, full_name, *, still=False):
    with _alone:
        decoded = decode(source, shape, first_only=still)
        width, height = decoded.canvases[0].size
        stored = CONVERTED.get(shape, shape)
        write(decoded, folder / full_name, stored, SAVED_AS[stored])
        widths = [narrow for narrow in WIDTHS if narrow < width] + ([width] if width <= WIDTHS[-1] else [])
        for narrow in reversed(widths):
            size = (narrow, max(1, round(height * narrow / width)))
            for at, canvas in enumerate(decoded.canvases):  # in place, so that memory holds each frame once
                if canvas.size != size:
                    decoded.canvases[at] = canvas.resize(size, Image.Resampling.LANCZOS)
            write(decoded, folder / f"{narrow}.webp", "webp", NARROW)
        return Encoded(width, height, widths, still or decoded.became_still, decoded.became_endless)


def encode_huge(source, folder, shape, full_name):
    """`encode_here` in a child process, for HEIC and more than MOST_PIXELS; of an animation the first frame."""
    memory = MEMORY if shape in ("jpeg", "heic") else MEMORY_HUGE
    try:
        return encode_elsewhere(source, folder, shape, full_name, most_pixels=HUGEST, memory=memory)
    except child_process.Busy:
        raise
    except child_process.LimitExceeded:
        raise TooLarge from None


def encode_elsewhere(source, folder, shape, full_name, *, most_pixels=MOST_PIXELS, memory=MEMORY):
    """`encode_here` in a child process. Raises child_process.LimitExceeded as well."""
    file = folder.with_name(f"{folder.name}.source")
    try:
        with file.open("wb") as copy:
            source.seek(0)
            shutil.copyfileobj(source, copy)
        arguments = {"source": str(file), "folder": str(folder), "shape": shape, "full_name": full_name}
        arguments["most_pixels"] = most_pixels
        made = child_process.call("blog.media.encoding.answer", arguments, seconds=SECONDS, memory=memory)
    finally:
        file.unlink(missing_ok=True)
    if "trouble" in made:
        raise TROUBLES[made["trouble"]]
    return Encoded(**made)


TROUBLES = {"NotReadable": NotReadable, "TooManyPixels": TooManyPixels, "TooLarge": TooLarge}


def answer(source, folder, shape, full_name, most_pixels):
    """What the child process runs: returns the fields of an Encoded as a dict, or {"trouble": a name of TROUBLES}."""
    try:
        with open(source, "rb") as file, pixels_allowed(most_pixels):
            return asdict(encode_here(file, Path(folder), shape, full_name))
    except (NotReadable, TooManyPixels) as trouble:
        return {"trouble": type(trouble).__name__}
    except MemoryError:
        return {"trouble": "TooLarge"}


def squares(source, shape, sizes):
    """{size: the center of the picture as a square PNG}. Raises TooManyPixels or NotReadable."""
    with _alone:
        canvas = decode(source, shape, first_only=True).canvases[0].convert("RGBA")
        return {size: as_png(square(canvas, size)) for size in sizes}


def as_png(canvas):
    out = io.BytesIO()
    canvas.save(out, "PNG")
    return out.getvalue()


def write(decoded, path, shape, options):
    canvases = decoded.canvases
    if shape == "jpeg":
        canvases = [canvas.convert("RGB") if canvas.mode != "RGB" else canvas for canvas in canvases]
    if len(canvases) > 1:
        options = options | {"save_all": True, "append_images": canvases[1:], "duration": decoded.durations}
        options |= animation.as_said_by(shape, decoded.plays)
        if shape == "gif" and canvases[0].mode == "RGBA":
            options["disposal"] = 2
        if shape == "avif":
            options["speed"] = 10
    canvases[0].save(path, **options)
    if len(canvases) > 1 and shape == "avif" and decoded.plays:
        animation.set_plays_of_avif(path, decoded.plays)
    if len(canvases) > 1 and options["format"] == "WEBP" and canvases[0].mode == "RGBA":
        animation.say_see_through(path)
