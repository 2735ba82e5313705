"""What I and the machine did, each with its undo."""

import re

import pytest

from comments.models import Comment, DiscussionSettings, ModerationAction

LIST = "/desk/comments/history/"


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


def test_what_was_decided_by_hand_by_rule_and_by_email_stands_in_one_list(desk, mona, guest, post, say, make_comment):
    DiscussionSettings.objects.update(disallowed_keys="casino")
    DiscussionSettings.add_key("disallowed_keys", "poker")
    say(guest, post, "Come and play poker.")
    make_comment("By hand", state="pending").mark_spam(mona)
    page = desk.get(LIST).content.decode()
    assert "Marked as spam" in page and "Mona" in page and "By hand" in page
    assert "Moved to the trash" in page and "by the rules" in page and "poker" in page
    assert "By hand" not in desk.get(LIST, {"by": "rules"}).content.decode()
    assert "poker" not in desk.get(LIST, {"by": "me"}).content.decode()


def test_a_rules_decision_is_undone_like_any_other(desk, guest, post, say):
    DiscussionSettings.add_key("disallowed_keys", "poker")
    say(guest, post, "Come and play poker.")
    page = desk.get(LIST).content.decode()
    undo = re.search(r'action="(/desk/comments/history/\d+/undo/)"', page)[1]
    answer = desk.post(undo, {"then": "history"})
    assert answer["Location"] == f"{LIST}#decision-{ModerationAction.objects.get().pk}"
    assert Comment.objects.get().state == "pending"
    page = desk.get(LIST).content.decode()
    assert "Undone" in page and undo not in page


def test_a_comment_that_waits_is_no_decision(guest, post, say):
    say(guest, post)
    assert Comment.objects.get().state == "pending" and not ModerationAction.objects.exists()


def test_undoing_what_was_changed_since_changes_nothing_and_says_so(desk, mona, make_comment):
    comment = make_comment(state="pending")
    decision = comment.mark_spam(mona)
    comment.trash(mona)
    page = desk.get(desk.post(f"{LIST}{decision.pk}/undo/", {"then": "history"})["Location"]).content.decode()
    assert "nothing was undone" in page
    comment.refresh_from_db()
    assert comment.state == "trash"


def test_the_list_costs_the_same_for_one_and_for_thirty(desk, mona, make_comment, connection_queries):
    make_comment(state="pending").mark_spam(mona)
    few = connection_queries(lambda: desk.get(LIST))
    for n in range(40):
        make_comment(str(n), state="pending").mark_spam(mona)
    assert connection_queries(lambda: desk.get(LIST)) <= few + 1  # the pages are counted


def test_it_is_shut_for_readers(as_, rene, discussion):
    assert as_(rene).get(LIST).status_code == 403


def test_an_empty_list_says_what_will_be_there(desk, discussion):
    assert 'class="empty"' in desk.get(LIST).content.decode()
