"""The morning stack: one comment a screen, four buttons, an undo, and an end."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, Person

STACK = "/desk/comments/stack/"


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


@pytest.fixture
def waiting(make_comment):
    """Three that wait, the oldest first."""
    start = timezone.now() - timedelta(days=1)
    return [
        make_comment(f"Thought {n}.", state="pending", name=f"Ann {n}", posted_at=start + timedelta(minutes=n))
        for n in range(3)
    ]


def press(client, deed, comment):
    answer = client.post("/desk/comments/decide/", {"one": f"{deed} {comment.pk}", "then": "stack"})
    return answer["Location"], client.get(answer["Location"]).content.decode()


def test_the_oldest_is_shown_whole_with_four_buttons(desk, waiting):
    page = desk.get(STACK).content.decode()
    assert "Thought 0." in page and "Thought 1." not in page
    for deed in ("approve", "trash", "spam"):
        assert f'value="{deed} {waiting[0].pk}"' in page
    assert f'href="{STACK}?at={waiting[0].pk}&amp;reply=1#reply"' in page
    assert "1 of 3" in page


def test_each_decision_leads_to_the_next_one_with_an_undo_and_a_count(desk, waiting):
    address, page = press(desk, "approve", waiting[0])
    assert address.startswith(STACK)
    assert "Thought 1." in page and "Approved: 1 comment." in page and "1 decided, 2 left" in page
    _address, page = press(desk, "spam", waiting[1])
    assert "Thought 2." in page and "2 decided, 1 left" in page
    _address, page = press(desk, "trash", waiting[2])
    assert "Done: 3 decided, 0 left." in page and "Undo" in page
    assert [c.state for c in Comment.objects.order_by("posted_at")] == ["approved", "spam", "trash"]


def test_undo_brings_the_comment_back_into_sight(desk, waiting):
    _address, page = press(desk, "spam", waiting[1])
    undo = re.search(r'action="(/desk/comments/decisions/\d+/undo/)"', page)[1]
    page = desk.get(desk.post(undo, {"then": "stack"})["Location"]).content.decode()
    assert "Thought 1." in page and "1 comment is back." in page and "0 decided, 3 left" in page


def test_what_is_left_for_later_is_passed_by_until_the_end(desk, waiting):
    page = desk.get(STACK).content.decode()
    later = re.search(r'href="([^"]+)" rel="next"', page)[1]
    assert "Thought 1." in desk.get(later).content.decode()
    _address, page = press(desk, "approve", waiting[1])
    assert "Thought 2." in page
    _address, page = press(desk, "approve", waiting[2])
    assert "Thought 0." in page


def test_reply_and_approve_is_a_page_of_the_stack_without_a_script(desk, waiting, post):
    first = waiting[0]
    page = desk.get(f"{STACK}?at={first.pk}&reply=1").content.decode()
    assert f'action="/desk/comments/{first.pk}/reply/"' in page and 'name="text"' in page
    answer = desk.post(f"/desk/comments/{first.pk}/reply/", {"text": "Thank you.", "then": "stack"})
    page = desk.get(answer["Location"]).content.decode()
    assert "Thought 1." in page and "Approved: 1 comment." in page and "1 decided, 2 left" in page
    assert Comment.objects.get(parent=first).text == "Thank you."


def test_a_forgotten_answer_is_asked_for_and_leads_back_to_the_stack(desk, waiting):
    answer = desk.post(f"/desk/comments/{waiting[0].pk}/reply/", {"text": "", "then": "stack"})
    assert answer.status_code == 422
    assert '<input type="hidden" name="then" value="stack">' in answer.content.decode()


@pytest.mark.parametrize(
    ("earlier", "line"),
    [
        ([], "First comment of this writer"),
        (["approved", "approved"], "3rd comment, 2 approved, since"),
        (["approved", "spam"], "3rd comment, 1 approved, 1 spam, since"),
    ],
)
def test_the_writers_past_stands_in_one_line(desk, make_comment, discussion, earlier, line):
    person = Person.objects.of_browser("b" * 32)
    when = timezone.now() - timedelta(days=40)
    for n, state in enumerate(earlier):
        make_comment(f"Before {n}", state=state, person=person, posted_at=when)
    make_comment("Now", state="pending", person=person)
    make_comment("Somebody else's", state="approved", name="Ann", email="ann@example.org")
    page = desk.get(STACK).content.decode()
    assert line in page
    if earlier:
        assert f"since {timezone.localtime(when):%B}" in page


def test_why_it_waits_leads_the_owner_to_the_rule(ada, mona, as_, make_comment):
    reasons = [{"rule": "many_links_wait_for_a_look", "verdict": "pending", "why": "It holds 3 links."}]
    make_comment("See", state="pending", reasons=reasons)
    page = as_(ada).get(STACK).content.decode()
    assert "It holds 3 links." in page and 'href="/desk/settings/discussion/#id_link_limit"' in page
    assert 'id="id_link_limit"' in as_(ada).get("/desk/settings/discussion/").content.decode()
    assert "discussion/#" not in as_(mona).get(STACK).content.decode()


def test_the_stack_costs_the_same_for_one_and_for_fifty(desk, make_comment, connection_queries):
    person = Person.objects.of_browser("b" * 32)
    make_comment("one", state="pending", person=person)
    few = connection_queries(lambda: desk.get(STACK))
    for n in range(49):
        make_comment(str(n), state="pending", person=person)
    assert connection_queries(lambda: desk.get(STACK)) == few


@pytest.mark.parametrize("query", ["at=²", f"at={2**70}", "after=999999", "decided=x", "at=-1&after=0"])
def test_nonsense_shows_the_oldest(desk, waiting, query):
    page = desk.get(f"{STACK}?{query}")
    assert page.status_code == 200 and "Thought 0." in page.content.decode()


def test_an_empty_stack_says_so(desk, discussion):
    page = desk.get(STACK).content.decode()
    assert "Nothing waits for you." in page and "Done:" not in page


def test_it_is_shut_for_readers_and_guests(as_, rene, mallory, waiting):
    assert as_(rene).get(STACK).status_code == 403
    assert mallory.get(STACK).status_code == 302
