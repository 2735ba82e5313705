"""The files of a blog that is a folder, or a zip archive of one, and which of them are posts and pages."""

import itertools
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from transfer.wordpress.errors import Refused
from transfer.wordpress.values import without_controls

LARGEST = 64 << 20  # bytes of one text
MOST = 500_000  # files
UNPACKED = 8 << 30  # bytes of all texts that are read from one archive
MARKDOWN = (".md", ".markdown", ".mdown", ".mkdown", ".mkdn", ".mkd", ".mdx", ".pdc", ".pandoc")
# Languages that nothing here turns into HTML, as people call them.
UNCONVERTED = {
    ".textile": "Textile", ".org": "Org", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".ad": "AsciiDoc",
    ".rst": "reStructuredText", ".rmd": "R Markdown", ".rmarkdown": "R Markdown",
}  # fmt: skip
# Folders of programs, layouts and results, in which no texts are; the first ones wherever they lie, the others unless a
# folder of texts is above them: a section of a blog may be called "resources".
NOWHERE = set("node_modules bower_components _layouts _includes _sass _data _plugins _site __MACOSX".split())
OTHERS = set(
    "themes layouts includes archetypes public dist vendor resources data private i18n plugins scaffolds".split()
)
NO_TEXTS = re.compile(
    r"(?i)(?:readme|license|licence|changelog|contributing|code_of_conduct|security|authors|notice)(?:\.\w+)?"
)
CONTENT = ("_posts", "_drafts", "content")
POSTS = {"_posts", "_drafts", "posts", "post", "blog", "articles", "article", "writing", "journal", "news", "notes"}
PAGES = {"pages", "page", "_pages"}


class Tree:
    """Names are paths with "/" from the top of the blog; a folder that alone contains everything is left away."""

    def __init__(self, path: Path) -> None:
        self.name = path.name or path.resolve().name
        self.folder, self.archive = path, None
        self.unpacked = 0  # bytes so far
        if path.is_dir():
            self.real = {name: name for name in folder_names(path)}
        else:
            try:
                self.archive = zipfile.ZipFile(path)
                entries = [entry for entry in self.archive.infolist() if not entry.is_dir()]
            except FileNotFoundError:
                raise Refused("There is no such file or folder.", file=path.name)
            except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
                raise Refused("This is neither a folder nor a whole zip archive.", file=path.name)
            self.real = {name: entry.filename for entry in entries if (name := inside(entry.filename))}
            self.real = without_top(self.real)
        if len(self.real) > MOST:
            raise Refused(f"There are more than {MOST} files.", file=self.name)
        self.folded = {name.casefold(): name for name in self.real}

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises Refused for what is damaged or too large."""
        try:
            if self.archive is None:
                file = self.folder / self.real[name]
                if file.stat().st_size > LARGEST:
                    raise Refused("This text is larger than 64 MB.", file=name)
                return file.read_bytes()
            with self.archive.open(self.real[name]) as opened:
                content = opened.read(LARGEST + 1)
        except RuntimeError:
            raise Refused("This zip archive is protected by a password.", file=self.name)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
            raise Refused("This file cannot be read.", file=name)
        self.unpacked += len(content)
        if len(content) > LARGEST or self.unpacked > UNPACKED:
            raise Refused("This archive unpacks to more than it should.", file=name)
        return content

    def text(self, name: str) -> str:
        """A text in UTF-8, or in UTF-16 with its mark; bytes of another encoding are read as Windows-1252."""
        content = self.read(name)
        try:
            is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
            text = content.decode("utf-16" if is_wide else "utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
        return without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))

    def find(self, name: str) -> str:
        """The file's name as it is, whatever case it was asked in; "" if there is none."""
        name = os.path.normpath(name).replace("\\", "/").lstrip("/")
        return name if name in self.real else self.folded.get(name.casefold(), "")

    def texts(self) -> Iterator[str]:
        """The names of the posts and pages, in order."""
        for name in sorted(self.real):
            if is_text(name) and not self.is_source(name):
                yield name

    def is_source(self, name: str) -> bool:
        """Whether it is R Markdown of which the result lies beside it."""
        path = PurePosixPath(name)
        is_r = UNCONVERTED.get(path.suffix.lower()) == "R Markdown"
        return is_r and any(
            path.with_suffix(ending).as_posix() in self.real for ending in (".md", ".html", ".markdown")
        )


def trees(paths: Sequence[str | Path]) -> Iterator[Tree]:
    for path in map(Path, paths):
        tree = Tree(path)
        try:
            if not any(tree.texts()):
                raise Refused("There are no texts (.md) in it.", file=tree.name)
            yield tree
        finally:
            if tree.archive is not None:
                tree.archive.close()


def folder_names(root: Path) -> Iterator[str]:
    for where, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name != ".git" and name != "node_modules")
        for file in files:
            path = Path(where, file)
            if not path.is_symlink():
                yield path.relative_to(root).as_posix()


def inside(name: str) -> str:
    """A name of an archive, "" for one that leads out of it."""
    name = name.replace("\\", "/").lstrip("/")
    return "" if ".." in name.split("/") else name


def without_top(real: dict[str, str]) -> dict[str, str]:
    tops = {name.partition("/")[0] for name in real if not name.startswith("__MACOSX/")}
    top = next(iter(tops)) if len(tops) == 1 else ""
    if not top or top in CONTENT or top in POSTS or any("/" not in name for name in real):
        return real
    return {name.removeprefix(f"{top}/"): own for name, own in real.items() if name.startswith(f"{top}/")}


def is_text(name: str) -> bool:
    path = PurePosixPath(name)
    folders = path.parts[:-1]
    if any(folder in NOWHERE or folder.startswith(".") for folder in folders) or path.name.startswith("."):
        return False
    above = itertools.takewhile(lambda folder: not (folder in CONTENT or folder.lower() in POSTS | PAGES), folders)
    if not OTHERS.isdisjoint(above):
        return False
    if path.suffix.lower() in (".html", ".htm"):
        return any(folder in CONTENT for folder in folders)
    if path.suffix.lower() in UNCONVERTED:
        return any(folder in CONTENT or folder.lower() in POSTS for folder in folders)
    return path.suffix.lower() in MARKDOWN and not (NO_TEXTS.fullmatch(path.name) and "content" not in folders)


def kind_by(name: str, layout: str, has_date: bool, has_text: bool = False) -> str:
    """ "post", "page", or "section" for the page that lists a folder: by the layout, the folder, the date.

    The page of a folder that has a text of its own is a page, but for that of the whole blog.
    """
    path = PurePosixPath(name)
    parts = path.parts[2:-1] if path.parts[:2] == ("src", "pages") else path.parts[:-1]  # Astro's place of all texts
    folders = {folder.lower() for folder in parts}
    if path.stem.partition(".")[0] == "_index":
        return "page" if has_text and len(parts) > 1 else "section"
    if layout in ("page", "post"):
        return layout
    if folders & PAGES or (path.stem == "index" and not parts):
        return "page"
    return "post" if folders & POSTS or has_date else "page"
