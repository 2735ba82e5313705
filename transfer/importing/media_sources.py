"""Where the files of the old blog come from: downloads from the old host, or a copy of its uploads as a folder, zip or
tar archive."""

import tarfile
import threading
import time
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from blog.media import uploads
from core import safe_fetch
from transfer import uploads as transfer_uploads
from transfer.importing.media_spellings import file_name_of, spellings
from transfer.models import ImportRun, MediaFile
from transfer.wordpress.text.media_keys import media_key

TRIES = 3  # requests for one address that answers with a passing trouble
PAUSES = (1, 4)  # seconds between them
SECONDS = 60
LARGEST = uploads.LARGEST_DOCUMENT
PASSING = {408, 425, 429, 500, 502, 503, 504}
GIVE_UP_AFTER = 3  # files in a row for which a host could not be reached
DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zlib.error, tarfile.TarError)
UNREADABLE = (RuntimeError, NotImplementedError)  # zipfile's: encrypted, or packed in another way


@dataclass(frozen=True)
class Fetched:
    """A file's bytes, and where they were found if that is not its address."""

    content: bytes
    place: str = ""


Getter = Callable[[MediaFile], Fetched]


class NotFound(Exception):
    """The file is not in the folder or archive, or does not answer; the text tells why."""


class Download:
    """Gets files from the old host, at all spellings of their addresses. `alternatives` are further addresses, by
    media key, that the texts name (`srcset`)."""

    def __init__(self, alternatives: Mapping[str, Sequence[str]] = {}, origin: str = ""):
        self.alternatives, self.origin = alternatives, origin
        self.unreachable: Counter[str] = Counter()  # {host: files in a row}

    def __call__(self, row: MediaFile) -> Fetched:
        """Raises NotFound with the reason of the file's own address."""
        first = ""
        for url in dict.fromkeys([*spellings(row.url, self.origin), *self.alternatives.get(media_key(row.url), ())]):
            try:
                return Fetched(self.content_at(url), "" if url == row.url else url)
            except NotFound as trouble:
                first = first or str(trouble)
        raise NotFound(first)

    def content_at(self, url: str) -> bytes:
        """The bytes at this address. A passing trouble is tried three times. Raises NotFound."""
        host = host_of(url)
        trouble = _("The old host could not be reached.")
        for attempt in range(TRIES):
            if self.unreachable[host] >= GIVE_UP_AFTER:
                raise NotFound(trouble)
            if attempt:
                time.sleep(PAUSES[attempt - 1])
            try:
                answer = safe_fetch.fetch(url, max_bytes=LARGEST, seconds=SECONDS)
            except (safe_fetch.ConnectionFailed, safe_fetch.FetchTimeout) as error:
                trouble = str(error)
                continue
            except safe_fetch.FetchError as error:
                raise NotFound(str(error))
            self.unreachable.pop(host, None)
            if answer.status == 200:
                return checked(answer.body, url)
            trouble = _("The old host answered %d.") % answer.status
            if answer.status not in PASSING:
                raise NotFound(trouble)
        self.unreachable[host] += 1
        raise NotFound(trouble)


def host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def checked(content: bytes, url: str) -> bytes:
    """Raises NotFound for an empty file, and for the web page that many hosts send instead of a file."""
    if not content:
        raise NotFound(_("The old host sent an empty file."))
    begins = content[:200].lstrip().lower()
    if begins.startswith((b"<!doctype html", b"<html")) and not file_name_of(url).lower().endswith((".html", ".htm")):
        raise NotFound(_("The old host sent a web page instead of the file."))
    return content


class Folder:
    """A folder of uploads, or one that holds it: files are found by the end of their old path."""

    def __init__(self, root: Path):
        self.root = root
        self.add(
            path.relative_to(root).as_posix()
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        )

    def add(self, names: Iterable[str]) -> None:
        self.files: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self.files[name_key(PurePosixPath(name).name)].append(name)

    def read(self, inside: str) -> bytes:
        return (self.root / inside).read_bytes()

    def __call__(self, row: MediaFile) -> Fetched:
        if inside := self.at(row.inside):
            return Fetched(self.read(inside))
        for url in spellings(row.url):
            found = best_match(unquote(url), self.files.get(name_key(file_name_of(url)), []))
            if found is not None:
                return Fetched(self.read(found))
        raise NotFound(_("“%s” is not among the files.") % (file_name_of(row.url) or row.url))

    def at(self, inside: str) -> str | None:
        """The one file at this path below the uploads, wherever they are: the address may be that of a CDN, where files
        have other names."""
        end = name_key(f"/{inside}")
        paths = self.files.get(name_key(PurePosixPath(inside).name), [])
        found = [path for path in paths if f"/{name_key(path)}".endswith(end)]
        return found[0] if inside and len(found) == 1 else None


class Zip(Folder):
    """The same for a zip file."""

    def __init__(self, path: Path):
        self.archive = zipfile.ZipFile(path)
        self.add(
            info.filename
            for info in self.archive.infolist()
            if not info.is_dir() and not info.filename.startswith("__MACOSX/")
        )

    def read(self, inside: str) -> bytes:
        with self.archive.open(inside) as file:
            content = file.read(LARGEST + 1)
        return not_too_large(content, inside)


class Tar(Folder):
    """The same for a tar archive, which is what WordPress.com gives for “Export media library”."""

    def __init__(self, path: Path):
        self.archive = tarfile.open(path)  # noqa: SIM115  (open as long as the import runs)
        self.lock = threading.Lock()  # the archive has one place at which it reads
        self.members = {member.name: member for member in self.archive if member.isreg()}
        self.add(self.members)

    def read(self, inside: str) -> bytes:
        with self.lock:
            file = self.archive.extractfile(self.members[inside])
            content = file.read(LARGEST + 1) if file else b""
        return not_too_large(content, inside)


class Several:
    """Several archives, asked one after the other."""

    def __init__(self, sources: Sequence[Getter]):
        self.sources = sources

    def __call__(self, row: MediaFile) -> Fetched:
        for source in self.sources:
            try:
                return source(row)
            except NotFound:
                continue
        raise NotFound(_("“%s” is not among the files.") % (file_name_of(row.url) or row.url))


def not_too_large(content: bytes, name: str) -> bytes:
    if len(content) > LARGEST:
        raise NotFound(_("“%s” is too large.") % name)
    return content


def name_key(name: str) -> str:
    """What two spellings of a name share: upper or lower case, accents as one character (Linux) or two (macOS)."""
    return unicodedata.normalize("NFC", name).casefold()


def best_match(url: str, paths: Sequence[str]) -> str | None:
    """The path that shares the most last parts with the URL; None if several share equally many, for a picture of
    another month would be the wrong one."""
    if not paths:
        return None
    wanted = url.split("?")[0].split("/")

    def shared(path: str) -> int:
        count = 0
        for mine, its in zip(reversed(path.split("/")), reversed(wanted), strict=False):
            if name_key(mine) != name_key(its):
                break
            count += 1
        return count

    best = max(map(shared, paths))
    found = [path for path in paths if shared(path) == best]
    return found[0] if len(found) == 1 else None


def is_archive(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
    except DAMAGED:
        return False


def archive_at(path: Path) -> Getter:
    """A folder, zip or tar archive. Raises ValueError for anything else."""
    try:
        if path.is_dir():
            return Folder(path)
        if zipfile.is_zipfile(path):
            return Zip(path)
        if path.is_file() and tarfile.is_tarfile(path):
            return Tar(path)
    except (*DAMAGED, *UNREADABLE):
        pass
    raise ValueError(_("“%s” is neither a folder nor a zip or tar file.") % path.name)


def getter(option: str) -> Getter | None:
    """What `--media` names: None for "skip", a download, a folder or an archive. Raises ValueError."""
    if option in ("", "skip"):
        return None
    return Download() if option == "download" else archive_at(Path(option))


def getter_of(run: ImportRun, paths: Sequence[Path]) -> Getter | None:
    """What an import's option `media` names: as `getter`, or at the desk "inside" for the import's own files and
    "uploads" for the archives that were uploaded for it. Raises ValueError."""
    option = run.options.get("media", "skip")
    if option == "inside":
        return Several([archive_at(path) for path in paths])
    if option == "uploads":
        keys = run.options.get("media_uploads", [])
        return Several([archive_at(path) for key in keys for path in transfer_uploads.files(key)])
    return getter(option)
