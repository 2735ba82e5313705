from collections import defaultdict

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """What was decided about one comment or about five thousand at once: one row, which can be undone.

    `items` holds [number, former state, the state before that, new state] for each comment.
    """

    class What(models.TextChoices):
        APPROVE = "approve", _("Approved")
        SPAM = "spam", _("Marked as spam")
        TRASH = "trash", _("Moved to the trash")
        RESTORE = "restore", _("Restored")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=7, choices=What)
    reasons = models.JSONField(default=list)
    items = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.get_what_display()}: {len(self.items)}"

    @classmethod
    def take(cls, what, comments, *, by, reasons=()):
        """Decide about all comments of the queryset; None if none of them changes by it."""
        with transaction.atomic():
            rows = comments.select_for_update().order_by("pk").values_list("pk", "state", "former_state")
            items = [[pk, state, former, target(what, former)] for pk, state, former in rows]
            items = [item for item in items if item[1] != item[3]]
            if not items:
                return None
            apply([(pk, state, new, "" if what == cls.What.RESTORE else state) for pk, state, _former, new in items])
            return cls.objects.create(by=by, what=what, reasons=list(reasons), items=items)

    @property
    def count(self):
        return len(self.items)

    @property
    def comment_ids(self):
        return [item[0] for item in self.items]

    def undo(self):
        """Put back what is still as this decision left it; how many that were. A second time changes nothing."""
        with transaction.atomic():
            if not type(self).objects.filter(pk=self.pk, undone_at=None).update(undone_at=timezone.now()):
                return 0
            self.refresh_from_db(fields=["undone_at"])
            standing = dict(
                all_comments().filter(pk__in=self.comment_ids).select_for_update().values_list("pk", "state")
            )
            changes = [(pk, new, before, former) for pk, before, former, new in self.items if standing.get(pk) == new]
            apply(changes)
            return len(changes)


def target(what, former):
    """The state to which a decision leads; restored comments return to the one they had."""
    states = {Decision.What.APPROVE: "approved", Decision.What.SPAM: "spam", Decision.What.TRASH: "trash"}
    return states.get(what) or former or "pending"


def apply(changes):
    """Carry out (number, present state, new state, state to remember) in a few statements, with all that follows."""
    groups = defaultdict(list)
    for pk, _present, new, remembered in changes:
        groups[new, remembered].append(pk)
    returning = [pk for pk, present, new, _remembered in changes if present == "trash" and new != "trash"]
    all_comments().forget_twins(returning)
    for (new, remembered), pks in groups.items():
        all_comments().filter(pk__in=pks).update(state=new, former_state=remembered)
    shown = [pk for pk, present, new, _remembered in changes if new == "approved"]
    hidden = [pk for pk, present, new, _remembered in changes if present == "approved"]
    all_comments().filter(pk__in=[*shown, *hidden]).readers_see(shown, hidden)


def all_comments():
    return apps.get_model("comments.Comment").objects.all()
