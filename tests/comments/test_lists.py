"""Searching the piles, and deciding about everything that matches."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, Decision, Person, Report

QUEUE = "/desk/comments/"


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


@pytest.fixture
def talk(make_comment, rene):
    """One of each kind to be looked for."""
    return [
        make_comment("Marzipan.", state="pending", name="Bob", email="bob@sweets.example"),
        make_comment("Été à la mer", state="pending", name="Çağla"),
        make_comment("See https://www.spam.example/x", state="pending", name="Watches"),
        make_comment("By account", state="pending", name="R.", person=Person.objects.of_account(rene)),
        make_comment("My site", state="pending", name="Ann", url="https://ann.example/"),
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("marzi", [0]),
        ("MARZIPAN", [0]),
        ("bob", [0]),
        ("sweets.example", [0]),
        ("été", [1]),
        ("ÉTÉ", [1]),
        ("spam.example", [2]),
        ("rene@example.org", [3]),
        ("ann.example", [4]),
        ("host:ann.example", [4]),
        ("host:www.spam.example", [2]),
        ("email:BOB@sweets.example", [0]),
        ("email:bob", []),
        ("nothing like this", []),
        ("%", []),
        ("_", []),
        ("", [0, 1, 2, 3, 4]),
    ],
)
def test_a_search_looks_at_text_name_mail_host_and_identity(desk, talk, words, found):
    page = desk.get(QUEUE, {"q": words}).content.decode()
    seen = {int(pk) for pk in re.findall(r'id="comment-(\d+)"', page)}
    assert seen == {talk[n].pk for n in found}


def test_a_person_is_looked_for_by_number(desk, talk, rene):
    page = desk.get(QUEUE, {"q": f"person:{rene.commenter.pk}"}).content.decode()
    assert "By account" in page and "Marzipan" not in page
    assert desk.get(QUEUE, {"q": "person:²"}).status_code == 200


def test_the_other_piles_say_how_many_they_have_of_it(desk, make_comment):
    make_comment("marzipan", state="spam"), make_comment("almonds", state="spam")
    page = desk.get(QUEUE, {"q": "marzipan"}).content.decode()
    assert re.search(r'href="/desk/comments/spam/\?q=marzipan">Spam <span>1</span>', page)


@pytest.mark.parametrize("words", ["\x01", "'; DROP TABLE", '"<script>', "a" * 5000, "host:", "host:%", "email:\x01"])
def test_whatever_is_typed_is_looked_for_and_no_more(desk, talk, words):
    page = desk.get(QUEUE, {"q": words})
    assert page.status_code == 200 and "<script>" not in page.content.decode().replace('<script type="module"', "")


def everything(page, **more):
    """What the form of a list sends when "all that match" is ticked."""
    fields = dict(re.findall(r'type="hidden" name="(pile|q|seen)" value="([^"]*)"', page))
    assert 'name="everything"' in page
    return fields | {"everything": "on"} | more


def test_all_that_match_are_decided_about_and_undone_at_once(desk, make_comment):
    for n in range(40):
        make_comment(f"casino {n}", state="pending")
    kept = make_comment("honest", state="pending")
    page = desk.get(QUEUE, {"q": "casino"}).content.decode()
    assert "all 40 that match" in page
    answer = desk.post("/desk/comments/decide/", everything(page, all="spam"))
    assert Comment.objects.spam().count() == 40
    kept.refresh_from_db()
    assert kept.state == "pending"
    assert Decision.objects.get().count == 40
    page = desk.get(answer["Location"]).content.decode()
    assert "Marked as spam: 40 comments." in page and "q=casino" in answer["Location"]
    desk.post(re.search(r'action="(/desk/\S+/undo/)"', page)[1], {"pile": "pending"})
    assert Comment.objects.pending().count() == 41


def test_what_came_in_since_the_page_was_made_is_left_alone(desk, make_comment):
    for n in range(31):
        make_comment(f"{n}", state="pending")
    fields = everything(desk.get(QUEUE).content.decode(), all="trash")
    late = make_comment("late", state="pending")
    desk.post("/desk/comments/decide/", fields)
    assert Comment.objects.trashed().count() == 31
    late.refresh_from_db()
    assert late.state == "pending"


@pytest.mark.parametrize("seen", ["", "nonsense", "2026-01-01"])
def test_without_a_moment_nothing_is_everything(desk, make_comment, seen):
    comment = make_comment(state="pending")
    desk.post("/desk/comments/decide/", {"all": "spam", "everything": "on", "pile": "pending", "seen": seen})
    comment.refresh_from_db()
    assert comment.state == "pending"


@pytest.mark.db
def test_five_thousand_are_approved_and_undone_in_a_few_statements(ada, post, django_assert_max_num_queries):
    Comment.objects.bulk_create(
        Comment(post=post, text=f"number {n}", html="x", state="pending", name=str(n)) for n in range(5000)
    )
    with django_assert_max_num_queries(60):
        decision = Comment.objects.matching("number").approve(ada)
    assert (decision.count, Decision.objects.count()) == (5000, 1)
    post.refresh_from_db()
    assert post.comment_count == 5000
    with django_assert_max_num_queries(40):
        assert decision.undo() == 5000
    post.refresh_from_db()
    assert post.comment_count == 0


def test_mine_are_those_of_the_account_in_every_state(desk, mona, make_comment):
    me = Person.objects.of_account(mona)
    make_comment("mine one", person=me), make_comment("mine two", state="trash", person=me)
    make_comment("called the same", name="Mona", email="mona@example.org")
    page = desk.get("/desk/comments/mine/").content.decode()
    assert "mine one" in page and "mine two" in page and "called the same" not in page


def test_reported_ones_stay_public_until_somebody_has_looked(desk, post, make_comment):
    comment = make_comment("Reported words")
    Report.objects.create(comment=comment, network="a" * 32), Report.objects.create(comment=comment, network="b" * 32)
    page = desk.get("/desk/comments/reported/").content.decode()
    assert "Reported words" in page and "2 readers have reported it." in page
    answer = desk.post("/desk/comments/decide/", {"one": f"keep {comment.pk}", "pile": "reported"})
    page = desk.get(answer["Location"]).content.decode()
    assert "Reports put aside: 1 comment." in page and 'id="comment-' not in page
    comment.refresh_from_db()
    assert comment.state == "approved"
    desk.post(re.search(r'action="(/desk/\S+/undo/)"', page)[1], {"pile": "reported"})
    assert "Reported words" in desk.get("/desk/comments/reported/").content.decode()


def test_unapproving_is_one_press_and_one_undo(desk, post, make_comment):
    comment = make_comment("up")
    desk.post("/desk/comments/decide/", {"one": f"unapprove {comment.pk}", "pile": "approved"})
    comment.refresh_from_db()
    post.refresh_from_db()
    assert (comment.state, post.comment_count) == ("pending", 0)
    Decision.objects.get().undo()
    comment.refresh_from_db()
    assert comment.state == "approved"


def test_a_quick_answer_is_given_in_the_list(desk, make_comment):
    comment = make_comment("A question?", state="pending")
    page = desk.get(QUEUE).content.decode()
    assert f'formaction="/desk/comments/{comment.pk}/reply/"' in page
    fields = {f"to-{comment.pk}-text": "An answer.", "to-99-text": "", "pile": "pending"}
    answer = desk.post(f"/desk/comments/{comment.pk}/reply/", fields)
    assert answer.status_code == 302 and Comment.objects.get(parent=comment).text == "An answer."
    again = desk.post(f"/desk/comments/{comment.pk}/reply/", {f"to-{comment.pk}-text": " "})
    assert again.status_code == 422


def test_the_lists_cost_the_same_for_one_and_for_thirty(desk, make_comment, connection_queries):
    make_comment("one", state="pending", posted_at=timezone.now() - timedelta(days=1))
    few = connection_queries(lambda: desk.get(QUEUE, {"q": "o"}))
    for n in range(40):
        make_comment(f"o{n}", state="pending")
    assert connection_queries(lambda: desk.get(QUEUE, {"q": "o"})) == few <= 8
