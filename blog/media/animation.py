"""Reads how many frames a picture has and how often it plays from the file's headers, before anything is decoded.

`plays` is how often all frames are shown; 0 means for ever. A GIF stores the number of repetitions instead (plays - 1),
and no value at all if it plays once.
"""

import io

MOST = 24_000_000  # the highest `cost` of an animation: at worst 15 s and 400 MB to encode
MOST_PLAYS = 65_535  # the limit of WebP
FRAME = 40_000  # fixed cost of a frame beside its pixels, for its palette and headers
LONGEST = 65_535  # ms, of one frame
MOST_BOXES = 1000  # siblings read in an AVIF


def cost(count, pixels):
    return count * (pixels + FRAME)


def count(image, source, shape):
    """The number of frames. Counting stops in a GIF once there are more than `MOST` allows."""
    source.seek(0)
    if shape == "gif":
        return count_gif(source, MOST // FRAME + 1)
    if shape == "png":
        return count_png(source)
    return image.n_frames if shape in ("webp", "avif") else 1


def count_gif(source, most):
    """Counts the image blocks of a GIF without decoding them. Raises nothing for a broken file; the decoder does."""
    head = source.read(13)
    if len(head) < 13:
        return 0
    skip_colours(source, head[10])
    found = 0
    while found <= most:
        kind = source.read(1)
        if kind == b",":
            found += 1
            skip_colours(source, (source.read(9) or b"\0")[-1])
            source.seek(1, 1)
        elif kind == b"!":
            source.seek(1, 1)
        else:
            return found
        skip_blocks(source)
    return found


def skip_colours(source, flags):
    if flags & 0x80:
        source.seek(3 << ((flags & 7) + 1), 1)


def skip_blocks(source):
    while length := source.read(1):
        if length == b"\0":
            return
        source.seek(length[0], 1)


def count_png(source):
    """The number of frames in the chunk acTL, which precedes the pixels; 1 without that chunk."""
    source.seek(8)
    while len(head := source.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
        if head[4:] == b"acTL":
            return int.from_bytes(source.read(4), "big")
        source.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return 1


def plays(image, source, shape):
    loop = image.info.get("loop")
    if shape == "gif":
        return 1 if loop is None else loop + 1 if loop else 0
    if shape == "avif":
        return plays_of_avif(source)
    return loop or 0


def as_said_by(shape, plays):
    """The options for Pillow's `save` that make a picture play so often."""
    if shape == "gif":
        return {} if plays == 1 else {"loop": max(0, plays - 1)}
    return {} if shape == "avif" else {"loop": plays}


# Pillow neither reads nor writes the repetitions of an AVIF. It plays its edit list once or, with the flag REPEATS,
# until the track's duration is over, as in libavif (avifDecoderReset, avifRWStreamWriteTrackHeader).

REPEATS = 1  # a flag of the edit list


def plays_of_avif(source):
    track = AvifTrack(source)
    if not track.is_whole:
        return 0
    if not track.flags & REPEATS:
        return 1
    if track.duration in (0, track.no_duration) or not track.once:
        return 0
    return -(-track.duration // track.once)


def set_plays_of_avif(path, plays):
    """Writes into the file how often it plays; `plays` is at least 1."""
    with path.open("r+b") as file:
        track = AvifTrack(file)
        if track.is_whole:
            track.set_plays(plays)


class AvifTrack:
    """The first track of an AVIF sequence: the positions and values of its durations. Decodes no frame."""

    def __init__(self, file):
        self.file = file
        movie = self.find(b"moov", 0, file.seek(0, io.SEEK_END))
        track = movie and self.find(b"trak", *movie)
        self.movie_header = movie and self.find(b"mvhd", *movie)
        self.header = track and self.find(b"tkhd", *track)
        edits = track and self.find(b"edts", *track)
        self.edits = edits and self.find(b"elst", *edits)
        self.is_whole = bool(self.movie_header and self.header and self.edits)
        if self.is_whole:
            self.flags = self.number(self.edits[0] + 3, 1)
            self.once = self.number(*self.edit_duration())
            at, size = self.track_duration()
            self.duration, self.no_duration = self.number(at, size), 256**size - 1

    def find(self, kind, at, end):
        """(start, end) of the content of the first box of this kind between `at` and `end`, or None."""
        for _box in range(MOST_BOXES):
            if at + 8 > end:
                return None
            size, head = self.number(at, 4), 8
            if size == 1:
                size, head = self.number(at + 8, 8), 16
            if size == 0:
                size = end - at
            if size < head:
                return None
            self.file.seek(at + 4)
            if self.file.read(4) == kind:
                return at + head, min(at + size, end)
            at += size
        return None

    def number(self, at, size):
        self.file.seek(at)
        return int.from_bytes(self.file.read(size), "big")

    # These return (position, size in bytes) of a duration. Version 1 of a box has 8-byte fields, version 0 4-byte ones.

    def long(self, box):
        return self.number(box[0], 1) == 1

    def edit_duration(self):
        return self.edits[0] + 8, 8 if self.long(self.edits) else 4

    def track_duration(self):
        return (self.header[0] + 28, 8) if self.long(self.header) else (self.header[0] + 20, 4)

    def movie_duration(self):
        return (self.movie_header[0] + 24, 8) if self.long(self.movie_header) else (self.movie_header[0] + 16, 4)

    def set_plays(self, plays):
        self.file.seek(self.edits[0] + 3)
        self.file.write(bytes([self.flags & ~REPEATS | (REPEATS if plays > 1 else 0)]))
        for at, size in (self.track_duration(), self.movie_duration()):
            self.file.seek(at)
            self.file.write((self.once * plays).to_bytes(size, "big"))


def say_see_through(path):
    """Sets the alpha flag of a WebP. Encoders leave it out when every frame is an opaque rectangle on a transparent
    background, and some viewers then show black."""
    content = path.read_bytes()
    if content[12:16] == b"VP8X" and not content[20] & 0x10:
        path.write_bytes(content[:20] + bytes([content[20] | 0x10]) + content[21:])
