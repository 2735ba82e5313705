"""The text of an item as the source of a post: what WordPress showed, with links that lead to where things are now."""

import re
from collections import defaultdict
from urllib.parse import parse_qs, unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from transfer.importing.plan import number_of, origin_of, urlsplit_or_none
from transfer.importing.session import Session
from transfer.records import Item
from transfer.wordpress.text import Attachment, Context, MediaTable, Notice, to_html

OWN_SOURCE = "_longrun_source"  # meta that our own export writes beside the HTML of a text
OWN_FORMAT = "_longrun_format"
SAME_HERE = ("category", "tag", "author", "feed", "comments")  # first segments of paths that exist here, too
ABSOLUTE = re.compile(r"https?://[^\s\"'<>()\[\]]+")
OWN_MEDIA = re.compile(r"/media/[0-9a-f]{32}/[^\s\"'<>()\[\]]+")

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


class Texts:
    """Converts the texts of one import."""

    def __init__(self, session: Session):
        self.session = session
        plan = session.plan
        self.attachments = {
            number: Attachment(each.url, each.alt, each.caption, each.title, each.link, parent=each.parent)
            for number, each in plan.attachments.items()
        }
        self.attached: dict[int, list[Attachment]] = defaultdict(list)
        for number in sorted(self.attachments):
            self.attached[self.attachments[number].parent].append(self.attachments[number])
        self.media = MediaTable()
        for number, media in session.media.items():
            if number in self.attachments:
                self.media.add(self.attachments[number].url, media.get_absolute_url())
        self.origins = list(dict.fromkeys(url for url in (plan.channel.url, plan.channel.home) if url))

    def source_of(self, item: Item) -> tuple[str, str, list[str]]:
        """(source, its format, what could not be carried as it was) of a post or page."""
        if own := item.meta_value(OWN_SOURCE):
            form = item.meta_value(OWN_FORMAT)
            return self.own(own), form if form in ("html", "markdown") else "markdown", []
        if item.content_format != "wordpress":
            return self.linked(item.content), item.content_format, []
        done = to_html(
            item.content,
            Context(
                attachments=self.attachments,
                attached=self.attached.get(item.number or -1, ()),
                footnotes=item.meta_value("footnotes"),
                media=self.media.find,
                link=self.link_here,
                language=self.session.plan.channel.language,
                blocks=self.session.plan.reusable,
                origins=self.origins,
            ),
        )
        return done.html, "html", [sentence(notice) for notice in done.notices]

    def own(self, source: str) -> str:
        """A text of our own export, with the addresses that its files have here."""
        base = self.origins[0].rstrip("/") if self.origins else ""
        return OWN_MEDIA.sub(lambda found: self.media.find(base + found[0]) or found[0], source)

    def linked(self, source: str) -> str:
        """A text that needs no conversion, with the places that its links and files have here."""

        def here(found: re.Match[str]) -> str:
            url, at, fragment = found[0].partition("#")
            new = self.media.find(url) or self.link_here(url)
            return f"{new}{at}{fragment}" if new else found[0]

        return ABSOLUTE.sub(here, source)

    def link_here(self, url: str) -> str | None:
        """The path on this blog of a link into the old one; None for other links and for what is not here."""
        session, parts = self.session, urlsplit_or_none(url)
        if parts is None or not belongs(url, session):
            return None
        if parts.query:
            numbers = [text for name in ("p", "page_id") for text in parse_qs(parts.query).get(name, [])]
            entry = session.plan.entries.get(number_of(numbers[0])) if numbers else None
            return entry.path if entry else None
        path = unquote(parts.path).rstrip("/") + "/"
        if found := session.paths.get(path):
            return found
        first = path.strip("/").partition("/")[0]
        return path if path == "/" or first in SAME_HERE else None


def sentence(notice: Notice) -> str:
    return _("Not carried as it was: %(kind)s (%(what)s).") % {
        "kind": KINDS.get(notice.kind, notice.kind),
        "what": notice.what[:80],
    }


def belongs(url: str, session: Session) -> bool:
    """Whether a URL leads into the old blog."""
    return bool(session.origin) and f"{origin_of(url)}/".startswith(f"{session.origin}/")
