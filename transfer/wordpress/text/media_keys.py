"""Spellings of a file's URL: WordPress writes one picture as `photo.jpg`, `photo-300x200.jpg`, `photo-scaled.jpg`,
`photo-e1600000000000.jpg`, on `HOST.files.wordpress.com`, below `/wp-content/uploads/`, `/files/` and behind the proxy
`i0.wp.com`.

Sources: WordPress's image sizes ("-WIDTHxHEIGHT"), `big_image_size_threshold` ("-scaled"), the image editor
("-e" and a time), EXIF rotation ("-rotated"); Jetpack's Site Accelerator for i0 to i3.wp.com.
"""

import re
from urllib.parse import unquote, urlsplit

from transfer.old_urls import host_as_read

_PROXY = re.compile(r"i[0-9]\.wp\.com")
_ENDING = re.compile(r"(.*?)((?:\.[A-Za-z0-9]{2,5}){1,2})?", re.DOTALL)
_MARK = re.compile(r"(?:-[0-9]{1,5}x[0-9]{1,5}|-scaled|-rotated|-e[0-9]{10,14})\Z")
_UPLOADS = re.compile(
    r"/(?:[^?]*?/)??(?:wp-content/uploads(?:/sites/[0-9]+)?|wp-content/blogs\.dir/[0-9]+/files|files)/(.+)"
)
_FILES_HOST = re.compile(r"([a-z0-9-]+)\.files\.wordpress\.com")
_MOST_MARKS = 4
LONGEST = 2_000  # characters of a URL; a longer one is its own key


def media_key(url: str) -> str:
    """The key that all spellings of a file share: "example.org/uploads/2018/08/photo.jpg". Never raises.

    Two different files can share it (`a-300x200.jpg` may be an upload of its own): look for `variants` first.
    """
    return variants(url)[-1]


def variants(url: str) -> list[str]:
    """Keys of a file's URL, from the exact spelling to the name without any of WordPress's marks.

    A key has host and path without scheme, "www.", query and proxy, percent-decoded, the folder of uploads as
    "/uploads/". For an attachment at `photo-scaled.jpg` and a text with `photo-300x200.jpg`, the last of both is equal.
    """
    host, path = _host_and_path(url)
    if not path or len(path) > LONGEST:
        return [host + path]
    folder, slash, name = path.rpartition("/")
    ending = _ENDING.fullmatch(name)
    stem, suffix = (ending[1], ending[2] or "") if ending else (name, "")
    found = [f"{host}{folder}{slash}{stem}{suffix}"]
    for _ in range(_MOST_MARKS):
        mark = _MARK.search(stem)
        if not mark or not mark.start():
            break
        stem = stem[: mark.start()]
        if mark[0] not in ("-scaled", "-rotated"):
            found += [f"{host}{folder}{slash}{stem}-scaled{suffix}", f"{host}{folder}{slash}{stem}-rotated{suffix}"]
        found.append(f"{host}{folder}{slash}{stem}{suffix}")
    if suffix != suffix.lower():
        found.append(f"{host}{folder}{slash}{stem}{suffix.lower()}")
    bare = found.pop()
    return [*dict.fromkeys(each for each in found if each != bare), bare]


def _host_and_path(url: str) -> tuple[str, str]:
    text = url.strip()
    try:
        parts = urlsplit(text if "//" in text[:9] else f"//{text}" if not text.startswith("/") else text)
        host, path = (parts.hostname or "").removeprefix("www."), parts.path
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return "", text
    if _PROXY.fullmatch(host):
        host, _, path = path.lstrip("/").partition("/")
        host, path, port = host.lower().removeprefix("www."), f"/{path}", ""
    host, path = host_as_read(host), unquote(path)
    if blog := _FILES_HOST.fullmatch(host):
        return f"{blog[1]}.wordpress.com", f"/uploads/{path.lstrip('/')}"
    below = _UPLOADS.fullmatch(path)
    return host + port, f"/uploads/{below[1]}" if below else path


class MediaTable:
    """New addresses of files by any spelling of their old ones: an exact spelling comes first, then the nearest."""

    def __init__(self) -> None:
        self._exact: dict[str, str] = {}
        self._near: dict[str, str] = {}

    def add(self, url: str, new: str) -> None:
        first, *others = variants(url)
        self._exact[first] = new
        for key in others:
            self._near.setdefault(key, new)

    def find(self, url: str) -> str | None:
        keys = variants(url)
        for table in (self._exact, self._near):
            for key in keys:
                if key in table:
                    return table[key]
        return None
