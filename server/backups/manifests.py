"""The existing backups and their manifests."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from django.utils import timezone

from accounts.avatars import FOLDER
from core.file_locks import AlreadyLocked, exclusive_lock
from server.backups import media_store
from server.backups.files import (
    MANIFEST,
    MEDIA,
    READABLE,
    SUMS,
    UNREADABLE,
    BackupFailed,
    folder,
    parse_sums,
)

NAME, PATTERN = "%Y-%m-%d-%H%M%S", re.compile(r"\d{4}-\d\d-\d\d-\d{6}")
OLD_AFTER = timedelta(days=2)
AVATARS = f"{MEDIA}/{FOLDER}/"


@dataclass
class Backup:
    """One backup in its folder. `sums` is {name: SHA-256}, by the names that the files have in a data folder."""

    path: Path

    @property
    def name(self):
        return self.path.name

    @property
    def made(self):
        return datetime.strptime(self.name, NAME).replace(tzinfo=UTC)

    def open(self, name):
        """Open one of its files for reading; media are read from the folder `media` beside the backup."""
        if name.startswith(f"{MEDIA}/"):
            return media_store.stored_path(self.sums[name], self.path.parent).open("rb")
        return (self.path / name).open("rb")

    @cached_property
    def manifest(self):
        return read_manifest(self)

    @cached_property
    def sums(self):
        return read_sums(self)

    @property
    def problem(self):
        """Why it cannot be restored, judging by its manifest alone; "" if nothing is wrong."""
        try:
            read_manifest(self)
        except BackupFailed as failure:
            return str(failure)
        return ""

    @property
    def checked(self):
        return datetime.fromisoformat(self.manifest["checked"])

    @property
    def size(self):
        return self.manifest["bytes"]

    @property
    def posts(self):
        return self.manifest["tables"].get("blog_post", 0)

    @property
    def is_old(self):
        return timezone.now() - self.made > OLD_AFTER

    @property
    def days(self):
        """Age in calendar days of the blog's time zone: 0 today, 1 yesterday."""
        return (timezone.localdate() - timezone.localdate(self.made)).days


def read_manifest(source) -> dict:
    """The manifest of `source`, an object whose `open(name)` opens its files. Raises BackupFailed."""
    try:
        with source.open(MANIFEST) as file:
            manifest = json.load(file)
        if manifest["format"] not in READABLE:
            raise BackupFailed(
                f"another Longrun made it, in format {manifest['format']}; this one reads {max(READABLE)}"
            )
        missing = {"made", "checked", "tables", "bytes", "files", "list"} - manifest.keys()
    except (*UNREADABLE, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BackupFailed(f"{MANIFEST} cannot be read: {error!r}") from error
    if missing:
        raise BackupFailed(f"{MANIFEST} does not say: {', '.join(sorted(missing))}")
    return manifest


def read_sums(source) -> dict[str, str]:
    """{name: hash} of every file in it. Raises BackupFailed unless the list matches the manifest's hash of it."""
    try:
        with source.open(SUMS) as file:
            text = file.read()
    except UNREADABLE as error:
        raise BackupFailed(f"{SUMS} cannot be read: {error}") from error
    if hashlib.sha256(text).hexdigest() != source.manifest["list"]:
        raise BackupFailed(f"{SUMS} is not the list that was written when it was made")
    return parse_sums(text)


def is_without_library(tables, names) -> bool:
    """Whether the database knows of media and none of them is among these names: they were away."""
    own = (name for name in names if name.startswith(f"{MEDIA}/") and not name.startswith(AVATARS))
    return bool(tables.get("blog_media")) and not any(own)


def list_backups() -> list[Backup]:
    """Newest first."""
    found = folder().glob("*") if folder().exists() else ()
    return [Backup(path) for path in sorted(found, reverse=True) if PATTERN.fullmatch(path.name) and path.is_dir()]


def latest() -> Backup | None:
    """The newest one. Backups dated in the future are skipped: the clock was wrong, so their age is unknown."""
    soon = timezone.now() + timedelta(minutes=1)  # backups made within one second are dated a few seconds ahead
    return next((kept for kept in list_backups() if kept.made <= soon), None)


def lock():
    return folder() / "lock"


def is_running() -> bool:
    """Whether a backup is being made now."""
    if not lock().exists():
        return False
    try:
        with exclusive_lock(lock()):
            return False
    except AlreadyLocked:
        return True


def last_failure() -> dict | None:
    """{"when": datetime or None, "why": text} of the last failed attempt; None if a backup was made since."""
    try:
        said = json.loads((folder() / "failed").read_text(encoding="utf-8"))
        return {"when": datetime.fromisoformat(said["when"]), "why": said["why"]}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):  # written while the disk was full
        return {"when": None, "why": ""}
