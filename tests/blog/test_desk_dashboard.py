"""The first page of the desk: a thought is kept with one press, and what came in is seen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Post
from comments.models import Comment
from core.models import Email, Site
from tests.markup import squeeze


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_a_quick_draft_is_kept_with_its_words_and_category(desk, blog):
    answer = desk.post("/desk/", {"quick-title": "Shoes", "quick-source": "    code first\n\nthen words"}, follow=True)
    post = Post.objects.get()
    assert (post.title, post.source, post.status) == ("Shoes", "    code first\n\nthen words", "draft")
    assert (post.slug, list(post.categories.all())) == ("shoes", [blog.default_category])
    assert post.revisions.count() == 1
    page = answer.content.decode()
    assert "Draft saved: “\u2068Shoes\u2069”." in page and f'href="/desk/posts/{post.pk}/"' in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"quick-title": " ", "quick-source": " \n"}, "quick-source"), ({"quick-title": "x" * 501}, "quick-title"),
     ({"quick-source": "x" * 1_000_001}, "quick-source")],
)  # fmt: skip
def test_a_draft_that_cannot_be_kept_keeps_its_words(desk, typed, field):
    answer = desk.post("/desk/", {"quick-title": "", "quick-source": ""} | typed)
    assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.content.decode()
    assert not Post.objects.exists()


def test_the_newest_comments_and_those_that_wait_are_seen(desk, make_post):
    post = make_post()
    Comment.objects.create(post=post, text="Here.", name="Ann", state="approved")
    Comment.objects.create(post=post, text="And here.", name="Bob", state="pending")
    page = desk.get("/desk/").content.decode()
    assert "<bdi>Ann</bdi> on <bdi>A long run</bdi>" in page and "1 comment is waiting" in page
    assert "<bdi>Bob</bdi>" not in page


def test_what_needs_the_owner_stands_first(desk, make_post):
    Site.objects.update(timezone="UTC")
    midday = timezone.now().replace(hour=23, minute=59, second=59)
    make_post("Tonight", at=midday)
    make_post("Next week", at=midday + timedelta(days=7))
    for state in ("failed", "sent", "bounced"):
        Email.objects.create(to="ann@example.org", subject="Hello", state=state)
    Email.objects.update(created_at=timezone.now())
    page = squeeze(desk.get("/desk/").content)
    first = page[page.index('id="first-things"') : page.index('id="quick-draft"')]
    assert "<bdi>Tonight</bdi>" in first and "Next week" not in first
    assert "2 emails of the last week have reached nobody" in first
    assert page.index("There is no backup yet") < page.index("Quick draft")


def test_an_empty_dashboard_says_what_to_do_next(desk, blog):
    page = squeeze(desk.get("/desk/").content)
    assert "Write your first post" in page
    assert "No drafts. A title or a sentence above is enough to begin one." in page
    assert "Nothing is published yet. Write a post and press Publish." in page
    assert "reached nobody" not in page


def test_only_who_writes_keeps_drafts(as_, mona, rene, client):
    page = as_(mona).get("/desk/").content.decode()
    assert "Quick draft" not in page
    for user, status in ((mona, 302), (rene, 403), (None, 403)):
        assert as_(user).post("/desk/", {"quick-title": "Mine"}).status_code == status
    assert not Post.objects.exists()
