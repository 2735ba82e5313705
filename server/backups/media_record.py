"""What is known of each media file since the last backup, so that a file that has not changed is not read again.

The record only saves time. Where it is missing, damaged or too old, every file is read.
"""

import contextlib
import hashlib
import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from server.backups.files import HASH, PART, folder, is_valid_name, write_file

logger = logging.getLogger(__name__)

RECORD = "media_record"
READ_ALL_AFTER = timedelta(days=30)  # then every byte is read again: a failing disk changes no facts
SETTLED_NS = 2 * 10**9  # the coarsest timestamps of a file system (FAT) have two seconds


@dataclass(frozen=True)
class KnownFile:
    """A media file, its SHA-256, and the facts of the file and of its stored copy when they were last read.

    A file that had changed just before can change again within the same timestamp: it is not `settled`.
    """

    facts: tuple[int, ...]
    found: str
    stored: tuple[int, ...]
    settled: bool = True

    @property
    def size(self):
        return self.facts[0]


def file_facts(path: Path) -> tuple[int, int, int, int]:
    """(size in bytes, mtime in ns, ctime in ns, inode). The system sets ctime: it shows what a reset mtime hides."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def is_settled(facts) -> bool:
    _size, modified, changed, _inode = facts
    return max(modified, changed) + SETTLED_NS < time.time_ns()


def load_record() -> tuple[dict[str, KnownFile], datetime | None]:
    """({name in the backup: file}, since when every file has been read); ({}, None) if every file is to be read."""
    try:
        digest, _newline, text = (folder() / RECORD).read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != digest:
            return {}, None
        record = json.loads(text)
        read = datetime.fromisoformat(record["read"])
        if not timedelta() <= timezone.now() - read < READ_ALL_AFTER:  # also if the clock was set back
            return {}, None
        return {name: parse(name, *row) for name, row in record["files"].items()}, read
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}, None


def parse(name, facts, found, stored) -> KnownFile:
    """Raises ValueError or TypeError for what `save_record` does not write."""
    if not is_valid_name(name) or not HASH.fullmatch(found):
        raise ValueError(name)
    for each in (facts, stored):
        if len(each) != 4 or any(type(number) is not int for number in each):
            raise ValueError(name)
    return KnownFile(tuple(facts), found, tuple(stored))


def save_record(files: dict[str, KnownFile], read: datetime):
    """Replace the record. If that fails, the backup is none the worse: the next one reads more."""
    rows = {name: [file.facts, file.found, file.stored] for name, file in files.items() if file.settled}
    text = json.dumps({"read": read.isoformat(), "files": rows}).encode()
    path = folder() / RECORD
    part = path.with_name(RECORD + PART)
    try:
        part.unlink(missing_ok=True)  # of a run that was killed
        write_file(part, [hashlib.sha256(text).hexdigest().encode(), b"\n", text])
        part.replace(path)
    except OSError as error:
        logger.warning("the next backup reads all media again: %s", error)
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
