"""The folder on the disk: parts with a manifest each, changed as a whole or not at all.

    mirror/public/manifest.json   mirror/private/manifest.json   mirror/state.json   mirror/staged/ (for a moment)

New files are written into `staged/` first. When all are there, `staged/ready.json` says which they are and what goes;
from then on the change is carried out, also by the next process if this one dies: files are renamed into their places,
what is gone is deleted, the manifest comes last. Files that no manifest names (`.git`, a licence) are left alone.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.media_storage import media_storage

FORMAT, VERSION = "longrun-mirror", 1
MANIFEST, STATE, STAGED, READY = "manifest.json", "state.json", "staged", "ready.json"
PUBLIC, PRIVATE = "public", "private"
CHUNK = 1 << 20

Entry = dict[str, Any]  # {"sha256": …, "size": bytes}


class Interrupted(Exception):
    """The worker is stopping: the folder is as it was."""


@dataclass(frozen=True)
class Stored:
    """A file of the storage of media."""

    name: str


@dataclass(frozen=True)
class File:
    """A file of the mirror: its path in its part, and its bytes or the file that is copied."""

    path: str
    content: "bytes | Stored"


@dataclass
class Written:
    """What a writing changed: paths in each part."""

    changed: dict[str, list[str]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return sum(map(len, [*self.changed.values(), *self.removed.values()]))


def root() -> Path:
    """Where the mirror is: LONGRUN_MIRROR, else `mirror` in the data folder. Nobody can choose it at the desk."""
    return Path(settings.LONGRUN_MIRROR or Path(settings.LONGRUN_DATA, "mirror")).expanduser()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of our own making; {} if it is missing or damaged, so that everything is written again."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def update(folder: Path, parts: dict[str, Iterable[File]], state: Entry, should_stop: Callable[[], bool]) -> Written:
    """Make the parts hold exactly these files, and keep `state`. Raises OSError, Interrupted."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    finish(folder)
    shutil.rmtree(folder / STAGED, ignore_errors=True)
    started = time.monotonic()
    done, sources = Written(), read_json(folder / STATE).get("sources", {})
    known: dict[str, dict[str, list[int]]] = {}
    for part, files in parts.items():
        stage = Stage(folder, part, sources.get(part, {}))
        for file in files:
            if should_stop():
                shutil.rmtree(folder / STAGED, ignore_errors=True)
                raise Interrupted
            stage.add(file)
        done.changed[part], done.removed[part] = stage.changed, stage.end()
        known[part] = stage.sources
    if done.number:
        write_file(folder / STAGED / READY, json_bytes(done.removed))
        finish(folder)
    write_file(folder / STATE, json_bytes(state | {"sources": known, "seconds": round(time.monotonic() - started, 1)}))
    return done


class Stage:
    """The new files of one part, beside the ones that stay."""

    def __init__(self, folder: Path, part: str, sources: dict[str, list[int]]) -> None:
        self.here, self.staged, self.part = folder / part, folder / STAGED / part, part
        self.former: dict[str, Entry] = read_json(self.here / MANIFEST).get("files", {})
        self.former_sources, self.sources = sources, dict[str, list[int]]()
        self.new: dict[str, Entry] = {}
        self.changed: list[str] = []

    def add(self, file: File) -> None:
        if isinstance(file.content, bytes):
            entry = {"sha256": hashlib.sha256(file.content).hexdigest(), "size": len(file.content)}
            if not self.is_there(file.path, entry):
                write_file(self.staged / file.path, file.content, self.mode)
                self.changed.append(file.path)
            self.new[file.path] = entry
            return
        try:
            facts = media_storage().facts(file.content.name)
        except FileNotFoundError:  # a file that is missing in the library is missing here
            return
        self.sources[file.path] = stamp = [facts.signs[1], facts.size]
        entry = self.former.get(file.path, {})
        if not entry or self.former_sources.get(file.path) != stamp or not self.is_there(file.path, entry):
            entry = self.copy(file.content, file.path)
        self.new[file.path] = entry

    def is_there(self, path: str, entry: Entry) -> bool:
        try:
            return self.former.get(path) == entry and os.path.getsize(self.here / path) == entry["size"]  # noqa: PTH202
        except OSError:
            return False

    def copy(self, source: Stored, path: str) -> Entry:
        digest, size, target = hashlib.sha256(), 0, self.staged / path
        target.parent.mkdir(mode=self.folder_mode, parents=True, exist_ok=True)
        with open(target, "wb", opener=opener(self.mode)) as write:
            for data in media_storage().read(source.name):
                digest.update(data)
                size += write.write(data)
        self.changed.append(path)
        return {"sha256": digest.hexdigest(), "size": size}

    def end(self) -> list[str]:
        """Stage the manifest if anything differs; returns what is gone."""
        removed = sorted(set(self.former) - set(self.new))
        if self.changed or removed or not (self.here / MANIFEST).exists():
            facts = {"format": FORMAT, "version": VERSION, "part": self.part, "url": settings.LONGRUN_URL,
                     "written_at": timezone.now().isoformat(timespec="seconds"),
                     "files": dict(sorted(self.new.items()))}  # fmt: skip
            write_file(self.staged / MANIFEST, json_bytes(facts), self.mode)
            self.changed.append(MANIFEST)
        return removed

    @property
    def mode(self) -> int:
        return 0o600 if self.part == PRIVATE else 0o644

    @property
    def folder_mode(self) -> int:
        return 0o700 if self.part == PRIVATE else 0o755


def finish(folder: Path) -> None:
    """Carry out a change that is ready: it may be that of a process that died. Raises OSError."""
    staged = folder / STAGED
    if not (staged / READY).exists():
        return
    removed = read_json(staged / READY)
    for part in (PUBLIC, PRIVATE):
        here = folder / part
        if (staged / part).is_dir():
            here.mkdir(mode=0o700 if part == PRIVATE else 0o755, exist_ok=True)
            files = [path for path in (staged / part).rglob("*") if path.is_file()]
            for path in sorted(files, key=lambda each: each.relative_to(staged / part).as_posix() == MANIFEST):
                if path.name == MANIFEST and path.parent == staged / part:
                    delete_files(here, removed.get(part, []))
                target = here / path.relative_to(staged / part)
                target.parent.mkdir(mode=0o700 if part == PRIVATE else 0o755, parents=True, exist_ok=True)
                path.replace(target)
    shutil.rmtree(staged)


def delete_files(here: Path, paths: Iterable[str]) -> None:
    """Delete files of a part, and folders that are empty then."""
    for name in paths:
        path = here / name
        path.unlink(missing_ok=True)
        for parent in path.parents:
            if parent == here or any(parent.iterdir()):
                break
            parent.rmdir()


def write_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file completely or not at all."""
    path.parent.mkdir(mode=0o700 if mode == 0o600 else 0o755, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with open(part, "wb", opener=opener(mode)) as file:
        file.write(data)
    part.replace(path)


def opener(mode: int) -> Callable[[str, int], int]:
    return lambda name, flags: os.open(name, flags, mode)


def json_bytes(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
