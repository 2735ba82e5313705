"""How long a kept page is true: each moment at which time alone changes it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from comments.models import DiscussionSettings
from comments.spam import honeypot
from tests.asking import ask, process

pytestmark = pytest.mark.db


@pytest.fixture
def until(settled):
    """`until("/")` is the moment until which that page is kept."""

    def of(path):
        settled()
        blog = process(settings.LONGRUN_HOST)
        assert ask(blog, path).status == 200
        return blog.pages[path, ""].until

    return of


@pytest.fixture
def rules():
    """Changes some settings of the discussion, as its desk does."""

    def change(**facts):
        row = DiscussionSettings.objects.get()
        for name, value in facts.items():
            setattr(row, name, value)
        row.save()

    return change


def midnight():
    return (timezone.now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def soon():
    """In five minutes, but today: the hidden field of a form has its own moment at midnight."""
    today = datetime.fromtimestamp(midnight(), UTC) - timezone.now()
    return timezone.now() + min(timedelta(minutes=5), today / 2)


def test_what_hangs_on_no_clock_is_kept_as_long_as_nothing_changes(until, post):
    assert until("/") == until("/feed/") == until("/search/") == float("inf")


def test_the_hidden_field_is_named_anew_at_midnight(until, post):
    assert until(post.path) == midnight()
    assert honeypot.renamed_at() > timezone.now()


def test_nothing_is_public_a_moment_too_late(until, post, make_post):
    first = make_post("Soon", at=soon())
    make_post("Later", at=timezone.now() + timedelta(hours=5))
    for path in ("/", "/feed/", post.path, "/sitemap-posts.xml", "/comments/feed/"):
        assert until(path) == first.publish_at.timestamp(), path


def test_a_form_goes_when_the_post_is_old_enough(until, make_post, discussion, rules):
    post = make_post(at=soon() - timedelta(days=3))
    rules(close_after_days=3)
    assert until(post.path) == (post.publish_at + timedelta(days=3)).timestamp()
    rules(close_quietly=True)
    assert until(post.path) == midnight(), "the form stays"


def test_what_is_closed_by_age_stays_closed(until, make_post, discussion, rules):
    post = make_post(at=timezone.now() - timedelta(days=9))
    rules(close_after_days=3)
    assert until(post.path) == midnight()


def test_the_form_is_back_when_the_switch_is_over(until, post):
    DiscussionSettings.set_switch("close", 1)
    end = DiscussionSettings.objects.get().switch_until
    assert until(post.path) == end.timestamp() or end.timestamp() > midnight()
    DiscussionSettings.set_switch("")
    assert until(post.path) == midnight()


def test_the_moment_brings_the_form_back_by_itself(settled, post):
    blog = process(settings.LONGRUN_HOST)
    assert b"<textarea" in ask(blog, post.path).body  # the first page takes long: before the moment is set
    DiscussionSettings.set_switch("close", 1)
    DiscussionSettings.objects.update(switch_until=timezone.now() + timedelta(seconds=2))
    settled()
    assert b"<textarea" not in ask(blog, post.path).body
    assert b"<textarea" not in ask(blog, post.path).body
    while timezone.now() < DiscussionSettings.objects.get().switch_until:
        pass
    assert b"<textarea" in ask(blog, post.path).body
