"""One letter for many comments: what came beyond three letters an hour, or looks alike.

Each comment of which an owner must be told so is a DigestLine, stored with it. A sweep writes the letter and marks the
lines in one transaction: none is lost, and none is told twice.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments import deciding, waves
from comments.letters import DIGEST, HELD, PUBLISHED, owners, told_of, written_to
from comments.models import Comment, DigestLine, Discussion
from ground import mail
from ground.jobs import minutely
from ground.site import absolute, at_home, site
from ground.words import shorten, unlinked

PAUSE = timedelta(minutes=15)  # for the rest of a wave to come in
SHOWN = 20  # comments, each with its words and its link
WORDS = 60  # of each
MOST = 5000  # lines in one letter


@minutely
def write_digests():
    """For each owner at most one an hour."""
    now = timezone.now()
    # A line from the future means that the clock went back.
    due = DigestLine.objects.untold().filter(Q(made_at__lte=now - PAUSE) | Q(made_at__gt=now))
    for owner in owners().filter(pk__in=due.values("to")):
        if DIGEST not in written_to(owner):
            with at_home():
                write_digest(owner)
    # Whoever is no owner any more, or has no address, is told nothing later either.
    due.exclude(to__in=owners()).delete()


@transaction.atomic
def write_digest(owner):
    lines = DigestLine.objects.untold().filter(to=owner).select_for_update(of=("self",)).order_by("pk")
    lines = list(lines.select_related("comment__post", "comment__person")[:MOST])
    held, published = still_news(lines)
    if not (held or published):  # decided meanwhile: there is nothing to tell
        DigestLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
        return
    letter = mail.write(
        to=owner.email,
        subject=subject_of(held, published),
        text=text_of(held, published, since=lines[0].made_at),
        kind=DIGEST,
        key=f"comments from {lines[0].pk}, to {owner.pk}",
    )
    DigestLine.objects.filter(pk__in=[line.pk for line in lines]).update(letter=letter)


def still_news(lines):
    """(what waits, what was published), as it is today and as far as the owner wants to know."""
    wanted = Discussion.now()
    held = [line.comment for line in lines if line.what == HELD and line.comment.state == Comment.State.PENDING]
    published = [line.comment for line in lines if line.what == PUBLISHED and line.comment.is_approved]
    return held if wanted.mail_held else [], published if wanted.mail_published else []


def subject_of(held, published):
    said = []
    if held:
        said.append(ngettext("%d comment waits", "%d comments wait", len(held)) % len(held))
    if published:
        said.append(ngettext("%d was published", "%d were published", len(published)) % len(published))
    return f"[{site().title}] {', '.join(said)}"


def text_of(held, published, *, since):
    groups, singles = sorted_into_waves(held)
    context = {
        "held": len(held),
        "published": len(published),
        "since": since,
        "groups": [{"count": wave.count, "what": said_of(wave), "first": brief(wave.comments[0])} for wave in groups],
        "singles": [brief(comment) for comment in singles[:SHOWN]],
        "more": max(len(singles) - SHOWN, 0),
        "news": [brief(comment) for comment in published[:SHOWN]],
        "more_news": max(len(published) - SHOWN, 0),
        "waiting": Comment.objects.pending().count(),
        "groups_url": absolute(reverse("desk_groups")),
        "queue_url": absolute(reverse("desk_stack")),
        "approved_url": absolute(reverse("desk_comments_in", args=["approved"])),
        "switch_url": absolute(deciding.path_of_the_switch()),
    }
    return render_to_string("comments/mail/digest.txt", context)


def sorted_into_waves(comments):
    """(waves without a comment in common, the largest first; what is in none)."""
    groups, seen = [], set()
    for wave in waves.among(comments):
        wave.comments = [comment for comment in wave.comments if comment.pk not in seen]
        if wave.count >= waves.LEAST:
            groups.append(wave)
            seen |= {comment.pk for comment in wave.comments}
    return groups, [comment for comment in comments if comment.pk not in seen]


def said_of(wave):
    if wave.by == waves.HOST:
        return _("all lead to %s") % unlinked(wave.value)
    return _("all say nearly the same") if wave.by == waves.SHAPE else _("all came from one network within an hour")


def brief(comment):
    return told_of(comment) | {
        "words": shorten(unlinked(comment.text), WORDS),
        "comment_url": absolute(comment.get_absolute_url()),
    }
