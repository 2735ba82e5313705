"""A change renews what shows it, and nothing else: no tag cloud for a comment, nothing at all for a draft."""

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post, ReadingSettings, Tag
from comments.models import Comment, DiscussionSettings, Person
from core import cache_version
from tests.asking import ask, process
from tests.filling import fill

PAGES = ("/", "/feed/", "/comments/feed/", "/search/?q=heron", "/author/ada/", "/robots.txt")


@pytest.fixture
def reader(settings, ada, make_post, settled):
    """A process whose readers have asked for some pages: `reader.ask(path)`, `reader.page(path)` as it is kept."""
    settings.LONGRUN_LIMITS = False
    DiscussionSettings.objects.create()
    for title in ("Dawn", "Dusk"):
        make_post(title, source="A heron.", tags=["birds", "fog"], categories=["Walks"])
    settled()
    return Reader()


class Reader:
    def __init__(self):
        self.process = process(django_settings.LONGRUN_HOST)

    @property
    def paths(self):
        posts = Post.objects.published().order_by("pk")
        return [*PAGES, *(post.path for post in posts), *(tag.path for tag in Tag.objects.all())]

    def ask(self, path):
        answer = ask(self.process, path)
        assert answer.status == 200, path
        return answer.body.decode()

    def ask_for_all(self):
        for path in self.paths:
            self.ask(path)

    def queries(self, path):
        """The SQL with which the page is rendered now."""
        with CaptureQueriesContext(
            connection,
        ) as captured:
            self.ask(path)
        return [query["sql"] for query in captured.captured_queries]


def comment_on(post, state="approved", text="A grey heron."):
    person = Person.objects.of_browser("b" * 32)
    return Comment.objects.create(post=post, text=text, state=state, name="Ann", person=person)


def counts_of_terms(queries):
    return [sql for sql in queries if "COUNT" in sql and ("post_tags" in sql or "post_categories" in sql)]


@pytest.mark.db
def test_a_comment_that_is_approved_computes_no_layout_again(reader, ada, settled):
    first, second = Post.objects.order_by("pk")
    waiting = comment_on(first, "pending")
    settled()
    cold = reader.queries("/")
    assert counts_of_terms(cold), "the categories and the tag cloud are counted for the first page"
    reader.ask_for_all()
    waiting.approve(ada)
    settled()
    renewed = {path: reader.queries(path) for path in reader.paths}
    assert not any(map(counts_of_terms, renewed.values()))
    assert {path: len(queries) for path, queries in renewed.items() if path in ("/", first.path, second.path)} == {
        "/": 5,  # the posts with their terms, and the newest comments for the sidebars of all pages
        first.path: 7,
        second.path: 6,
    }
    assert "1 Comment" in reader.ask("/")
    assert "A grey heron." in reader.ask(first.path)
    assert "Ann</bdi> on" in reader.ask(second.path), "the sidebar has the newest comments"


@pytest.mark.db
def test_where_no_sidebar_shows_them_a_comment_renews_its_own_post_alone(reader, settled):
    row = ReadingSettings.objects.get()
    row.widgets = [each for each in row.widgets if each[0] != "comments"]
    row.save()
    settled()
    reader.ask_for_all()
    first, second = Post.objects.order_by("pk")
    kept = dict(reader.process.pages)
    comment_on(second)
    settled()
    reader.ask_for_all()
    same = {path for (path, query), page in reader.process.pages.items() if kept[path, query] is page}
    assert first.path in same
    assert second.path not in same and "/" not in same
    assert "A grey heron." in reader.ask(second.path)


@pytest.mark.db
def test_a_draft_renews_nothing_that_guests_read(reader, as_, ada, settled):
    desk = as_(ada)
    reader.ask_for_all()
    kept, number = dict(reader.process.pages), cache_version.current()
    fill(
        desk, "/desk/write/", title="A heron, perhaps", source="Not yet.", tag_names="birds, reed", press="action=draft"
    )
    draft = Post.objects.get(title="A heron, perhaps")
    settled()
    assert cache_version.current() > number, "the desk's own counts are renewed"
    fill(desk, f"/desk/posts/{draft.pk}/", source="Still not yet.", press="action=draft")
    settled()
    draft.refresh_from_db()
    draft.trash()
    settled()
    assert not any(reader.queries(path) for path in reader.paths if path != Tag.objects.get(name="reed").path)
    assert {key: page for key, page in reader.process.pages.items() if key in kept} == kept
    assert len(kept) > 8


@pytest.mark.db
@pytest.mark.parametrize("becomes", ["published", "scheduled", "private"])
def test_a_draft_that_becomes_something_else_is_seen(reader, ada, settled, make_post, becomes):
    """Also if it is saved once more by somebody who does not know it."""
    draft = make_post("Noon", source="A heron.", draft=True)
    settled()
    reader.ask_for_all()
    other = Post.objects.get(pk=draft.pk)
    before = cache_version.current_state()
    draft.visibility = "private" if becomes == "private" else "public"
    draft.publish(draft.created_at.replace(year=draft.created_at.year + 1) if becomes == "scheduled" else None)
    settled()
    between = cache_version.current_state()
    assert before.version([cache_version.POSTS]) < between.version([cache_version.POSTS])
    other.save()  # as it was read before: a draft again
    settled()
    assert between.version([cache_version.POSTS]) < cache_version.current_state().version([cache_version.POSTS])
    assert "Noon" not in reader.ask("/")
