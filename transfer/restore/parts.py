"""A part of a mirror folder as something foreign: nothing in it is believed before its hash is compared."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from transfer.mirror.folder import CHUNK, FORMAT, MANIFEST, VERSION

LARGEST_TEXT = 256 << 20  # bytes of a manifest or another file that is read into memory
MOST_FILES = 2_000_000
LONGEST_PATH = 1000


class Refused(Exception):
    """The folder is refused; the text is a sentence for its owner."""


class Part:
    """`public/` or `private/`: files that a manifest names, with their hashes."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder.resolve(), name
        manifest = load(self.within(MANIFEST), MANIFEST)
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise Refused(_("%s is no manifest of a mirror.") % f"{name}/{MANIFEST}")
        if manifest.get("version") != VERSION:
            raise Refused(_("This mirror was written by a newer version of Longrun."))
        if manifest.get("part") != name:
            raise Refused(_("%s belongs to another part of the mirror.") % f"{name}/{MANIFEST}")
        files = manifest.get("files")
        if not isinstance(files, dict) or len(files) > MOST_FILES or not all(map(is_entry, files.values())):
            raise Refused(_("The list of files in %s is damaged.") % f"{name}/{MANIFEST}")
        self.files: dict[str, dict[str, Any]] = files

    def verify(self) -> None:
        """Compare every file with its hash. Raises Refused, for what is too large before anything is read."""
        for path, entry in self.files.items():
            if entry["size"] > LARGEST_TEXT and not path.startswith("media/"):
                raise Refused(_("%s is too large.") % f"{self.name}/{path}")
        for path, entry in self.files.items():
            found = self.within(path)
            if found.stat().st_size != entry["size"] or hash_of(found) != entry["sha256"]:
                raise Refused(_("%s has changed since the manifest was written.") % f"{self.name}/{path}")

    def within(self, path: str) -> Path:
        """The regular file at a path of the manifest. Raises Refused for what leads out of the folder or is none."""
        pure = PurePosixPath(path)
        is_plain = not re.search(r"[\x00-\x1f\x7f\\:]", path) and len(path) <= LONGEST_PATH
        if not is_plain or pure.is_absolute() or ".." in pure.parts or pure.as_posix() != path:
            raise Refused(_("The manifest names a path that leads out of the folder: %s") % ascii(path)[:200])
        found = self.folder / path
        try:
            if found.resolve() != found or not found.is_file():
                raise Refused(_("%s is missing, or a link to another place.") % f"{self.name}/{path}")
        except (OSError, RuntimeError, ValueError) as error:
            raise Refused(_("%s cannot be read.") % f"{self.name}/{path}") from error
        return found

    def bytes(self, path: str) -> bytes:
        """The content of a file, compared with its hash once more."""
        found = self.within(path)
        if self.files[path]["size"] > LARGEST_TEXT or found.stat().st_size != self.files[path]["size"]:
            raise Refused(_("%s is too large.") % f"{self.name}/{path}")
        data = found.read_bytes()
        if hashlib.sha256(data).hexdigest() != self.files[path]["sha256"]:
            raise Refused(_("%s has changed since the manifest was written.") % f"{self.name}/{path}")
        return data

    def json(self, path: str, kind: type) -> Any:
        """A list or an object; an empty one if the file is not there."""
        if path not in self.files:
            return kind()
        return decoded(self.bytes(path), f"{self.name}/{path}", kind)

    def below(self, *folders: str) -> Iterator[str]:
        for path in self.files:
            if path.partition("/")[0] in folders and "/" in path:
                yield path

    def copy(self, path: str, target: Path) -> None:
        """Copy a file and compare the copy with its hash."""
        found, digest = self.within(path), hashlib.sha256()
        with found.open("rb") as read, target.open("wb") as write:
            while data := read.read(CHUNK):
                digest.update(data)
                write.write(data)
        if digest.hexdigest() != self.files[path]["sha256"]:
            raise Refused(_("%s has changed since the manifest was written.") % f"{self.name}/{path}")

    @property
    def size(self) -> int:
        return sum(entry["size"] for entry in self.files.values())


def is_entry(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    size, digest = entry.get("size"), entry.get("sha256")
    return type(size) is int and size >= 0 and isinstance(digest, str) and len(digest) == 64


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(path: Path, name: str) -> Any:
    if path.stat().st_size > LARGEST_TEXT:
        raise Refused(_("%s is too large.") % name)
    return decoded(path.read_bytes(), name, dict)


def decoded(data: bytes, name: str, kind: type) -> Any:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(_("%s is no JSON.") % name) from error
    if not isinstance(found, kind):
        raise Refused(_("%s does not have what belongs there.") % name)
    return found


def check_space(size: int, target: Path) -> None:
    """Raises Refused if the disk has no room for this many bytes."""
    target.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(target).free < size * 1.1:
        raise Refused(_("There is not enough room on the disk: the files have %d MB.") % (size >> 20))
