"""The text of an item as the source of a post: what WordPress showed, with links that lead to where things are now."""

import re
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from transfer.old_urls import belongs, number_of, urlsplit_or_none
from transfer.records import Item
from transfer.wordpress.text import Attachment, Context, MediaTable, Notice, to_html
from transfer.wordpress.values import unescaped

OWN_SOURCE = "_longrun_source"  # meta that our own export writes beside the HTML of a text
OWN_FORMAT = "_longrun_format"
OWN_SYNTAX = "_longrun_extended_markdown"  # "1" for a text with the extended syntax
SAME_HERE = ("category", "tag", "author", "feed", "comments")  # first segments of paths that exist here, too
URL = r"https?://[^\s\"'<>()\[\]]+"
ABSOLUTE = re.compile(URL)
SRCSET = re.compile(r"""(?<=\bsrcset=)(?:"[^"]*"|'[^']*')""", re.IGNORECASE)
# A URL where it is a link or a file: in an attribute, or in Markdown. Elsewhere it is a word of the text.
IN_PLACE = re.compile(rf"""((?<=[\w-])\s*=\s*["']?|\]\(\s*<?|^[ ]{{0,3}}\[[^\]\n]+\]:\s*<?)({URL})""", re.MULTILINE)
AUTOLINK = re.compile(rf"<({URL})>")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|blockquote|figcaption)\s*>", re.IGNORECASE)
BLANK_LINES = re.compile(r"[ \t]*\n\s*")
OWN_MEDIA = re.compile(r"/media/[0-9a-f]{32}/[^\s\"'<>()\[\]]+")
ENCLOSURE = re.compile(r"https?://[^\s\"'<>\[\]]{4,1000}")
PLAYERS = {"audio": "audio", "video": "video"}  # shortcodes by the first part of a type

Source: TypeAlias = tuple[str, str, list[str]]

KINDS = {
    "shortcode": gettext_lazy("a shortcode"),
    "block": gettext_lazy("a block"),
    "form": gettext_lazy("a form"),
    "poll": gettext_lazy("a poll"),
    "embed": gettext_lazy("something embedded"),
    "html": gettext_lazy("HTML"),
    "attachment": gettext_lazy("a file"),
    "limit": gettext_lazy("a limit"),
}


def is_extended(item: Item) -> bool:
    """Whether its text is written in the extended syntax: only an export of Longrun says so."""
    return item.meta_value(OWN_SYNTAX) == "1"


@dataclass(frozen=True)
class Facts:
    """What a conversion needs to know of the import, as values that JSON can represent."""

    origin: str
    origins: list[str]  # URLs of the old blog
    language: str
    attachments: list[list[Any]]  # number and the fields of an Attachment, see `attachment_of`
    media: list[tuple[str, str]]  # (URL on the old blog, path here)
    paths: dict[str, str]  # {path on the old blog: path here}
    numbers: dict[str, str]  # {number of a post or page: path here}
    reusable: dict[str, str]  # {number of a reusable block: its text}


def attachment_of(url: str, alt: str, caption: str, title: str, link: str, parent: int) -> Attachment:
    return Attachment(url, alt, caption, title, link, parent=parent)


class Texts:
    """Converts the texts of one import. No database here: a child process does it, too."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self.attachments = {number: attachment_of(*fields) for number, *fields in facts.attachments}
        self.attached: dict[int, list[Attachment]] = defaultdict(list)
        for number in sorted(self.attachments):
            self.attached[self.attachments[number].parent].append(self.attachments[number])
        self.media = MediaTable()
        for url, path in facts.media:
            self.media.add(url, path)
        self.reusable = {int(number): text for number, text in facts.reusable.items()}
        self.ready: dict[int, Source] = {}  # by the item's id(): what a child process has converted

    def source_of(self, item: Item) -> Source:
        """(source, its format, what could not be carried as it was) of a post or page."""
        if ready := self.ready.pop(id(item), None):
            return ready
        if own := item.meta_value(OWN_SOURCE):
            form = item.meta_value(OWN_FORMAT)
            return self.own(own), form if form in ("html", "markdown") else "markdown", []
        if item.content_format != "wordpress":
            return self.linked(item.content, item.content_format), item.content_format, []
        done = to_html(
            players_above(item) + item.content,
            Context(
                attachments=self.attachments,
                attached=self.attached.get(item.number or -1, ()),
                footnotes=item.meta_value("footnotes"),
                media=self.media.find,
                link=self.link_here,
                language=self.facts.language,
                blocks=self.reusable,
                origins=self.facts.origins,
            ),
        )
        return done.html, "html", [sentence(notice) for notice in done.notices]

    def own(self, source: str) -> str:
        """A text of our own export, with the addresses that its files have here."""
        base = self.facts.origins[0].rstrip("/") if self.facts.origins else ""
        return OWN_MEDIA.sub(lambda found: self.media.find(base + found[0]) or found[0], source)

    def linked(self, source: str, source_format: str = "html") -> str:
        """A text that needs no conversion, with the places that its links and files have here. What readers see of an
        address stays."""
        if not ABSOLUTE.search(source):
            return source
        source = SRCSET.sub(lambda found: ABSOLUTE.sub(lambda url: self.here(url[0]), found[0]), source)
        source = IN_PLACE.sub(lambda found: found[1] + self.here(found[2]), source)
        if source_format == "markdown":
            source = AUTOLINK.sub(self.autolinked, source)
        return source

    def here(self, url: str) -> str:
        """Where a link or file of the old blog is here; other addresses as they are."""
        bare, at, fragment = url.partition("#")
        new = self.media.find(bare) or self.link_here(bare)
        return f"{new}{at}{fragment}" if new else url

    def autolinked(self, found: re.Match[str]) -> str:
        new = self.here(found[1])
        return found[0] if new == found[1] else f"[{found[1]}]({new})"

    def link_here(self, url: str) -> str | None:
        """The path on this blog of a link into the old one; None for other links and for what is not here."""
        facts, parts = self.facts, urlsplit_or_none(url)
        if parts is None or not belongs(url, facts.origin):
            return None
        if parts.query:
            numbers = [text for name in ("p", "page_id") for text in parse_qs(parts.query).get(name, [])]
            return facts.numbers.get(str(number_of(numbers[0]))) if numbers else None
        path = unquote(parts.path).rstrip("/") + "/"
        if found := facts.paths.get(path):
            return found
        first = path.strip("/").partition("/")[0]
        return path if path == "/" or first in SAME_HERE else None


def players_above(item: Item) -> str:
    """Shortcodes for the recordings of an episode, which plugins for podcasts show above the text and keep in the meta
    `enclosure` alone: URL, bytes and type on lines. WordPress has it also for files that the text links to."""
    shown, found = unescape(item.content), []
    for value in dict.fromkeys(item.meta_values("enclosure")):
        url, _bytes, kind = ([line.strip() for line in value.splitlines()] + [""] * 3)[:3]
        name = PLAYERS.get(kind.partition("/")[0].lower())
        if name and ENCLOSURE.fullmatch(url) and url.partition("://")[2].partition("?")[0] not in shown:
            found.append(f'[{name} src="{url}"]\n\n')
    return "".join(found)


def plain_text(html: str) -> str:
    """An excerpt or caption of WordPress as text: a line for each paragraph, without tags and block comments."""
    if "<" in html:
        html = BLANK_LINES.sub("\n", strip_tags(BREAK.sub("\n", COMMENT.sub("", html))))
    return unescaped(html).strip()


def sentence(notice: Notice) -> str:
    return _("Not carried as it was: %(kind)s (%(what)s).") % {
        "kind": KINDS.get(notice.kind, notice.kind),
        "what": notice.what[:80],
    }
