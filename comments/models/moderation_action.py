from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import undo as undo_changes

# Functions called in the same transaction after an action was taken or undone.
AFTER_ACTION: list[Callable[..., None]] = []
Function = TypeVar("Function", bound=Callable[..., None])
BATCH = 10_000  # ids in one statement; databases limit the parameters to some 30,000


def after_action(function: Function) -> Function:
    """Decorator: call `function(action)` after each action and each undo (then `undone_at` is set)."""
    AFTER_ACTION.append(function)
    return function


class ModerationActionQuerySet(models.QuerySet["ModerationAction"]):
    def standing(self) -> "ModerationActionQuerySet":
        return self.filter(undone_at=None)

    def newest_first(self) -> "ModerationActionQuerySet":
        return self.order_by("-pk")


class ModerationAction(models.Model):
    """A decision about one comment or message, or many at once: one row, which can be undone.

    `items` has [id, former state, the state before that, new state] for each comment. `side_effects` is what else
    changed and is undone with it, such as listed words, texts, places and trust, and all of a decision about messages
    (comments.models.undo has the format).
    """

    class What(models.TextChoices):
        APPROVE = "approve", _("Approved")
        HOLD = "hold", _("Unapproved")
        SPAM = "spam", _("Marked as spam")
        TRASH = "trash", _("Moved to the trash")
        RESTORE = "restore", _("Restored")
        EDIT = "edit", _("Edited")
        MOVE = "move", _("Moved")
        TRUST = "trust", _("Trust changed")
        REPLY = "reply", _("Replied")
        KEEP = "keep", _("Reports dismissed")
        LATER = "later", _("Postponed until tomorrow")
        ERASE = "erase", _("Erased for good")
        # Of messages alone:
        ACCEPT = "accept", _("Not spam")
        DONE = "done", _("Done")
        REOPEN = "reopen", _("Not done")

    class Maker(models.TextChoices):
        MODERATOR = "moderator", _("at the desk")
        EMAIL_LINK = "email", _("by a link in an email")
        RULES = "rules", _("by the rules")
        WRITER = "writer", _("by the commenter")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    maker = models.CharField(max_length=9, choices=Maker, default=Maker.MODERATOR)
    what = models.CharField(max_length=7, choices=What)
    reasons = models.JSONField(default=list)
    items = models.JSONField(default=list)
    side_effects = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    undone_at = models.DateTimeField(null=True)

    objects = ModerationActionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["maker", "-id"], name="action_by_maker")]

    def __str__(self):
        return f"{self.get_what_display()}: {len(self.items)}"

    @classmethod
    def take(cls, what, comments, *, by, maker=Maker.MODERATOR, reasons=(), side_effects=None):
        """Apply an action to all comments of a queryset; returns the ModerationAction, None if nothing changes."""
        with transaction.atomic():
            there = comments.exclude(state=comments.model.State.GONE).select_for_update(of=("self",)).order_by("pk")
            rows = there.values_list("pk", "state", "former_state")
            items = [[pk, state, former, target(what, former)] for pk, state, former in rows]
            items = [item for item in items if item[1] != item[3]]
            if not (items or side_effects):
                return None
            apply([(pk, state, new, "" if what == cls.What.RESTORE else state) for pk, state, _former, new in items])
            decision = cls.objects.create(
                by=by, maker=maker, what=what, reasons=list(reasons), items=items, side_effects=side_effects or {}
            )
            decision.tell()
            return decision

    @classmethod
    def of_the_rules(cls, comment):
        """Record the rules' verdict about a new or edited comment. Being held is not recorded."""
        what = {"approved": cls.What.APPROVE, "spam": cls.What.SPAM, "trash": cls.What.TRASH}.get(comment.state)
        if what:
            items = [[comment.pk, "pending", "", comment.state]]
            cls.objects.create(maker=cls.Maker.RULES, what=what, reasons=comment.reasons, items=items)

    @property
    def trust_given(self):
        """(person id, new trust) if the action changed a commenter's trust, else None."""
        rows = self.side_effects.get("trust")
        return (rows[0][0], rows[0][2]) if rows else None

    @property
    def count(self):
        return len(self.items) or self.side_effects.get("count", 0)

    @property
    def comment_ids(self):
        return [item[0] for item in self.items] or self.side_effects.get("comments", [])

    @property
    def is_about_messages(self):
        return "messages" in self.side_effects

    @property
    def message_ids(self):
        return [row[0] for row in self.side_effects.get("messages", [])]

    @property
    def can_be_undone(self):
        return self.undone_at is None and self.what != self.What.ERASE

    def undo(self):
        """Undo the action where nothing has changed since; returns how many comments or people changed.

        A second call changes nothing."""
        html = undo_changes.rendered(self.side_effects)
        with transaction.atomic():
            waiting = type(self).objects.standing().filter(pk=self.pk).exclude(what=self.What.ERASE)
            if not waiting.update(undone_at=timezone.now()):
                return 0
            self.refresh_from_db(fields=["undone_at"])
            standing = {}
            for pks in parts([item[0] for item in self.items]):
                standing |= dict(all_comments().filter(pk__in=pks).select_for_update().values_list("pk", "state"))
            changes = [
                # Undoing the rules is a moderator's decision: former_state marks it, so that an edit keeps the state.
                (pk, new, before, new if self.maker == self.Maker.RULES else former)
                for pk, before, former, new in self.items
                if standing.get(pk) == new
            ]
            apply(changes)
            more = undo_changes.revert(self.side_effects, html)
            self.tell()
            return len(changes) + more

    def tell(self):
        for action in AFTER_ACTION:
            action(self)


def target(what, former):
    """The new state after an action; restored comments return to their former state."""
    states = {
        ModerationAction.What.APPROVE: "approved",
        ModerationAction.What.HOLD: "pending",
        ModerationAction.What.SPAM: "spam",
        ModerationAction.What.TRASH: "trash",
    }
    return states.get(what) or former or "pending"


def apply(changes):
    """Apply changes (id, present state, new state, former_state to store) in a few statements, and update fingerprints,
    counts, search and cache version."""
    groups = defaultdict(list)
    for pk, _present, new, remembered in changes:
        groups[new, remembered].append(pk)
    for pks in parts([pk for pk, present, new, _remembered in changes if present == "trash" and new != "trash"]):
        all_comments().clear_fingerprints(pks)
    for (new, remembered), moved in groups.items():
        for pks in parts(moved):
            comments = all_comments().filter(pk__in=pks)
            comments.update(state=new, former_state=remembered, state_since=timezone.now(), filed_at=None)
    shown = [pk for pk, present, new, _remembered in changes if new == "approved"]
    hidden = [pk for pk, present, new, _remembered in changes if present == "approved"]
    all_comments().update_visibility(shown, hidden)


def parts(pks):
    return [pks[start : start + BATCH] for start in range(0, len(pks), BATCH)]


def all_comments():
    return apps.get_model("comments.Comment").objects.all()
