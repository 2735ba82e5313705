import hashlib
import html as html_entities
import re
from collections import defaultdict
from datetime import timedelta
from math import ceil

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog import absolute_urls, markup
from blog.markup.safe_html import trusted
from comments.models.comment_revision import FIELDS, CommentRevision
from comments.models.listed_as import DECIDED_BY, connect_deletions, recount_commenters
from comments.models.moderation_action import ModerationAction
from comments.models.queryset import CommentQuerySet
from comments.models.reasons import LEARNED_RULES
from core import confusables
from core.text import tidy, tidy_line
from core.written_queries import Parameter, PreparedQuery

MAX_LENGTH = 10_000  # characters


def render_html(text, source_format="markdown"):
    return markup.render(text, markup.COMMENT, source_format=source_format).html


class Comment(models.Model):
    """A comment on a post. `save` renders its HTML, and updates the post's count and the search if it is approved."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        WEBMENTION = "webmention", _("Webmention")
        PINGBACK = "pingback", _("Pingback")
        TRACKBACK = "trackback", _("Trackback")

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        SPAM = "spam", _("Spam")
        TRASH = "trash", _("Trash")
        GONE = "gone", _("Erased")  # emptied, and kept only because it has replies

    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies")
    thread = models.ForeignKey("self", models.SET_NULL, null=True, editable=False, related_name="+")
    person = models.ForeignKey("comments.Person", models.SET_NULL, null=True, blank=True, related_name="comments")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMMENT)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    former_state = models.CharField(max_length=8, blank=True)
    reasons = models.JSONField(default=list, blank=True)

    text = models.TextField(_("text"))
    source_format = models.CharField(max_length=8, default="markdown", editable=False)  # "html" if it was imported
    html = models.TextField(blank=True, editable=False)
    html_version = models.PositiveIntegerField(default=0, editable=False)
    name = models.CharField(_("name"), max_length=245, blank=True)
    name_key = models.CharField(max_length=250, blank=True, editable=False)  # core.confusables.skeleton
    email = models.EmailField(_("email"), blank=True)
    url = models.URLField(_("website"), max_length=400, blank=True)
    avatar = models.CharField(max_length=1000, blank=True)
    service = models.CharField(max_length=40, blank=True, editable=False)  # the author's login provider

    # Its number on the blog it was imported from, where another comment had that number here: a second fragment.
    former_number = models.BigIntegerField(null=True, editable=False)
    fingerprint = models.CharField(max_length=64, null=True, editable=False)
    facts = models.JSONField(default=dict, blank=True)
    posted_at = models.DateTimeField(_("date"), default=timezone.now)
    edited_at = models.DateTimeField(null=True, editable=False)  # by its author
    state_since = models.DateTimeField(default=timezone.now, editable=False)
    filed_at = models.DateTimeField(null=True, editable=False)  # marked as spam by the classifier, nobody decided yet
    later_until = models.DateTimeField(null=True, editable=False)  # postponed: not in the review until then

    rendered = None  # the text from which `html` was rendered

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.UniqueConstraint(fields=["fingerprint"], condition=~Q(state="trash"), name="equal_comments_are_one")
        ]
        indexes = [
            models.Index(fields=["post", "state", "posted_at", "id"], name="comment_below_post"),
            models.Index(fields=["state", "-posted_at", "-id"], name="comment_in_lists"),
            models.Index(fields=["person", "-posted_at", "-id"], name="comment_of_person"),
            models.Index(fields=["person", "state"], name="comment_of_person_by_state"),
            # For `equal_comments`: SQLite cannot use the constraint's partial index there and would read all comments.
            models.Index(fields=["fingerprint"], name="comment_equal"),
            # For comments.moderation.impersonation.
            models.Index(fields=["name_key", "state", "-posted_at"], name="comment_by_name_key"),
            models.Index(fields=["email", "state", "-posted_at"], name="comment_by_email"),
            models.Index(
                fields=["state", "later_until"], condition=Q(later_until__isnull=False), name="comment_postponed"
            ),
            # Comments that the classifier marked as spam: a small part of all spam.
            models.Index(fields=["-filed_at"], condition=Q(filed_at__isnull=False), name="comment_filed"),
        ]

    def __str__(self):
        return f"{self.writer}: {self.text[:40]}"

    # What a reader sees

    @property
    def writer(self):
        return self.name or str(_("Anonymous"))

    @property
    def body(self):
        """The HTML, sanitized when it was saved, for pages other than the post's: with absolute links."""
        if absolute_urls.stands_alone(self.html):
            return trusted(self.html)
        return trusted(absolute_urls.from_elsewhere(self.html, self.post.get_absolute_url()))

    @property
    def body_for_review(self):
        """`body` with links that open in new tabs, so that the moderator stays on the page."""
        return trusted(absolute_urls.in_new_tabs(self.body))

    @property
    def is_approved(self):
        return self.state == self.State.APPROVED

    @property
    def is_by_author(self):
        """Whether the post's author wrote it, judged by account, because anybody can type a name."""
        return self.person is not None and self.person.account_id == self.post.author_id is not None

    def is_by(self, user, browser=""):
        """Whether this visitor wrote it: by account or by signed browser."""
        if self.person is None:
            return False
        return self.person.account_id == user.pk is not None or bool(browser) and self.person.browser == browser

    def minutes_left(self, settings):
        """Minutes in which its author may still edit or delete it, rounded up; 0 if none."""
        if self.kind != self.Kind.COMMENT or self.state in (self.State.TRASH, self.State.GONE):
            return 0
        until = self.posted_at + timedelta(minutes=settings.edit_minutes)
        return max(0, ceil((until - timezone.now()) / timedelta(minutes=1)))

    def is_fresh(self, settings):
        """Whether its author may still edit or delete it."""
        return self.minutes_left(settings) > 0

    @property
    def links(self):
        """The http and https URLs of all links in it."""
        return [html_entities.unescape(url) for url in re.findall(r'<a\b[^>]*\bhref="(https?:[^"]*)"', self.html)]

    def get_absolute_url(self):
        """The permalink, which redirects to the page of comments on which the comment is now."""
        return reverse("comment_permalink", args=[self.pk])

    # Saving

    def save(self, *args, update_fields=None, **kwargs):
        is_new = self._state.adding
        if is_new and self.parent:
            self.thread_id = self.parent.thread_id or self.parent_id
        if update_fields is None or "text" in update_fields:
            rendered = self.render()
            update_fields = update_fields and {*update_fields, *rendered}
        if is_new or update_fields and "reasons" in update_fields:
            self.filed_at = self.state_since if self.is_filed_by_the_filter() else None
            update_fields = update_fields and {*update_fields, "filed_at"}
        with transaction.atomic(savepoint=False):
            super().save(*args, update_fields=update_fields, **kwargs)
            if update_fields is None or DECIDED_BY & set(update_fields):
                recount_commenters([self.person_id])
            if self.is_approved and (is_new or update_fields is None or "text" in update_fields):
                type(self).objects.update_visibility([self.pk], [])

    def is_filed_by_the_filter(self):
        """Whether the classifier or known traces marked it as spam, without a moderator."""
        first = self.reasons[0] if self.reasons else {}
        return self.state == self.State.SPAM and first.get("verdict") == "spam" and first.get("rule") in LEARNED_RULES

    def render(self):
        """Render the HTML and normalize the text fields; returns the names of the fields it set."""
        self.text = tidy(self.text)
        self.name, self.url = tidy_line(self.name), tidy_line(self.url)
        self.name_key = confusables.skeleton(self.name)
        if self.rendered != self.text:
            self.set_html(self.text, render_html(self.text, self.source_format))
        return {"text", "name", "name_key", "url", "html", "html_version"}

    def prepare(self, text):
        """Render the HTML of a new text in advance. Call before opening a transaction, to keep the lock short."""
        text = tidy(text)
        if text not in (self.rendered, self.text):
            self.set_html(text, render_html(text, self.source_format))

    def set_html(self, text, html):
        """Set the HTML already rendered from `text`; `save` renders again if the comment's text differs."""
        self.html, self.html_version, self.rendered = html, markup.VERSION, text

    def rerender(self):
        """Render a row again that an older renderer rendered, unless its text was changed concurrently."""
        text = tidy(self.text)
        html = render_html(text, self.source_format)
        with transaction.atomic():
            rows = type(self).objects.select_for_update(of=("self",))
            if row := rows.filter(pk=self.pk, text=self.text).first():
                row.set_html(text, html)
                row.save(update_fields=["text"])

    def sign(self, writer):
        """Set the fingerprint of post, parent, author and text, by which repeated POSTs are one comment."""
        words = " ".join(tidy(self.text).casefold().split())
        parts = [str(self.post_id), str(self.parent_id or ""), writer, words]
        self.fingerprint = hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def duplicate(self):
        """The comment with the same fingerprint outside the trash, or None."""
        equal = [pk for (pk,) in find_duplicates(fingerprint=self.fingerprint) if pk != self.pk]
        return type(self).objects.filter(pk__in=equal).first() if equal else None

    # Moderation: each returns the ModerationAction, or None if nothing changed

    def approve(self, by):
        return self.decided(self.itself.approve(by))

    def mark_spam(self, by):
        return self.decided(self.itself.mark_spam(by))

    def trash(self, by):
        return self.decided(self.itself.trash(by))

    def restore(self, by):
        return self.decided(self.itself.restore(by))

    def decided(self, decision):
        self.refresh_from_db(fields=["state", "former_state", "fingerprint", "state_since"])
        return decision

    def revise(self, by, **said):
        """Edit it (text, name, email, url) and keep a revision; returns the ModerationAction, None if unchanged."""
        self.prepare(said.get("text", self.text))
        with transaction.atomic():
            former = self.keep_text(by)
            for name in FIELDS:
                setattr(self, name, said.get(name, getattr(self, name)))
            self.save(update_fields=FIELDS)
            if all(getattr(self, name) == getattr(former, name) for name in FIELDS):
                former.delete()
                return None
            change = {"texts": [[self.pk, former.pk]], "comments": [self.pk], "count": 1}
            return ModerationAction.take(
                ModerationAction.What.EDIT, type(self).objects.none(), by=by, side_effects=change
            )

    def keep_text(self, by):
        """Save what it says now as a CommentRevision, before an edit."""
        return CommentRevision.objects.create(comment=self, by=by, **{name: getattr(self, name) for name in FIELDS})

    def move_to(self, post, parent, by):
        """Move it with all its replies below another comment, or to the top level (parent None) of a post.

        Returns the ModerationAction, None if nothing changed. Raises ValueError if `parent` is one of its own replies
        or on another post than `post`.
        """
        branch = self.branch()
        if parent and (parent.post_id != post.pk or parent.pk in branch):
            raise ValueError("a branch cannot hang on itself, nor on a comment of another post")
        root = (parent.thread_id or parent.pk) if parent else None
        here, above = branch.pop(self.pk), parent.pk if parent else None
        moves = [[self.pk, *here, post.pk, above, root]]
        moves += [[pk, *place, post.pk, place[1], root or self.pk] for pk, place in branch.items()]
        if moves[0][1:4] == moves[0][4:]:
            return None
        with transaction.atomic():
            type(self).objects.move(moves)
            self.refresh_from_db(fields=["post", "parent", "thread"])
            change = {"moves": moves, "comments": [row[0] for row in moves], "count": len(moves)}
            return ModerationAction.take(
                ModerationAction.What.MOVE, type(self).objects.none(), by=by, side_effects=change
            )

    def branch(self):
        """The comment and all replies below it: {id: (post, parent, thread)}."""
        rows = type(self).objects.filter(post=self.post_id).values_list("pk", "post", "parent", "thread")
        places = {pk: tuple(place) for pk, *place in rows}
        below = defaultdict(list)
        for pk, (_post, parent, _thread) in places.items():
            below[parent].append(pk)
        found, waiting = {}, [self.pk]
        while waiting:
            pk = waiting.pop()
            found[pk] = places[pk]
            waiting += below[pk]
        return found

    @property
    def itself(self):
        return type(self).objects.filter(pk=self.pk)

    @property
    def search_entry(self):
        url = self.get_absolute_url()
        return {"thing": self.pk, "post_id": self.post_id, "text": self.text, "url": url, "at": self.posted_at}


connect_deletions(Comment)


@PreparedQuery
def find_duplicates():
    """The ids of comments outside the trash with this fingerprint."""
    return (
        Comment.objects.untrashed().filter(fingerprint=Parameter("fingerprint", models.CharField())).values_list("pk")
    )
