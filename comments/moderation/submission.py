"""Builds the rules' Submission from the request of a new or an edited comment, and applies the verdict."""

from comments.moderation import rules
from comments.spam import honeypot
from core.request import client_address, client_network
from core.site import site_locale
from core.text import tidy_line


def apply_rules(request, form, comment, ruleset=None):
    """Set the comment's HTML, facts, state and reasons from a valid form and the verdict of the rules (`rules.RULES`
    if none are given). Saves nothing."""
    comment.set_html(*form.rendered)
    comment.render()
    comment.facts = {
        "agent": tidy_line(request.headers.get("User-Agent", ""))[:254],
        "network": client_network(request),
    }
    if (seconds := honeypot.seconds_in(request.POST)) is not None:
        comment.facts["seconds"] = seconds
    submission = rules.Submission(
        comment=comment,
        user=request.user,
        person=comment.person,
        settings=form.settings,
        honeypot=form.cleaned_data["honeypot"],
        unproven_origin=request.unproven_origin,
        daily_honeypot=honeypot.is_filled(request.POST),
        seconds=seconds,
        address=client_address(request),
    )
    with site_locale():  # the reasons are stored, for the moderator rather than the commenter
        verdict = rules.judge(submission, ruleset)
    comment.state, comment.reasons = verdict.state, verdict.reasons
