"""What a sound or film says of itself: how long it is, and whether every browser plays it."""

import io
from pathlib import Path

MOST_BOX = 32 * 2**20  # bytes of the box that describes a film
MOST_BOXES = 10_000  # that are looked at on the way to it
HEVC = (b"hvc1", b"hev1")
MOST_READS = 100_000  # by the library, which looks for the next frame of a damaged MP3 to its end


class LimitedReader(io.BufferedReader):
    """A file that can be read in at most MOST_READS pieces. Raises OSError."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MOST_READS:
            raise OSError("too many pieces")
        return super().read(size)


def duration_of(path: Path, shape: str) -> int | None:
    """Whole seconds, at least one; None for what is damaged or not known to the library (WebM)."""
    from tinytag import TinyTag, TinyTagException  # loaded with the first recording

    if shape == "webm":
        return None
    try:
        with LimitedReader(io.FileIO(path)) as file:
            found = TinyTag.get(str(path), file, tags=False, image=False, duration=True).duration
    except (
        TinyTagException,
        OSError,
        ValueError,
        ArithmeticError,
        LookupError,
        TypeError,
        MemoryError,
        RecursionError,
    ):
        return None
    return max(1, round(found)) if found and found < 10**7 else None


def is_hevc(path: Path) -> bool:
    """Whether an ISO media file (MP4, MOV) holds a film in HEVC (H.265): its box `moov` names the codec."""
    with path.open("rb") as file:
        size = path.stat().st_size
        place = 0
        for _number in range(MOST_BOXES):
            if place + 8 > size:
                break
            file.seek(place)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            elif length == 0:
                length = size - place
            if length < 8:
                return False
            if kind == b"moov":
                file.seek(place)
                described = file.read(min(length, MOST_BOX))
                return any(codec in described for codec in HEVC)
            place += length
    return False
