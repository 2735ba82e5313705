from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from server import damaged_database
from server.doctor.last_findings import last_problems

register = template.Library()


@register.simple_tag
def database_damage():
    """What the worker found when it last read the whole database, and what to do; "" if it is whole."""
    _when, found = damaged_database.last_check()
    return f"{damaged_database.problem(found)} {damaged_database.way_back()}" if found else ""


@register.simple_tag
def doctors_problems():
    """[label …] of what the doctor found last, as far as the dashboard does not say it elsewhere."""
    return last_problems()


@register.simple_tag
def drill_result(drill):
    """What a restore drill has brought back, in one sentence."""
    when = {0: _("checked today"), 1: _("checked yesterday")}.get(drill.days) or ngettext(
        "checked %(days)s day ago", "checked %(days)s days ago", drill.days
    ) % {"days": drill.days}
    posts = ngettext("%(count)s post or page", "%(count)s posts and pages", drill.posts) % {"count": f"{drill.posts:,}"}
    comments = ngettext("%(count)s comment", "%(count)s comments", drill.comments) % {"count": f"{drill.comments:,}"}
    return _("Your backup restores: %(posts)s, %(comments)s, %(when)s.") % {
        "posts": posts,
        "comments": comments,
        "when": when,
    }
