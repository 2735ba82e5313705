"""The whole blog as one JSON document, but for secrets (passwords, keys, sessions, tokens, networks of readers).

    {"format": "longrun", "version": 1, "exported_at": …, "url": …, "site": {…}, "settings": {…}, "people": […],
     "commenters": […], "blocks": […], "categories": […], "tags": […], "series": […],
     "media": […], "podcasts": […],
     "posts": [{…, "revisions": […], "comments": [{…, "revisions": […]}]}], "redirects": […], "menu": […],
     "subscriptions": […], "stopped_addresses": […], "messages": […], "home_zones": […], "link_cards": […],
     "icons": […], "css_revisions": […], "moderation_actions": […], "reports": […], "visits": […], "referrers": […]}

Dates are ISO 8601 in UTC, texts as they are stored, numbers are primary keys; posts and comments also have their HTML.
`docs/export.schema.json` is its schema (transfer.exporting.schema).
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from blog.models import (
    CssRevision,
    HomeZone,
    Icon,
    MenuLink,
    Podcast,
    Post,
    ReadingSettings,
    Redirect,
    Referrer,
    Visit,
)
from comments.models import (
    Block,
    Comment,
    DiscussionSettings,
    Message,
    ModerationAction,
    Person,
    Report,
    StoppedAddress,
    Subscription,
)
from core.models import Site
from transfer.exporting import columns, link_cards, rows
from transfer.exporting.columns import row, settings_row

VERSION = 1
Row = dict[str, object]
Progress = Callable[[str, int], None]


def json_parts(progress: Progress = lambda kind, number: None) -> Iterator[str]:
    """The document in pieces: a hundred posts with their comments are in memory at a time."""
    head = {"format": "longrun", "version": VERSION, "exported_at": timezone.now(), "url": settings.LONGRUN_URL}
    yield "{" + ",\n".join(f"{encoded_value(key)}: {encoded_value(value)}" for key, value in head.items())
    site = Site.objects.first()
    yield member("site", row(site, columns.SITE) if site else {})
    yield member("settings", all_settings())
    yield from members("people", people())
    yield from members(
        "commenters", (row(each, columns.COMMENTER) for each in Person.objects.order_by("pk").iterator())
    )
    yield from members("blocks", blocks())
    yield from members("categories", (row(each, columns.CATEGORY) for each in rows.categories()))
    yield from members("tags", (row(each, columns.TERM) for each in rows.tags()))
    yield from members("series", (row(each, columns.TERM) for each in rows.series()))
    yield from members("media", media(progress))
    yield from members("podcasts", (row(each, columns.PODCAST) for each in Podcast.objects.order_by("pk")))
    yield from members("posts", posts(progress))
    yield from members("redirects", redirects())
    yield from members("menu", (row(each, columns.MENU) for each in MenuLink.objects.all()))
    yield from members("subscriptions", subscriptions())
    yield from members("stopped_addresses", stopped_addresses())
    yield from members("messages", contact_messages())
    yield from members("home_zones", (row(each, columns.HOME_ZONE) for each in HomeZone.objects.all()))
    yield from members("link_cards", link_cards.rows())
    yield from members("icons", icons())
    yield from members("css_revisions", css_revisions())
    yield from members("moderation_actions", moderation_actions())
    yield from members("reports", reports())
    yield from members("visits", (row(each, columns.VISIT) for each in rows.tallies(Visit)))
    yield from members("referrers", (row(each, columns.REFERRER) for each in rows.tallies(Referrer)))
    yield "\n}\n"


def all_settings() -> Row:
    return {
        "reading": settings_row(ReadingSettings.objects.first() or ReadingSettings()),
        "discussion": settings_row(DiscussionSettings.objects.first() or DiscussionSettings()),
    }


def people() -> Iterator[Row]:
    """Every account. `email_verified`: whether they proved to read its mail."""
    verified = set(EmailAddress.objects.filter(verified=True, primary=True).values_list("user", flat=True))
    for person in get_user_model().objects.order_by("pk").iterator():
        yield row(person, columns.PERSON) | {"email_verified": person.pk in verified}


def blocks() -> Iterator[Row]:
    """Blocked addresses; blocked networks stay here."""
    for each in Block.objects.filter(kind=Block.Kind.ADDRESS).order_by("pk").iterator():
        yield row(each, columns.BLOCK)


def media(progress: Progress) -> Iterator[Row]:
    for each in rows.media():
        yield row(each, columns.MEDIA)
        progress("attachments", 1)


def posts(progress: Progress) -> Iterator[Row]:
    for post, comments in rows.posts_with_comments(states=tuple(Comment.State.values), revisions=True):
        yield row(post, columns.POST) | {
            "html": post.html,
            "categories": [each.pk for each in post.categories.all()],
            "tags": [each.pk for each in post.tags.all()],
            "revisions": revisions_of(post),
            "comments": [whole_comment(each) | {"html": each.html} for each in comments],
        }
        progress("posts", 1 + len(comments))


def revisions_of(post: Post) -> list[Row]:
    """Of a post that `rows.posts_with_comments` read with its revisions."""
    return [row(each, columns.REVISION) for each in getattr(post, "earlier")]  # noqa: B009  (a prefetch sets it)


def whole_comment(comment: Comment) -> Row:
    former = getattr(comment, "earlier")  # noqa: B009  (a prefetch sets it)
    return row(comment, columns.COMMENT) | {"revisions": [row(each, columns.COMMENT_REVISION) for each in former]}


def redirects() -> Iterator[Row]:
    """Former paths, and the path to which each leads: null for what is gone."""
    for each in Redirect.objects.with_things().order_by("key"):
        to = each.thing.get_absolute_url() if each.thing else each.target or None
        yield row(each, columns.REDIRECT) | {"to": to}


def subscriptions() -> Iterator[Row]:
    for each in Subscription.objects.order_by("pk").iterator():
        yield row(each, columns.SUBSCRIPTION)


def stopped_addresses() -> Iterator[Row]:
    """Addresses that no imported list subscribes again; those of which the hash alone is kept stay here."""
    for each in StoppedAddress.objects.exclude(address=None).iterator():
        yield row(each, columns.STOPPED)


def contact_messages() -> Iterator[Row]:
    """What readers sent by the contact forms of pages."""
    for each in Message.objects.order_by("pk").iterator():
        yield row(each, columns.MESSAGE)


def icons() -> Iterator[Row]:
    for icon in Icon.objects.order_by("size"):
        yield {"size": icon.size, "png": b64encode(bytes(icon.png)).decode("ascii")}


def css_revisions() -> Iterator[Row]:
    """The versions of the owner's CSS that are or were in use; what somebody only tries is theirs."""
    for each in CssRevision.objects.used().order_by("pk"):
        yield row(each, columns.CSS_REVISION)


def moderation_actions() -> Iterator[Row]:
    """Every decision about comments, with what it changed."""
    for each in ModerationAction.objects.order_by("pk").iterator():
        yield row(each, columns.MODERATION_ACTION)


def reports() -> Iterator[Row]:
    """What readers reported; the networks from which they did stay here."""
    for each in Report.objects.order_by("pk").iterator():
        yield row(each, columns.REPORT)


def member(name: str, value: object) -> str:
    return f",\n{encoded_value(name)}: {encoded_value(value)}"


def members(name: str, values: Iterable[object]) -> Iterator[str]:
    yield f",\n{encoded_value(name)}: ["
    for number, value in enumerate(values):
        yield ("," if number else "") + "\n" + encoded_value(value)
    yield "]"


def encoded_value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=columns.json_default)
