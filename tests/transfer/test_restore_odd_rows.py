"""A row of a JSON export with a column that is missing, null or of another type is refused, or comes without it."""

import json
from base64 import b64encode

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
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
from transfer.exporting.columns import json_default, row, settings_row
from transfer.restore import decisions, files, people, posts, settings_rows, tallies, terms
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.restorer import delete_first_content, restore_blog
from transfer.restore.sources import Document

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PNG = b64encode(b"\x89PNG\r\n\x1a\n").decode()
CARL = {"name": "Carl", "email": "carl@example.org"}


def whole():
    """A document with one row of every table."""
    now = timezone.now()
    comment = row(Comment(pk=1, person_id=1, text="Yes", state="approved", **CARL), columns.COMMENT)
    former = row(CommentRevision(pk=1, text="No", by_id=1, created_at=now, **CARL), columns.COMMENT_REVISION)
    post = Post(pk=1, title="One", source="A mile", slug="one", path="/one/", author_id=1, status="published",
                publish_at=now, published_on=now.date(), created_at=now, updated_at=now, series_id=1,
                featured_id=1)  # fmt: skip
    revision = Revision(pk=1, title="One", source="A mil", by_id=1, created_at=now)
    below = {"categories": [1], "tags": [1], "revisions": [row(revision, columns.REVISION)],
             "comments": [comment | {"revisions": [former]}]}  # fmt: skip
    subscription = Subscription(address="a@example.org", what="posts", created_at=now)
    card = LinkCard(address="https://example.org/", title="One")
    action = ModerationAction(pk=1, by_id=1, what="approve", items=[[1, "pending", "", "approved"]])
    found = {
        "site": row(Site(title="Longrun"), columns.SITE),
        "settings": {"reading": settings_row(ReadingSettings()), "discussion": settings_row(DiscussionSettings())},
        "people": [row(User(pk=1, role="author", date_joined=now, **CARL), columns.PERSON) | {"email_verified": True}],
        "commenters": [row(Person(pk=1, account_id=1, trust="blocked", created_at=now), columns.COMMENTER)],
        "blocks": [row(Block(person_id=1, kind="address", value="carl@example.org"), columns.BLOCK)],
        "categories": [row(Category(pk=1, name="Sport", slug="sport"), columns.CATEGORY)],
        "tags": [row(Tag(pk=1, name="Sport", slug="sport"), columns.TERM)],
        "series": [row(Series(pk=1, name="Sport", slug="sport"), columns.TERM)],
        "media": [row(Media(pk=1, name="a" * 32, format="png", file_name="a.png", created_at=now), columns.MEDIA)],
        "podcasts": [row(Podcast(category_id=1, cover_id=1, title="Runs", language="en"), columns.PODCAST)],
        "posts": [row(post, columns.POST) | below],
        "redirects": [row(Redirect(key="/old", post_id=1, created_at=now), columns.REDIRECT) | {"to": "/one/"}],
        "menu": [row(MenuLink(title="Elsewhere", url="https://example.org/"), columns.MENU)],
        "subscriptions": [row(subscription, columns.SUBSCRIPTION)],
        "stopped_addresses": [row(StoppedAddress(address="b@example.org", why="bounced"), columns.STOPPED)],
        "messages": [row(Message(pk=1, person_id=1, text="Hello", **CARL), columns.MESSAGE)],
        "home_zones": [row(HomeZone(point="52.5,13.4", radius=500), columns.HOME_ZONE)],
        "link_cards": [row(card, columns.LINK_CARD) | {"picture": None}],
        "icons": [{"size": 32, "png": PNG}],
        "css_revisions": [row(CssRevision(pk=1, css="h1 { color: red }", created_at=now), columns.CSS_REVISION)],
        "moderation_actions": [row(action, columns.MODERATION_ACTION)],
        "reports": [row(Report(pk=1, comment_id=1), columns.REPORT)],
        "visits": [row(Visit(post_id=1, day=now.date(), count=3), columns.VISIT)],
        "referrers": [row(Referrer(host="example.org", day=now.date(), count=3), columns.REFERRER)],
    }
    return json.loads(json.dumps(found, default=json_default))


class Whole(Document):
    """A document that no file has."""

    def __init__(self, whole):
        self.folder, self.whole, self.site = None, whole, {"site": whole["site"]}


def test_these_rows_come_as_they_are(ada):
    counted = restore_blog(Whole(whole()), ada)
    once = "people", "files", "posts", "comments", "redirects", "subscriptions", "decisions", "reports"
    assert [counted[kind] for kind in once] == [1] * len(once) and counted["page views"] == 3
    models = (Person, Block, Series, Podcast, Revision, CommentRevision, MenuLink, StoppedAddress, Message, HomeZone,
              LinkCard, Icon, CssRevision, Referrer)  # fmt: skip
    for model in models:
        assert model._default_manager.count() == 1, model


# {the function that restores it: places of rows in the document}
RESTORES = {
    settings_rows.restore_site: ["site", "settings", "settings reading", "settings discussion", "menu 0", "icons 0"],
    settings_rows.restore_references: ["settings reading"],
    settings_rows.restore_css_revisions: ["css_revisions 0"],
    people.restore_people: ["people 0"],
    people.restore_commenters: ["commenters 0", "blocks 0"],
    people.restore_subscriptions: ["subscriptions 0", "stopped_addresses 0"],
    people.restore_messages: ["messages 0"],
    terms.restore_terms: ["categories 0", "tags 0", "series 0"],
    terms.restore_podcasts: ["podcasts 0"],
    terms.restore_home_zone: ["home_zones 0"],
    terms.restore_redirects: ["redirects 0"],
    files.restore_media: ["media 0"],
    files.restore_link_cards: ["link_cards 0"],
    posts.restore_posts: [
        "posts 0", "posts 0 revisions 0", "posts 0 comments 0", "posts 0 comments 0 revisions 0",
    ],
    decisions.restore_decisions: ["moderation_actions 0", "moderation_actions 0 side_effects"],
    decisions.restore_reports: ["reports 0"],
    tallies.restore_tallies: ["visits 0", "referrers 0"],
}  # fmt: skip
MISSING = object()


def at(whole, place):
    for key in place.split():
        whole = whole[int(key) if isinstance(whole, list) else key]
    return whole


def odd_values(value):
    yield from (MISSING, [[1]] if isinstance(value, dict) else {"a": [1]})
    if not isinstance(value, str):  # a text that is null goes the way of one that is an object
        yield None
    if isinstance(value, list):
        yield from ([None], [{"a": [1]}])


def trouble(restore, document, owner):
    """What the function raises for the document; whatever it writes is rolled back."""
    known = Known(Whole(document), owner)
    known.users[1] = owner.pk
    for numbers in (known.commenters, known.categories, known.tags, known.series, known.media, known.comments):
        numbers.add(1)
    if restore is not posts.restore_posts:
        known.posts.add(1)
    try:
        with transaction.atomic():
            restore(known)
            transaction.set_rollback(True)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("restore", RESTORES, ids=lambda restore: restore.__name__)
def test_a_column_that_is_missing_or_of_another_type_is_refused_at_most(ada, restore):
    ReadingSettings.objects.get_or_create()
    delete_first_content()
    if restore is not terms.restore_terms:
        Category.objects.create(pk=1, name="Sport")
    found = {}
    for place in RESTORES[restore]:
        document = whole()
        changed = at(document, place)
        assert trouble(restore, document, ada) is None
        for column, value in list(changed.items()):
            if place.startswith("settings ") and not isinstance(value, list) and column != "icon":
                continue  # there are many, which go the way of all other columns
            for odd in odd_values(value):
                changed[column] = odd
                if odd is MISSING:
                    del changed[column]
                seen = trouble(restore, document, ada)
                if seen and not isinstance(seen, Refused | DatabaseError):  # `restore_blog` tells both as refusals
                    found[place, column, "missing" if odd is MISSING else str(odd)] = seen
            changed[column] = value
    assert found == {}
