"""The user model: one row for everybody who ever logged in, readers and staff."""

import secrets
from functools import lru_cache
from itertools import chain, count

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import cache_version, confusables
from core.email_addresses import normalize_email

SHOWN = {"name", "handle", "bio", "website"}  # fields that public pages show


def random_username():
    """A unique value for Django's USERNAME_FIELD: never shown, never typed."""
    return secrets.token_hex(12)


@lru_cache(maxsize=1024)
def author_url(handle):
    """The path of an author's page; cached, since lists of posts repeat the same few."""
    return reverse("author", kwargs={"handle": handle})


def free_handle(name):
    """An unused last part of /author/…/ for this name."""
    wanted = slugify(name, allow_unicode=True)[:55].strip("-") or "author"
    taken = set(User.objects.filter(handle__startswith=wanted).values_list("handle", flat=True))
    return next(handle for handle in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if handle not in taken)


class People(BaseUserManager):
    def create_user(self, email=None, password=None, **facts):
        """Create a user; without a password they log in by a provider or a code."""
        person = self.model(email=email, **facts)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_owner(self, email, password, **facts):
        return self.create_user(email, password, role=roles.OWNER, **facts)

    def owners(self):
        return self.filter(role=roles.OWNER, is_active=True)

    def owners_with_email(self):
        """Active owners with an email address: the recipients of emails about the blog."""
        return self.owners().exclude(email=None)

    def helpers(self):
        """Current and former staff."""
        return self.exclude(role=roles.READER, handle=None, worked_here=False)

    def with_perm(self, permission):
        """Everybody who has this permission, at least for some objects."""
        allowed = [role for role, table in roles.TABLE.items() if permission in table]
        return self.filter(role__in=allowed, is_active=True)

    def with_address(self, email):
        """The users with this email address: at most one."""
        email = normalize_email(email)
        return self.filter(email=email) if email else self.none()


class LastOwner(Exception):
    """The change would leave the blog without an owner, which nobody could undo."""


class User(AbstractBaseUser):
    LastOwner = LastOwner  # for code that has a user but does not import this app

    username = models.CharField(max_length=64, unique=True, default=random_username, editable=False)
    email = models.EmailField(_("email"), null=True, blank=True, unique=True)
    name = models.CharField(_("name"), max_length=120)
    handle = models.SlugField(_("handle"), max_length=60, null=True, blank=True, unique=True, allow_unicode=True)
    bio = models.TextField(_("about"), blank=True, max_length=2000)
    website = models.URLField(_("website"), blank=True, max_length=400)
    role = models.CharField(_("role"), max_length=20, choices=roles.NAMES, default=roles.READER)
    is_active = models.BooleanField(_("may log in"), default=True)
    picture = models.CharField(max_length=32, blank=True, editable=False)
    picture_from = models.CharField(max_length=64, blank=True, editable=False)
    # Keeps former staff (a moderator has no handle) in the desk's list, so that they can get a role again.
    worked_here = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # Skeletons (core.confusables), to find guests whose name or address looks the same.
    name_key = models.CharField(max_length=250, blank=True, editable=False, db_index=True)
    email_key = models.CharField(max_length=250, blank=True, editable=False, db_index=True)

    objects = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self):
        return self.name or str(_("Somebody"))

    def save(self, *args, update_fields=None, **kwargs):
        """Normalize the fields; store a missing address or handle as NULL, since a unique column allows many NULLs."""
        self.email = normalize_email(self.email) or None
        self.handle = self.handle or None
        self.worked_here = self.worked_here or self.role != roles.READER
        self.name_key, self.email_key = confusables.skeleton(self.name), confusables.skeleton(self.email or "")
        if update_fields is not None:
            update_fields = {*update_fields, *(f"{name}_key" for name in ("name", "email") if name in update_fields)}
            update_fields |= {"worked_here"} if "role" in update_fields else set()
        with transaction.atomic():
            super().save(*args, update_fields=update_fields, **kwargs)
            if self.is_shown and (update_fields is None or SHOWN & set(update_fields)):
                cache_version.invalidate(cache_version.SITE)

    @property
    def is_shown(self):
        """Whether public pages show current fields of this user; comments store a copy of their author's."""
        return bool(self.handle) or self.has_perm("blog.write")

    def may_become(self, role, *, active=True):
        """Raises LastOwner if the change would leave no active owner. Call it in a transaction: it locks the owners."""
        if role == roles.OWNER and active:
            return
        owners = set(type(self).objects.owners().select_for_update().values_list("pk", flat=True))
        if owners == {self.pk}:
            raise LastOwner

    def become(self, role):
        """Set the role, and a handle for roles that write posts. Raises LastOwner."""
        with transaction.atomic():
            self.may_become(role)
            self.role = role
            if self.has_perm("blog.write") and not self.handle:
                self.handle = free_handle(self.name)
            self.save(update_fields=["role", "handle"])

    def get_absolute_url(self):
        """The path of the author page, or None without a handle."""
        return author_url(self.handle) if self.handle else None

    @property
    def picture_url(self):
        """The path of the avatar; "" if there is none."""
        return reverse("picture", kwargs={"name": self.picture}) if self.picture else ""

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    def has_perm(self, permission, thing=None):
        return roles.may(self, permission, thing)

    def has_perms(self, permissions, thing=None):
        return all(self.has_perm(permission, thing) for permission in permissions)
