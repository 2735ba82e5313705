"""Small recordings as an upload would have them: an MP3 of silence, and the boxes of a film."""

import struct

SILENCE = (b"\xff\xfb\x90\x64" + bytes(413)) * 230  # frames of an MP3: 6 seconds


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def film(brand=b"isom", codec=b"avc1", seconds=75):
    """The boxes of a film that say how long it is and in which codec."""
    header = box(b"mvhd", bytes(12), struct.pack(">II", 1000, seconds * 1000), bytes(80))
    media_header = box(b"mdhd", bytes(12), struct.pack(">II", 1000, seconds * 1000), bytes(4))
    sample = box(codec, bytes(78))
    table = box(b"stbl", box(b"stsd", bytes(4), struct.pack(">I", 1), sample))
    track = box(b"trak", box(b"mdia", media_header, box(b"minf", table)))
    return (
        box(b"ftyp", brand, bytes(4), brand) + box(b"free", bytes(8)) + box(b"moov", header, track) + box(b"mdat", b"x")
    )
