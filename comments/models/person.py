import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.block import Block
from comments.models.listed_as import recount_commenters
from comments.models.moderation_action import ModerationAction, all_comments
from core import confusables
from core.email_addresses import normalize_email
from core.text import fold
from core.written_queries import Parameter, PreparedQuery


def new_browser():
    """A new id for a signed browser cookie: 128 random bits in hex."""
    return secrets.token_hex(16)


class PersonQuerySet(models.QuerySet):
    def of_account(self, user):
        return self.get_or_create(account=user)[0]

    def of_browser(self, browser):
        return self.get_or_create(browser=browser)[0]

    def of_address(self, address):
        """The Person of a confirmed address. Call only after it was confirmed."""
        return self.get_or_create(address=address)[0]

    def stand_ins(self, address):
        """Who was created to block this typed address, and is blocked now or was."""
        nobody = self.filter(account=None, address=None, browser=None, comments=None)
        blocks = Block.objects.filter(kind=Block.Kind.ADDRESS, value=address)
        return nobody.filter(pk__in=blocks.values("person")).order_by("pk")

    def listed(self, standing):
        """Who has commented and stands so ("unknown", "known", "friend" or "blocked"), whoever commented last first."""
        return self.filter(listed_as=standing, last_at__isnull=False).order_by("-last_at", "-pk")

    def update(self, **values):
        """Also recounts `listed_as`, if the trust changes."""
        if "trust" not in values:
            return super().update(**values)
        with transaction.atomic(savepoint=False):
            people = list(self.order_by().values_list("pk", flat=True))
            number = super().update(**values)
            recount_commenters(people)
            return number

    update.alters_data = True  # type: ignore[attr-defined]

    def passed_by(self, when):
        """Browsers without comments and without a trust setting, created before this moment."""
        return self.filter(account=None, address=None, trust=Person.Trust.UNKNOWN, comments=None, created_at__lt=when)


class Person(models.Model):
    """A commenter: an account, a confirmed email address or a signed browser cookie; never a typed address."""

    class Trust(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown")
        KNOWN = "known", _("Known")
        FRIEND = "friend", _("Friend")
        BLOCKED = "blocked", _("Blocked")

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="commenter")
    address = models.EmailField(null=True, unique=True)
    browser = models.CharField(max_length=32, null=True, unique=True)
    trust = models.CharField(_("trust"), max_length=7, choices=Trust, default=Trust.UNKNOWN)
    # The [name, address] pairs they had used when the owner set the trust.
    decided_as = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # Computed by comments.models.listed_as.
    listed_as = models.CharField(max_length=7, default=Trust.UNKNOWN, db_default=Trust.UNKNOWN.value, editable=False)
    last_at = models.DateTimeField(null=True, editable=False)
    comment_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    approved_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")
        indexes = [models.Index(fields=["listed_as", "-last_at", "-id"], name="commenters_in_lists")]

    def __str__(self):
        return f"{self.pk}: {self.trust}"

    def save(self, *args, update_fields=None, **kwargs):
        is_new = self._state.adding
        with transaction.atomic(savepoint=False):
            super().save(*args, update_fields=update_fields, **kwargs)
            if not is_new and (update_fields is None or "trust" in update_fields):
                recount_commenters([self.pk])

    # What a change of trust also does to the comment or message whose button it was, if that is in one of these states.
    FOLLOWS = {
        Trust.FRIEND: (ModerationAction.What.APPROVE, ["pending", "spam"]),
        Trust.BLOCKED: (ModerationAction.What.SPAM, ["pending", "approved", "new", "done"]),
    }

    def set_trust(self, trust, by, *, network_days=0, beside=None):
        """Set the commenter's trust; returns the ModerationAction, None if nothing changed.

        A block also covers every email address they used, and their networks for `network_days`. `beside` is a queryset
        of the comment or message whose button it was: the same action moves it as FOLLOWS says, if it is theirs.
        """
        with transaction.atomic():
            what, states = self.FOLLOWS.get(trust, (None, []))
            beside = all_comments().none() if beside is None else beside.filter(person=self, state__in=states)
            former = type(self).objects.select_for_update().get(pk=self.pk).trust
            change = {}
            if former != trust:
                self.store_trust(trust, network_days)
                change = {"trust": [[self.pk, former, trust]], "count": 1}
            if not beside.exists():
                what, beside = ModerationAction.What.TRUST, all_comments().none()
            return beside.decide(what, by=by, side_effects=change)

    def store_trust(self, trust, network_days):
        """With the names and addresses that it is about; blocks left from before are replaced."""
        is_block = trust == self.Trust.BLOCKED
        self.trust, self.decided_as = trust, self.identities_to_block() if is_block else self.identities()
        self.save(update_fields=["trust", "decided_as"])
        if is_block:
            self.blocks.all().delete()
            self.add_blocks(network_days)

    def add_blocks(self, network_days):
        """Create the Blocks for the email addresses and networks of this person."""
        addresses, networks = self.addresses_and_networks()
        blocks = [Block(person=self, kind=Block.Kind.ADDRESS, value=address) for address in addresses]
        if network_days:
            until = timezone.now() + timedelta(days=network_days)
            blocks += [Block(person=self, kind=Block.Kind.NETWORK, value=each, until=until) for each in networks]
        Block.objects.bulk_create(blocks)

    def addresses_and_networks(self):
        """(the email addresses, the networks) of their comments, messages and account, which a block covers."""
        addresses = {address for _name, address in self.identities_to_block()}
        addresses.add(normalize_email(self.account.email if self.account else ""))
        written = [self.comments.values_list("facts", flat=True), self.messages.values_list("facts", flat=True)]
        networks = {facts.get("network", "") for rows in written for facts in rows}
        return addresses - {""}, networks - {""}

    def past(self, until=None):
        """The person's history: {"number", "approved", "spam", "since"}; `number` counts up to the comment `until`."""
        comments, state = self.comments.all(), self.comments.model.State
        earlier = models.Q()
        if until:
            earlier = Q(posted_at__lt=until.posted_at) | Q(posted_at=until.posted_at, pk__lte=until.pk)
        return comments.aggregate(
            number=models.Count("pk", filter=earlier),
            approved=models.Count("pk", filter=Q(state=state.APPROVED)),
            spam=models.Count("pk", filter=Q(state=state.SPAM)),
            since=models.Min("posted_at"),
        )

    TRUSTED = (Trust.KNOWN, Trust.FRIEND)

    def is_known_as(self, name, address):
        """Whether the owner has trusted them or an earlier comment of theirs is approved.

        A browser is known only under the name and address with which it was approved or trusted.
        """
        if self._state.adding or self.trust == self.Trust.BLOCKED:
            return False
        if self.account_id and self.trust in self.TRUSTED:
            return True
        if self.account_id:
            return bool(approved_by(person=self.pk))
        return self.is_accepted_as(name, address)

    def is_accepted_as(self, name, address):
        """Whether a comment under exactly this name and address is approved, or was there when trust was given."""
        if self._state.adding:
            return False
        wanted = identity(name, address)
        if self.trust in self.TRUSTED and list(wanted) in self.decided_as:
            return True
        alike = approved_as(person=self.pk, name_key=confusables.skeleton(name))
        return any(identity(*said) == wanted for said in alike)

    def identities(self):
        """The (name, address) pairs of their comments in any state, of at most 100."""
        said = (
            self.comments.exclude(state=self.comments.model.State.GONE)
            .order_by()
            .values_list("name", "email")
            .distinct()
        )
        return sorted({identity(*each) for each in said[:100]})

    def identities_to_block(self):
        """Those of their messages as well, which are no reason for trust."""
        sent = self.messages.order_by().values_list("name", "email").distinct()[:100]
        return sorted({*self.identities(), *(identity(*each) for each in sent)})

    @property
    def blocked_address(self):
        """An email address that they had used when the owner set the trust; "" if none."""
        return next((address for _name, address in self.decided_as if address), "")

    @property
    def approved_name(self):
        """The name of their newest approved comment; None if none is approved."""
        if self._state.adding:
            return None
        newest = self.comments.approved().newest_first().first()
        return newest and newest.writer


def identity(name, address):
    """(name, address) normalized for comparison: letter case makes no difference."""
    return fold(name), normalize_email(address)


@PreparedQuery
def approved_by():
    """The id of one approved comment by a person."""
    return all_comments().approved().filter(person=Parameter("person")).values_list("pk")[:1]


@PreparedQuery
def approved_as():
    """The (name, address) pairs of a person's approved comments under names that look like this one."""
    mine = (
        all_comments().approved().filter(person=Parameter("person"), name_key=Parameter("name_key", models.CharField()))
    )
    return mine.order_by().values_list("name", "email").distinct()[:100]
