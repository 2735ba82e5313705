"""Folders and files of an export: private to their owner, never outside the folder, written beside and then moved."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from core.media_storage import media_storage


class NotEmpty(Exception):
    """The folder has something else in it."""


def new_folder(path: Path) -> Path:
    """Create the folder of an export, open to its owner alone. Raises NotEmpty if something is there."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise NotEmpty(str(path))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_text(root: Path, inside: str, text: str) -> None:
    """Write a file below `root`; `inside` is a relative path that this program has made."""
    target = path_inside(root, inside)
    target.write_text(text, encoding="utf-8", newline="\n")


def copy_file(source: Path, root: Path, inside: str) -> None:
    """Copy a file of ours below `root`."""
    shutil.copyfile(source, path_inside(root, inside))


def copy_media(name: str, root: Path, inside: str) -> bool:
    """Copy a file of the storage of media below `root`; False if it is missing."""
    target = path_inside(root, inside)
    try:
        pieces = media_storage().read(name)
    except FileNotFoundError:
        return False
    with target.open("wb") as file:
        file.writelines(pieces)
    return True


def path_inside(root: Path, inside: str) -> Path:
    target = Path(os.path.normpath(root / inside))
    if root not in target.parents:
        raise ValueError(f"outside of the export: {inside!r}")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def write_parts(file: Path, parts: Iterable[str]) -> None:
    """Write a file that is its owner's alone; an interrupted write leaves the former one. Raises OSError."""
    part = file.with_name(f"{file.name}.part")
    try:
        with open(part, "w", encoding="utf-8") as out:
            part.chmod(0o600)
            out.writelines(parts)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def yaml_scalar(value: object) -> str:
    """A value as YAML 1.2, of which JSON is a part: strings in double quotes, lists in brackets."""
    return json.dumps(value, ensure_ascii=False, default=str)


def front_matter(facts: dict[str, object]) -> str:
    """The lines between "---" at the head of a text; empty values are left out."""
    lines = [f"{key}: {yaml_scalar(value)}" for key, value in facts.items() if value not in ("", None, [], {})]
    return "---\n" + "".join(f"{line}\n" for line in lines) + "---\n\n"
