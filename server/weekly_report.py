"""The weekly email to owners, sent even if nothing needs them: it shows that email arrives."""

from datetime import datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import DiscussionSettings
from comments.moderation import filed_spam
from comments.notifications.weekly_numbers import week
from core import mail
from core.jobs import minutely
from core.models import Email
from core.site import absolute_url, site, site_locale
from server import backups

KIND = "weekly"
SEND_AT = time(7)  # on Mondays, in the blog's time zone


@minutely
def queue_weekly_reports():
    """Queue the report of the week that ended last Monday at midnight. Its unique key makes sure it is queued once."""
    if not (mail.is_configured() and DiscussionSettings.now().mail_weekly):
        return
    with site_locale():
        since, until, due = last_week()
        if timezone.now() < due:
            return
        told = set(Email.objects.filter(key__startswith=f"week from {since:%Y-%m-%d},").values_list("key", flat=True))
        for owner in get_user_model().objects.owners_with_email().filter(date_joined__lt=until):
            if report_key(since, owner) not in told:
                queue_report(owner, since, until)


def last_week():
    """(start, end, when to send), as datetimes in the blog's time zone."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())

    def at(day, hour=time.min):
        return datetime.combine(day, hour, tzinfo=site().zone)

    return at(monday - timedelta(days=7)), at(monday), at(monday, SEND_AT)


def report_key(since, owner):
    return f"week from {since:%Y-%m-%d}, to {owner.pk}"


def queue_report(owner, since, until):
    newest = next((kept for kept in backups.list_backups() if not kept.problem), None)
    numbers = week(since, until, owner)
    checked = timezone.localdate(newest.checked) if newest else None
    context = {
        "week": numbers,
        "filed": filed_spam.unseen(since=since),
        "spam_url": absolute_url(reverse("desk_comments_in", args=["spam"])),
        "backup": newest,
        "checked": checked,
        "copies": backups.copies_elsewhere(),
        "checked_days": (timezone.localdate() - checked).days if checked else None,
    }
    mail.queue(
        to=owner.email,
        subject=_("[%(site)s] Your week") % {"site": site().title},
        text=render_to_string("weekly.txt", context),
        kind=KIND,
        key=report_key(since, owner),
    )
