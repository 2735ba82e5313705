"""What the configuration of Jekyll or Hexo says about each text: whether a page is built of it, at which address, and
which front matter it has without saying so.

Source: Jekyll's `EntryFilter`, `PostReader`, `Collection` and `FrontmatterDefaults`.
"""

from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from transfer.textfiles.front_matter import Facts

SPECIAL = ("_", "#", "~", ".")  # how a name begins that is not read
# What the defaults of the configuration may say for a text. Pictures and data for the theme are none of it.
DEFAULTS = set("permalink published draft hidden private categories category tags tag author comments".split())
ALWAYS_READ = ("_posts", "_drafts")
HEXO_KEYS = {"source_dir", "public_dir", "skip_render", "new_post_name"}


class Rules:
    """`facts` is the configuration with keys in lower case, empty where none lies in the folder."""

    def __init__(self, facts: Mapping[str, Any], *, has_configuration: bool) -> None:
        self.has_configuration = has_configuration
        self.is_hexo = bool(HEXO_KEYS & facts.keys())
        found = facts.get("collections")
        if isinstance(found, list):
            found = dict.fromkeys(label for label in found if isinstance(label, str))
        self.collections = found if isinstance(found, dict) else {}
        self.exclude, self.include = patterns(facts.get("exclude")), patterns(facts.get("include"))
        found = facts.get("defaults")
        self.defaults = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def collection(self, path: PurePosixPath) -> str:
        """The label of the collection that a text belongs to, "" for none."""
        labels = (folder[1:] for folder in path.parts[:-1] if folder.startswith("_"))
        return next((label for label in labels if label in self.collections and label not in ("posts", "drafts")), "")

    def setting(self, label: str, name: str) -> str:
        own = self.collections.get(label)
        return str(own.get(name) or "").strip() if isinstance(own, dict) else ""

    def is_built(self, path: PurePosixPath, *, is_dated: bool) -> bool:
        """Whether a build makes a page of it; `is_dated`: its name begins with a date. Drafts are told elsewhere."""
        if matches(path, self.include):
            return True
        if path.name.startswith(SPECIAL) or matches(path, self.exclude):
            return False
        special = [folder for folder in path.parts[:-1] if folder.startswith("_")]
        if not special:
            return True
        if any(folder in ALWAYS_READ for folder in special):
            needs_date = "_posts" in special and self.has_configuration and not self.is_hexo
            return is_dated or not needs_date
        label = self.collection(path)
        return bool(label) and self.setting(label, "output").lower() == "true"

    def with_defaults(self, facts: Facts, path: PurePosixPath) -> Facts:
        """The front matter with what the configuration says for this path and type; the longest path comes first."""
        if not self.defaults:
            return facts
        kind = self.collection(path) or ("posts" if set(ALWAYS_READ) & set(path.parts) else "pages")
        found: list[tuple[int, bool, dict[str, Any]]] = []
        for each in self.defaults:
            scope, values = each.get("scope"), each.get("values")
            scope = scope if isinstance(scope, dict) else {}
            where, type_ = str(scope.get("path") or "").strip("/"), str(scope.get("type") or "")
            is_for = not where or path.as_posix() == where or path.as_posix().startswith(f"{where}/")
            if isinstance(values, dict) and (is_for or fnmatch(path.as_posix(), where)) and type_ in ("", kind):
                found.append((len(where), bool(type_), values))
        values = {}
        for _length, _has_type, each in sorted(found, key=lambda row: row[:2]):
            values |= {str(key).lower(): value for key, value in each.items()}
        return {key: value for key, value in values.items() if key in DEFAULTS} | facts


def patterns(value: object) -> list[str]:
    return [str(each).strip("/") for each in value if str(each).strip("/")] if isinstance(value, list) else []


def matches(path: PurePosixPath, names: list[str]) -> bool:
    """Whether the path or a folder above it is one of them."""
    above = [path, *path.parents][:-1]
    return any(fnmatch(each.as_posix(), name) or fnmatch(each.name, name) for name in names for each in above)
