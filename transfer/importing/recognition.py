"""What an uploaded file shows of itself, by which its system is recognised: its name, its beginning, and the names of
the files in an archive. A few kilobytes are read, nothing is unpacked to disk."""

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from transfer.textfiles.tree import is_text

HEAD = 1 << 16  # bytes of a file
HEADS = 10  # files of an archive whose beginning is read
MEMBERS = 20_000
READABLE = (".xml", ".json", ".atom", ".csv", ".gz")
BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class Clues:
    """`head` is the text at the beginning, unpacked; of an archive, that of its first XML, JSON and CSV files, joined.
    `members` are the names of the files in an archive."""

    name: str
    head: str = ""
    members: tuple[str, ...] = ()

    def says(self, *words: str) -> bool:
        """Whether the beginning contains one of these words, in any case."""
        head = self.head.lower()
        return any(word.lower() in head for word in words)


def clues_of(path: Path) -> Clues:
    """The clues of a file or folder. Never raises: a damaged archive has no members."""
    try:
        if path.is_dir():
            names = [found.relative_to(path).as_posix() for found in path.rglob("*") if found.is_file()]
            return Clues(path.name, members=tuple(names[:MEMBERS]))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = [info.filename for info in archive.infolist() if not info.is_dir()][:MEMBERS]
                return Clues(path.name, "\n".join(heads_in(archive, names)), tuple(names))
        with open(path, "rb") as file:
            return Clues(path.name, decoded_head(head_of(file)))
    except BROKEN:
        return Clues(path.name)


def heads_in(archive: zipfile.ZipFile, names: list[str]) -> Iterator[str]:
    wanted = [name for name in names if PurePosixPath(name).suffix.lower() in READABLE and "__MACOSX" not in name]
    for name in sorted(wanted, key=lambda name: (name.count("/"), name))[:HEADS]:
        try:
            with archive.open(name) as file:
                yield decoded_head(head_of(file))
        except BROKEN:
            continue


def head_of(file: IO[bytes]) -> bytes:
    head = file.read(HEAD)
    if head.startswith(b"\x1f\x8b"):
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            return unpacker.decompress(head, HEAD)
        except (zlib.error, gzip.BadGzipFile):
            return b""
    return head


def decoded_head(head: bytes) -> str:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return head.decode(encoding, "replace")


# Each system's own marks


def is_wordpress(clues: Clues) -> bool:
    return clues.says("wordpress.org/export/", "<wp:wxr_version", "<wp:post_id")


def is_blogger(clues: Clues) -> bool:
    return clues.says("<feed") and clues.says("schemas.google.com/blogger", "blogger.com", ">blogger<", "<blogger:")


def is_ghost(clues: Clues) -> bool:
    return clues.says('"exported_on"')


def is_disqus(clues: Clues) -> bool:
    return clues.says("<disqus ", "<disqus>")


def is_commento(clues: Clues) -> bool:
    return clues.says('"commentHex"', '"commenterHex"')


def is_remark42(clues: Clues) -> bool:
    """The first line names users and posts; without any, it is that of the first comment that tells."""
    return clues.head.lstrip()[:1] == "{" and clues.says('"locator"') or clues.says('"version":1,"users":')


def is_isso(clues: Clues) -> bool:
    return clues.head.startswith("SQLite format 3\0") and clues.says("remote_addr")


def is_json_export(clues: Clues) -> bool:
    """A document of our own export_json, which is restored as a whole instead of imported."""
    return clues.head.startswith('{"format": "longrun",')


def is_folder_of_texts(clues: Clues) -> bool:
    return any(is_text(name) for name in clues.members)


def is_substack(clues: Clues) -> bool:
    return any(name.rpartition("/")[2] == "posts.csv" for name in clues.members) and clues.says("post_id")


def is_medium(clues: Clues) -> bool:
    """A folder of pages whose names end in Medium's ids."""
    pages = [name for name in clues.members if re.search(r"(?:^|/)posts/[^/]*-[0-9a-f]{8,16}\.html$", name)]
    return bool(pages) and not any(name.endswith("posts.csv") for name in clues.members)


def is_list_of_subscribers(clues: Clues) -> bool:
    """A table with a column of addresses; in an archive, one that has tables alone, as that of Mailchimp's audience."""
    files = clues.members or (clues.name,)
    tables = [name for name in files if name.lower().endswith((".csv", ".tsv", ".txt")) and "__MACOSX" not in name]
    header = clues.head.lstrip("\ufeff\r\n").partition("\n")[0].lower()
    is_list = bool(re.search(r"\be-?mail\b|email[ _]address|^address,new posts", header)) and "post_id" not in header
    return is_list and len(tables) == len([name for name in files if "__MACOSX" not in name])
