import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.desk import filters
from comments.models import Comment, ModerationAction, Report

HERE = {"origin": "http://localhost:8000"}


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


def press(client, **fields):
    return client.post("/desk/comments/decide/", fields)


def test_the_way_from_a_guests_comment_to_the_readers_page(desk, guest, post, say):
    say(guest, post, "Run slowly.")
    queue = desk.get("/desk/comments/").content.decode()
    assert "Run slowly." in queue and "It is the first comment by this commenter." in queue
    comment = Comment.objects.get()
    response = press(desk, one=f"approve {comment.pk}", status="pending")
    assert response.status_code == 302
    following = desk.get(response["Location"]).content.decode()
    assert "Approved: 1 comment." in following and "Undo" in following
    assert "Run slowly." in Client().get(post.path).content.decode()


@pytest.mark.parametrize(
    ("state", "deed", "after"),
    [
        ("pending", "approve", "approved"),
        ("pending", "spam", "spam"),
        ("pending", "trash", "trash"),
        ("approved", "spam", "spam"),
        ("approved", "trash", "trash"),
        ("spam", "approve", "approved"),
        ("spam", "restore", "pending"),
        ("trash", "restore", "pending"),
    ],
)
def test_each_button_does_what_it_says(desk, mona, make_comment, state, deed, after):
    comment = make_comment(state=state)
    page = desk.get(f"/desk/comments/{'' if state == 'pending' else state + '/'}").content.decode()
    assert f'value="{deed} {comment.pk}"' in page
    press(desk, one=f"{deed} {comment.pk}", status=state)
    comment.refresh_from_db()
    assert comment.state == after
    assert ModerationAction.objects.get().by == mona


def test_many_are_decided_about_and_undone_at_once(desk, make_comment):
    comments = [make_comment(str(n), state="pending") for n in range(5)]
    response = press(desk, all="spam", comment=[c.pk for c in comments[:3]], status="pending")
    assert Comment.objects.spam().count() == 3
    page = desk.get(response["Location"]).content.decode()
    undo = re.search(r'action="(/desk/comments/history/\d+/undo/)"', page)[1]
    back = desk.post(undo, {"status": "pending"})
    assert Comment.objects.pending().count() == 5
    assert "3 comments were restored." in desk.get(back["Location"]).content.decode()


def test_buttons_that_change_nothing_say_so(desk, make_comment):
    comment = make_comment()
    for fields, words in [
        ({"all": "spam"}, "No comment was selected"),
        ({"one": f"approve {comment.pk}"}, "already moderated"),
    ]:
        assert words in desk.get(press(desk, **fields)["Location"]).content.decode()


def test_each_pile_shows_its_own_with_counts(desk, make_comment):
    for state, number in [("pending", 1), ("approved", 2), ("spam", 3), ("trash", 4)]:
        for n in range(number):
            make_comment(f"{state} {n}", state=state)
    page = desk.get("/desk/comments/spam/").content.decode()
    assert "spam 2" in page and "trash 0" not in page
    assert [int(n) for n in re.findall(r"<span>(\d+)</span></a></li>", page)] == [1, 2, 3, 4, 0, 0]


@pytest.mark.db
def test_a_long_pile_is_counted_where_it_is_shown(desk, make_comment, monkeypatch):
    for state, number in [("pending", 4), ("approved", 2), ("spam", 3), ("trash", 1)]:
        for n in range(number):
            make_comment(f"{state} {n}", state=state)
    monkeypatch.setattr(filters, "COUNTED", 2)
    assert filters.status_counts(Comment.objects.first().post.author, "", "pending") == {
        "pending": 4, "approved": 2, "spam": 3, "trash": 1, "gone": 0, "mine": 0, "reported": 0,
    }  # fmt: skip
    page = desk.get("/desk/comments/").content.decode()
    assert [int(n) for n in re.findall(r"<span>(\d+)</span></a></li>", page)] == [4, 2, 3, 1, 0, 0]


@pytest.mark.db
def test_reported_comments_are_counted_once_and_only_if_they_are_public(desk, make_comment):
    for state in ("approved", "approved", "spam"):
        comment = make_comment(f"a {state} comment", state=state)
        for network in ("one", "two"):
            Report.objects.create(comment=comment, network=network)
    Report.objects.filter(comment=Comment.objects.approved().first()).update(resolved_at=timezone.now())
    assert Comment.objects.count_reported() == Comment.objects.reported().count() == 1


@pytest.mark.parametrize("status", ["", "approved/", "spam/", "trash/"])
def test_an_empty_pile_says_so(desk, discussion, status):
    assert 'class="empty"' in desk.get(f"/desk/comments/{status}").content.decode()


def test_the_list_is_cut_into_pages(desk, make_comment):
    for n in range(31):
        make_comment(f"number {n:02}", state="pending")
    assert "number 00" in desk.get("/desk/comments/").content.decode()
    assert "number 30" in desk.get("/desk/comments/?page=2").content.decode()
    assert desk.get("/desk/comments/?page=nonsense").status_code == 200


def test_the_queue_costs_the_same_for_one_and_for_thirty(desk, make_comment, connection_queries):
    root = make_comment("root", state="approved")
    make_comment("one", state="pending", parent=root)
    few = connection_queries(lambda: desk.get("/desk/comments/"))
    for n in range(40):
        make_comment(str(n), state="pending", parent=root)
    many = connection_queries(lambda: desk.get("/desk/comments/"))
    assert few == many <= 8


def test_an_answer_from_the_desk_approves_what_it_answers(desk, mona, post, make_comment):
    comment = make_comment("A question?", state="pending")
    page = desk.get(f"/desk/comments/{comment.pk}/reply/")
    assert "A question?" in page.content.decode()
    response = desk.post(f"/desk/comments/{comment.pk}/reply/", {"text": "An answer."})
    assert response.status_code == 302 and "decided=" in response["Location"]
    answer = Comment.objects.get(parent=comment)
    assert (answer.state, answer.name, answer.thread_id) == ("approved", "Mona", comment.pk)
    post.refresh_from_db()
    assert post.comment_count == 2


def test_an_empty_answer_is_asked_for_again(desk, make_comment):
    response = desk.post(f"/desk/comments/{make_comment().pk}/reply/", {"text": " \n"})
    assert response.status_code == 422 and "Please type your reply." in response.content.decode()


@pytest.mark.parametrize("who", ["rene", "cora"])
def test_the_queue_is_shut_for_those_who_may_not_moderate(request, as_, who, make_comment):
    client = as_(request.getfixturevalue(who))
    comment = make_comment(state="pending")
    decision = comment.mark_spam(None)
    assert client.get("/desk/comments/").status_code == 403
    assert press(client, one=f"approve {comment.pk}").status_code == 403
    assert client.post(f"/desk/comments/history/{decision.pk}/undo/").status_code == 403
    assert client.get(f"/desk/comments/{comment.pk}/reply/").status_code == 403
    comment.refresh_from_db()
    assert comment.state == "spam"


def test_a_guest_is_sent_to_log_in_and_decides_nothing(mallory, make_comment):
    comment = make_comment(state="pending")
    assert mallory.get("/desk/comments/").status_code == 302
    press(mallory, one=f"approve {comment.pk}")
    comment.refresh_from_db()
    assert comment.state == "pending"


def test_the_desk_keeps_its_token(mona, make_comment):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona, backend="allauth.account.auth_backends.AuthenticationBackend")
    comment = make_comment(state="pending")
    for address in [
        "/desk/comments/decide/",
        f"/desk/comments/{comment.pk}/reply/",
        "/desk/comments/history/1/undo/",
    ]:
        assert client.post(address, {"one": f"approve {comment.pk}", "text": "x"}).status_code == 403
    comment.refresh_from_db()
    assert comment.state == "pending"


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"one": "explode 1"},
        {"one": "approve x"},
        {"one": f"approve {2**70}"},
        {"all": "spam", "comment": ["²", "-1"]},
    ],
)
def test_nonsense_decides_nothing(desk, make_comment, nonsense):
    comment = make_comment(state="pending")
    assert press(desk, **nonsense).status_code == 302
    comment.refresh_from_db()
    assert comment.state == "pending"


@pytest.mark.parametrize(
    "address", ["/desk/comments/?decided=²", f"/desk/comments/?decided={2**70}", "/desk/comments/?decided=7"]
)
def test_a_decision_that_is_none_is_not_shown(desk, discussion, address):
    response = desk.get(address)
    assert response.status_code == 200 and 'class="undo"' not in response.content.decode()


def test_get_changes_nothing(desk, make_comment):
    comment = make_comment(state="pending")
    desk.get("/desk/comments/")
    assert desk.get("/desk/comments/decide/").status_code == 405
    comment.refresh_from_db()
    assert comment.state == "pending"


def test_hostile_words_are_harmless_at_the_desk(desk, make_comment):
    make_comment(
        "<script>alert(1)</script>", state="pending", name='"><script>x</script>', reasons=[{"why": "<b>why</b>"}]
    )
    page = desk.get("/desk/comments/").content.decode()
    assert "<script>alert" not in page and "<script>x" not in page and "<b>why" not in page


def test_the_settings_are_the_owners_and_count_at_once(ada, mona, as_, discussion, guest, post, say):
    assert as_(mona).get("/desk/settings/discussion/").status_code == 403
    owner = as_(ada)
    page = owner.get("/desk/settings/discussion/").content.decode()
    assert "close comments on posts older" in page.lower()
    form = {
        "link_limit": 3, "moderation_keys": "casino", "disallowed_keys": "", "close_after_days": 0, "thread_depth": 5,
        "comments_per_page": 50, "order": "oldest", "require_name_email": "on",
    }  # fmt: skip
    assert owner.post("/desk/settings/discussion/", form).status_code == 302
    discussion.refresh_from_db()
    assert (discussion.link_limit, discussion.moderation_keys, discussion.previously_approved) == (3, "casino", False)
    say(guest, post, "Come to the CASINO")
    assert Comment.objects.get().reasons[0]["rule"] == "hold_moderation_words"
    assert owner.post("/desk/settings/discussion/", form | {"thread_depth": 99}).status_code == 422


def test_the_approved_ones_are_counted_exactly_and_once_after_each_change(
    desk, mona, make_comment, make_post, settled, monkeypatch
):
    monkeypatch.setattr(filters, "COUNTED", 2)
    comments = [make_comment(f"number {n}") for n in range(5)]
    elsewhere = make_post("Elsewhere")
    make_comment("number 6", on=elsewhere)

    def shown():
        settled()
        return desk.get("/desk/comments/approved/").context["count"]

    assert shown() == 6
    with CaptureQueriesContext(connection) as asked:
        desk.get("/desk/comments/approved/")
    assert not [each for each in asked if 'COUNT(*) AS "__count" FROM "comments_comment" WHERE' in each["sql"]]
    comments[0].trash(mona)
    assert shown() == 5
    elsewhere.delete()
    assert shown() == 4
