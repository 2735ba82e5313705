"""What becomes of an answer: small rules, read aloud one after the other, each with a sentence for the owner.
All of them are asked. A rule that welcomes its writer ends it; else the gravest verdict wins, and every reason is
kept, worst first. A rule is a function of a Submission: it returns None, or its verdict with the reason. Its name
is kept with the reason, so that the desk can lead to the setting behind it.
"""

# ruff: noqa: RET503  (a rule with nothing to say returns nothing)

import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from html import unescape

from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from comments import spam, tongues, waves
from comments.models import Comment, Discussion, Person, Trace
from ground.site import site
from ground.words import fold

logger = logging.getLogger(__name__)

WELCOME, APPROVED, PENDING, SPAM, TRASH = "welcome", "approved", "pending", "spam", "trash"
GRAVITY = [APPROVED, PENDING, SPAM, TRASH]

SURE_OF_THE_KNOWN = 0.998  # spam score from which even somebody whose comments stand is held
SPAM_HOSTS = 3  # times that people called a host spam, and it needs no further look
FAST, FAST_TEXT = 2, 40  # seconds from the first key, for a text of so many characters
LEAST_LETTERS = 20  # beside a link
FORUM_CODE = re.compile(r"\[(?:url|link|img)\b[^\]]*\]", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """An answer on its way in. `comment` is not stored yet; its HTML is rendered."""

    comment: Comment
    user: object
    person: Person
    settings: Discussion
    trap: str = ""
    unproven_origin: bool = False
    sprung: bool = False  # the trap of the day
    seconds: float | None = None  # since the first key, if a script said so
    address: str = ""  # asked while it is here, never stored

    @cached_property
    def is_known(self):
        return self.person.is_known


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


def a_sprung_trap_is_spam(submission):
    """Its name changes each day: no person sees it, and no browser has it in store."""
    if submission.sprung:
        return SPAM, _("A field that only machines see was filled in.")


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


def what_came_too_fast_waits_for_a_look(submission):
    seconds, length = submission.seconds, len(submission.comment.text)
    if seconds is not None and seconds < FAST and length >= FAST_TEXT and not submission.is_known:
        return PENDING, _("It was written in %(seconds).1f seconds: %(length)d characters.") % {
            "seconds": seconds,
            "length": length,
        }


def what_you_called_spam_before_is_spam_again(submission):
    """The same host or the same shape of text: once is doubtful, often is plain; of the known it is doubtful always."""
    comment = submission.comment
    hosts = {("host", host) for host in waves.hosts_of(comment)}
    shapes = {("shape", shape)} if (shape := waves.shape_of(comment.text)) else set()
    seen = Trace.objects.spam_alone(hosts | shapes)
    if not seen:
        return None
    (kind, value), number = max(seen.items(), key=lambda each: each[1])
    if kind == "host":
        said = ngettext(
            "You called a comment with a link to %(host)s spam.",
            "You called %(number)d comments with a link to %(host)s spam.",
            number,
        ) % {"host": value, "number": number}
    else:
        said = ngettext(
            "You called a comment of the same shape spam.",
            "You called %(number)d comments of the same shape spam.",
            number,
        ) % {"number": number}
    return SPAM if number >= SPAM_HOSTS and not submission.is_known else PENDING, said


def forum_code_waits_for_a_look(submission):
    if code := FORUM_CODE.search(submission.comment.text):
        return PENDING, _("It holds the code of a forum: %s") % code[0][:60]


def little_but_links_waits_for_a_look(submission):
    comment = submission.comment
    if not comment.links or submission.is_known:
        return None
    words = strip_tags(re.sub(r"<a\b.*?</a>", "", comment.html, flags=re.DOTALL))
    if sum(character.isalpha() for character in unescape(words)) < LEAST_LETTERS:
        return PENDING, _("It holds little but links.")


def a_foreign_tongue_waits_for_a_look(submission):
    """Another script or language than the blog's and the post's; of the known nobody asks that."""
    comment, post = submission.comment, submission.comment.post
    beside = f"{post.title} {post.plain[:1000]}"
    if not submission.is_known and tongues.is_foreign(comment.text, at_home=site().language, beside=beside):
        return PENDING, _("It is written in another language than the post.")


def what_looks_like_spam_is_spam_or_waits(submission):
    """Somebody whose comments stand is only held, and only if hardly a doubt is left."""
    comment = submission.comment
    said = {"text": comment.text, "author": comment.name, "url": comment.url}
    score = spam.SpamFilter().score(**said)
    comment.facts["score"] = round(score, 3)
    if score < (SURE_OF_THE_KNOWN if submission.is_known else spam.HOLD):
        return None
    looks = _("It looks like spam (%d %%).") % int(score * 100)
    why = " ".join([looks, *spam.SpamFilter().reasons(**said)])
    return SPAM if score >= spam.SPAM and not submission.is_known else PENDING, why


def old_posts_wait_if_you_close_quietly(submission):
    settings, post = submission.settings, submission.comment.post
    if settings.close_quietly and is_too_old(post, settings):
        return PENDING, _("Its post is older than %d days.") % settings.close_after_days


def everything_waits_while_the_switch_says_so(submission):
    if submission.settings.switched == Discussion.Switch.HOLD:
        return PENDING, _("You have thrown the switch: every comment waits.")


def every_comment_waits_if_you_said_so(submission):
    if submission.settings.manual_approval:
        return PENDING, _("You look at every comment first.")


def first_timers_wait_for_a_look(submission):
    """Known is the same account or the same signed browser, never somebody who types the same address."""
    if submission.settings.previously_approved and not submission.is_known:
        return PENDING, _("It is the first comment of this writer.")


RULES = [
    the_author_is_always_welcome,
    friends_are_always_welcome,
    disallowed_words_go_to_the_trash,
    the_blocked_are_not_heard,
    a_sprung_trap_is_spam,
    what_you_called_spam_before_is_spam_again,
    what_looks_like_spam_is_spam_or_waits,
    a_filled_trap_waits_for_a_look,
    an_unproven_origin_waits_for_a_look,
    words_on_the_list_wait_for_a_look,
    many_links_wait_for_a_look,
    forum_code_waits_for_a_look,
    little_but_links_waits_for_a_look,
    what_came_too_fast_waits_for_a_look,
    a_foreign_tongue_waits_for_a_look,
    old_posts_wait_if_you_close_quietly,
    everything_waits_while_the_switch_says_so,
    every_comment_waits_if_you_said_so,
    first_timers_wait_for_a_look,
]


def is_too_old(post, settings):
    """Whether answers to it are not taken any more, or only held: by its age, and pages never."""
    moment = becomes_too_old(post, settings)
    return bool(moment) and moment < timezone.now()


def becomes_too_old(post, settings):
    days = settings.close_after_days
    return post.publish_at + timedelta(days=days) if days and post.kind == Post.Kind.POST and post.publish_at else None


def found_in(submission, keys):
    """The first word of a list (one on each line) that the answer holds, or None.

    Case, accents, full-width letters and the kind of apostrophe make no difference, and markup hides nothing.
    """
    if not keys:
        return None
    comment = submission.comment
    read = unescape(strip_tags(comment.html))
    said = [comment.name, comment.email, comment.url, comment.text, strip_tags(comment.text), read]
    places = [alike(place) for place in (*said, comment.facts.get("agent", ""), submission.address)]
    for line in keys.splitlines():
        word = alike(line).strip()
        if word and any(word in place for place in places):
            return line.strip()
    return None


def alike(text):
    return fold(text).translate(str.maketrans("‘’ʼ`´", "'''''"))
