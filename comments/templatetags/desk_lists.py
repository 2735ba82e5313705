"""Template tags for the desk's lists of comments and the dashboard."""

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.models import Comment, Person
from comments.moderation import rule_preview, triage
from core.text import shorten

register = template.Library()
register.filter("in_words", shorten)  # {{ text|in_words:40 }}: works for scripts without spaces as well

SAID = {
    Person.Trust.FRIEND: _("The commenter is now a friend."),
    Person.Trust.BLOCKED: _("The commenter is now blocked."),
    Person.Trust.KNOWN: _("The commenter is now known."),
    Person.Trust.UNKNOWN: _("The commenter is now unknown."),
}
# The action offered for the commenter's other held comments.
OFFERS = {Person.Trust.FRIEND: "approve", Person.Trust.BLOCKED: "spam"}


@register.simple_tag
def pending_counts():
    return triage.counts()


@register.filter
def trust_message(decision):
    return SAID.get(decision.trust_given[1], "") if decision.trust_given else ""


@register.simple_tag
def block_effect(decision):
    """The effect that a new block would have had on other people's recent comments, as a dict; None if no block."""
    number, trust = decision.trust_given if decision and decision.trust_given else (None, "")
    who = (
        Person.objects.filter(pk=number, trust=Person.Trust.BLOCKED).first() if trust == Person.Trust.BLOCKED else None
    )
    if who is None:
        return None
    last = rule_preview.last_comments()
    reached = rule_preview.matched_by_active_blocks(who, last)
    return {"who": who, "number": len(reached), "last": len(last), "bad": rule_preview.count_rejected(reached)}


@register.simple_tag
def other_pending(decision):
    """The other held comments of a commenter who was just made a friend or blocked, and the action offered; or None."""
    person, trust = decision.trust_given if decision and decision.trust_given else (None, "")
    if trust not in OFFERS:
        return None
    action = OFFERS[trust]
    number = Comment.objects.pending().filter(person=person).count()
    if not number:
        return None
    approve = ngettext("Approve their other comment", "Approve their other %(n)d comments", number)
    spam = ngettext("Mark their other comment as spam", "Mark their other %(n)d comments as spam", number)
    label = (approve if action == "approve" else spam) % {"n": number}
    return {"number": number, "action": action, "label": label, "q": f"person:{person}", "seen": timezone.now()}
