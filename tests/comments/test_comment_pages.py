"""A post with a thousand comments: pages of threads, permalinks that find theirs, one order, few queries."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Comment
from comments.models.queryset import recount
from tests.markup import squeeze

pytestmark = pytest.mark.db


@pytest.fixture
def thousand(post, discussion):
    """Two hundred threads of five, all of one moment: the number alone tells them apart."""
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(post=post, text=f"root {n}", html=f"<p>root {n}</p>", state="approved", name="Ann", posted_at=now)
        for n in range(200)
    )
    roots = list(Comment.objects.order_by("pk"))
    Comment.objects.bulk_create(
        Comment(post=post, parent=root, thread=root, text="x", html="<p>answer</p>", state="approved", name="Bob",
                posted_at=now)
        for root in roots
        for _ in range(4)
    )  # fmt: skip
    recount([post.pk])
    return roots


def on_page(path):
    return [int(pk) for pk in re.findall(r'id="comment-(\d+)"', squeeze(Client().get(path).content))]


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_every_comment_stands_on_exactly_one_page_and_its_permalink_finds_it(post, discussion, thousand, order):
    discussion.order, discussion.comments_per_page = order, 50
    discussion.save()
    pages = [on_page(post.path)] + [on_page(f"{post.path}comment-page-{n}/") for n in (2, 3, 4)]
    assert [len(page) for page in pages] == [250] * 4
    assert len({pk for page in pages for pk in page}) == 1000
    shown = [root.pk for root in thousand] if order == "oldest" else [root.pk for root in reversed(thousand)]
    assert [pk for page in pages for pk in page if pk in set(shown)] == shown
    for number, page in enumerate(pages, 1):
        for pk in (page[0], page[-1]):
            place = f"{post.path}#" if number == 1 else f"{post.path}comment-page-{number}/#"
            assert Client().get(f"/comments/to/{pk}/")["Location"] == f"{place}comment-{pk}"
    assert Client().get(f"{post.path}comment-page-5/").status_code == 404


def test_a_thousand_cost_no_more_queries_than_one(post, thousand, connection_queries):
    many = connection_queries(lambda: Client().get(post.path))
    Comment.objects.exclude(pk=thousand[0].pk).delete()
    assert connection_queries(lambda: Client().get(post.path)) == many
