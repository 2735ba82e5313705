"""The rendered HTML of a text: when it is rendered, and when the stored HTML is kept instead."""

import hashlib
from collections import Counter
from typing import Any

from django.db import models, transaction

from blog import embeds, link_cards, markup, recording_players, responsive_images, track_maps
from blog.markup.notices import AS_TYPED, Notice
from blog.markup.render_process import Busy, NotRendered, render_in_process
from blog.models.link_card import LinkCard
from blog.models.media import Media
from blog.models.reading_settings import reading

LONG = 50_000  # characters; a longer text is rendered in a process of its own
RENDERED_FROM = {"source", "source_format", "extended_markdown", "language"}


class RenderedText(models.Model):
    """The fields that `markup` renders from `source`. Rendering takes no lock: call `prepare` before opening a
    transaction."""

    class Trouble(models.TextChoices):
        """Why the stored HTML is not that of the current text or renderer."""

        UNFINISHED = "unfinished"  # the text took too long or too much memory when it was saved
        BUSY = "busy"  # too many others waited for a process that renders long texts
        WORSE = "worse"  # a newer version of the renderer would leave out more than the stored HTML does

    html = models.TextField(blank=True, editable=False)
    teaser_html = models.TextField(blank=True, editable=False)
    more_text = models.CharField(max_length=200, blank=True, editable=False)
    summary = models.TextField(blank=True, editable=False)
    plain = models.TextField(blank=True, editable=False)
    words = models.PositiveIntegerField(default=0, editable=False)
    html_version = models.PositiveIntegerField(default=0, editable=False)
    render_error = models.CharField(max_length=10, choices=Trouble, blank=True, editable=False)
    # What `html` leaves out or shows as typed: [line, kind, what] each; null if an older version did not record it.
    render_notices = models.JSONField(null=True, editable=False)

    class Meta:
        abstract = True

    acting: Any = None  # the user who saves it, whose permissions decide which files it may show; None means its author
    prepared = None  # (the inputs, the rendering or None, the Trouble if it is None)
    tokens = None  # (text, stemmer, the search index's tokens)
    rendered_from = None  # the inputs of the last rendering by this version: saving them again renders nothing

    @classmethod
    def from_db(cls, *args, **kwargs):
        row = super().from_db(*args, **kwargs)
        stored = row.__dict__
        is_known = stored.keys() >= RENDERED_FROM and stored.get("render_error") == ""
        if is_known and stored.get("html_version") == markup.VERSION:
            row.rendered_from = row.renders
        return row

    @property
    def renders(self):
        return self.source, self.source_format, self.extended_markdown, self.language

    @property
    def is_rendered(self):
        """Whether the current inputs need no rendering."""
        return self.rendered_from == self.renders

    @property
    def lacks_html(self):
        """Whether the current text could not be rendered within the limits."""
        if self.is_rendered or self.prepared is None:
            return self.render_error in (self.Trouble.UNFINISHED, self.Trouble.BUSY)
        return self.prepared[1] is None

    def try_again(self):
        """Have the next save render the text again if the last attempt failed."""
        if self.render_error:
            self.rendered_from = None

    @property
    def notices(self):
        return [Notice(*each) for each in self.render_notices or ()]

    @property
    def render_options(self):
        """What `markup.render` is told about the text."""
        return {
            "source_format": self.source_format,
            "prefix": f"p{prefix_of(self.guid)}-",
            "language": self.language_written,
            "smart": reading().smart_punctuation,
            "extended": self.extended_markdown,
        }

    def prepare(self):
        """Render the current text and cache the result for `render`. None if it exceeds a limit of time or memory."""
        options = self.render_options
        key = (self.source, *options.values())
        if self.prepared is None or self.prepared[0] != key:
            self.prepared = key, *rendering(self.source, options)
        return self.prepared[1]

    def accept(self, done, options):
        """Take over what another process rendered from the current text with these options (`render_options`)."""
        self.prepared = (self.source, *options.values()), done, ""

    def reuse(self, other):
        """Take over what `other`, this row as it was read before the transaction (or None), has prepared."""
        if other is not None:
            self.prepared, self.tokens = other.prepared, other.tokens

    def render(self, files=None):
        """Set the rendered fields from the source; returns their names. `files`: {name: Media} of the files in the
        HTML that may be shown in it, for callers that have asked for those of many posts at once."""
        done = self.prepare()
        self.rendered_from = self.renders
        if done is None:
            return self.write({"render_error": self.prepared[2], "html_version": markup.VERSION})
        if files is None:
            files = Media.objects.usable_in(self).shown_in(done.html)
        shown = {name: media for name, media in files.items() if media.kind == Media.Kind.PICTURE}
        html, teaser_html = (with_media(text, files, shown) for text in (done.html, done.teaser_html))
        cards = LinkCard.objects.shown_in(html)
        return self.write(
            {
                "html": link_cards.add_cards(html, cards),
                "teaser_html": link_cards.add_cards(teaser_html, cards),
                "more_text": done.more_text[:200],
                "summary": done.summary,
                "plain": done.plain,
                "words": done.words,
                "html_version": markup.VERSION,
                "render_error": "",
                "render_notices": [[each.line, each.kind, each.what] for each in done.notices],
            }
        )

    def write(self, fields):
        for name, value in fields.items():
            setattr(self, name, value)
        return fields.keys()

    def rerender(self):
        """Render a row again that an older version rendered, or that waits for its first rendering.

        The stored HTML of the same text stays, and the row records why, if the new HTML would lose something that the
        stored one shows. A text that is saved concurrently is not overwritten."""
        done = self.prepare()
        self.prepare_tokens(done)
        trouble = self.prepared[2]
        if not trouble and self.render_error != self.Trouble.BUSY and self.loses_by(done):
            trouble = self.Trouble.WORSE.value
        with transaction.atomic():
            rows = type(self).objects.select_for_update(of=("self",))
            row = rows.filter(pk=self.pk, html_version=self.html_version).first()
            if row is None or row.renders != self.renders:
                return
            if trouble:
                rows.filter(pk=self.pk).update(render_error=trouble, html_version=markup.VERSION)
            else:
                row.reuse(self)
                row.save(update_fields=["source"])

    def loses_by(self, done):
        """Whether this rendering leaves out, or shows as typed, more than the stored one."""
        if self.render_notices is None:
            # Older versions removed the same HTML on purpose. A text that was shown entirely as typed cannot lose.
            if self.html == markup.as_typed(self.source, self.source_format):
                return False
            return any(notice.kind == AS_TYPED for notice in done.notices)

        def left_out(notices):
            return Counter((each.kind, each.what) for each in notices if each.kind in markup.LEFT_OUT)

        return bool(left_out(done.notices) - left_out(self.notices))


def with_media(html, files, shown):
    """The HTML with players, maps of tracks and with pictures in several widths."""
    html = recording_players.add_players(responsive_images.add_srcset(html, shown), files)
    return embeds.embed_links(track_maps.add_maps(html, files))


def prefix_of(guid):
    """Six characters that differ between posts, for the ids in their HTML. A guid that was imported may be any URL."""
    return guid[-6:] if guid.startswith("urn:longrun:") else hashlib.sha256(guid.encode()).hexdigest()[:6]


def rendering(source, options):
    """(rendering, "") or (None, the Trouble's value)."""
    if len(source) <= LONG:
        return markup.render(source, markup.POST, **options), ""
    try:
        return render_in_process(source, **options), ""
    except Busy:
        return None, RenderedText.Trouble.BUSY.value
    except NotRendered:
        return None, RenderedText.Trouble.UNFINISHED.value
