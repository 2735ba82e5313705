from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from core import mail
from core.email_addresses import normalize_email
from core.site import absolute_url, site

VALID_FOR = timedelta(days=7)
HELPERS = [(role, name) for role, name in roles.NAMES.items() if role != roles.READER]

signer = signing.Signer(salt="accounts.invitation")


class Invitations(models.QuerySet):
    def open(self):
        return self.filter(accepted_at=None)

    def meant_by(self, token):
        """The open, unexpired invitation with this signed token, or None."""
        try:
            number, _, address = signer.unsign(token).partition(":")
        except signing.BadSignature:
            return None
        fresh = self.open().filter(created_at__gt=timezone.now() - VALID_FOR)
        return fresh.filter(pk=number, email=address).first()


class Invitation(models.Model):
    """An invitation to a role: its signed link is valid for a week, for one address, once."""

    email = models.EmailField(gettext_lazy("email"))
    role = models.CharField(gettext_lazy("role"), max_length=20, choices=HELPERS, default=roles.AUTHOR)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    mailed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True)

    objects = Invitations.as_manager()

    class Meta:
        verbose_name = gettext_lazy("invitation")
        verbose_name_plural = gettext_lazy("invitations")
        ordering = ["-pk"]

    def __str__(self):
        return self.email

    def save(self, *args, **kwargs):
        self.email = normalize_email(self.email)
        super().save(*args, **kwargs)

    @property
    def link(self):
        return absolute_url(reverse("invitation", args=[signer.sign(f"{self.pk}:{self.email}")]))

    @property
    def ends_at(self):
        return self.created_at + VALID_FOR

    def send(self):
        """Queue the email, if email is set up; else the owner passes the link on."""
        if not mail.is_configured():
            return
        words = {"invitation": self, "site": site(), "role": self.get_role_display(), "days": VALID_FOR.days}
        mail.queue(
            to=self.email,
            subject=_("[%(site)s] %(name)s asks for your help") % {"site": site().title, "name": self.by},
            text=render_to_string("accounts/mail/invitation.txt", words),
            kind="invitation",
            key=f"invitation {self.pk}",
        )
        self.mailed = True
        self.save(update_fields=["mailed"])

    def take(self):
        """Mark it as accepted; False if it was accepted concurrently."""
        now = timezone.now()
        with transaction.atomic():
            return bool(type(self).objects.open().filter(pk=self.pk).update(accepted_at=now))
