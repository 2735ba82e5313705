"""Pictures, files and other texts that a text shows or leads to, by names in the folder."""

import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from transfer.textfiles.front_matter import Facts
from transfer.textfiles.tree import MARKDOWN, Tree

PLACES = ("static", "", "public", "assets", "src", "content", "src/assets")  # of an address that begins with "/"
FILE = re.compile(
    r"(?P<before>\]\(<?|\b(?:src|href|poster)=[\"']?|^\[[^\]\n]+\]:[ \t]*)(?P<path>[^\s\"'<>)]+)", re.MULTILINE
)
BASE = re.compile(r"\{\{\s*site\.(?:baseurl|url)\s*\}\}")
FILTERED = re.compile(r"\{\{\s*[\"']([^\"']+)[\"']\s*\|\s*(?:relative_url|absolute_url|url)\s*\}\}")
TEXT = re.compile(
    r"\{\{[<%]\s*(?:rel)?ref\s+[\"']?([^\"'\s>%]+)[\"']?\s*[>%]\}\}|\{%-?\s*(?:post_url|link)\s+(\S+?)\s*-?%\}"
)
PICTURES = ("image", "cover", "featured_image", "featuredimage", "feature_image", "thumbnail", "heroimage", "images",
            "header", "banner")  # fmt: skip


class References:
    """`links` has the address of each text. `found` collects the files of the text that is read."""

    def __init__(self, tree: Tree, url: str, links: dict[str, str]) -> None:
        self.tree, self.url, self.links = tree, url, links
        self.found: list[str] = []
        self.by_stem: dict[str, str] = {}
        for name, link in links.items():
            path = PurePosixPath(name)
            self.by_stem.setdefault(path.parent.name if path.stem == "index" else path.stem, link)

    def rewritten(self, source: str, name: str) -> str:
        """The text with whole addresses for the files and texts of this folder; everything else stays."""
        source = FILTERED.sub(r"\1", BASE.sub("", source)) if "{{" in source else source
        source = TEXT.sub(lambda found: self.linked_text(found, name), source)
        return FILE.sub(lambda found: found["before"] + self.whole_address(found["path"], name), source)

    def whole_address(self, path: str, name: str) -> str:
        bare, at, rest = re.match(r"([^?#]*)([?#]?)(.*)", path, re.DOTALL).groups()  # type: ignore[union-attr]
        if not bare or re.match(r"[a-z][a-z0-9+.-]*:|//", bare, re.IGNORECASE):
            return path
        file = self.file(unquote(bare), name)
        if not file:
            return path
        if file in self.links:
            return f"{self.links[file]}{at}{rest}"
        if file.lower().endswith((*MARKDOWN, ".html", ".htm")):
            return path
        self.add(file)
        return self.address(file)

    def address(self, file: str) -> str:
        """Where the blog had a file: the place in the folder, without those that are no part of an address."""
        for start in ("static/", "public/", "content/"):
            file = file.removeprefix(start)
        return f"{self.url}/{quote(file)}"

    def file(self, path: str, name: str) -> str:
        """The file that a text calls so: beside the text, in its folder of files, or from the top."""
        if path.startswith("/"):
            places = [f"{place}/{path}" for place in PLACES]
        else:
            text = PurePosixPath(name)
            places = [f"{text.parent}/{path}", f"{text.with_suffix('')}/{path}", *(f"{each}/{path}" for each in PLACES)]
        return next((found for place in places if (found := self.tree.find(place.lstrip("/")))), "")

    def linked_text(self, found: re.Match[str], name: str) -> str:
        """The address of a text where a link has it, a link to it where it stands by itself."""
        link = self.text_link(found[1] or found[2], name)
        is_word = found.start() == 0 or found.string[found.start() - 1] in " \t\n"
        return (f"<{link}>" if is_word and name.lower().endswith(MARKDOWN) else link) if link else found[0]

    def text_link(self, target: str, name: str) -> str:
        path, at, fragment = target.partition("#")
        file = self.file(path, name) or self.file(f"{path}.md", name)
        stem = PurePosixPath(path.removesuffix(".md")).name
        link = self.links.get(file) or self.by_stem.get(stem, "")
        return f"{link}{at}{fragment}" if link else ""

    def picture(self, facts: Facts, name: str) -> str:
        """The file of the picture that the front matter names, "" without one."""
        for key in PICTURES:
            value = facts.get(key)
            if isinstance(value, list) and value:
                value = value[0]
            if isinstance(value, dict):
                value = next((value[own] for own in ("image", "src", "url", "path", "teaser") if own in value), None)
            named = value if isinstance(value, str) and "://" not in value else ""
            file = self.file(unquote(named), name) if named else ""
            if file and file not in self.links:
                self.add(file)
                return file
        own = facts.get("longrun")
        featured = own.get("featured") if isinstance(own, dict) else None
        file = self.file(featured, name) if isinstance(featured, str) else ""
        if file:
            self.add(file)
        return file

    def add(self, file: str) -> None:
        if file not in self.found:
            self.found.append(file)
