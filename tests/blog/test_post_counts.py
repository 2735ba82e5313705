"""The numbers of posts by month, category and tag: after each change only what it names is counted again."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from blog import layout, post_counts
from blog.bulk_create import create_posts
from blog.models import BulkAction, Category, Post, ReadingSettings, Tag

pytestmark = pytest.mark.db


@pytest.fixture
def counted(monkeypatch):
    """How often all posts were counted."""
    calls, count_all = [], post_counts.count_all
    monkeypatch.setattr(post_counts, "count_all", lambda: calls.append(1) or count_all())
    return calls


@pytest.fixture
def posts(make_post, on):
    return [
        make_post(f"Run {number}", at=on(2026, 1 + number, 9), tags=["hills", f"t{number}"], categories=["Sport"])
        for number in range(4)
    ]


def published(make_post, ada, posts):
    make_post("Another", tags=["hills", "fog"], categories=["Walks"])


def drafted(make_post, ada, posts):
    make_post("Not yet", tags=["hills"], draft=True)


def withdrawn(make_post, ada, posts):
    posts[0].withdraw()


def trashed_and_back(make_post, ada, posts):
    posts[0].trash()
    posts[1].trash()
    posts[1].restore()


def deleted(make_post, ada, posts):
    posts[2].delete()


def hidden(make_post, ada, posts):
    posts[0].visibility = Post.Visibility.PRIVATE
    posts[0].save(update_fields=["visibility"])


def dated_otherwise(make_post, ada, posts):
    posts[3].publish_at -= timedelta(days=70)
    posts[3].save()
    posts[3].file()


def made_a_page(make_post, ada, posts):
    posts[1].kind = Post.Kind.PAGE
    posts[1].save()


def filed_otherwise(make_post, ada, posts):
    with transaction.atomic():
        posts[0].tags.set(Tag.objects.called(["t3", "sea"]))
        posts[1].categories.clear()
        posts[2].tags.remove(Tag.objects.get(name="hills"))
        for post in posts:
            post.save()


def filed_from_the_other_side(make_post, ada, posts):
    Tag.objects.get(name="t1").posts.add(posts[0], posts[2])
    Tag.objects.get(name="hills").posts.clear()
    posts[0].save()


def many_filed(make_post, ada, posts):
    tag = Tag.objects.called(["many"])[0]
    BulkAction.carry_out(BulkAction.Action.TAG, Post.objects.posts(), ada, tag=tag)


def many_filed_and_undone(make_post, ada, posts):
    category = Category.objects.create(name="Many")
    BulkAction.carry_out(BulkAction.Action.CATEGORY, Post.objects.posts(), ada, category=category).undo()


def terms_merged(make_post, ada, posts):
    Tag.objects.get(name="hills").merge_into(Tag.objects.called(["sea"])[0])


def term_deleted(make_post, ada, posts):
    Tag.objects.get(name="hills").delete()


def imported(make_post, ada, posts):
    post = Post(author=ada, title="Imported", source="Words", slug="imported", status="published")
    post.publish_at = posts[0].publish_at
    post.published_on, post.path = posts[0].published_on, "/imported/"
    post.get_ready()
    with transaction.atomic():
        create_posts([post], by=ada, tags=[[Tag.objects.get(name="hills").pk]])


def renamed(make_post, ada, posts):
    posts[0].revise(ada, title="Renamed")
    Tag.objects.get(name="t1").save()
    ReadingSettings.objects.get().save()
    ada.name = "Ada L."
    ada.save()


CHANGES = [published, drafted, withdrawn, trashed_and_back, deleted, hidden, dated_otherwise, made_a_page,
           filed_otherwise, filed_from_the_other_side, many_filed, many_filed_and_undone, terms_merged,
           term_deleted, imported, renamed]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_counts_again_what_it_changes_and_nothing_else(change, make_post, ada, posts, settled, counted):
    settled()
    assert post_counts.post_counts() == post_counts.count_all()
    counted.clear()
    change(make_post, ada, posts)
    settled()
    found = post_counts.post_counts()
    assert not counted
    assert found == post_counts.count_all()


def test_a_scheduled_post_is_counted_when_it_is_due(make_post, settled, monkeypatch):
    make_post("Soon", at=timezone.now() + timedelta(hours=1), tags=["hills"])
    settled()
    assert layout.current_layout().tags == () == layout.current_layout().months
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert [link.title for link in layout.current_layout().tags] == ["hills"]
    assert sum(post_counts.post_counts().months.values()) == 1


def test_it_is_counted_when_another_change_comes_before_the_first_reader(make_post, posts, ada, settled, monkeypatch):
    make_post("Soon", at=timezone.now() + timedelta(hours=1), tags=["fog"])
    settled()
    post_counts.post_counts()
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    posts[0].revise(ada, title="Renamed")
    settled()
    layout.current_layout()
    assert post_counts.post_counts() == post_counts.count_all()
    assert "fog" in [link.title for link in layout.current_layout().tags]


def test_a_rollback_counts_nothing(posts, settled):
    settled()
    before = post_counts.post_counts()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        posts[0].withdraw()
        assert post_counts.post_counts() != before
        raise ZeroDivisionError
    settled()
    assert post_counts.post_counts() == before == post_counts.count_all()
