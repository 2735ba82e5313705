"""Hold all new comments automatically while many similar ones come in, and email the owners once about it."""

from collections import Counter
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment, DiscussionSettings
from comments.moderation import clusters, email_links
from core import mail
from core.jobs import minutely
from core.site import absolute_url, site, site_locale

KIND = "comment wave"
WITHIN = timedelta(minutes=30)
GET_THROUGH = 3  # of them must be held; if the rules mark them all as spam, nothing else needs to be held
BEGINS = {clusters.HOST: 10, clusters.SHAPE: 10, clusters.HOUR: 20}  # similar comments WITHIN that time start it
LASTS = timedelta(hours=1)  # after the last check that found a cluster
RENEWED = timedelta(minutes=10)  # not every minute: each change of the settings invalidates cached pages
MOST = 500


@minutely
def watch():
    """Start or extend holding all comments if there is a large cluster; it ends by itself after `LASTS`."""
    now, settings = timezone.now(), DiscussionSettings.now()
    if not settings.hold_in_waves or (settings.no_wave_until and now < settings.no_wave_until):
        return
    by_wave = settings.switched and settings.switched_by_wave
    if settings.switched and not by_wave:  # a moderator's own choice takes precedence
        return
    if by_wave and settings.switch_until - now > LASTS - RENEWED:
        return
    if number := largest(now):
        begin(number, now)


def largest(now):
    """The size of the largest cluster within the last 30 minutes that is large enough; 0 if there is none."""
    recent = Comment.objects.filter(
        state__in=[Comment.State.PENDING, Comment.State.SPAM], posted_at__gt=now - WITHIN, posted_at__lte=now
    )
    ways, waiting = Counter(), Counter()
    for comment in recent.newest_first().only(*clusters.FIELDS)[:MOST]:
        common = {
            (kind, value.split()[0] if kind == clusters.HOUR else value) for kind, value in clusters.traits_of(comment)
        }
        ways.update(common)
        if comment.state == Comment.State.PENDING:
            waiting.update(common)
    large = (number for way, number in ways.items() if number >= BEGINS[way[0]] and waiting[way] >= GET_THROUGH)
    return max(large, default=0)


@transaction.atomic
def begin(number, now):
    row = DiscussionSettings.locked()
    is_new = not row.switched
    left_alone = row.no_wave_until and now < row.no_wave_until
    if left_alone or (row.switched and not row.switched_by_wave):  # changed by a concurrent request
        return
    row.hold_in_a_wave(now + LASTS)
    if is_new:
        with site_locale():
            for owner in get_user_model().objects.owners_with_email():
                tell(owner, row, number, now)


def tell(owner, discussion, number, now):
    context = {
        "number": number,
        "discussion": discussion,
        "groups_url": absolute_url(reverse("desk_clusters")),
        "switch_url": absolute_url(email_links.hold_all_path()),
        "settings_url": f"{absolute_url(reverse('desk_discussion'))}#id_hold_in_waves",
    }
    mail.queue(
        to=owner.email,
        subject=_("[%(site)s] Many similar comments: all are held for now") % {"site": site().title},
        text=render_to_string("comments/mail/automatic_hold.txt", context),
        kind=KIND,
        key=f"wave since {now.isoformat()}, to {owner.pk}",
    )
