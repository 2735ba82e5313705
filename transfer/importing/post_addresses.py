"""Finds the post of an address: at today's path, at a former one, or by WordPress's number.

Scheme and host do not matter, since blogs move; neither do fragments, other queries, `index.html`, `/feed/`, `/amp/`.
"""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qs, urlsplit

from blog.models import Post, Redirect
from blog.models.redirect import key_of
from transfer.models import ImportRef
from transfer.old_urls import number_of

LONGEST = 2000  # characters of an address
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)/?$", re.IGNORECASE)
TAIL = re.compile(r"(?<=/)(?:feed/?(?:[a-z0-9]+/?)?|(?:comment-)?page[-/][0-9]+/?|amp/?)$", re.IGNORECASE)
FILE = re.compile(r"(?<=[^/])\.(?:html?|php|aspx?)/?$", re.IGNORECASE)
# What the WordPress plugin of Disqus calls a thread: "123 https://example.com/?p=123".
WORDPRESS = re.compile(r"([0-9]{1,15}) (https?://\S+)")


def split(address: str) -> SplitResult | None:
    """The parts of an address, a path or one without its scheme; None for what is none."""
    text = address.strip()
    if not text or len(text) > LONGEST or any(character.isspace() for character in text):
        return None
    if not text.startswith(("http://", "https://", "/")):
        text = f"//{text}"
    try:
        return urlsplit(text)
    except ValueError:
        return None


def paths_of(parts: SplitResult, folders: tuple[str, ...] = ()) -> Iterator[str]:
    """The keys under which the path may be known, the likeliest first. `folders` are those in which the blog lay."""
    path = INDEX.sub("/", parts.path).removeprefix("/index.php")
    for whole in (parts.path, path, TAIL.sub("", path)):
        for folder in ("", *folders):
            if whole.startswith(folder):
                inside = whole.removeprefix(folder)
                yield from (key_of(found) for found in (inside, FILE.sub("", inside)))


def key_of_address(address: str) -> str:
    """Equal for addresses that mean the same page wherever it lay: for threads that belong together."""
    parts = split(address)
    if parts is None:
        return ""
    *_others, key = paths_of(parts)
    numbers = query_numbers(parts)
    return key if key != "/" else f"/?p={numbers[0]}" if numbers else f"{parts.netloc.lower()}/"


def query_numbers(parts: SplitResult) -> list[int]:
    try:
        asked = parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return []
    found = [number_of(text) for name in ("p", "page_id") for text in asked.get(name, [])]
    return [number for number in found if number > 0]


class PostAddresses:
    """The addresses of all posts and pages of this blog, read once."""

    def __init__(self, old_url: str = "") -> None:
        parts = split(old_url) if old_url else None
        folder = parts.path.rstrip("/") if parts else ""
        self.folders = (folder,) if folder else ()
        paths = Post.objects.exclude(path=None).values_list("path", "pk")
        self.today = {key_of(path): pk for path, pk in paths if path}
        former = Redirect.objects.exclude(post=None, target="").values_list("key", "post", "target")
        self.former = {key: post or self.today.get(key_of(target)) for key, post, target in former}

    def find(self, address: str) -> int | None:
        """The primary key of the post at this address, None without one."""
        parts = split(address)
        if parts is None:
            return None
        for key in paths_of(parts, self.folders):
            if key != "/" and (found := self.today.get(key) or self.former.get(key)):
                return found
        for number in query_numbers(parts):
            if found := self.by_number(number):
                return found
        return None

    def by_number(self, number: int) -> int | None:
        """The post that has, or had on the blog from which it came, WordPress's number."""
        refs = ImportRef.objects.filter(kind__in=["posts", "pages"], foreign_id=str(number), model="post")
        things = set(refs.exclude(thing=None).values_list("thing", flat=True))
        if len(things) == 1:
            return things.pop()
        if not things and Post.objects.filter(pk=number).exists():
            return number
        return self.former.get(key_of(f"/?p={number}"))

    def find_thread(self, link: str, identifier: str = "") -> int | None:
        """The post of a thread: at its address, else at what its identifier says."""
        if found := self.find(link):
            return found
        if match := WORDPRESS.fullmatch(identifier.strip()):
            return self.find(match[2]) or self.by_number(int(match[1]))
        return self.find(identifier) if identifier.strip().startswith(("http://", "https://", "/")) else None
