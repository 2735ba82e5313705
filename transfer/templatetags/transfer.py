"""Filters of the desk's import pages."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

KINDS = {
    "posts": _("Posts"),
    "pages": _("Pages"),
    "attachments": _("Files"),
    "comments": _("Comments"),
    "categories": _("Categories"),
    "tags": _("Tags"),
    "terms": _("Other terms"),
    "authors": _("Authors"),
    "menu_items": _("Menu items"),
    "subscribers": _("Subscribers"),
    "other": _("Other items"),
}
STATUSES = {
    "publish": _("published"),
    "future": _("scheduled"),
    "draft": _("draft"),
    "pending": _("pending review"),
    "private": _("private"),
    "trash": _("in the trash"),
}


@register.filter
def import_kind(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@register.filter
def import_status(status: str) -> str:
    return str(STATUSES.get(status, status))


@register.filter
def number_of(row: Mapping[str, int], result: str) -> int:
    """The number of elements with this result in a row of the receipt's totals."""
    return row.get(result, 0)
