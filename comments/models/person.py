import secrets

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from comments.models.decision import Decision, all_comments
from ground.prepared import Given, Prepared


def new_browser():
    """What a signed browser is known by: 128 random bits, kept in its signed cookie."""
    return secrets.token_hex(16)


class PersonQuerySet(models.QuerySet):
    def of_account(self, user):
        return self.get_or_create(account=user)[0]

    def of_browser(self, browser):
        return self.get_or_create(browser=browser)[0]

    def of_address(self, address):
        """Whoever has shown that they read this address: ask only after they have."""
        return self.get_or_create(address=address)[0]

    # By what they are: the owner's word, or a comment that stands

    def unknown(self):
        return self.filter(~self.with_approved(), trust=Person.Trust.UNKNOWN)

    def known(self):
        return self.filter(Q(trust=Person.Trust.KNOWN) | Q(trust=Person.Trust.UNKNOWN) & Q(self.with_approved()))

    def friends(self):
        return self.filter(trust=Person.Trust.FRIEND)

    def blocked(self):
        return self.filter(trust=Person.Trust.BLOCKED)

    def passed_by(self, when):
        """Browsers that have nothing here, and came before this moment."""
        return self.filter(account=None, address=None, trust=Person.Trust.UNKNOWN, comments=None, made_at__lt=when)

    def with_approved(self):
        return Exists(all_comments().approved().filter(person=OuterRef("pk")))


class Person(models.Model):
    """Who writes: an account, a confirmed address, or a signed browser. A typed address makes nobody a person."""

    class Trust(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown")
        KNOWN = "known", _("Known")
        FRIEND = "friend", _("Friend")
        BLOCKED = "blocked", _("Blocked")

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="commenter")
    address = models.EmailField(null=True, unique=True)
    browser = models.CharField(max_length=32, null=True, unique=True)
    trust = models.CharField(_("trust"), max_length=7, choices=Trust, default=Trust.UNKNOWN)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("writer")
        verbose_name_plural = _("writers")

    def __str__(self):
        return f"{self.pk}: {self.trust}"

    def trust_as(self, trust, by):
        """Set what the owner thinks of this writer; the decision, or None if that was so already."""
        with transaction.atomic():
            former = type(self).objects.select_for_update().get(pk=self.pk).trust
            if former == trust:
                return None
            self.trust = trust
            self.save(update_fields=["trust"])
            change = {"trust": [[self.pk, former, trust]], "count": 1}
            return Decision.take(Decision.What.TRUST, all_comments().none(), by=by, besides=change)

    def past(self, until=None):
        """How many comments, up to and with one of them or in all: {"number", "approved", "spam", "since"}."""
        comments = self.comments.all()
        earlier = models.Q()
        if until:
            earlier = Q(posted_at__lt=until.posted_at) | Q(posted_at=until.posted_at, pk__lte=until.pk)
        return comments.aggregate(
            number=models.Count("pk", filter=earlier),
            approved=models.Count("pk", filter=Q(state="approved")),
            spam=models.Count("pk", filter=Q(state="spam")),
            since=models.Min("posted_at"),
        )

    @property
    def is_known(self):
        """Trusted by the owner's word, or because an earlier comment of theirs stands."""
        if self.trust in (self.Trust.KNOWN, self.Trust.FRIEND):
            return True
        return self.trust == self.Trust.UNKNOWN and not self._state.adding and bool(standing(person=self.pk))


@Prepared
def standing():
    """One comment of theirs that stands."""
    return all_comments().approved().filter(person=Given("person")).values_list("pk")[:1]
