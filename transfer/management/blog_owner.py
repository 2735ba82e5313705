"""For whom a command works: the owner of a blog that is set up."""

from django.core.management.base import CommandError

from accounts.models import User
from core.models import Site


def who_owns_this_blog() -> tuple[User, Site]:
    """(owner, site). Raises CommandError if the blog is not set up yet."""
    owner, site = User.objects.owners().order_by("pk").first(), Site.objects.first()
    if not owner or not site:
        raise CommandError(
            "This blog is not set up yet. Open the link that `manage.py setup_link` prints, or run"
            " `manage.py createsuperuser`, and then this again."
        )
    return owner, site
