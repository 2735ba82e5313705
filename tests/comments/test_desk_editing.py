"""The owner changes what a comment says or where it stands; both can be undone."""

import pytest
from django.test import Client

from blog import search
from comments.models import Comment, ModerationAction

pytestmark = pytest.mark.db


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


def edit(client, comment, **said):
    fields = {"text": comment.text, "name": comment.name, "email": comment.email, "url": comment.url} | said
    return client.post(f"/desk/comments/{comment.pk}/edit/", fields)


def move(client, comment, post, parent=""):
    return client.post(f"/desk/comments/{comment.pk}/move/", {"post": post, "parent": parent})


def test_an_edit_shows_at_once_and_the_former_text_is_kept(desk, mona, post, make_comment):
    comment = make_comment("My number is 555-123", email="ann@example.org")
    answer = edit(desk, comment, text="My number is **gone**", name="Ann B.")
    assert answer.status_code == 302 and "decided=" in answer["Location"]
    page = Client().get(post.path).content.decode()
    assert "<strong>gone</strong>" in page and "Ann B." in page and "555-123" not in page
    assert len(search.find("gone", mona)) == 1 and not search.find("555", mona)
    former = comment.revisions.get()
    assert (former.text, former.name, former.by) == ("My number is 555-123", "Ann", mona)
    assert "555-123" in desk.get(f"/desk/comments/{comment.pk}/edit/").content.decode()


def test_undo_puts_the_former_text_back_and_loses_neither(desk, make_comment):
    comment = make_comment("before")
    edit(desk, comment, text="after")
    assert ModerationAction.objects.get().undo() == 1
    comment.refresh_from_db()
    assert (comment.text, comment.html) == ("before", "<p>before</p>")
    assert comment.revisions.get().text == "after"


def test_an_edit_after_the_edit_is_not_undone_by_the_first_ones_undo(desk, make_comment):
    comment = make_comment("one")
    edit(desk, comment, text="two")
    comment.refresh_from_db()
    edit(desk, comment, text="three")
    assert ModerationAction.objects.last().undo() == 0
    comment.refresh_from_db()
    assert comment.text == "three"


def test_saving_the_same_is_no_decision(desk, make_comment):
    comment = make_comment("same")
    answer = edit(desk, comment)
    assert "decided=" not in answer["Location"]
    assert not ModerationAction.objects.exists() and not comment.revisions.exists()


@pytest.mark.parametrize(
    "said", [{"text": " \n"}, {"email": "nonsense"}, {"url": "javascript:alert(1)"}, {"text": "x" * 10_001}]
)
def test_a_wrong_edit_is_asked_for_again(desk, make_comment, said):
    comment = make_comment("right")
    assert edit(desk, comment, **said).status_code == 422
    comment.refresh_from_db()
    assert comment.text == "right"


def test_a_comment_moves_with_its_answers_and_the_counts_follow(desk, mona, post, make_post, make_comment):
    other = make_post("Another run")
    root = make_comment("root")
    asked = make_comment("a question", parent=root)
    answer = make_comment("an answer", parent=asked)
    assert move(desk, asked, other.get_absolute_url()).status_code == 302
    for comment in (root, asked, answer, post, other):
        comment.refresh_from_db()
    assert [(c.post, c.parent, c.thread) for c in (root, asked, answer)] == [
        (post, None, None),
        (other, None, None),
        (other, asked, asked),
    ]
    assert (post.comment_count, other.comment_count) == (1, 2)
    assert "a question" in Client().get(other.path).content.decode()
    assert Client().get(f"/comments/to/{answer.pk}/")["Location"] == f"{other.path}#comment-{answer.pk}"
    assert search.find("question", mona)[0:1][0].url.endswith(f"/comments/to/{asked.pk}/")


def test_undo_moves_the_whole_branch_back(desk, post, make_post, make_comment):
    other = make_post("Another run")
    root = make_comment("root")
    asked = make_comment("a question", parent=root)
    answer = make_comment("an answer", parent=asked)
    move(desk, asked, str(other.pk))
    assert ModerationAction.objects.get().undo() == 2
    for comment in (asked, answer, post, other):
        comment.refresh_from_db()
    assert [(c.post, c.parent, c.thread) for c in (asked, answer)] == [(post, root, root), (post, asked, root)]
    assert (post.comment_count, other.comment_count) == (3, 0)


def test_what_has_no_place_to_go_back_to_stays(desk, mona, post, make_post, make_comment):
    other = make_post("Another run")
    comment = make_comment("root")
    move(desk, comment, str(other.pk))
    decision = ModerationAction.objects.get()
    post.delete()
    answer = desk.post(f"/desk/comments/history/{decision.pk}/undo/", follow=True)
    assert answer.status_code == 200 and "nothing was undone" in answer.content.decode()
    comment.refresh_from_db()
    assert comment.post == other


def test_an_answer_that_is_sent_twice_is_one(desk, make_comment):
    comment = make_comment("A question?", state="pending")
    for _press in range(2):
        assert desk.post(f"/desk/comments/{comment.pk}/reply/", {"text": "An answer."}).status_code == 302
    assert Comment.objects.filter(text="An answer.").count() == 1


def test_nothing_is_decided_about_an_empty_place(desk, make_comment):
    root = make_comment("root")
    make_comment("an answer", parent=root)
    root.itself.erase()
    desk.post("/desk/comments/decide/", {"one": f"approve {root.pk}"})
    root.refresh_from_db()
    assert root.state == "gone"


@pytest.mark.parametrize(
    "how", ["{pk}", "#comment-{pk}", "http://localhost:8000/x/#comment-{pk}", "/comments/to/{pk}/"]
)
def test_a_comment_moves_below_another_which_says_on_which_post(desk, make_post, make_comment, how):
    other = make_post("Another run")
    there = make_comment("there", on=other)
    below = make_comment("below", on=other, parent=there)
    comment = make_comment("here")
    move(desk, comment, "nonsense is not asked", how.format(pk=below.pk))
    comment.refresh_from_db()
    assert (comment.post, comment.parent, comment.thread) == (other, below, there)


def test_a_comment_cannot_answer_itself_or_its_own_answers(desk, post, make_comment):
    root = make_comment("root")
    below = make_comment("below", parent=root)
    for parent in (root, below):
        response = move(desk, root, post.path, str(parent.pk))
        assert response.status_code == 422 and "cannot reply to itself" in response.content.decode()


@pytest.mark.parametrize(("place", "parent"), [("/nowhere/", ""), ("", ""), ("9999", ""), ("²", ""), ("/", "9999")])
def test_a_place_that_is_none_is_asked_for_again(desk, make_comment, place, parent):
    comment = make_comment("here")
    assert move(desk, comment, place, parent).status_code == 422
    assert not ModerationAction.objects.exists()


def test_a_moderator_moves_nothing_onto_a_post_that_they_cannot_see(desk, make_post, make_comment):
    secret = make_post("Secret", visibility="private")
    assert move(desk, make_comment(), str(secret.pk)).status_code == 422


def test_readers_edit_and_move_nothing_here(as_, rene, make_comment, post):
    comment, reader = make_comment("mine"), as_(rene)
    assert edit(reader, comment, text="x").status_code == 403
    assert move(reader, comment, post.path).status_code == 403
    assert Comment.objects.get().text == "mine"
