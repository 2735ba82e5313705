"""Building blocks of backups: file names, files synced to disk, and hashes."""

import hashlib
import os
import re
import shutil
import zipfile
import zlib
from pathlib import Path

from django.conf import settings

from server.sqlite_copies import sync

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
SQLITE, POSTGRES = "longrun.sqlite3", "longrun.dump"
SECRET_KEY = "secret_key"
MEDIA = "media"
TEMPLATES, APPS = "templates", "apps"
PART = ".part"
FORMAT = 2
READABLE = (1, FORMAT)  # 1 has no templates and apps
CHUNK = 2**20
HASH = re.compile(r"[0-9a-f]{64}")
MIN_FREE = 100 * 2**20  # bytes that a backup leaves free on the disk, so that the blog can go on writing

# What reading a file of a backup may raise if it is missing or in a damaged zip.
UNREADABLE = (OSError, KeyError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)


class BackupFailed(Exception):
    """No backup was made, or it is damaged; the message says why in one sentence."""


def folder() -> Path:
    return settings.LONGRUN_DATA / "backups"


def make_folder(path: Path):
    """Make a folder that only this user can read, missing parents included."""
    if not path.parent.exists():  # mkdir(parents=True) would give them the default mode
        make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def chunks(file):
    while data := file.read(CHUNK):
        yield data


def sha256(file) -> str:
    """The SHA-256 (hex) of an open file, from its current position to its end."""
    found = hashlib.sha256()
    for data in chunks(file):
        found.update(data)
    return found.hexdigest()


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return sha256(file)


def write_file(path: Path, pieces) -> str:
    """Write an iterable of bytes to a new file and sync it to disk. Returns its SHA-256 (hex)."""
    found = hashlib.sha256()
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        for data in pieces:
            file.write(data)
            found.update(data)
        file.flush()
        os.fsync(file.fileno())
    return found.hexdigest()


def check_space(size: int, place: Path):
    free = shutil.disk_usage(place).free
    if free < size + MIN_FREE:
        raise BackupFailed(f"the disk has {free // 2**20} MB left, and {size // 2**20 + 1} MB more are needed")


def remove(path: Path):
    """Remove a backup's folder. Rename it to ".part" first, so that a half removed backup never looks complete."""
    gone = path.with_name(path.name.removesuffix(PART) + PART)
    if gone != path:
        path.replace(gone)
        sync(path.parent)
    shutil.rmtree(gone)


def format_sums(sums: dict[str, str]) -> bytes:
    """{name: hash} as `sha256sum` writes it."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def parse_sums(text: bytes) -> dict[str, str]:
    """{name: hash} of the output of `format_sums`. Raises BackupFailed for other lines and for unsafe names."""
    sums = {}
    for line in text.decode("utf-8", "replace").splitlines():
        found, gap, name = line.partition("  ")
        if not gap or not HASH.fullmatch(found) or not is_valid_name(name):
            raise BackupFailed(f"{SUMS} has a line that is none: {line[:100]!r}")
        sums[name] = found
    return sums


def is_valid_name(name: str) -> bool:
    """Whether a backup may contain this name: the database, the key, or a path below media, templates or apps without
    `..`, a backslash or unprintable characters, which SHA256SUMS cannot represent."""
    first, *rest = name.split("/")
    if not rest:
        return name in (SQLITE, POSTGRES, SECRET_KEY)
    odd = "\\" in name or not name.isprintable() or any(part in ("", ".", "..") for part in rest)
    return first in (MEDIA, TEMPLATES, APPS) and not odd
