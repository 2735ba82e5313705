"""What the desk's pages of imports and exports print, and the notice of the mirror on other pages."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from transfer.mirror import folder, git
from transfer.models import MirrorSettings

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


@register.inclusion_tag("desk/export/_traces.html")
def mirror_traces() -> dict[str, Any]:
    """What an erasure does not reach: the history of a mirror that is a Git repository, a mirror that is off."""
    mirror, public = MirrorSettings.load(), folder.root() / folder.PUBLIC
    return {
        "traces": mirror.traces if git.has_history(public) else [],
        "has_history": git.has_history(public),
        "is_left": not mirror.is_on and public.exists(),
    }
