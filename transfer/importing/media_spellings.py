"""Other spellings of a file's address, at which it may be when it is not at its own."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote

from transfer.old_urls import urlsplit_or_none
from transfer.records import Item, Record
from transfer.wordpress.text.media_keys import media_key

MARK = re.compile(r"-(?:scaled|rotated|e\d{10,14}|\d{1,5}x\d{1,5})$")
SIZE = re.compile(r"-(\d{1,5})x(\d{1,5})\.\w+$")
PROXY = re.compile(r"i\d\.wp\.com")
FILES_HOST = re.compile(r"([a-z0-9-]+)\.files\.wordpress\.com")
UPLOADS = "/wp-content/uploads/"
# A comma belongs to a query unless it ends a candidate of `srcset`.
ADDRESS = re.compile(
    r"(?:https?:)?//[^\s\"'<>()\[\]\\,]+\.[A-Za-z0-9]{2,5}(?:\?(?:[^\s\"'<>()\[\]\\,]|,(?=[^\s,\"'<>]))*)?"
)
MOST = 20  # addresses that are tried for one file


def spellings(url: str, origin: str = "") -> list[str]:
    """The file's address, and the others at which WordPress may have it, the likeliest first.

    Without the size in the name, `-scaled`; at the own domain (`origin`: host and path) for `NAME.files.wordpress.com`
    and the other way round; without and through the proxy `i0.wp.com`; with the other scheme.
    """
    parts = urlsplit_or_none(url if "://" in url else f"https:{url}")
    if parts is None:
        return [url]
    scheme = parts.scheme if parts.scheme in ("http", "https") else "https"
    places = hosts_and_paths(parts.netloc.lower(), parts.path, origin)
    names = [(host, path) for each in original_names(places[0][1]) for host, path in [(places[0][0], each)]]
    names += [(host, each) for host, path in places[1:] for each in original_names(path)[:2]]
    host, path = places[0]
    found = [url, *(f"{scheme}://{host}{path}" for host, path in names)]
    found.append(f"{'http' if scheme == 'https' else 'https'}://{host}{path}")
    found.append(f"https://i0.wp.com/{host}{path}")
    return list(dict.fromkeys(found))[:MOST]


def hosts_and_paths(host: str, path: str, origin: str) -> list[tuple[str, str]]:
    """(host, path) of a file where WordPress.com and WordPress have it: its own first, the proxy taken off."""
    if PROXY.fullmatch(host):
        host, _slash, path = path.lstrip("/").partition("/")
        path = f"/{path}"
    places = [(host, path)]
    blog, own = FILES_HOST.fullmatch(host), origin.partition("/")[0]
    if blog:
        places += [(each, f"{UPLOADS}{path.lstrip('/')}") for each in (own, f"{blog[1]}.wordpress.com") if each]
    elif host.endswith(".wordpress.com") and UPLOADS in path:
        inside = path.partition(UPLOADS)[2]
        places.append((f"{host.removesuffix('.wordpress.com')}.files.wordpress.com", f"/{inside}"))
    elif UPLOADS in path:
        other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
        places.append((other, path))
    return places


def original_names(path: str) -> list[str]:
    """The path, those without WordPress's marks at the end of the name, and the one with `-scaled`."""
    pure = PurePosixPath(path)
    if not pure.name:
        return [path]
    stem, found = str(pure.with_suffix("")), [path]
    while mark := MARK.search(stem):
        stem = stem[: mark.start()]
        found.append(f"{stem}{pure.suffix}")
    if pure.suffix:
        found.append(f"{stem}-scaled{pure.suffix}")
    return list(dict.fromkeys(found))


def alternatives_in(records: Iterable[Record], urls: Iterable[str]) -> dict[str, list[str]]:
    """{media key: addresses in the texts} of these files: what `srcset` and `href` name, the largest first."""
    wanted = {media_key(url) for url in urls}
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for record in records:
        if isinstance(record, Item):
            for url in ADDRESS.findall(record.content):
                key = media_key(url)
                if key in wanted and len(found[key]) < MOST:
                    found[key][url if "://" in url else f"https:{url}"] = None
    return {key: sorted(urls, key=size_of, reverse=True) for key, urls in found.items()}


def size_of(url: str) -> int:
    """The number of pixels that a picture's name tells; a name without a size is the original."""
    size = SIZE.search(url.partition("?")[0])
    return int(size[1]) * int(size[2]) if size else 10**10


def file_name_of(url: str) -> str:
    parts = urlsplit_or_none(url)
    return PurePosixPath(unquote(parts.path).replace("\x00", "")).name if parts else ""
