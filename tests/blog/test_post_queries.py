"""Posts by queries that are written down once are those of the querysets that they stand for."""

import pytest
from django.contrib.auth.models import AnonymousUser

from blog.models import Post
from blog.post_queries import attach_terms, post_at, posts_in_order

pytestmark = pytest.mark.db


def test_posts_come_in_the_order_asked_for_with_their_terms_by_name(make_post, django_assert_num_queries):
    made = [
        make_post("One", tags=["weights", "Running", "Äpfel"], categories=["Town", "Air"]),
        make_post("Two"),
        make_post("Three", tags=["running"]),
    ]
    numbers = [made[2].pk, made[0].pk, 10**9, made[1].pk]
    for _time in range(2):
        with django_assert_num_queries(3):
            found = posts_in_order(numbers)
            said = [(post.title, [*map(str, post.shown_categories)], [*map(str, post.shown_tags)]) for post in found]
            assert [post.author.name for post in found] == ["Ada"] * 3
    assert [title for title, *_terms in said] == ["Three", "One", "Two"]
    for post, (_title, shelves, labels) in zip(found, said, strict=True):
        assert shelves == [*map(str, Post.objects.get(pk=post.pk).categories.all())]
        assert labels == [*map(str, Post.objects.get(pk=post.pk).tags.all())]
    assert said[1][1] == ["Air", "Town"] and len(said[1][2]) == 3
    assert posts_in_order([]) == [] and posts_in_order([10**9]) == []


def test_a_post_that_is_filed_elsewhere_says_so_when_it_is_asked_again(make_post):
    post = make_post(tags=["running"])
    attach_terms([post])
    assert [*map(str, post.shown_tags)] == ["running"]
    post.tags.clear()
    attach_terms([post])
    assert post.shown_tags == []


def test_what_stands_at_a_path_is_for_whom_it_is_for(make_post, ada, arthur, ed):
    guest = AnonymousUser()
    public, private = make_post("Public"), make_post("Private", visibility="private", author=arthur)
    trashed = make_post("Trashed")
    path = trashed.path
    trashed.trash()
    for person in (guest, ada, arthur, ed):
        assert post_at(public.path, person) == public
        assert post_at("/nowhere/", person) is None
        assert post_at(path, person) is None
    assert [post_at(private.path, person) for person in (guest, arthur)] == [None, private]
    later = make_post("Later", at=public.publish_at.replace(year=public.publish_at.year + 2))
    assert post_at(later.path, guest) is None and post_at(later.path, ada) == later
