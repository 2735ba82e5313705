"""How many frames a picture has and how often it plays: asked of the file, before anything is decoded.

`plays` is how often all frames are shown, 0 for ever. A GIF says instead how often it is repeated, and nothing at all
if it plays once.
"""

import io

MOST = 24_000_000  # what one picture may cost: at worst some fifteen seconds, and 400 MB while it is made
MOST_PLAYS = 65_535  # of a WebP
FRAME = 40_000  # what a frame costs beside its pixels: palettes and headers of tiny ones take their time too
LONGEST = 65_535  # ms, of one frame
MOST_BOXES = 1000  # of an AVIF, side by side


def cost(count, pixels):
    return count * (pixels + FRAME)


def count(image, source, shape):
    """The number of frames that are shown; of a GIF no more than are of interest."""
    source.seek(0)
    if shape == "gif":
        return count_gif(source, MOST // FRAME + 1)
    if shape == "png":
        return count_png(source)
    return image.n_frames if shape in ("webp", "avif") else 1


def count_gif(source, most):
    """Walks over the blocks of a GIF without decoding them. What is broken is the decoder's to say."""
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
    """What the chunk acTL says, which stands before the pixels."""
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
    """What Pillow is told when it writes."""
    if shape == "gif":
        return {} if plays == 1 else {"loop": max(0, plays - 1)}
    return {} if shape == "avif" else {"loop": plays}


# What Pillow neither reads nor writes. An AVIF plays its edit list once, or again and again until the track's time is
# over: as libavif reads and writes it (avifDecoderReset, avifRWStreamWriteTrackHeader).

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
    """`plays`: how often, at least once."""
    with path.open("r+b") as file:
        track = AvifTrack(file)
        if track.is_whole:
            track.set_plays(plays)


class AvifTrack:
    """The first track of an AVIF sequence: where in the file it says how long it is shown. Reads no frame."""

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
        """(begin, end) of what the first box of this kind holds, or None."""
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

    # (place, bytes): after version and flags, and twice a time and a number in the headers; version 1 has longer ones.

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
    """A WebP of whole rectangles on a clear ground is written as one without alpha: some show it on black."""
    content = path.read_bytes()
    if content[12:16] == b"VP8X" and not content[20] & 0x10:
        path.write_bytes(content[:20] + bytes([content[20] | 0x10]) + content[21:])
