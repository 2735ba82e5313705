"""A foreign blog as plain records: what a reader of a file yields and what the import stores. No Django here.

Strings are as the file has them, decoded and without control characters; "" means that the file says nothing. Dates are
naive `datetime`s, None where the file has none or "0000-00-00 00:00:00". `line` is the line in the file at which the
element begins, 1-based; 0 where a format has no lines. Records come in the file's order: references (`parent`,
`post_id`) may point forward.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass
class Record:
    """What all records have. `file` is the name of the file it was read from, "export.zip/part1.xml" in an archive.

    `repeated` marks an author or term that an earlier file (or place) has named already: the parts of a split export
    repeat the head.
    """

    line: int = field(default=0, kw_only=True)
    file: str = field(default="", kw_only=True)
    repeated: bool = field(default=False, kw_only=True)


@dataclass
class Channel(Record):
    """The blog itself: one for each file, before everything else."""

    title: str = ""
    url: str = ""  # the old origin with its path: https://example.wordpress.com
    description: str = ""
    language: str = ""
    version: str = ""  # of the format: "1.2"
    exported_at: datetime | None = None  # UTC
    generator: str = ""
    icon_url: str = ""
    home: str = ""  # the front page, where it is not the same as `url`


@dataclass
class Author(Record):
    login: str = ""
    number: int | None = None
    email: str = ""
    name: str = ""  # the display name
    first_name: str = ""
    last_name: str = ""


@dataclass
class Term(Record):
    """A category, tag or term of another taxonomy, as the head of the file lists it."""

    taxonomy: str = ""  # "category", "post_tag", "nav_menu" or another
    slug: str = ""  # percent-decoded
    name: str = ""
    parent: str = ""  # the slug of the parent
    description: str = ""
    number: int | None = None
    meta: list[tuple[str, str]] = field(default_factory=list)
    element: str = "term"  # "category", "tag" or "term": as what the file lists it, and the receipt counts it


@dataclass
class TermUse:
    """A term of an item: the slug may be missing in old files."""

    taxonomy: str
    slug: str
    name: str


@dataclass
class Comment:
    number: int | None = None
    parent: int = 0  # the parent's number; 0 for none
    author: str = ""
    email: str = ""
    url: str = ""
    ip: str = ""
    date: datetime | None = None  # local time of the blog
    date_gmt: datetime | None = None
    content: str = ""
    approved: str = ""  # "1", "0", "trash", "post-trashed", "spam"
    kind: str = ""  # "", "comment", "pingback", "trackback", "note" or another
    user: int = 0  # the number of a registered user; 0 for a guest
    meta: list[tuple[str, str]] = field(default_factory=list)
    line: int = 0
    identifier: str = ""  # the foreign id, where it is no number; `number` is made of it
    login: str = ""  # the account at a comment system with which it was written
    source_format: str = "html"  # "html" or "markdown"


@dataclass
class Item(Record):
    """A post, page, attachment, menu item or an item of a plugin's type, with its comments.

    A comment system has threads instead of posts: items of the kind THREAD, of which `link` is the address of the post
    and `guid` what else the system knows it by. One with the status MISSING gathers comments whose thread is not in
    the file, and is no element of it.
    """

    kind: str = "post"  # wp:post_type
    number: int | None = None
    title: str = ""
    link: str = ""  # the old permalink, absolute
    guid: str = ""
    creator: str = ""  # the author's login
    content: str = ""  # raw, as WordPress stores it
    excerpt: str = ""
    date: datetime | None = None  # local time of the blog
    date_gmt: datetime | None = None
    modified: datetime | None = None
    modified_gmt: datetime | None = None
    published: datetime | None = None  # pubDate in UTC, where the wp: dates are missing
    comment_status: str = ""  # "open", "closed"
    ping_status: str = ""
    slug: str = ""  # percent-decoded
    status: str = ""  # "publish", "draft", "pending", "private", "future", "trash", "inherit" or another
    parent: int = 0
    menu_order: int = 0
    password: str = ""
    is_sticky: bool = False
    attachment_url: str = ""
    terms: list[TermUse] = field(default_factory=list)
    meta: list[tuple[str, str]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    content_format: str = "wordpress"  # "wordpress" (raw text), "html" or "markdown"

    def meta_values(self, key: str) -> list[str]:
        """All values of a meta key, in the file's order: a key may occur several times (`_wp_old_slug`)."""
        return [value for name, value in self.meta if name == key]

    def meta_value(self, key: str) -> str:
        """The first value of a meta key that is not empty, "" without one. WordPress reads the first one, too."""
        return next(filter(None, self.meta_values(key)), "")


class Consent(StrEnum):
    """ACTIVE only where a file proves a confirmed subscription that stands; UNKNOWN where it does not say."""

    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNCONFIRMED = "unconfirmed"
    UNKNOWN = ""


STOPPED = (Consent.UNSUBSCRIBED, Consent.BOUNCED, Consent.COMPLAINED)  # must not be written to


@dataclass
class Subscriber(Record):
    """An email address of a list, and what the list proves about its consent."""

    address: str = ""  # as the file has it
    consent: Consent = Consent.UNKNOWN
    proof: str = ""  # what proves an active one: "Mailchimp, CONFIRM_TIME 2020-01-02 10:00:00"
    since: datetime | None = None  # UTC
    stopped: datetime | None = None  # UTC; when it unsubscribed, bounced or complained
    how: str = ""  # "daily", or "" for each post at once
    reason: str = ""  # why it is neither active nor stopped: a sentence


@dataclass
class Loss(Record):
    """An element that a reader could not recover: told in the receipt with its line."""

    kind: str = "other"  # one of KINDS: what the element is counted as
    reference: str = ""  # a number or title, where it is known
    reason: str = ""


@dataclass
class Notice(Record):
    """What somebody should know about the file that is no lost element: bytes that were replaced, a damaged place."""

    reason: str = ""


def number_of_id(*identifier: str) -> int:
    """A stable number for an element whose system has none: below zero, so that no row here gets it."""
    return -int.from_bytes(hashlib.sha256("\0".join(identifier).encode("utf-8", "replace")).digest()[:7]) - 1


THREAD, MISSING = "thread", "missing"
Counts = Mapping[str, int]
# The kinds of the receipt, in its order.
KINDS = (
    "posts",
    "pages",
    "attachments",
    "comments",
    "categories",
    "tags",
    "terms",
    "authors",
    "menu_items",
    "subscribers",
    "other",
)
