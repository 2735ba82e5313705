"""Where media are: a folder of this machine (FolderStorage), or by STORAGE_URL S3-compatible storage (core.s3_storage).

Nothing else opens, lists or deletes media: pictures and documents at NA/NAME/full.jpg and NA/NAME/480.webp, people's
avatars at faces/NAME.webp. A file appears complete or not at all; two ways of the storage differ in nothing else.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from core.jobs import job

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
STAGING = ".coming-"  # folders whose names begin with a dot hold what is still being written


class StorageAway(OSError):
    """The storage does not answer, or refuses; `str()` says how."""


class Unreadable(Exception):
    """The folder of media cannot be listed; `str()` is a sentence for the owner."""


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file without reading it. `version` changes with its content, `signs` also with less."""

    size: int
    modified: float  # POSIX timestamp
    version: str
    signs: tuple[int, int, int, int]  # size, two times in ns, an identity: compared by backups


class MediaStorage(Protocol):
    """What both storages can do, besides Django's own `exists`, `delete`, `open`. All raise OSError."""

    is_remote: bool

    def facts(self, name: str) -> FileFacts:
        """Raises FileNotFoundError."""

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to and including `end`. Raises FileNotFoundError before the first is read."""

    def put(self, name: str, content: bytes | Path) -> None:
        """Store a file, in place of one with this name."""

    def put_folder(self, name: str, folder: Path) -> None:
        """Store the files of a folder that `staging()` gave; the folder may be gone afterwards."""

    def replace_folder(self, name: str, by: str) -> Callable[[], object]:
        """Let the files of the folder `by` take the place of those of `name`. Returns what deletes the rest."""

    def delete_folder(self, name: str) -> None: ...

    def delete(self, name: str) -> None: ...

    def exists(self, name: str) -> bool: ...

    def files(self, name: str = "") -> Iterator[tuple[str, FileFacts]]:
        """Every file below this folder, sorted by name."""

    def staging(self) -> Path:
        """An existing folder of this machine for what is about to be stored."""


def media_storage() -> MediaStorage:
    return cast(MediaStorage, storages["default"])


@contextmanager
def staged_folder() -> Iterator[Path]:
    """An empty folder to fill, from which `put_folder` stores; it is deleted afterwards."""
    with tempfile.TemporaryDirectory(
        dir=media_storage().staging(), prefix=STAGING, ignore_cleanup_errors=True
    ) as coming:
        folder = Path(coming, "files")
        folder.mkdir(mode=0o700)
        yield folder


@job
def delete_folder(name: str) -> None:
    """Delete the files of a folder: a job where the storage did not answer when they were to be deleted."""
    media_storage().delete_folder(name)


def delete_folder_now_or_later(name: str) -> None:
    try:
        media_storage().delete_folder(name)
    except OSError as error:
        logger.warning("files are deleted later: %s", error)
        delete_folder.enqueue(name)


class FolderStorage(FileSystemStorage):
    """A folder of this machine: MEDIA_ROOT."""

    is_remote = False

    def at(self, name: str) -> Path:
        return Path(self.path(name))

    def facts(self, name: str) -> FileFacts:
        return _file_facts(self.at(name))

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        return _chunks(self.at(name), start, end)

    def put(self, name: str, content: bytes | Path) -> None:
        target = self.at(name)
        self.make_folder(target.parent)
        with tempfile.NamedTemporaryFile(dir=self.staging(), prefix=STAGING, delete=False) as part:
            try:
                if isinstance(content, bytes):
                    part.write(content)
                else:
                    with content.open("rb") as file:
                        shutil.copyfileobj(file, part, CHUNK)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        Path(part.name).replace(target)

    def put_folder(self, name: str, folder: Path) -> None:
        for file in folder.iterdir():
            file.chmod(0o600)
        target = self.at(name)
        self.make_folder(target.parent)
        folder.replace(target)

    def replace_folder(self, name: str, by: str) -> Callable[[], object]:
        folder = self.at(name)
        aside = folder.with_name(f".{folder.name}.old")
        folder.replace(aside)
        self.at(by).replace(folder)
        return lambda: shutil.rmtree(aside, ignore_errors=True)

    def delete_folder(self, name: str) -> None:
        shutil.rmtree(self.at(name), ignore_errors=True)

    def files(self, name: str = "") -> Iterator[tuple[str, FileFacts]]:
        """Links to folders are followed (they may be on another disk); links to files are skipped, no upload makes one.
        Raises Unreadable."""
        root = Path(self.location)
        for where, folders, found in os.walk(root / name, onerror=_raise_unreadable, followlinks=True):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            _check_loop(Path(where))
            for path in (Path(where, each) for each in sorted(found)):
                if path.is_symlink() and not path.exists():
                    raise Unreadable(f"{path} leads to {path.readlink()}, which is not there: is its disk mounted?")
                if path.is_symlink() or path.name.startswith(STAGING):
                    continue
                try:
                    yield path.relative_to(root).as_posix(), _file_facts(path)
                except FileNotFoundError:  # deleted since it was listed
                    continue

    def staging(self) -> Path:
        root = Path(self.location)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return root

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)


def _file_facts(path: Path) -> FileFacts:
    found = path.stat()
    signs = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)  # ctime shows what a reset mtime hides
    return FileFacts(found.st_size, found.st_mtime, f"{found.st_mtime_ns:x}", signs)


def _chunks(path: Path, start: int, end: int | None) -> Iterator[bytes]:
    file = path.open("rb")

    def chunks() -> Iterator[bytes]:
        with file:
            file.seek(start)
            left = None if end is None else end - start + 1
            while left is None or left > 0:
                data = file.read(CHUNK if left is None else min(CHUNK, left))
                if not data:
                    return
                left = None if left is None else left - len(data)
                yield data

    return chunks()


def _raise_unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # deleted since it was listed, or nothing was uploaded yet
        raise Unreadable(f"{error.filename} cannot be read: {error.strerror}") from error


def _check_loop(folder: Path) -> None:
    if folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve()):
        raise Unreadable(f"{folder} leads to a folder that it lies in: remove that link")
