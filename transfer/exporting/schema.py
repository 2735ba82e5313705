"""The JSON Schema (2020-12) of `export_json`, made from the columns and the models. `docs/export.schema.json` is its
result: `manage.py export_json --schema` prints it."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from blog.models import (
    Category,
    CssRevision,
    HomeZone,
    Icon,
    LinkCard,
    Media,
    MenuLink,
    Podcast,
    Post,
    ReadingSettings,
    Redirect,
    Referrer,
    Revision,
    Series,
    Tag,
    Visit,
)
from comments.models import (
    Block,
    Comment,
    CommentRevision,
    DiscussionSettings,
    Message,
    ModerationAction,
    Person,
    Report,
    StoppedAddress,
    Subscription,
)
from core.models import Site
from transfer.exporting import columns

Schema = dict[str, Any]
PNG: Schema = {"type": "string", "contentEncoding": "base64"}
WEBP: Schema = {"type": ["string", "null"], "contentEncoding": "base64"}
NUMBERS: Schema = {"type": "array", "items": {"type": "integer"}}


def schema() -> Schema:
    properties: Schema = {
        "format": {"const": "longrun"},
        "version": {"const": 1},
        "exported_at": {"type": "string", "format": "date-time"},
        "url": {"type": "string", "description": "The address of the blog, without a slash at its end."},
        "site": table(Site, columns.SITE),
        "settings": closed({"reading": all_columns(ReadingSettings), "discussion": all_columns(DiscussionSettings)}),
        "people": listed(table(get_user_model(), columns.PERSON, email_verified={"type": "boolean"})),
        "commenters": listed(table(Person, columns.COMMENTER)),
        "blocks": listed(table(Block, columns.BLOCK)),
        "categories": listed(table(Category, columns.CATEGORY)),
        "tags": listed(table(Tag, columns.TERM)),
        "series": listed(table(Series, columns.TERM)),
        "media": listed(table(Media, columns.MEDIA)),
        "podcasts": listed(table(Podcast, columns.PODCAST)),
        "posts": listed({"$ref": "#/$defs/post"}),
        "redirects": listed(table(Redirect, columns.REDIRECT, to={"type": ["string", "null"]})),
        "menu": listed(table(MenuLink, columns.MENU)),
        "subscriptions": listed(table(Subscription, columns.SUBSCRIPTION)),
        "stopped_addresses": listed(table(StoppedAddress, columns.STOPPED)),
        "messages": listed(table(Message, columns.MESSAGE)),
        "home_zones": listed(table(HomeZone, columns.HOME_ZONE)),
        "link_cards": listed(table(LinkCard, columns.LINK_CARD, picture=WEBP)),
        "icons": listed(table(Icon, ("size",), png=PNG)),
        "css_revisions": listed(table(CssRevision, columns.CSS_REVISION)),
        "moderation_actions": listed(table(ModerationAction, columns.MODERATION_ACTION)),
        "reports": listed(table(Report, columns.REPORT)),
        "visits": listed(table(Visit, columns.VISIT)),
        "referrers": listed(table(Referrer, columns.REFERRER)),
    }
    html = {"type": "string", "description": "Made from the text when it was saved; sanitized."}
    below = {
        "revisions": listed(table(Revision, columns.REVISION)),
        "comments": listed({"$ref": "#/$defs/comment"}),
    }
    post = table(Post, columns.POST, html=html, categories=NUMBERS, tags=NUMBERS, **below)
    revisions = listed(table(CommentRevision, columns.COMMENT_REVISION))
    comment = table(Comment, columns.COMMENT, html=html, revisions=revisions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Longrun blog, as export_json writes it",
        "description": "Numbers are primary keys; those that end in _id refer to a row of another list, or are null. "
        "Dates are in UTC. Passwords, keys, logins and networks of readers are not in it; files are, as names.",
        **closed(properties),
        "$defs": {"post": post, "comment": comment},
    }


def table(model: type[models.Model], names: Iterable[str], **more: Schema) -> Schema:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return closed({name: column(fields[name]) for name in names} | more)


def all_columns(model: type[models.Model]) -> Schema:
    return table(model, (field.attname for field in model._meta.concrete_fields if not field.primary_key))


def closed(properties: Schema) -> Schema:
    """An object that has all of these properties and no others."""
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


KINDS: list[tuple[type[models.Field[Any, Any]], Schema]] = [
    (models.BooleanField, {"type": "boolean"}),
    (models.IntegerField, {"type": "integer"}),
    (models.ForeignKey, {"type": "integer"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.JSONField, {"type": "array"}),
    (models.CharField, {"type": "string"}),
    (models.TextField, {"type": "string"}),
]


def column(field: "models.Field[Any, Any]") -> Schema:
    """The schema of one column: its type, its choices, its greatest length, whether it may be null."""
    found = dict(next(kind for known, kind in KINDS if isinstance(field, known)))
    if isinstance(field, models.JSONField) and field.default is dict:
        found = {"type": "object"}
    if field.choices:
        values = [value for value, _label in field.flatchoices]
        found = {"enum": [*values, *([""] if field.blank and "" not in values else [])]}
    elif field.max_length and found["type"] == "string":
        found["maxLength"] = field.max_length
    if field.null:
        found = {"enum": [*found["enum"], None]} if "enum" in found else found | {"type": [found["type"], "null"]}
    return found


def text() -> str:
    """As it stands in docs/export.schema.json."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
