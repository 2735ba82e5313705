"""What changed settings would have done to the last comments: shown before they are saved.

Only the rules that stand on the form are asked, each with the old settings and with the new ones. What a comment's
writer was known for is what had been approved of them before it.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from blog.models import Post
from comments.models import Block, Comment, DiscussionSettings, Person
from comments.models.person import identity
from comments.moderation import impersonation, rules
from core.email_addresses import normalize_email

LAST = 400  # comments
FIELDS = (
    "previously_approved",
    "manual_approval",
    "link_limit",
    "moderation_keys",
    "disallowed_keys",
    "reserved_names",
    "close_after_days",
    "close_quietly",
    "must_log_in",
)
THROWN_AWAY = (Comment.State.SPAM, Comment.State.TRASH)


@dataclass(frozen=True)
class Rehearsal:
    number: int  # of comments that were asked
    held: list  # [(comment, why)] that the new settings would have held or refused, and the old ones not
    let_in: list  # comments that only the old ones would have

    def __bool__(self):
        return bool(self.held or self.let_in)

    @property
    def held_and_bad(self):
        return sum(comment.state in THROWN_AWAY for comment, _why in self.held)

    @property
    def let_in_and_bad(self):
        return sum(comment.state in THROWN_AWAY for comment in self.let_in)


class Past:
    """A comment of before, as a submission under some settings."""

    user = AnonymousUser()
    address = ""  # is never kept
    former_name = ""

    def __init__(self, comment, settings, is_known):
        self.comment, self.settings, self.is_known = comment, settings, is_known

    @cached_property
    def mistaken_for(self):
        """Only the list of names is on the form."""
        if self.is_known:
            return ""
        names = impersonation.confusables.skeletons(self.comment.name)
        return impersonation.of_nobody(self.comment, names, self.user, self.settings)


def rehearse(before, after) -> Rehearsal:
    """Two Discussion objects, neither of which is stored by this."""
    comments = last_comments()
    known = who_was_known(comments)
    held, let_in = [], []
    for comment in comments:
        old, new = (word_of(Past(comment, settings, known[comment.pk])) for settings in (before, after))
        if new and not old:
            held.append((comment, new))
        elif old and not new:
            let_in.append(comment)
    return Rehearsal(len(comments), held, let_in)


def reached_by_a_line(line, comments):
    """Those of these comments that a line on the list of words would have thrown away, or held on the other list."""
    settings = DiscussionSettings(disallowed_keys=line)
    return [each for each in comments if rules.trash_disallowed_words(Past(each, settings, is_known=False))]


def reached_by_a_block(who, comments):
    """(by their email addresses, by their networks alone): what others wrote that a block of this writer reaches."""
    addresses = {address for _name, address in who.identities()} | {
        normalize_email(who.account.email if who.account else "")
    }
    networks = {facts.get("network", "") for facts in who.comments.values_list("facts", flat=True)}
    others = [comment for comment in comments if comment.person_id != who.pk]
    by_address = [each for each in others if normalize_email(each.email) in addresses - {""}]
    by_network = [each for each in others if each.facts.get("network", "") in networks - {""}]
    return by_address, [each for each in by_network if each not in by_address]


def reached_by_standing_blocks(who, comments):
    """What others wrote that the blocks of this writer, as they stand, would have held or marked as spam."""
    blocks = Block.objects.standing().filter(person=who).values_list("kind", "value")
    addresses = {value for kind, value in blocks if kind == Block.Kind.ADDRESS}
    networks = {value for kind, value in blocks if kind == Block.Kind.NETWORK}
    others = (comment for comment in comments if comment.person_id != who.pk)
    return [
        each for each in others if normalize_email(each.email) in addresses or each.facts.get("network", "") in networks
    ]


def thrown_away(comments):
    return sum(comment.state in THROWN_AWAY for comment in comments)


def changes_a_rule(before, after):
    return any(getattr(before, name) != getattr(after, name) for name in FIELDS)


def digest_of(settings):
    """So that the second press saves what was rehearsed, and nothing that was typed after it."""
    return hashlib.sha256(repr([getattr(settings, name) for name in FIELDS]).encode()).hexdigest()[:16]


def last_comments():
    """Those on which rules have a word: not of the people who keep the blog, nor of friends."""
    found = Comment.objects.exclude(state=Comment.State.GONE).filter(kind=Comment.Kind.COMMENT)
    found = found.exclude(person__trust=Person.Trust.FRIEND)
    found = found.exclude(person__in=Person.objects.filter(account__isnull=False).exclude(account__role="reader"))
    return list(found.select_related("post", "person").newest_first()[:LAST])


def who_was_known(comments):
    """{number: whether an earlier comment of the same person, under the same name and address, is approved}."""
    people = {comment.person_id for comment in comments} - {None}
    approved = Comment.objects.approved().filter(person__in=people)
    since = defaultdict(list)
    for person, name, email, moment in approved.values_list("person", "name", "email", "posted_at"):
        since[person, *identity(name, email)].append(moment)
    return {
        comment.pk: any(
            moment < comment.posted_at for moment in since[comment.person_id, *identity(comment.name, comment.email)]
        )
        for comment in comments
    }


def word_of(past):
    """Why it would have been held or refused, or ""."""
    comment, settings = past.comment, past.settings
    if settings.must_log_in and not (comment.person and comment.person.account_id):
        return _("The commenter was not logged in.")
    if was_too_old(comment, settings):
        return _("Its post was older than %d days.") % settings.close_after_days
    for rule in ASKED:
        verdict, why = rule(past) or (None, "")
        if verdict:
            return why
    return ""


def was_too_old(comment, settings):
    post, days = comment.post, settings.close_after_days
    if not days or post.kind != Post.Kind.POST or not post.publish_at:
        return False
    return post.publish_at + timedelta(days=days) < comment.posted_at


ASKED = [
    rules.trash_disallowed_words,
    rules.hold_moderation_words,
    rules.hold_many_links,
    rules.hold_impersonation,
    rules.hold_every_comment,
    rules.hold_first_comment,
]
