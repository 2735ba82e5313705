"""Bulk actions from a page that is out of date: posts that others have changed since are skipped and named.

The list's form has a field `saw` for each post (`blog.models.bulk_action.mark_of`), and `seen`, the time at which the
page was made.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import BulkAction, Post
from blog.models.bulk_action import mark_of
from core.row_ids import row_id, row_ids

LOOKED_AT = 200  # bulk actions
NAMED = 20  # posts


class Seen:
    """The posts as the page showed them; `changed` collects those that differ now."""

    def __init__(self, form):
        self.marks = {mark.partition(":")[0]: mark for mark in form.getlist("saw")}
        self.changed = []

    def is_unchanged(self, post):
        """Whether the post is as the page showed it. A post that the form does not mention counts as unchanged."""
        now = mark_of(post)
        if self.marks.get(str(post.pk), now) == now:
            return True
        self.changed.append(post)
        return False


@dataclass
class SkippedPost:
    post: Post
    said: str


def skipped_query(changed, since):
    """The query that makes a list name the skipped posts; "" if there are none."""
    return (
        f"left={'.'.join(str(post.pk) for post in changed[:NAMED])}&since={int(since.timestamp())}" if changed else ""
    )


def page_made_at(form):
    try:
        return datetime.fromtimestamp(row_id(form.get("seen")) or 0, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def skipped_posts(query, user):
    """The posts named by `skipped_query`, each with who changed it last and when."""
    numbers = row_ids(query.get("left", "").split(".")[:NAMED])
    if not numbers:
        return []
    since = page_made_at({"seen": query.get("since")})
    posts = Post.objects.editable_by(user).filter(pk__in=numbers).order_by("pk")
    actions = list(BulkAction.objects.select_related("by").order_by("-pk")[:LOOKED_AT])
    return [SkippedPost(post, said_about(post, actions, since, user)) for post in posts]


def said_about(post, actions, since, user):
    traces = [(made.created_at, made.by) for made in post.revisions.standing().select_related("by")[:1]]
    traces += [(action.last_touched(post), action.by) for action in actions]
    traces = [trace for trace in traces if trace[0] and trace[0] >= since]
    if not traces:
        return _("Somebody has changed this in the meantime.")
    moment, by = max(traces, key=lambda trace: trace[0])
    who = _("You") if by == user else str(by.name) if by else _("Somebody")
    return _("%(who)s changed this %(when)s.") % {"who": who, "when": ago(moment)}


def ago(moment):
    return _("just now") if timezone.now() - moment < timedelta(seconds=20) else naturaltime(moment)
