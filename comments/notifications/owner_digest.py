"""The owners' digest: one email for the comments beyond three emails an hour, and for similar ones.

Each such comment has a DigestLine, saved with it. A periodic job queues the email and marks the lines in one
transaction, so that none is lost or sent twice. Comments that the classifier marked as spam since the last digest are
listed in the next one; if there is nothing else to tell, they get a digest of their own, at most once a day.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment, DigestLine, DiscussionSettings
from comments.moderation import clusters, email_links, filed_spam
from comments.notifications.owner import DIGEST, FILED, HELD, PUBLISHED, comment_context, recent_emails
from core import mail
from core.jobs import minutely
from core.models import Email
from core.site import absolute_url, site, site_locale
from core.text import defang, shorten

PAUSE = timedelta(minutes=15)  # for the rest of a cluster to arrive
FILED_EVERY = timedelta(days=1)  # between digests that only list what the classifier marked as spam
FILED_BEFORE = timedelta(days=7)  # what was marked longer ago is not listed
SHOWN = 20  # comments, each with an excerpt and a link
WORDS = 60  # of each
MAX_LINES = 5000  # lines in one email


@minutely
def write_digests():
    """Queue the digests that are due, at most one an hour for each owner."""
    now = timezone.now()
    # A line dated in the future means that the clock was set back.
    due = DigestLine.objects.unsent().filter(Q(created_at__lte=now - PAUSE) | Q(created_at__gt=now))
    for owner in get_user_model().objects.owners_with_email().filter(pk__in=due.values("to")):
        if DIGEST not in recent_emails(owner):
            with site_locale():
                write_digest(owner)
    # Drop the lines of users who are no longer owners or have no address.
    due.exclude(to__in=get_user_model().objects.owners_with_email()).delete()
    if DiscussionSettings.now().mail_held:
        for owner in get_user_model().objects.owners_with_email():
            write_filed_digest(owner, now)


def write_filed_digest(owner, now):
    """Queue a digest that lists only what the classifier marked as spam, unless one was queued in the last day."""
    since = filed_since(owner, now)
    if since > now - FILED_EVERY:
        return
    found = filed_spam.unseen(since=since, until=now - PAUSE)
    if not found:
        return
    with site_locale(), transaction.atomic():
        email = mail.queue(
            to=owner.email,
            subject=subject_of([], [], found),
            text=text_of([], [], since=since, lines={}, found=found),
            kind=DIGEST,
            key=f"filed since {since.isoformat()}, to {owner.pk}",
        )
        record_listed_spam(found, owner, email)


def filed_since(owner, now):
    """When this owner got the last digest, but not further back than `FILED_BEFORE`."""
    told = Email.objects.filter(kind=DIGEST, to=owner.email, created_at__lte=now).order_by("-created_at")
    return max(told.values_list("created_at", flat=True).first() or now - FILED_BEFORE, now - FILED_BEFORE)


def record_listed_spam(found, owner, email):
    """Record which comments the email lists, so that it is found when one of them is erased."""
    lines = [DigestLine(comment=comment, to=owner, what=FILED, email=email) for comment in found.comments]
    DigestLine.objects.bulk_create(lines, ignore_conflicts=True)


@transaction.atomic
def write_digest(owner):
    lines = DigestLine.objects.unsent().filter(to=owner).select_for_update(of=("self",)).order_by("pk")
    lines = list(lines.select_related("comment__post", "comment__person")[:MAX_LINES])
    held, published = current_comments(lines)
    if not (held or published):  # decided in the meantime: there is nothing to tell
        DigestLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
        return
    found = filed_spam.unseen(since=filed_since(owner, timezone.now()))
    numbers = {line.comment_id: line.pk for line in lines}
    email = mail.queue(
        to=owner.email,
        subject=subject_of(held, published),
        text=text_of(held, published, since=lines[0].created_at, lines=numbers, found=found),
        kind=DIGEST,
        key=f"comments from {lines[0].pk}, to {owner.pk}",
    )
    record_listed_spam(found, owner, email)
    DigestLine.objects.filter(pk__in=[line.pk for line in lines]).update(email=email)


def current_comments(lines):
    """(held comments, published comments) in their present state, without those that the settings exclude."""
    wanted = DiscussionSettings.now()
    held = [line.comment for line in lines if line.what == HELD and line.comment.state == Comment.State.PENDING]
    published = [line.comment for line in lines if line.what == PUBLISHED and line.comment.is_approved]
    return held if wanted.mail_held else [], published if wanted.mail_published else []


def subject_of(held, published, found=None):
    said = []
    if held:
        said.append(ngettext("%d comment waits", "%d comments wait", len(held)) % len(held))
    if published:
        said.append(ngettext("%d was published", "%d were published", len(published)) % len(published))
    if found:
        said.append(ngettext("%d was filed as spam", "%d were filed as spam", found.number) % found.number)
    return f"[{site().title}] {', '.join(said)}"


def text_of(held, published, *, since, lines, found):
    """The email's text. `lines` is {comment id: DigestLine id}, for links that lead from one comment to the next;
    `found` is what the classifier marked as spam."""
    groups, singles = split_into_clusters(held)
    context = {
        "held": len(held),
        "published": len(published),
        "since": since,
        "groups": [
            {"count": cluster.count, "what": describe_cluster(cluster), "first": excerpt(cluster.comments[0], lines)}
            for cluster in groups
        ],
        "singles": [excerpt(comment, lines) for comment in singles[:SHOWN]],
        "more": max(len(singles) - SHOWN, 0),
        "news": [excerpt(comment, lines) for comment in published[:SHOWN]],
        "more_news": max(len(published) - SHOWN, 0),
        "filed": found,
        "spam_url": absolute_url(reverse("desk_comments_in", args=["spam"])),
        "waiting": Comment.objects.pending().count(),
        "all_url": absolute_url(email_links.moderation_path(held[0].pk, lines[held[0].pk])) if held else "",
        "groups_url": absolute_url(reverse("desk_clusters")),
        "queue_url": absolute_url(reverse("desk_review")),
        "approved_url": absolute_url(reverse("desk_comments_in", args=["approved"])),
        "switch_url": absolute_url(email_links.hold_all_path()),
    }
    return render_to_string("comments/mail/digest.txt", context)


def split_into_clusters(comments):
    """(clusters, largest first; comments in no cluster)."""
    groups = clusters.find_clusters(comments)
    seen = {comment.pk for cluster in groups for comment in cluster.comments}
    return groups, [comment for comment in comments if comment.pk not in seen]


def describe_cluster(cluster):
    if cluster.by == clusters.HOST:
        return _("all link to %s") % defang(cluster.value)
    return (
        _("all have nearly the same text")
        if cluster.by == clusters.SHAPE
        else _("all came from one network within an hour")
    )


def excerpt(comment, lines):
    return comment_context(comment, lines[comment.pk]) | {
        "words": shorten(defang(comment.text), WORDS),
        "comment_url": absolute_url(comment.get_absolute_url()),
    }
