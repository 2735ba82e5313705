"""The whole blog as one JSON document, but for secrets (passwords, keys, sessions, tokens, networks of readers).

    {"format": "longrun", "version": 1, "exported_at": …, "url": …, "site": {…}, "settings": {…}, "people": […],
     "categories": […], "tags": […], "media": […], "posts": [{…, "revisions": […], "comments": […]}],
     "redirects": […], "menu": […], "subscriptions": […], "stopped_addresses": […]}

Dates are ISO 8601 in UTC, texts as they are stored, numbers are primary keys. `docs/export.schema.json` is its schema.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from blog.models import MenuLink, ReadingSettings, Revision
from comments.models import Comment, DiscussionSettings, StoppedAddress, Subscription
from core.models import Site
from transfer.exporting import rows
from transfer.exporting.markdown import redirects

VERSION = 1
POST = (
    "id kind status trashed_from visibility format link_url title language slug path guid author_id parent_id "
    "menu_order source source_format excerpt featured_id publish_at published_on created_at updated_at sticky "
    "comments_open html"
).split()
COMMENT = ("id parent_id kind state text source_format html name email url posted_at edited_at former_number").split()
MEDIA = "id name kind title file_name format size width height alt caption by_id created_at trashed_at".split()
REVISION = "id kind title source source_format excerpt name created_at by_id".split()
PERSON = "id name email handle bio website role is_active date_joined".split()
TERM = "id name slug description".split()
SUBSCRIPTION = "address what how post_id comment_id confirmed_at created_at consent".split()
STOPPED = "address why stopped_at".split()
SECRET_SETTINGS = {"id"}


def fields(row: Any, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


def settings_of(row: Any) -> dict[str, object]:
    """A row of settings, all its own columns."""
    if row is None:
        return {}
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in SECRET_SETTINGS
    }


def json_parts() -> Iterator[str]:
    """The document in pieces: one post with its comments is in memory at a time."""
    head = {"format": "longrun", "version": VERSION, "exported_at": timezone.now(), "url": settings.LONGRUN_URL}
    yield "{" + ",\n".join(f"{encoded_value(key)}: {encoded_value(value)}" for key, value in head.items())
    yield member("site", settings_of(Site.objects.first()))
    own = {
        "reading": settings_of(ReadingSettings.objects.first()),
        "discussion": settings_of(DiscussionSettings.objects.first()),
    }
    yield member("settings", own)
    yield from members("people", (fields(row, PERSON) for row in get_user_model().objects.order_by("pk")))
    yield from members("categories", (fields(row, [*TERM, "parent_id"]) for row in rows.categories()))
    yield from members("tags", (fields(row, TERM) for row in rows.tags()))
    yield from members("media", (fields(row, MEDIA) for row in rows.media()))
    yield from members("posts", posts())
    yield from members("redirects", redirects())
    yield from members("menu", (fields(row, ["title", "url", "number"]) for row in MenuLink.objects.all()))
    yield from members("subscriptions", subscriptions())
    stopped = StoppedAddress.objects.exclude(address=None).iterator()
    yield from members("stopped_addresses", (fields(row, STOPPED) for row in stopped))
    yield "\n}\n"


def posts() -> Iterator[dict[str, object]]:
    for post, comments in rows.posts_with_comments(states=tuple(Comment.State.values)):
        yield fields(post, POST) | {
            "categories": [each.pk for each in post.categories.all()],
            "tags": [each.pk for each in post.tags.all()],
            "revisions": [fields(row, REVISION) for row in Revision.objects.filter(post=post).order_by("pk")],
            "comments": [fields(comment, COMMENT) for comment in comments],
        }


def subscriptions() -> Iterator[dict[str, object]]:
    for row in Subscription.objects.order_by("pk").iterator():
        yield {name: getattr(row, name) for name in SUBSCRIPTION}


def member(name: str, value: object) -> str:
    return f",\n{encoded_value(name)}: {encoded_value(value)}"


def members(name: str, values: Iterable[object]) -> Iterator[str]:
    yield f",\n{encoded_value(name)}: ["
    for number, value in enumerate(values):
        yield ("," if number else "") + "\n" + encoded_value(value)
    yield "]"


def encoded_value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=json_default)


def json_default(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
