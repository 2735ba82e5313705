"""A preview of changed discussion settings: what they would have done to the latest comments, shown before saving.

Only the rules whose settings are on the form are evaluated, once with the old settings and once with the new ones. A
commenter counts as known if an earlier comment of theirs is approved.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
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
REJECTED = (Comment.State.SPAM, Comment.State.TRASH)


@dataclass(frozen=True)
class Rehearsal:
    number: int  # of comments that were evaluated
    held: list  # [(comment, why)] that only the new settings would have held or rejected
    let_in: list  # comments that only the old settings would have held or rejected

    def __bool__(self):
        return bool(self.held or self.let_in)

    @property
    def held_and_bad(self):
        return sum(comment.state in REJECTED for comment, _why in self.held)

    @property
    def let_in_and_bad(self):
        return sum(comment.state in REJECTED for comment in self.let_in)


class PastSubmission:
    """An earlier comment as a rule sees it: the attributes of `rules.Submission`, under the given settings."""

    user = AnonymousUser()
    address = ""  # IP addresses are never stored
    former_name = ""

    def __init__(self, comment, settings, is_known):
        self.comment, self.settings, self.is_known = comment, settings, is_known

    @cached_property
    def mistaken_for(self):
        """Checks the reserved and role names only; accounts and other commenters do not depend on the form."""
        if self.is_known:
            return ""
        names = impersonation.confusables.skeletons(self.comment.name)
        return impersonation.of_nobody(self.comment, names, self.user, self.settings)


def preview_settings(before, after) -> Rehearsal:
    """Compare two DiscussionSettings over the latest comments. Saves neither of them."""
    comments = last_comments()
    known = known_commenters(comments)
    held, let_in = [], []
    for comment in comments:
        old, new = (
            rejection_reason(PastSubmission(comment, settings, known[comment.pk])) for settings in (before, after)
        )
        if new and not old:
            held.append((comment, new))
        elif old and not new:
            let_in.append(comment)
    return Rehearsal(len(comments), held, let_in)


def matched_by_key(line, comments):
    """The comments that match this line if it is added to the moderation or the disallowed comment keys."""
    settings = DiscussionSettings(disallowed_keys=line)
    return [each for each in comments if rules.trash_disallowed_words(PastSubmission(each, settings, is_known=False))]


def matched_by_block(who, comments):
    """(by email address, by network only): other people's comments that a block of this commenter would affect."""
    addresses, networks = who.addresses_and_networks()
    others = [comment for comment in comments if comment.person_id != who.pk]
    by_address = [each for each in others if normalize_email(each.email) in addresses]
    by_network = [each for each in others if each.facts.get("network", "") in networks]
    return by_address, [each for each in by_network if each not in by_address]


def matched_by_active_blocks(who, comments):
    """Other people's comments that the existing blocks of this commenter would have held or marked as spam."""
    blocks = Block.objects.standing().filter(person=who).values_list("kind", "value")
    addresses = {value for kind, value in blocks if kind == Block.Kind.ADDRESS}
    networks = {value for kind, value in blocks if kind == Block.Kind.NETWORK}
    others = (comment for comment in comments if comment.person_id != who.pk)
    return [
        each for each in others if normalize_email(each.email) in addresses or each.facts.get("network", "") in networks
    ]


def count_rejected(comments):
    return sum(comment.state in REJECTED for comment in comments)


def changes_a_rule(before, after):
    return any(getattr(before, name) != getattr(after, name) for name in FIELDS)


def digest_of(settings):
    """A hash of the settings, so that confirming saves only what was previewed and nothing typed after it."""
    return hashlib.sha256(repr([getattr(settings, name) for name in FIELDS]).encode()).hexdigest()[:16]


def last_comments():
    """The latest comments that rules apply to: not those of staff or of friends."""
    found = Comment.objects.filter(kind=Comment.Kind.COMMENT)
    found = found.exclude(person__trust=Person.Trust.FRIEND)
    found = found.exclude(person__in=Person.objects.filter(account__isnull=False).exclude(account__role="reader"))
    # The newest of each state come out of an index in order; of all together, every comment would be sorted.
    newest = Q(pk__in=[])
    for state in Comment.State.values:
        if state != Comment.State.GONE:
            newest |= Q(pk__in=found.filter(state=state).newest_first().values("pk")[:LAST])
    return list(Comment.objects.filter(newest).select_related("post", "person").newest_first()[:LAST])


def known_commenters(comments):
    """{comment id: whether an earlier comment of the same person, under the same name and address, is approved}."""
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


def rejection_reason(past):
    """Why the comment would have been held or rejected, or ""."""
    comment, settings = past.comment, past.settings
    if settings.must_log_in and not (comment.person and comment.person.account_id):
        return _("The commenter was not logged in.")
    if was_too_old(comment, settings):
        return _("Its post was older than %d days.") % settings.close_after_days
    for rule in PREVIEWED_RULES:
        verdict, why = rule(past) or (None, "")
        if verdict:
            return why
    return ""


def was_too_old(comment, settings):
    post, days = comment.post, settings.close_after_days
    if not days or post.kind != Post.Kind.POST or not post.publish_at:
        return False
    return post.publish_at + timedelta(days=days) < comment.posted_at


PREVIEWED_RULES = [
    rules.trash_disallowed_words,
    rules.hold_moderation_words,
    rules.hold_many_links,
    rules.hold_impersonation,
    rules.hold_every_comment,
    rules.hold_first_comment,
]
