"""What becomes of an answer: small rules, read aloud one after the other, each with a sentence for the owner.
All of them are asked. A rule that welcomes its writer ends it; else the gravest verdict wins, and every reason is
kept, worst first. A rule is a function of a Submission: it returns None, or its verdict with the reason. Its name
is kept with the reason, so that the desk can lead to the setting behind it.
"""

# ruff: noqa: RET503  (a rule with nothing to say returns nothing)

import logging
from dataclasses import dataclass, field
from html import unescape

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment, Discussion, Person
from ground.words import fold

logger = logging.getLogger(__name__)

WELCOME, APPROVED, PENDING, SPAM, TRASH = "welcome", "approved", "pending", "spam", "trash"
GRAVITY = [APPROVED, PENDING, SPAM, TRASH]


@dataclass(frozen=True)
class Submission:
    """An answer on its way in. `comment` is not stored yet; its HTML is rendered."""

    comment: Comment
    user: object
    person: Person
    settings: Discussion
    trap: str = ""
    unproven_origin: bool = False


@dataclass(frozen=True)
class Verdict:
    state: str
    reasons: list = field(default_factory=list)


def judge(submission) -> Verdict:
    """Ask every rule. `reasons` are dicts with the rule's name, its verdict and its sentence, worst first."""
    reasons = []
    for rule in RULES:
        verdict, why = asked(rule, submission)
        if verdict == WELCOME:
            return Verdict(APPROVED)
        if verdict:
            reasons.append({"rule": rule.__name__, "verdict": verdict, "why": why})
    reasons.sort(key=lambda reason: -GRAVITY.index(reason["verdict"]))
    return Verdict(reasons[0]["verdict"] if reasons else APPROVED, reasons)


def asked(rule, submission):
    """A rule that breaks must neither lose an answer nor let it through: the answer waits."""
    try:
        return rule(submission) or (None, "")
    except Exception:
        logger.exception("the rule %s could not be asked", rule.__name__)
        return PENDING, _("A rule could not be asked (%s); the log says why.") % rule.__name__


def the_author_is_always_welcome(submission):
    post, user = submission.comment.post, submission.user
    if user.is_authenticated and (user.pk == post.author_id or user.has_perm("comments.moderate")):
        return WELCOME, ""


def friends_are_always_welcome(submission):
    if submission.person.trust == Person.Trust.FRIEND:
        return WELCOME, ""


def disallowed_words_go_to_the_trash(submission):
    if word := found_in(submission, submission.settings.disallowed_keys):
        return TRASH, _("It holds “%s”, which stands on your list of words for the trash.") % word


def the_blocked_are_not_heard(submission):
    if submission.person.trust == Person.Trust.BLOCKED:
        return SPAM, _("You have blocked its writer.")


def a_filled_trap_waits_for_a_look(submission):
    """Only held: a browser that fills in forms by itself falls into the trap as well."""
    if submission.trap:
        return PENDING, _("A field that people do not see was filled in.")


def an_unproven_origin_waits_for_a_look(submission):
    if submission.unproven_origin:
        return PENDING, _("It came without a sign that it was written on this page.")


def words_on_the_list_wait_for_a_look(submission):
    if word := found_in(submission, submission.settings.moderation_keys):
        return PENDING, _("It holds “%s”, which stands on your list of words to look at.") % word


def many_links_wait_for_a_look(submission):
    limit, number = submission.settings.link_limit, len(submission.comment.links)
    if limit and number >= limit:
        return PENDING, ngettext("It holds %d link.", "It holds %d links.", number) % number


def every_comment_waits_if_you_said_so(submission):
    if submission.settings.manual_approval:
        return PENDING, _("You look at every comment first.")


def first_timers_wait_for_a_look(submission):
    """Known is the same account or the same signed browser, never somebody who types the same address."""
    if submission.settings.previously_approved and not submission.person.is_known:
        return PENDING, _("It is the first comment of this writer.")


RULES = [
    the_author_is_always_welcome,
    friends_are_always_welcome,
    disallowed_words_go_to_the_trash,
    the_blocked_are_not_heard,
    a_filled_trap_waits_for_a_look,
    an_unproven_origin_waits_for_a_look,
    words_on_the_list_wait_for_a_look,
    many_links_wait_for_a_look,
    every_comment_waits_if_you_said_so,
    first_timers_wait_for_a_look,
]


def found_in(submission, keys):
    """The first word of a list (one on each line) that the answer holds, or None.

    Case, accents, full-width letters and the kind of apostrophe make no difference, and markup hides nothing.
    """
    comment = submission.comment
    read = unescape(strip_tags(comment.html))
    places = [alike(place) for place in (comment.name, comment.email, comment.url, comment.text, read)]
    for line in keys.splitlines():
        word = alike(line).strip()
        if word and any(word in place for place in places):
            return line.strip()
    return None


def alike(text):
    return fold(text).translate(str.maketrans("‘’ʼ`´", "'''''"))
