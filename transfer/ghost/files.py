"""Opens the exports of Ghost: a JSON file, or a zip archive with some in it."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from transfer.wordpress.errors import Refused

LARGEST = 1 << 30  # bytes of one JSON document, which is read as a whole
RATIO = 400  # unpacked to packed
DAMAGED = "This zip archive is damaged. Please download it again."


def documents(paths: Sequence[str | Path]) -> Iterator[tuple[str, str]]:
    """(name, text) of each JSON document. Raises Refused for what cannot be opened or is too large."""
    for path in map(Path, paths):
        try:
            if zipfile.is_zipfile(path):
                yield from members(path)
            elif path.stat().st_size > LARGEST:
                raise Refused("This file is larger than 1 GB.", file=path.name)
            else:
                yield path.name, decoded(path.read_bytes(), path.name)
        except FileNotFoundError:
            raise Refused("There is no such file.", file=path.name)
        except (IsADirectoryError, PermissionError):
            raise Refused("This file cannot be opened.", file=path.name)


def members(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = sorted(each for each in archive.namelist() if is_export_name(each))
            if not found:
                raise Refused("There is no JSON file in this zip archive.", file=path.name)
            for inside in found:
                info = archive.getinfo(inside)
                if info.file_size > min(LARGEST, max(RATIO * info.compress_size, 64 << 20)):
                    raise Refused("This archive unpacks to more than it should.", file=path.name)
                name = f"{path.name}/{PurePosixPath(inside).name}"
                yield name, decoded(archive.read(inside), name)
    except RuntimeError:
        raise Refused("This zip archive is protected by a password.", file=path.name)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise Refused(DAMAGED, file=path.name)


def is_export_name(inside: str) -> bool:
    path = PurePosixPath(inside)
    return path.suffix.lower() == ".json" and "__MACOSX" not in path.parts and not path.name.startswith(".")


def decoded(content: bytes, name: str) -> str:
    """The text, in UTF-8 or UTF-16 with a byte order mark. Raises Refused for what is no text."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1 if encoding != "utf-16" else 0
        raise Refused("This file is no text in UTF-8, as the exports of Ghost are.", line, name)
    if not text.strip():
        raise Refused("This file is empty.", file=name)
    if text.lstrip()[0] == "<":
        raise Refused("This is an XML or HTML file, not an export of Ghost (JSON).", file=name)
    return text
