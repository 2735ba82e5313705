"""Opens export files and gives their text: plain, gzip or zip, in whatever encoding, without control characters.

Nothing is written to the disk, and no more than a piece of the text is in memory.
"""

import codecs
import gzip
import io
import re
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from transfer.records import Notice
from transfer.wordpress.errors import Refused
from transfer.wordpress.values import without_controls

PIECE = 1 << 18  # bytes that are read at once
HEAD = 1 << 20  # bytes that are looked at to find the encoding and the kind of file
UNPACKED_BYTES = 8 << 30  # of all that comes out of one archive
FREE_BYTES = 64 << 20  # below this nobody asks how well something was packed
RATIO = 400  # unpacked to packed: text of exports reaches 20
MEMBERS = 10_000
XML_NAMES = (".xml", ".atom", ".wxr", ".rss", ".xml.gz")
BROKEN_ARCHIVE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, OSError)

DECLARATION = re.compile(rb"<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
ENCODINGS = re.compile(
    r"utf-?8|us-?ascii|iso-?8859-?[0-9]{1,2}|latin-?[0-9]|(windows-?|cp)(125[0-8]|874|932|949|950)|koi8-?[rut]|gb2312|gbk|"
    r"gb18030|big5|shift[-_]?jis|euc-?(jp|kr)|mac-?(roman|intosh)|iso-?2022-?jp",
    re.IGNORECASE,
)
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NO_TEXT = (
    (b"%PDF-", "This is a PDF document, not an export file."),
    (b"\xd0\xcf\x11\xe0", "This is an Office document, not an export file."),
    (b"SQLite format 3\0", "This is an SQLite database, not an export file."),
    (b"\x89PNG", "This is a picture, not an export file."),
    (b"\xff\xd8\xff", "This is a picture, not an export file."),
    (b"GIF8", "This is a picture, not an export file."),
    (b"Rar!", "This is a RAR archive. Please unpack it and choose the XML file in it."),
    (b"7z\xbc\xaf", "This is a 7z archive. Please unpack it and choose the XML file in it."),
    (b"BZh", "This is a bzip2 archive. Please unpack it and choose the XML file in it."),
    (b"\xfd7zXZ", "This is an xz archive. Please unpack it and choose the XML file in it."),
)
_replaced = threading.local()


@dataclass
class Source:
    """One XML file. `pieces()` may be called once; `notices` grow while it runs."""

    name: str
    stream: "IO[bytes] | Unpacked"
    notices: list[Notice] = field(default_factory=list)

    def pieces(self) -> Iterator[str]:
        """The text in pieces: decoded, newlines as "\\n", without byte order mark and control characters."""
        head = b""
        while len(head) < HEAD and (data := self.read(PIECE)):
            head += data
        refuse_what_is_no_text(head, self.name)
        encoding = encoding_of(head)
        decoder = io.IncrementalNewlineDecoder(
            codecs.getincrementaldecoder(encoding)("transfer.windows-1252"), translate=True
        )
        line, first, count = 1, 0, 0
        data = head
        while True:
            _replaced.places = []
            text = decoder.decode(data, final=not data)
            if _replaced.places:
                first = first or line + _replaced.places[0]
                count += len(_replaced.places)
            line += text.count("\n")
            text = without_controls(text.removeprefix("\ufeff") if data is head else text)
            if text:
                yield text
            if not data:
                break
            data = self.read(PIECE)
        if count:
            reason = f"{count} bytes were not {encoding.upper()}: read as Windows-1252, or as \ufffd."
            self.notices.append(Notice(reason=reason, line=first, file=self.name))

    def read(self, size: int) -> bytes:
        """The next bytes; b"" at the end and where an archive breaks off."""
        try:
            return self.stream.read(size)
        except BROKEN_ARCHIVE as error:
            if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
                raise
            self.notices.append(Notice(reason="The packed file is damaged or cut off here.", file=self.name))
            self.stream = io.BytesIO()
            return b""


class Unpacked(io.RawIOBase):
    """What comes out of an archive, with a limit: a small file must not become an endless one."""

    def __init__(self, stream: Any, packed: int, name: str) -> None:
        self.stream, self.packed, self.name, self.count = stream, max(packed, 1), name, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read1(size)  # a broken archive gives what it has before it raises
        self.count += len(data)
        if self.count > UNPACKED_BYTES or (self.count > FREE_BYTES and self.count > RATIO * self.packed):
            raise Refused("This archive unpacks to far more than an export file has.", file=self.name)
        return data


def sources(
    paths: Sequence[str | Path], *, endings: tuple[str, ...] = XML_NAMES, kind: str = "XML"
) -> Iterator[Source]:
    """Every file in `paths`: the files themselves, and the members of zip archives in the order of their numbers.

    `endings` are those of the members that are read, `kind` what messages call them. Raises Refused for a file that
    cannot be opened, an archive without such a file and a protected one.
    """
    for path in map(Path, paths):
        try:
            with path.open("rb") as stream:
                start = stream.read(4)
                stream.seek(0)
                if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
                    yield from members(stream, path.name, endings, kind)
                elif start[:2] == b"\x1f\x8b":
                    unpacked = gzip.GzipFile(fileobj=stream)
                    yield Source(path.name, Unpacked(unpacked, path.stat().st_size, path.name))
                else:
                    yield Source(path.name, stream)
        except FileNotFoundError:
            raise Refused("There is no such file.", file=path.name)
        except (IsADirectoryError, PermissionError):
            raise Refused("This file cannot be opened.", file=path.name)


def members(stream: IO[bytes], name: str, endings: tuple[str, ...], kind: str) -> Iterator[Source]:
    try:
        archive = zipfile.ZipFile(stream)
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refused("This zip archive is damaged. Please download it again.", file=name)
    if len(entries) > MEMBERS:
        entries = entries[:MEMBERS]
    found = sorted((entry for entry in entries if has_ending(entry, endings)), key=lambda each: natural(each.filename))
    if not found:
        raise Refused(f"There is no {kind} file in this zip archive.", file=name)
    for entry in found:
        title = f"{name}/{PurePosixPath(entry.filename).name}"
        try:
            opened = archive.open(entry)
        except RuntimeError:
            raise Refused("This zip archive is protected by a password.", file=name)
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError):
            raise Refused("This zip archive is damaged. Please download it again.", file=title)
        with opened:
            unpacked = Unpacked(opened, entry.compress_size, title)
            if entry.filename.lower().endswith(".gz"):
                unpacked = Unpacked(gzip.GzipFile(fileobj=unpacked), entry.compress_size, title)
            yield Source(title, unpacked)


def has_ending(entry: zipfile.ZipInfo, endings: tuple[str, ...]) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = "__MACOSX" in path.parts or path.name.startswith(".")
    return not entry.is_dir() and not hidden and path.name.lower().endswith(endings)


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts part.2.xml before part.10.xml."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"([0-9]{1,18})", name)]


def refuse_what_is_no_text(head: bytes, name: str) -> None:
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refused("This file is empty.", file=name)
    for start, reason in NO_TEXT:
        if head.startswith(start):
            raise Refused(reason, file=name)


def encoding_of(head: bytes) -> str:
    """The name of the codec: a byte order mark, else the declaration where the bytes agree with it, else UTF-8."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    start = head.lstrip()[:4]
    if start[:4] in (b"<\0?\0", b"<\0r\0"):
        return "utf-16-le"
    if start[:4] in (b"\0<\0?", b"\0<\0r"):
        return "utf-16-be"
    match = DECLARATION.search(head)
    declared = match.group(1).decode("ascii").lower() if match else "utf-8"
    if not ENCODINGS.fullmatch(declared) or is_utf8(head):
        return "utf-8"
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return "utf-8"
    # As browsers read them: what is declared as Latin-1 or ASCII and has other bytes is Windows-1252.
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def is_utf8(head: bytes) -> bool:
    """Whether there are characters outside of ASCII, all of them valid UTF-8 (the last may be cut)."""
    if head.isascii():
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Replace a byte that the encoding has not; the start of a character of several bytes becomes U+FFFD, and is left
    out where the file ends in its middle."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    _replaced.places.append(error.object.count(b"\n", 0, error.start))
    if error.reason == "unexpected end of data":
        return "", error.end
    if len(bad) > 1:
        return "\ufffd", error.end
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("transfer.windows-1252", _read_as_windows_1252)
