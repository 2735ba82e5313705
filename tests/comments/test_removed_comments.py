"""A removed comment keeps its place above answers that stand, and tells nothing of what it was."""

import pytest
from django.test import Client

from comments.models import Comment

pytestmark = pytest.mark.db
NOTHING = "This comment is not shown."


def page(post):
    return Client().get(post.path).content.decode()


@pytest.mark.parametrize("deed", ["mark_spam", "trash", "hold"])
def test_a_placeholder_stands_while_an_answer_does(post, make_comment, mona, deed):
    root = make_comment("Secret marzipan", name="Dora", email="dora@example.org", url="https://dora.example")
    answer = make_comment("I answer.", parent=root, name="Bob")
    getattr(root.itself, deed)(mona)
    html = page(post)
    assert NOTHING in html and f'id="comment-{root.pk}"' in html and "I answer." in html
    assert "marzipan" not in html and "Dora" not in html and "dora.example" not in html
    assert "1 Response to" in html
    answer.trash(mona)
    html = page(post)
    assert NOTHING not in html and f"comment-{root.pk}" not in html


def test_a_removed_comment_in_the_middle_keeps_its_place_too(post, make_comment, mona):
    root = make_comment("Root")
    middle = make_comment("Middle", parent=root)
    make_comment("Leaf", parent=middle)
    middle.trash(mona)
    html = page(post)
    assert html.index("Root") < html.index(NOTHING) < html.index("Leaf")


def test_what_was_never_answered_leaves_nothing(post, make_comment, mona):
    make_comment("Alone").trash(mona)
    assert NOTHING not in page(post)


def test_a_waiting_answer_shows_the_place_to_its_writer_alone(guest, post, make_comment, mona, say):
    root = make_comment("Root")
    say(guest, post, "My answer.", parent=root.pk)
    root.trash(mona)
    assert NOTHING in guest.get(post.path).content.decode()
    assert NOTHING not in page(post)


def test_pages_are_cut_by_roots_with_places_among_them(post, discussion, make_comment, mona):
    discussion.comments_per_page = 2
    discussion.save()
    roots = [make_comment(f"root {n}") for n in range(4)]
    answer = make_comment("an answer", parent=roots[2])
    roots[2].trash(mona)
    assert Client().get(f"/comments/to/{answer.pk}/")["Location"] == f"{post.path}comment-page-2/#comment-{answer.pk}"
    assert NOTHING in Client().get(f"{post.path}comment-page-2/").content.decode()


def test_places_cost_no_more_queries(post, make_comment, mona, connection_queries):
    root = make_comment("Root")
    make_comment("Leaf", parent=root)
    root.trash(mona)
    few = connection_queries(lambda: Client().get(post.path))
    for n in range(10):
        other = make_comment(f"Root {n}")
        make_comment(f"Leaf {n}", parent=other)
        other.trash(mona)
    assert connection_queries(lambda: Client().get(post.path)) == few


def test_erasing_what_is_answered_leaves_an_empty_place(post, make_comment):
    root = make_comment("Secret marzipan", name="Dora", email="dora@example.org", facts={"agent": "x"})
    middle = make_comment("Middle", parent=root, name="Mid")
    leaf = make_comment("Leaf", parent=middle)
    root.keep_text(None)
    assert Comment.objects.filter(pk__in=[root.pk, middle.pk]).erase() == 2
    root.refresh_from_db(), leaf.refresh_from_db()
    assert (root.state, root.text, root.html, root.name, root.email, root.facts) == ("gone", "", "", "", "", {})
    assert not root.revisions.exists()
    assert (leaf.parent_id, leaf.thread_id) == (middle.pk, root.pk)
    post.refresh_from_db()
    assert post.comment_count == 1 and page(post).count(NOTHING) == 2


def test_places_go_with_their_last_answer(make_comment):
    root = make_comment("Root")
    middle = make_comment("Middle", parent=root)
    leaf = make_comment("Leaf", parent=middle)
    Comment.objects.filter(pk__in=[root.pk, middle.pk]).erase()
    leaf.itself.erase()
    Comment.objects.empty_places().erase_by_parts(10)
    assert not Comment.objects.exists()
