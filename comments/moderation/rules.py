"""The moderation rules, which decide whether a new comment is approved, held, marked as spam or trashed.

A rule is a function that takes a Submission and returns None, or (verdict, reason); the reason is a sentence for the
owner. Rules are evaluated in the order of `RULES`. WELCOME approves the comment at once; otherwise the most severe
verdict wins, and all reasons are stored, most severe first. The rule's name is stored with the reason, so that the
desk can link to the setting behind it.
"""

# ruff: noqa: RET503  (a rule with nothing to say returns nothing)

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Block, Comment, DiscussionSettings, Person, SpamIndicator
from comments.moderation import impersonation
from comments.spam import classifier, features, fingerprints, language
from core.email_addresses import normalize_email
from core.site import site
from core.text import fold

logger = logging.getLogger(__name__)

WELCOME, APPROVED, PENDING, SPAM, TRASH = "welcome", "approved", "pending", "spam", "trash"
SEVERITY = [APPROVED, PENDING, SPAM, TRASH]

KNOWN_COMMENTER_SCORE = 0.998  # spam score from which even commenters with approved comments are held
SPAM_HOSTS = 3  # times that people marked a host or text shape as spam, before it is spam without review
FAST, FAST_TEXT = 2, 40  # held: fewer seconds since the first keystroke, for at least so many characters
MIN_LETTERS = 20  # outside of links


@dataclass(frozen=True)
class Submission:
    """What the rules read of a new or edited comment. `comment` is not saved yet; its HTML is rendered."""

    comment: Comment
    user: object
    person: Person
    settings: DiscussionSettings
    honeypot: str = ""  # the text in the honeypot with a fixed name
    unproven_origin: bool = False
    daily_honeypot: bool = False  # whether the honeypot whose name changes daily was filled in
    seconds: float | None = None  # since the first keystroke, if the page's script sent it
    address: str = ""  # the client's IP address, never stored

    @cached_property
    def is_known(self):
        """Whether the person is trusted or has an approved comment; a browser, under this name and address only."""
        return self.person.is_known_as(self.comment.name, self.comment.email)

    @cached_property
    def former_name(self):
        """The name of the person's last approved comment, or None."""
        return self.person.approved_name

    @cached_property
    def mistaken_for(self):
        """The sentence that says whom readers could take the commenter for, or ""."""
        comment = self.comment
        if self.person.is_accepted_as(comment.name, comment.email):
            return ""
        return impersonation.why_mistaken(comment, self.user, self.settings)


@dataclass(frozen=True)
class Verdict:
    state: str
    reasons: list = field(default_factory=list)


def judge(submission, rules=None) -> Verdict:
    """Evaluate the rules (`RULES` if none are given). The Verdict's `reasons` are dicts with "rule", "verdict" and
    "why", most severe first."""
    reasons = []
    for rule in rules or RULES:
        verdict, why = evaluate(rule, submission)
        if verdict == WELCOME:
            return Verdict(APPROVED)
        if verdict:
            reasons.append({"rule": rule.__name__, "verdict": verdict, "why": why})
    reasons.sort(key=lambda reason: -SEVERITY.index(reason["verdict"]))
    return Verdict(reasons[0]["verdict"] if reasons else APPROVED, reasons)


def evaluate(rule, submission):
    """Evaluate one rule. If it raises, the comment is held: an error must neither lose nor publish it."""
    try:
        return rule(submission) or (None, "")
    except Exception:
        logger.exception("the rule %s could not be asked", rule.__name__)
        return PENDING, _("A rule could not be checked (%s); see the log.") % rule.__name__


def approve_post_author(submission):
    post, user = submission.comment.post, submission.user
    if user.is_authenticated and (user.pk == post.author_id or user.has_perm("comments.moderate")):
        return WELCOME, ""


def approve_friends(submission):
    if submission.person.trust == Person.Trust.FRIEND and submission.is_known and not submission.mistaken_for:
        return WELCOME, ""


def trash_disallowed_words(submission):
    if word := find_key(submission, submission.settings.disallowed_keys):
        return TRASH, _("It contains “%s”, which is on your list of disallowed comment keys.") % word


def spam_from_blocked(submission):
    if submission.person.trust == Person.Trust.BLOCKED:
        return SPAM, _("You have blocked this commenter.")
    comment = submission.comment
    if found := Block.objects.on(normalize_email(comment.email), comment.facts.get("network", "")):
        return block_verdict(found[0], comment)


def block_verdict(block, comment):
    """The verdict for a comment whose address or network is blocked. Anybody can type an email address, so the comment
    is only held if another person has approved comments with that address."""
    if block.kind == Block.Kind.NETWORK:
        return SPAM, _("You have blocked a commenter from the same network.")
    others = Comment.objects.approved().filter(email__iexact=comment.email).exclude(person=block.person_id)
    if others.exists():
        return PENDING, _("It has the email address of a commenter whom you have blocked; others use it too.")
    return SPAM, _("It has the email address of a commenter whom you have blocked.")


def hold_filled_honeypot(submission):
    """Only held, not spam: a browser's autofill fills in this field as well."""
    if submission.honeypot:
        return PENDING, _("A field that is hidden from people was filled in.")


def spam_daily_honeypot(submission):
    """Spam: the field is hidden, and its name changes daily, so that no browser fills it in from memory."""
    if submission.daily_honeypot:
        return SPAM, _("A field that only bots see was filled in.")


def hold_unproven_origin(submission):
    if submission.unproven_origin:
        return PENDING, _("Nothing shows that it was written on this page.")


def hold_moderation_words(submission):
    if word := find_key(submission, submission.settings.moderation_keys):
        return PENDING, _("It contains “%s”, which is on your list of moderation words.") % word


def hold_impersonation(submission):
    """Commenters who were approved under the same name and address are exempt (`Submission.mistaken_for`)."""
    if why := submission.mistaken_for:
        return PENDING, why


def hold_many_links(submission):
    limit, number = submission.settings.link_limit, len(submission.comment.links)
    if limit and number >= limit:
        said = ngettext(
            "It contains %(number)d link; your limit is %(limit)d.",
            "It contains %(number)d links; your limit is %(limit)d.",
            number,
        )
        return PENDING, said % {"number": number, "limit": limit}


def hold_fast_comments(submission):
    seconds, length = submission.seconds, len(submission.comment.text)
    if seconds is not None and seconds < FAST and length >= FAST_TEXT and not submission.is_known:
        return PENDING, _("It was written in %(seconds).1f seconds: %(length)d characters.") % {
            "seconds": seconds,
            "length": length,
        }


def spam_by_known_traces(submission):
    """A host or text shape that people marked as spam once or twice: held. From `SPAM_HOSTS` times on: spam, but
    commenters with approved comments are only held."""
    comment = submission.comment
    hosts = {("host", host) for host in fingerprints.hosts_of(comment)}
    shapes = {("shape", shape)} if (shape := fingerprints.shape_of(comment.text)) else set()
    seen = SpamIndicator.objects.spam_alone(hosts | shapes)
    if not seen:
        return None
    (kind, value), number = max(seen.items(), key=lambda each: each[1])
    if kind == "host":
        said = ngettext(
            "You marked a comment with a link to %(host)s as spam.",
            "You marked %(number)d comments with a link to %(host)s as spam.",
            number,
        ) % {"host": value, "number": number}
    else:
        said = ngettext(
            "You marked a similar comment as spam.",
            "You marked %(number)d similar comments as spam.",
            number,
        ) % {"number": number}
    return SPAM if number >= SPAM_HOSTS and not submission.is_known else PENDING, said


def hold_forum_code(submission):
    if code := features.forum_code(submission.comment.text):
        return PENDING, _("It contains forum code (BBCode): %s") % code[:60]


def hold_mostly_links(submission):
    comment = submission.comment
    if not comment.links or submission.is_known:
        return None
    words = strip_tags(re.sub(r"<a\b.*?</a>", "", comment.html, flags=re.DOTALL))
    if sum(character.isalpha() for character in unescape(words)) < MIN_LETTERS:
        return PENDING, _("It contains little besides links.")


def hold_foreign_language(submission):
    """Hold a script or language that is neither the blog's nor the post's; known commenters are exempt."""
    comment, post = submission.comment, submission.comment.post
    beside = f"{post.title} {post.plain[:1000]}"
    if not submission.is_known and language.is_foreign(comment.text, at_home=site().language, beside=beside):
        return PENDING, _("It is written in a different language than the post.")


def classify_spam(submission):
    """Hold from score `classifier.HOLD` on; mark as spam from `classifier.SPAM` on, once the classifier has enough
    training examples. Commenters with approved comments are only held, from `KNOWN_COMMENTER_SCORE` on."""
    comment = submission.comment
    said = {"text": comment.text, "author": comment.name, "url": comment.url}
    score = classifier.SpamFilter().score(**said)
    comment.facts["score"] = round(score, 3)
    if score < (KNOWN_COMMENTER_SCORE if submission.is_known else classifier.HOLD):
        return None
    looks = _("It looks like spam (%d %%).") % int(score * 100)
    why = " ".join([looks, *classifier.SpamFilter().reasons(**said)])
    is_spam = score >= classifier.SPAM and not submission.is_known and classifier.SpamFilter.is_taught()
    return SPAM if is_spam else PENDING, why


def hold_on_old_posts(submission):
    settings, post = submission.settings, submission.comment.post
    if settings.close_quietly and settings.is_too_old(post):
        return PENDING, _("Its post is older than %d days.") % settings.close_after_days


def hold_while_switched(submission):
    settings = submission.settings
    if settings.switched == DiscussionSettings.Switch.HOLD and settings.switched_by_wave:
        return PENDING, _("Many similar comments are coming in: all comments are held for a while.")
    if settings.switched == DiscussionSettings.Switch.HOLD:
        return PENDING, _("You have chosen to hold all comments for now.")


def hold_every_comment(submission):
    if submission.settings.manual_approval:
        return PENDING, _("Every comment must be manually approved.")


def hold_first_comment(submission):
    """A commenter is known by account or signed browser cookie, never by a typed email address alone."""
    if submission.settings.previously_approved and not (submission.is_known or submission.former_name):
        return PENDING, _("It is the first comment by this commenter.")


def hold_changed_name(submission):
    if not submission.settings.previously_approved or submission.is_known:
        return None
    if former := submission.former_name:
        said = _("This commenter was called %s before: trust depends on the name and the email address.")
        return PENDING, said % former


RULES = [
    approve_post_author,
    approve_friends,
    trash_disallowed_words,
    spam_from_blocked,
    spam_daily_honeypot,
    spam_by_known_traces,
    classify_spam,
    hold_filled_honeypot,
    hold_unproven_origin,
    hold_impersonation,
    hold_moderation_words,
    hold_many_links,
    hold_forum_code,
    hold_mostly_links,
    hold_fast_comments,
    hold_foreign_language,
    hold_on_old_posts,
    hold_while_switched,
    hold_every_comment,
    hold_changed_name,
    hold_first_comment,
]

# For messages of a contact form: without the rules about what readers see or about comments as a whole.
FOR_COMMENTS_ALONE = [
    hold_impersonation,
    hold_on_old_posts,
    hold_while_switched,
    hold_every_comment,
    hold_changed_name,
    hold_first_comment,
]
MESSAGE_RULES = [rule for rule in RULES if rule not in FOR_COMMENTS_ALONE]


MARKUP_WITHIN_A_WORD = re.compile(r"(?<=\w)[*_~`]+(?=\w)")  # Markdown emphasis or literal characters: "vi*ag*ra"


def find_key(submission, keys):
    """The first of `keys` (one per line) found in the comment's name, email, URL, text, user agent or IP; or None.

    Matches inside words, as WordPress's comment keys do. Case, accents, full-width letters and the kind of apostrophe
    make no difference, nor does markup within a word.
    """
    if not keys:
        return None
    comment = submission.comment
    read = unescape(strip_tags(comment.html))
    together = MARKUP_WITHIN_A_WORD.sub("", comment.text)
    said = [comment.name, comment.email, comment.url, comment.text, strip_tags(comment.text), together, read]
    places = [normalized(place) for place in (*said, comment.facts.get("agent", ""), submission.address)]
    for line in keys.splitlines():
        word = normalized(line).strip()
        if word and any(word in place for place in places):
            return line.strip()
    return None


def normalized(text):
    return fold(text).translate(str.maketrans("‘’ʼ`´", "'''''"))
