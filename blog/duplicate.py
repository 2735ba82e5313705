"""Copies a post, as a starting point for another one."""

from django.db import transaction
from django.utils.translation import gettext as _

from blog.models import Post

TAKEN_OVER = (
    "kind language source source_format extended_markdown excerpt format link_url parent featured series comments_open"
    " contact_form menu_order visibility password"
).split()


def duplicate(post, by):
    """A draft by `by` with the text and settings of a post, but without its slug, date and comments."""
    copy = Post(author=by, **{name: getattr(post, name) for name in TAKEN_OVER})
    copy.title = (_("%s (copy)") % post.title)[:500] if post.title else ""
    copy.get_ready()
    with transaction.atomic():
        copy.save()
        copy.categories.set(post.categories.all())
        copy.tags.set(post.tags.all())
        copy.keep_revision(by)
    return copy
