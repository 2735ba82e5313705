import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment, render_html
from comments.models.moderation_action import ModerationAction
from comments.models.person import Person
from core.email_addresses import is_deliverable, normalize_email
from core.text import tidy

if TYPE_CHECKING:
    from accounts.models import User


class MessageQuerySet(models.QuerySet["Message"]):
    def in_state(self, *states: str) -> "MessageQuerySet":
        return self.filter(state__in=states)

    def accepted(self) -> "MessageQuerySet":
        return self.in_state(Message.State.NEW, Message.State.DONE)

    def pending(self) -> "MessageQuerySet":
        return self.in_state(Message.State.PENDING)

    def unrejected(self) -> "MessageQuerySet":
        return self.in_state(Message.State.NEW, Message.State.DONE, Message.State.PENDING)

    def rejected_before(self, when: datetime) -> "MessageQuerySet":
        return self.in_state(Message.State.SPAM, Message.State.TRASH).filter(state_since__lt=when)

    def matching(self, words: str) -> "MessageQuerySet":
        """Those that contain these words in name, address or text; all for ""."""
        if not words:
            return self
        return self.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(text__icontains=words))

    def written_by(self, user: "User") -> "MessageQuerySet":
        return self.filter(person__account=user)

    def of_address(self, *addresses: str) -> "MessageQuerySet":
        """Those with one of these email addresses, whoever typed it."""
        alike = Q(pk__in=[])
        for address in filter(None, addresses):
            alike |= Q(email__iexact=address)
        return self.filter(alike)

    def newest_first(self) -> "MessageQuerySet":
        return self.order_by("-posted_at", "-pk")

    def counts(self) -> dict[str, int]:
        """{state: number of messages}, for all states."""
        found = dict(self.order_by().values_list("state").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in Message.State.values}

    def decide(self, what: str, *, by: "User", side_effects: dict[str, Any] | None = None) -> ModerationAction | None:
        """Move them as a decision, of which the spam filter learns; returns the ModerationAction, None if nothing
        changes. `RESTORE` returns each to its former state."""
        states = {
            ModerationAction.What.ACCEPT: Message.State.NEW,
            ModerationAction.What.REOPEN: Message.State.NEW,
            ModerationAction.What.DONE: Message.State.DONE,
            ModerationAction.What.SPAM: Message.State.SPAM,
            ModerationAction.What.TRASH: Message.State.TRASH,
        }
        with transaction.atomic():
            rows = []
            for message in self.select_for_update(of=("self",)).order_by("pk"):
                new = states.get(ModerationAction.What(what)) or message.former_state or Message.State.NEW
                if new != message.state:
                    rows.append(message.row_for(new))
                    former = "" if what == ModerationAction.What.RESTORE else message.state
                    message.move(new, former, decided_at=timezone.now())
            if not (rows or side_effects):
                return None
            effects = {"count": len(rows)} | (side_effects or {}) | {"messages": rows}
            decision = ModerationAction.objects.create(by=by, what=what, side_effects=effects)
            decision.tell()
            return decision

    def move_back(self, rows: Iterable[Sequence[Any]]) -> int:
        """Undo the moves of a decision, where nothing has changed since; returns how many changed."""
        before = {pk: (state, former, decided, new) for pk, state, former, new, decided in rows}
        changed = 0
        for message in self.filter(pk__in=before).select_for_update(of=("self",)).order_by("pk"):
            state, former, decided, new = before[message.pk]
            if message.state == new:
                message.move(state, former, decided_at=datetime.fromisoformat(decided) if decided else None)
                changed += 1
        return changed


class Message(models.Model):
    """A message sent by the contact form of a page: read by moderators at the desk and by the owner's email alone."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        DONE = "done", _("Done")
        PENDING = "pending", _("Held")
        SPAM = "spam", _("Spam")
        TRASH = "trash", _("Trash")

    post = models.ForeignKey("blog.Post", models.SET_NULL, null=True, related_name="messages")
    person = models.ForeignKey("comments.Person", models.SET_NULL, null=True, related_name="messages")
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    former_state = models.CharField(max_length=8, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    text = models.TextField()
    name = models.CharField(max_length=245)
    email = models.EmailField()
    facts = models.JSONField(default=dict, blank=True)
    # Of post, sender, text and day (UTC): a form that is sent twice is one message.
    fingerprint = models.CharField(max_length=64, unique=True)
    posted_at = models.DateTimeField(default=timezone.now)
    state_since = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)  # by somebody, not by the rules: the spam filter learns from it

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["state", "-posted_at", "-id"], name="message_in_lists")]

    def __str__(self):
        return f"{self.name}: {self.text[:40]}"

    @classmethod
    def of_judged(cls, comment):
        """The unsaved message with the text, sender, facts and verdict of a comment that the rules have judged."""
        states = {Comment.State.APPROVED: cls.State.NEW}
        message = cls(
            post=comment.post,
            person=None if comment.person._state.adding else comment.person,
            state=states.get(comment.state, comment.state),
            reasons=comment.reasons,
            text=tidy(comment.text),
            name=comment.name,
            email=comment.email,
            facts=comment.facts,
        )
        message.fingerprint = message.sign()
        return message

    def row_for(self, new: str) -> list[Any]:
        """What a decision stores about its move to a new state (`comments.models.undo`)."""
        decided = self.decided_at.isoformat() if self.decided_at else None
        return [self.pk, self.state, self.former_state, new, decided]

    def move(self, state: str, former: str, *, decided_at: datetime | None) -> None:
        self.state, self.former_state, self.decided_at = state, former, decided_at
        self.state_since = timezone.now()
        self.save(update_fields=["state", "former_state", "state_since", "decided_at"])

    def block_sender(self, by: "User", *, network_days: int = 0) -> ModerationAction | None:
        """Block the sender as at a comment and mark it as spam; returns the ModerationAction, None if nothing changed.

        Without an account or a signed browser the sender gets a Person that stands for the typed address alone: the one
        that an earlier block has left."""
        with transaction.atomic():
            alike = Message.objects.of_address(self.email)
            locked = dict(alike.select_for_update(of=("self",)).order_by("pk").values_list("pk", "person"))
            self.person_id = locked.get(self.pk) or self.person_id
            if self.person is None:
                self.person = Person.objects.stand_ins(normalize_email(self.email)).first() or Person.objects.create()
                alike.filter(person=None).update(person=self.person)
            itself = Message.objects.filter(pk=self.pk)
            return self.person.set_trust(Person.Trust.BLOCKED, by, network_days=network_days, beside=itself)

    def record_verdict(self) -> None:
        """Record in the history what the rules have rejected. That one was accepted or held is not recorded."""
        what = {self.State.SPAM: ModerationAction.What.SPAM, self.State.TRASH: ModerationAction.What.TRASH}
        if self.state in what:
            moved = [self.pk, self.State.PENDING, "", self.state, None]
            ModerationAction.objects.create(
                maker=ModerationAction.Maker.RULES,
                what=what[self.State(self.state)],
                reasons=self.reasons,
                side_effects={"messages": [moved], "count": 1},
            )

    @property
    def writer(self) -> str:
        """The name, as `Comment.writer`."""
        return self.name

    def sign(self):
        """The fingerprint, by which repeated POSTs are one message."""
        words = " ".join(self.text.casefold().split())
        day = self.posted_at.astimezone(UTC).date()
        parts = [str(self.post_id), self.email.casefold(), self.name.casefold(), words, str(day)]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def as_comment(self):
        """An unsaved comment with its text, as the spam filter learns from comments."""
        return Comment(text=self.text, name=self.name, html=render_html(self.text))

    @property
    def reply_url(self):
        """A mailto link to the sender; "" for an address that takes no email."""
        if not is_deliverable(self.email):
            return ""
        subject = {"subject": _("Re: %s") % (self.post or _("your message"))}
        return f"mailto:{quote(self.email, safe='@')}?{urlencode(subject, quote_via=quote)}"
