"""What a first pass over the files finds out, before anything is stored: which numbers there are and what addresses
their posts will get, so that a text can link to a post that comes later."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from blog import permalinks
from blog.models import Post
from blog.slugs import reads_as_a_date, slugify, unique
from core.email_addresses import normalize_email
from core.text import fold
from transfer.importing import digests
from transfer.old_urls import number_of, origin_of, urlsplit_or_none
from transfer.records import (
    STOPPED,
    THREAD,
    Author,
    Channel,
    Item,
    Loss,
    Notice,
    Record,
    Subscriber,
    Term,
    TermUse,
    number_of_id,
)
from transfer.wordpress.elements import kind_of_type
from transfer.wordpress.errors import Refused

POSTS = ("post", "page")
DATED = ("publish", "future", "private")
HIGHEST = 10**15  # numbers from here on are not kept, so that those that the blog itself gives later stay far below
LONGEST = 1000  # characters of a path, with room for a number
BY_NUMBER = re.compile(r"(https?://[^?#]+?)/?\?(?:p|page_id)=[0-9]+")


@dataclass(slots=True)
class Entry:
    """A post or page of the file. `path` is the one it will have here, None without a date or in the trash."""

    number: int
    kind: str
    status: str
    slug: str
    parent: int
    link: str
    on: date | None
    category: str
    thumbnail: int = 0
    path: str | None = None
    order: int = 0


@dataclass(slots=True)
class Attachment:
    number: int
    url: str
    title: str
    alt: str
    caption: str
    description: str
    parent: int
    link: str
    inside: str = ""  # its path below the uploads


@dataclass
class Plan:
    channel: Channel = field(default_factory=Channel)
    authors: dict[str, Author] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    items: int = 0
    comments: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    repeated_authors: list[Author] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    reusable: dict[int, str] = field(default_factory=dict)  # texts of reusable blocks
    repeated_items: set[tuple[str, str]] = field(default_factory=set)  # (kind, reference)
    repeated_comments: set[int | None] = field(default_factory=set)
    subscribers: int = 0
    stopped: set[str] = field(default_factory=set)  # normalized addresses that the file calls stopped
    addresses: Counter[str] = field(default_factory=Counter)  # of the blog, as links and guids of posts have them
    listed: dict[tuple[str, str], str] = field(default_factory=dict)  # {(taxonomy, slug or name): slug in the head}
    highest_post: int = 0
    highest_comment: int = 0

    @property
    def origin(self) -> str:
        """Host and path of the old blog, in lower case: "example.wordpress.com/blog"."""
        return origin_of(self.channel.url)


def slug_here(slug: str) -> str:
    """The slug as this blog writes it: WordPress's own, unless it has characters that none may have."""
    slug = unquote(slug).removesuffix("__trashed")
    return slug if slug == slugify(slug) else slugify(slug)


def local_date(item: Item) -> datetime | None:
    return item.date or item.date_gmt or item.published


def make_plan(records: Iterable[Record], structure: str = "") -> Plan:
    """Read all records once. `structure` is the permalink structure in which paths are planned; "" plans none."""
    plan = Plan()
    items: set[tuple[str, str]] = set()
    comments: set[int] = set()
    for record in records:
        match record:
            case Channel():
                add_channel(plan, record)
            case Author():
                if record.login in plan.authors:
                    plan.repeated_authors.append(record)
                else:
                    plan.authors[record.login] = record
            case Term():
                record.slug = record.slug or slug_here(record.name) or fold(record.name)
                plan.terms.append(record)
            case Item():
                record = completed(record, plan)
                add_item(plan, record)
                note_repeated([key_of_item(record)], items, plan.repeated_items)
                numbers = [comment.number for comment in record.comments if comment.number]
                note_repeated(numbers, comments, plan.repeated_comments)
            case Subscriber():
                plan.subscribers += 1
                if record.consent in STOPPED:
                    plan.stopped.add(normalize_email(record.address))
            case Loss():
                plan.losses.append(record)
            case Notice():
                plan.notices.append(record)
    list_terms(plan)
    if not plan.channel.url:
        guess_address(plan)
    if structure:
        plan_paths(plan, structure)
    return plan


def add_channel(plan: Plan, channel: Channel) -> None:
    """Take the first one that names the blog. Raises Refused for files of two blogs, whose numbers would mix."""
    if not plan.channel.url:
        plan.channel = channel
    elif channel.url and origin_of(channel.url) != plan.origin:
        names = {"one": plan.origin, "other": origin_of(channel.url)}
        reason = _("The files come from two blogs (%(one)s and %(other)s). Import one blog at a time.") % names
        raise Refused(reason, channel.line, channel.file)


def guess_address(plan: Plan) -> None:
    """Where a blog was whose file does not say it: at the host of most links, and in the folder that guids name."""
    hosts = Counter({address: number for address, number in plan.addresses.items() if address.count("/") == 2})
    votes = hosts or plan.addresses
    for host, number in votes.most_common(1):
        if number * 2 > votes.total():
            folders = [address for address, _number in plan.addresses.most_common() if address.startswith(f"{host}/")]
            plan.channel.url = folders[0] if folders else host
            reason = _("The file does not say where the old blog was; by its links, at %s.") % plan.channel.url
            plan.notices.append(Notice(reason=reason))


def list_terms(plan: Plan) -> None:
    """Find the terms of the head by the slugs and names that stand elsewhere, and write slugs as parents.

    WordPress 2 wrote the parent's name. Other systems do not write a slug in the same way everywhere. A name that two
    terms have finds none.
    """
    by_name: dict[tuple[str, str], set[str]] = {}
    for term in plan.terms:
        plan.listed.setdefault((term.taxonomy, slug_here(term.slug)), term.slug)
        by_name.setdefault((term.taxonomy, fold(term.name)), set()).add(term.slug)
    slugs = {(term.taxonomy, term.slug) for term in plan.terms}
    for (taxonomy, name), found in by_name.items():
        if name and len(found) == 1:
            plan.listed.setdefault((taxonomy, name), next(iter(found)))
    for term in plan.terms:
        if term.parent and (term.taxonomy, term.parent) not in slugs:
            term.parent = listed_slug(plan, TermUse(term.taxonomy, term.parent, term.parent)) or term.parent


def listed_slug(plan: Plan, use: TermUse) -> str:
    """The slug under which the head lists a term; "" if it does not."""
    taxonomy = "post_tag" if use.taxonomy == "tag" else use.taxonomy
    found = plan.listed.get((taxonomy, slug_here(use.slug))) if use.slug else None
    return found or plan.listed.get((taxonomy, fold(use.name)), "")


def completed(item: Item, plan: Plan) -> Item:
    """The item with an absolute link (Squarespace writes paths), and a number if it is an attachment."""
    is_path = item.link.startswith("/") and not item.link.startswith("//")
    if is_path and (parts := urlsplit_or_none(plan.channel.url)):
        item = replace(item, link=f"{parts.scheme}://{parts.netloc}{item.link}")
    return with_number(item)


def with_number(item: Item) -> Item:
    """An attachment without a number gets one by its address; other items stay as they are."""
    url = item.attachment_url or item.guid
    if item.kind != "attachment" or item.number or not url:
        return item
    return replace(item, number=number_of_id("attachment", url))


def reference_of(item: Item) -> str:
    """The foreign id of an item: its number. One without any number, guid and link is known by all that it says."""
    return str(item.number) if item.number else item.guid or item.link or digests.of_record(item)


def key_of_item(item: Item) -> tuple[str, str]:
    """(kind, reference): what no two items of the file may share, because the refs of an import are found by it."""
    return kind_of_type(item.kind), reference_of(item)[:300]


def note_repeated(numbers: list[Any], seen: set[Any], repeated: set[Any]) -> None:
    """Add to `repeated` what was seen before."""
    for number in numbers:
        (repeated if number in seen else seen).add(number)


def distinct(items: Iterable[Item], plan: Plan) -> Iterator[Item]:
    """The items, in which a number belongs to one element alone: a different one that has it, too, loses it.

    Files that were joined by hand are so; without this the second one would be taken for a change of the first.
    """
    first: dict[object, str] = {}
    for item in items:
        item = completed(item, plan)
        key = key_of_item(item)
        if key in plan.repeated_items:
            digest = digests.of_record(item)
            if first.setdefault(key, digest) != digest:
                item = second_of(item, plan)
                if first.setdefault(key_of_item(item), digest) != digest:
                    item = replace(item, guid="", link="")
        for record in item.comments:
            if record.number in plan.repeated_comments:
                whose = f"{item.kind} {reference_of(item)} {digests.of_record(record)}"
                if first.setdefault(record.number, whose) != whose:
                    record.number = None
        yield item


def second_of(item: Item, plan: Plan) -> Item:
    """A different item with the number of an earlier one: without it. Files are found by their address, where the plan
    has them by it."""
    if item.kind != "attachment":
        return replace(item, number=None)
    other = with_number(replace(item, number=None))
    return other if other.number in plan.attachments else item


def add_item(plan: Plan, item: Item) -> None:
    plan.items += 1
    plan.comments += len(item.comments)
    if item.kind != THREAD:
        numbers = (comment.number or 0 for comment in item.comments)
        plan.highest_comment = max([plan.highest_comment, *(number for number in numbers if number < HIGHEST)])
    if item.kind in POSTS and not plan.channel.url:
        note_address(plan, item)
    number = item.number
    if not number:
        return
    if item.kind in POSTS and number not in plan.entries:
        plan.highest_post = max(plan.highest_post, number if number < HIGHEST else 0)
        when = local_date(item)
        plan.entries[number] = Entry(
            number,
            item.kind,
            item.status,
            slug_here(item.slug),
            item.parent,
            item.link,
            when.date() if when and item.status in DATED else None,
            min((use.slug for use in item.terms if use.taxonomy == "category"), default=""),
            number_of(item.meta_value("_thumbnail_id")),
            order=plan.items,
        )
    elif item.kind == "attachment":
        add_attachment(plan, item, number)
    elif item.kind == "wp_block":
        plan.reusable[number] = item.content


OWN_CARD = "_longrun_link_card"  # meta of a picture that our own export writes for WordPress; cards are made anew


def add_attachment(plan: Plan, item: Item, number: int) -> None:
    if item.meta_value(OWN_CARD):
        return
    found = Attachment(
        number,
        item.attachment_url or item.guid,
        item.title,
        item.meta_value("_wp_attachment_image_alt"),
        item.excerpt,
        item.content,
        item.parent,
        item.link,
        item.meta_value("_wp_attached_file"),
    )
    if plan.attachments.setdefault(number, found) != found:
        other = with_number(replace(item, number=None))
        found.number = other.number or number
        plan.attachments.setdefault(found.number, found)


def note_address(plan: Plan, item: Item) -> None:
    """Count the host of an item's link, and what stands before "?p=" in its guid."""
    parts = urlsplit_or_none(item.link)
    if parts and parts.scheme in ("http", "https"):
        plan.addresses[f"{parts.scheme}://{parts.netloc}"] += 1
    if match := BY_NUMBER.match(item.guid):
        plan.addresses[match[1]] += 1


def plan_paths(plan: Plan, structure: str, here: Mapping[tuple[str, int], str | None] = {}) -> None:
    """Give every dated post and every page outside the trash its path: as on the old blog where that is free.

    `here` has the paths, by kind and number, of those that this blog has already.
    """
    taken = {path for path in Post.objects.values_list("path", flat=True) if path}
    routes = category_routes(plan.terms)
    for entry in sorted(plan.entries.values(), key=lambda entry: (depth(plan, entry), entry.order)):
        if (entry.kind, entry.number) in here:
            entry.path = here[entry.kind, entry.number]
            continue
        if entry.status == "trash" or not entry.slug:
            continue
        if entry.kind == "page":
            parent = plan.entries.get(entry.parent) if depth(plan, entry) else None
            base = parent.path if parent and parent.path else "/"
        elif entry.on:
            base = permalinks.filled(structure, entry.on, "", routes.get(entry.category, entry.category))[:-1]
        else:
            continue
        base = base if len(base) + len(entry.slug) < LONGEST else "/"
        entry.slug = free_slug(entry.slug, base, taken)
        entry.path = f"{base}{entry.slug}/"
        taken.add(entry.path)


def free_slug(slug: str, base: str, taken: Container[str]) -> str:
    """The slug with which the path is free, and which no other address of the blog has."""
    top = base == "/"

    def is_taken(candidate: str) -> bool:
        clashes = top and (candidate in permalinks.RESERVED or reads_as_a_date(candidate))
        return clashes or f"{base}{candidate}/" in taken

    return unique(slug, is_taken, numeric_clash=False)


def depth(plan: Plan, entry: Entry) -> int:
    """How many pages are above it in the file; 0 for one whose parents form a circle."""
    seen = {entry.number}
    above = 0
    while entry.kind == "page" and (parent := plan.entries.get(entry.parent)) and parent.kind == "page":
        if parent.number in seen:
            return 0
        seen.add(parent.number)
        above, entry = above + 1, parent
    return above


def category_routes(terms: list[Term]) -> dict[str, str]:
    """{slug: the slugs from the top, joined by slashes} of the file's categories."""
    parents = {slug_here(term.slug): slug_here(term.parent) for term in terms if term.taxonomy == "category"}
    routes = {}
    for slug in parents:
        route, at = [slug], parents[slug]
        while at and at not in route:
            route.insert(0, at)
            at = parents.get(at, "")
        routes[slug] = "/".join(route)
    return routes


def structure_of(links: Iterable[tuple[str, str, date | None]]) -> str:
    """The permalink structure that most of these posts (link, slug, date) have; "" if it is none of ours."""
    votes: dict[str, int] = {}
    number = 0
    for link, slug, on in links:
        parts = urlsplit_or_none(link)
        if not parts or not on or not slug or parts.query:
            continue
        number += 1
        path = unquote(parts.path)
        for name in ("day", "month", "name"):
            if path.endswith(permalinks.filled(name, on, slug, "")) and path.count("/") == TEMPLATE_SLASHES[name]:
                votes[name] = votes.get(name, 0) + 1
    best = max(votes, key=lambda name: votes[name], default="")
    return best if best and votes[best] * 2 > number else ""


TEMPLATE_SLASHES = {name: text.count("/") for name, text in permalinks.STRUCTURES.items()}
