"""Which columns of each table an export in rows has (JSON, the mirror folder), and how a value is written.

Left out everywhere: passwords, keys and tokens, logins, signed browsers, networks of readers, and what is computed from
other columns (HTML, search, counts).
"""

from collections.abc import Iterable
from typing import Any

SITE = ("title", "tagline", "language", "timezone")
PERSON = (
    "id", "name", "email", "handle", "bio", "website", "role", "is_active", "worked_here", "picture", "date_joined",
)  # fmt: skip
TERM = ("id", "name", "slug", "description")
CATEGORY = (*TERM, "parent_id")
MEDIA = (
    "id", "name", "kind", "title", "file_name", "format", "size", "width", "height", "widths", "alt", "caption",
    "decorative", "poster", "poster_removed", "focus_x", "focus_y", "by_id", "created_at", "trashed_at",
)  # fmt: skip
POST = (
    "id", "kind", "status", "trashed_from", "trashed_at", "visibility", "format", "link_url", "title", "language",
    "slug", "derived_slug", "path", "guid", "author_id", "parent_id", "menu_order", "source", "source_format",
    "extended_markdown", "excerpt", "featured_id", "publish_at", "published_on", "created_at", "updated_at", "sticky",
    "comments_open", "contact_form", "was_public", "series_id", "series_number",
)  # fmt: skip
REVISION = (
    "id", "kind", "title", "source", "source_format", "extended_markdown", "excerpt", "name", "created_at", "by_id",
)  # fmt: skip
COMMENT = (
    "id", "parent_id", "person_id", "kind", "state", "former_state", "reasons", "text", "source_format", "name",
    "email", "url", "avatar", "service", "posted_at", "edited_at", "state_since", "filed_at", "later_until",
    "former_number",
)  # fmt: skip
COMMENT_REVISION = ("id", "text", "name", "email", "url", "by_id", "created_at")
COMMENTER = ("id", "account_id", "address", "trust", "decided_as", "created_at")
BLOCK = ("person_id", "kind", "value", "until")
SUBSCRIPTION = (
    "address", "person_id", "what", "how", "post_id", "comment_id", "created_at", "confirmed_at", "digest_from",
    "digest_until", "consent",
)  # fmt: skip
MESSAGE = (
    "id", "post_id", "person_id", "state", "former_state", "reasons", "text", "name", "email", "posted_at",
    "state_since", "decided_at",
)  # fmt: skip
STOPPED = ("address", "why", "stopped_at")
REDIRECT = (
    "key", "post_id", "category_id", "tag_id", "author_id", "media_id", "series_id", "target", "was_public",
    "created_at",
)  # fmt: skip
PODCAST = (
    "category_id", "title", "description", "author", "email", "cover_id", "language", "apple_category", "explicit",
    "serial", "locked", "guid",
)  # fmt: skip
HOME_ZONE = ("point", "radius")
CSS_REVISION = ("id", "css", "by_id", "created_at")
MODERATION_ACTION = ("id", "by_id", "maker", "what", "reasons", "items", "side_effects", "created_at", "undone_at")
REPORT = ("id", "comment_id", "created_at", "resolved_at")
VISIT = ("post_id", "day", "count")
REFERRER = ("host", "day", "count")
LINK_CARD = ("address", "title", "site", "width", "height", "asked_at")
MENU = ("title", "url", "number")

# What a visitor sees of these rows.
PUBLIC_PERSON = ("id", "name", "handle", "bio", "website", "picture")
PUBLIC_MEDIA = tuple(name for name in MEDIA if name not in ("by_id", "trashed_at"))
PUBLIC_POST = tuple(
    name for name in POST if name not in ("trashed_from", "trashed_at", "derived_slug", "was_public", "created_at")
)
PUBLIC_COMMENT = (
    "id", "parent_id", "kind", "state", "text", "source_format", "name", "url", "avatar", "service", "posted_at",
    "edited_at", "former_number",
)  # fmt: skip
PUBLIC_DISCUSSION = (
    "close_after_days", "close_quietly", "must_log_in", "require_name_email", "thread_depth", "comments_per_page",
    "order", "edit_minutes", "follow_comments", "posts_by_mail", "subscribe_box",
)  # fmt: skip


def row(thing: Any, columns: Iterable[str]) -> dict[str, object]:
    """These columns of a row; foreign keys as numbers."""
    return {name: getattr(thing, name) for name in columns}


def settings_row(thing: Any) -> dict[str, object]:
    """All columns of a row of settings but its primary key."""
    return row(thing, (field.attname for field in thing._meta.concrete_fields if not field.primary_key))


def json_default(value: Any) -> str:
    """Dates and moments as ISO 8601."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
