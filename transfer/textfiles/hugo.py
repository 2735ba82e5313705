"""What Hugo makes of the places of texts: languages, page bundles, and front matter that lists hand down."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from transfer.textfiles.front_matter import Facts

# What a list may hand down that decides who sees a text.
HANDED_DOWN = set("draft build _build private hidden unlisted headless password expirydate publishdate".split())


class Languages:
    """The languages of a site, by the key that stands in addresses and names of files."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        found = facts.get("languages")
        languages = found if isinstance(found, dict) else {}
        self.codes = {str(code).lower() for code in languages}
        self.default = str(facts.get("defaultcontentlanguage") or "en").lower()
        self.in_folder = str(facts.get("defaultcontentlanguageinsubdir") or "").lower() == "true"
        self.folders: dict[str, str] = {}  # {folder of texts: code}
        for code, own in languages.items():
            lowered = {str(key).lower(): value for key, value in own.items()} if isinstance(own, dict) else {}
            if folder := str(lowered.get("contentdir") or "").strip("/"):
                self.folders[folder] = str(code).lower()

    def placed(self, name: str) -> tuple[str, str]:
        """(name below the folder of its language and without the language at its end, its language or "")."""
        folder = next((folder for folder in sorted(self.folders, key=len, reverse=True)
                       if name.startswith(f"{folder}/")), "")  # fmt: skip
        code = self.folders.get(folder, "")
        inside = f"content/{name.removeprefix(f'{folder}/')}" if folder else name
        path = PurePosixPath(inside)
        stem, dot, last = path.stem.rpartition(".")
        if dot and last.lower() in self.codes:
            return path.with_name(f"{stem}{path.suffix}").as_posix(), last.lower()
        return inside, code

    def prefix(self, code: str) -> str:
        """What addresses of texts in this language begin with: "/fr", or "" for the default one."""
        return f"/{code}" if code and (code != self.default or self.in_folder) else ""


class Bundles:
    """Folders with an `index` file: the other texts in them are its resources, and no pages."""

    def __init__(self, names: Iterable[str]) -> None:
        paths = [PurePosixPath(name) for name in names]
        self.folders = {path.parent for path in paths if path.stem.partition(".")[0] == "index"}

    def has_inside(self, name: str) -> bool:
        path = PurePosixPath(name)
        above = path.parents if path.stem.partition(".")[0] != "index" else list(path.parents)[1:]
        return any(folder in self.folders for folder in above if len(folder.parts) > 1)


def handed_down(lists: Mapping[PurePosixPath, Facts], name: str) -> Facts:
    """What the `_index` files above a text say under `cascade`, the nearest one last. `lists`: {folder: facts}."""
    found: Facts = {}
    for folder in reversed(PurePosixPath(name).parents):
        if folder in lists:
            found |= of_cascade(lists[folder].get("cascade"), name)
    return found


def of_cascade(cascade: object, name: str) -> Facts:
    found: Facts = {}
    for each in cascade if isinstance(cascade, list) else [cascade]:
        if not isinstance(each, dict):
            continue
        values = {str(key).lower(): value for key, value in each.items()}
        target = values.get("target") or values.get("_target")
        pattern = str(target.get("path") or "").strip("/{}") if isinstance(target, dict) else ""
        if not pattern or fnmatch(PurePosixPath(name).with_suffix("").as_posix(), f"*{pattern}"):
            found |= {key: value for key, value in values.items() if key in HANDED_DOWN}
    return found
