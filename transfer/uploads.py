"""Uploaded export files and copies of an old blog's uploads: pieces of at most 8 MB, each with its place and its hash,
so that an upload goes on after a reload, a restart or a broken connection. They lie in a folder of their own in the
blog's data, not in the media."""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

PIECE = 8 * 1024 * 1024  # bytes
MB = 1024 * 1024
LARGEST_AT_ONCE = 100 * MB  # without scripts
KEY = re.compile(r"[0-9a-f]{32}")
FREE = 500 * MB  # bytes of the disk that an upload leaves alone


@dataclass(frozen=True)
class Purpose:
    """What is uploaded: the endings of its names, its largest size in bytes, the sentence for another kind of file."""

    endings: tuple[str, ...]
    largest: int
    wrong: str


class Refused(Exception):
    """The upload is refused; the text is for the person who sent it. What is `passing` may be sent again."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


def folder_of(key: str) -> Path:
    """The folder of an upload. Raises Refused for a key that is none, so that it never becomes another path."""
    if not KEY.fullmatch(key):
        raise Refused(_("This upload has no valid key."))
    return Path(settings.LONGRUN_DATA, "imports", key)


def name_here(name: str, purpose: Purpose) -> str:
    """The file's name, without folders and odd characters. Raises Refused for other kinds of files."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    if not plain.lower().endswith(purpose.endings):
        raise Refused(_(purpose.wrong))
    kept = re.sub(r"[^\w.-]+", "-", plain).encode("utf-8", "ignore")[-100:]  # bytes: file systems count these
    return kept.decode("utf-8", "ignore").lstrip(".-") or "export.xml"


def received(key: str) -> int:
    """How many bytes of this upload are here."""
    parts = list(folder_of(key).glob("*.part"))
    return parts[0].stat().st_size if parts else 0


def add_piece(key: str, name: str, offset: int, size: int, sha256: str, piece: bytes, purpose: Purpose) -> Path | None:
    """Append a piece; returns the file when it is complete, else None. A piece that is here already changes nothing.

    Raises Refused for a piece at the wrong place, with a wrong hash, or of a file that is too large.
    """
    folder, name = folder_of(key), name_here(name, purpose)
    if size > purpose.largest or offset + len(piece) > size:
        raise Refused(_("The file is larger than %d MB. Bring it with the command instead.") % (purpose.largest // MB))
    if not piece:
        raise Refused(_("The file is empty."))
    if hashlib.sha256(piece).hexdigest() != sha256:
        raise Refused(_("A piece arrived damaged. It is sent again."), passing=True)
    if (folder / name).exists():
        return folder / name
    if any(path.name not in (name, f"{name}.part") for path in folder.glob("*")):
        raise Refused(_("This upload has no valid key."))  # it belongs to another file
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    here = part.stat().st_size if part.exists() else 0
    if offset > here:
        raise Refused(_("A piece is missing. The upload goes on behind what is here."), passing=True)
    if size - here + FREE > shutil.disk_usage(folder).free:
        raise Refused(_("There is not enough room on the disk for this file."))
    if offset + len(piece) > here:
        with open(part, "r+b" if part.exists() else "w+b") as file:
            file.seek(offset)
            file.write(piece)
        part.chmod(0o600)
    return complete(part, size)


def complete(part: Path, size: int) -> Path | None:
    try:
        return part.rename(part.with_suffix("")) if part.stat().st_size >= size else None
    except FileNotFoundError:  # another request has completed it
        return part.with_suffix("")


def store_whole(key: str, upload: "File[Any]", purpose: Purpose) -> Path:
    """An upload that came in one request. Raises Refused."""
    name = name_here(upload.name or "", purpose)
    if (upload.size or 0) > LARGEST_AT_ONCE:
        raise Refused(
            _("Without scripts, a file has at most %d MB. Bring it with the command instead.") % (LARGEST_AT_ONCE // MB)
        )
    folder = folder_of(key)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / name, "wb") as file:
        shutil.copyfileobj(upload, file, 1 << 20)
    (folder / name).chmod(0o600)
    return folder / name


def files(key: str) -> list[Path]:
    """The complete files of an upload."""
    folder = folder_of(key).glob("*") if key else ()
    return sorted(path for path in folder if path.is_file() and path.suffix != ".part")


def delete_upload(key: str) -> None:
    shutil.rmtree(folder_of(key), ignore_errors=True)
