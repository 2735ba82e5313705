"""What the layout finds of all posts, by indexes: those in no list, the sticky ones, and what becomes public next."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from blog import layout
from blog.models import Post

pytestmark = pytest.mark.db
HOUR = timedelta(hours=1)


@pytest.fixture
def of_every_kind(ada):
    """Posts and pages in every state, with dates before and after now, and none."""
    now = timezone.now()
    facts = product(
        Post.Kind.values, Post.Status.values, Post.Visibility.values, [now - HOUR, now + HOUR, None], [True, False]
    )
    Post.objects.bulk_create(
        Post(kind=kind, status=status, visibility=visibility, publish_at=at, sticky=is_sticky, author=ada)
        for kind, status, visibility, at, is_sticky in facts
    )


def test_every_post_is_either_in_lists_or_not(of_every_kind):
    listed, unlisted = ({post.pk for post in found} for found in (Post.objects.listed(), Post.objects.unlisted()))
    assert listed.isdisjoint(unlisted)
    assert listed | unlisted == set(Post.objects.values_list("pk", flat=True))
    assert len(listed) == 4


def test_the_sticky_posts_are_those_in_lists(of_every_kind):
    expected = Post.objects.listed().filter(sticky=True).newest_first().values_list("pk", flat=True)
    assert layout.sticky() == tuple(expected) != ()


def test_the_next_change_is_that_of_a_post_or_a_page(ada):
    assert Post.objects.next_change() is None
    now = timezone.now()
    for kind, hours in (("page", 2), ("post", 3)):
        Post.objects.create(kind=kind, status="published", publish_at=now + hours * HOUR, author=ada)
    assert Post.objects.next_change() == now + 2 * HOUR
