"""Create a site, its owner and its first content in one transaction."""

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.timezone import override as override_timezone

from core import languages
from core.models import Site
from server.setup import first_content
from server.setup.setup_link import delete_link


class AlreadySetUp(Exception):
    """The blog has an owner already."""


def create_blog(*, title, name, email, password, tagline="", handle="", timezone="UTC", language="en"):
    """Create the site, its owner with a verified address, and the first content. Returns the owner.

    Raises AlreadySetUp if there is an owner. The site's primary key is always 1, so that of two concurrent set-ups the
    second one fails.
    """
    try:
        with transaction.atomic():
            if get_user_model().objects.owners().exists():
                raise AlreadySetUp
            Site.objects.create(pk=1, title=title, tagline=tagline, timezone=timezone, language=language)
            owner = get_user_model().objects.create_owner(
                email, password, name=name, handle=handle or handle_from_name(name)
            )
            EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
            with translation.override(languages.interface(language)), override_timezone(timezone):
                first_content.create_first_content(owner)
    except IntegrityError as error:
        if get_user_model().objects.owners().exists():
            raise AlreadySetUp from error
        raise
    delete_link()
    return owner


def handle_from_name(name):
    """The last part of /author/…/ for this name."""
    return slugify(name, allow_unicode=True)[:60].strip("-") or "owner"
