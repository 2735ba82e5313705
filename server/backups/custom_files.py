"""The owner's templates and apps in the data folder, which each backup keeps in its own folder: they are small texts.

Links are not followed, so that a backup holds nothing from elsewhere; hidden files (such as `.git`) and what Python
compiled are left out.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from server.backups.files import (
    APPS,
    TEMPLATES,
    check_space,
    chunks,
    file_hash,
    is_valid_name,
    make_folder,
    write_file,
)
from server.sqlite_copies import sync

COMPILED = "__pycache__"


def write_custom_files(part: Path) -> tuple[dict[str, str], int, list[str]]:
    """Copy them into the folder of a backup. Returns ({name: hash}, their bytes, the names of what is left out: links,
    special files, and files whose names SHA256SUMS cannot represent). Raises BackupFailed or OSError."""
    sums, size, left_out = {}, 0, []
    for name, path in custom_files(settings.LONGRUN_DATA):
        if path is None:
            left_out.append(readable_name(name))
            continue
        with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with open(descriptor, "rb") as file:
                bytes_there = os.fstat(descriptor).st_size
                check_space(bytes_there, part)
                make_folder((part / name).parent)
                sums[name] = write_file(part / name, chunks(file))
                size += bytes_there
    for folder in {(part / name).parent for name in sums}:
        sync(folder)
    return sums, size, left_out


def readable_name(name: str) -> str:
    """For messages: bytes that are no UTF-8, which no page can show, and line breaks are escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in name)


def custom_files(data: Path) -> Iterator[tuple[str, Path | None]]:
    """(name in a backup, path) of each, by name; the path is None for what is neither a file nor a folder, and for a
    name that no backup may contain."""
    for top in (APPS, TEMPLATES):
        if (data / top).is_symlink():
            yield top, None
        elif (data / top).is_dir():
            for name, path in files_below(data / top, top):
                yield name, path if is_valid_name(name) else None


def files_below(folder: Path, name: str) -> Iterator[tuple[str, Path | None]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:  # deleted since it was listed
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name == COMPILED:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(Path(entry.path), f"{name}/{entry.name}")
        else:
            yield f"{name}/{entry.name}", Path(entry.path) if entry.is_file(follow_symlinks=False) else None


def custom_sums(backup) -> dict[str, str]:
    """{name: hash} of the templates and apps in a backup."""
    return {name: digest for name, digest in backup.sums.items() if name.partition("/")[0] in (APPS, TEMPLATES)}


def are_unchanged(backup, data: Path) -> bool:
    """Whether a data folder has the templates and apps of a backup, and no others."""
    theirs = custom_sums(backup)
    ours = {name: path for name, path in custom_files(data) if path is not None}
    return theirs.keys() == ours.keys() and all(file_hash(ours[name]) == theirs[name] for name in ours)
