"""Where rows come from: a mirror folder (one part or both), or the document of `export_json`; the same rows."""

import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.media_storage import media_storage
from transfer.mirror.folder import MANIFEST, PRIVATE, PUBLIC
from transfer.restore.parts import LARGEST_TEXT, Part, Refused, check_space, decoded

Row = dict[str, Any]
# Lists that documents of earlier versions do not have.
ADDED = {
    "series", "podcasts", "home_zones", "link_cards", "css_revisions", "moderation_actions", "reports", "visits",
    "referrers",
}  # fmt: skip
BY_MONTH = {"visits", "referrers"}  # files of their own in a mirror
NUMBER = re.compile(r"(?:-|/|\A)([0-9]{1,18})\.(?:md|html|json)\Z")


class Mirror:
    """The parts of a mirror folder. With the private part, its rows count where both have them."""

    def __init__(self, folder: Path) -> None:
        if (folder / MANIFEST).is_file():
            self.public, self.private = Part(folder, PUBLIC), None
        elif (folder / PUBLIC / MANIFEST).is_file():
            self.public = Part(real(folder, PUBLIC), PUBLIC)
            self.private = Part(real(folder, PRIVATE), PRIVATE) if (folder / PRIVATE / MANIFEST).is_file() else None
        else:
            raise Refused(_("There is no mirror in this folder: no %s.") % f"{PUBLIC}/{MANIFEST}")
        self.parts = [part for part in (self.private, self.public) if part]
        check_space(self.size, media_storage().staging())
        for part in self.parts:
            part.verify()
        self.site: Row = self.public.json("site.json", dict)

    @property
    def is_whole(self) -> bool:
        return self.private is not None

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    def settings(self) -> Row:
        """{"reading", "discussion"}"""
        return tables_of_settings(self.private.json("settings.json", dict) if self.private else self.site)

    def menu(self) -> list[Row]:
        return objects(self.site.get("menu"), "site.json")

    def rows(self, name: str) -> list[Row]:
        """people, commenters, blocks, subscriptions, categories, tags, series, redirects …"""
        if name in BY_MONTH:
            part = self.parts[0]
            return [row for path in part.below(name) for row in objects(part.json(path, list), path)]
        return objects(self.parts[0].json(f"{name}.json", list), f"{name}.json")

    def media(self) -> list[Row]:
        if self.private:
            return self.rows("media")
        found = [path for path in self.public.below("media") if path.count("/") == 1]
        return [self.public.json(path, dict) for path in found]

    def has_file(self, path: str) -> bool:
        return any(path in part.files for part in self.parts)

    def copy(self, path: str, target: Path) -> bool:
        for part in self.parts:
            if path in part.files:
                part.copy(path, target)
                return True
        return False

    def pictures(self) -> list[str]:
        """The names of people's pictures, without their ending."""
        names = {path for part in self.parts for path in part.below("pictures")}
        return sorted(Path(name).stem for name in names)

    def icons(self) -> Iterator[tuple[object, bytes]]:
        for path in self.public.below("icons"):
            if re.fullmatch(r"icons/[0-9]{1,4}\.png", path):
                yield int(Path(path).stem), self.public.bytes(path)

    def link_cards(self) -> Iterator[tuple[Row, bytes | None]]:
        """Each card with its picture: in base64, or as a file of the public part."""
        for each in self.rows("link_cards"):
            path = f"link-pictures/{each.get('digest')}.webp"
            is_file = "digest" in each and path in self.public.files
            yield each, self.public.bytes(path) if is_file else inner_picture(each)

    def posts(self) -> Iterator[Row]:
        """Every post with its revisions and comments, by number."""
        texts = [(number_in(path), part, path) for part in self.parts for path in part.below("posts", "pages")]
        seen: set[int] = set()
        for number, part, path in sorted(texts, key=lambda each: (each[0], each[1] is self.public)):
            if number in seen:  # it was published between the writing of both parts: the private one is the whole row
                continue
            seen.add(number)
            post = parsed(part.bytes(path), f"{part.name}/{path}")
            if self.private:
                name = f"history/{number}.json"
                history = self.private.json(name, dict)
                post = an_object(history.get("post"), name) | post | {"revisions": history.get("revisions") or []}
            name = f"comments/{number}.json"
            yield post | {"comments": objects(self.parts[0].json(name, list), name)}


class Document:
    """An `export_json` document, with the folder `media` of the blog beside if there is one."""

    is_whole = True

    def __init__(self, file: Path, media: Path | None) -> None:
        if file.stat().st_size > 4 * LARGEST_TEXT:
            raise Refused(_("%s is too large.") % file.name)
        self.folder = media.resolve() if media else None
        check_space(self.size, media_storage().staging())
        self.whole: Row = decoded(file.read_bytes(), file.name, dict)
        if self.whole.get("format") != "longrun" or self.whole.get("version") != 1:
            raise Refused(_("%s was not written by export_json of this version.") % file.name)
        self.site = {"site": self.whole.get("site"), "url": self.whole.get("url")}

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) if self.folder else 0

    def settings(self) -> Row:
        return tables_of_settings(self.whole.get("settings"))

    def menu(self) -> list[Row]:
        return self.rows("menu")

    def rows(self, name: str) -> list[Row]:
        return objects(self.whole.get(name, [] if name in ADDED else None), name)

    def media(self) -> list[Row]:
        return self.rows("media")

    def place(self, path: str) -> Path | None:
        """Where the media folder of a blog has what a mirror calls `media/NAME/full.jpg` or `pictures/NAME.webp`."""
        if self.folder is None:
            return None
        top, name, *rest = path.split("/")
        found = self.folder / "faces" / name if top == "pictures" else self.folder.joinpath(name[:2], name, *rest)
        return found if found.is_file() and found.resolve() == found else None

    def has_file(self, path: str) -> bool:
        return self.place(path) is not None

    def copy(self, path: str, target: Path) -> bool:
        if found := self.place(path):
            target.write_bytes(found.read_bytes())
        return found is not None

    def pictures(self) -> list[str]:
        return sorted(path.stem for path in (self.folder / "faces").glob("*.webp")) if self.folder else []

    def icons(self) -> Iterator[tuple[object, bytes]]:
        for each in self.rows("icons"):
            try:
                yield each["size"], b64decode(str(each["png"]), validate=True)
            except (ValueError, KeyError) as error:
                raise Refused(_("%s does not have what belongs there.") % "icons") from error

    def link_cards(self) -> Iterator[tuple[Row, bytes | None]]:
        for each in self.rows("link_cards"):
            yield each, inner_picture(each)

    def posts(self) -> Iterator[Row]:
        yield from self.rows("posts")


Source = Mirror | Document


def inner_picture(card: Row) -> bytes | None:
    try:
        return b64decode(str(card["picture"]), validate=True) if card.get("picture") else None
    except ValueError as error:
        raise Refused(_("%s does not have what belongs there.") % "link_cards") from error


def real(folder: Path, name: str) -> Path:
    """A part's folder. It may be a link only if the owner named it so: within a mirror it is a folder."""
    found = folder.resolve() / name
    if found.resolve() != found:
        raise Refused(_("%s is missing, or a link to another place.") % name)
    return found


def number_in(path: str) -> int:
    found = NUMBER.search(path)
    if found is None:
        raise Refused(_("%s does not have what belongs there.") % path)
    return int(found[1])


def parsed(data: bytes, name: str) -> Row:
    """The row of a text: the line `longrun` of its front matter, and the source below."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(_("%s is not written in UTF-8.") % name) from error
    head, end, source = text.partition("\n---\n\n")
    line = next((line for line in head.split("\n") if line.startswith("longrun: ")), "")
    if not end or not head.startswith("---\n") or not line:
        raise Refused(_("%s has no front matter of a mirror.") % name)
    row: Row = decoded(line.removeprefix("longrun: ").encode("utf-8"), name, dict)
    if row.get("id") != number_in(name):
        raise Refused(_("%s does not have what belongs there.") % name)
    return row | {"source": source.removesuffix("\n")}


def objects(found: object, name: str) -> list[Row]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused(_("%s does not have what belongs there.") % name)
    return found


def an_object(found: object, name: str) -> Row:
    """{} for null."""
    if found is not None and not isinstance(found, dict):
        raise Refused(_("%s does not have what belongs there.") % name)
    return found or {}


def tables_of_settings(found: object) -> Row:
    """{"reading": its row, "discussion": its row}"""
    tables = an_object(found, "settings")
    return {name: an_object(tables.get(name), name) for name in ("reading", "discussion")}


def source_of(path: Path, media: Path | None = None) -> Source:
    """What a folder or a file is. Raises Refused; every hash of a folder is compared first."""
    if path.is_dir():
        return Mirror(path)
    if path.is_file():
        return Document(path, media)
    raise Refused(_("There is no such file or folder."))
