"""The review: one comment a screen, four buttons, an undo, and an end."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, ModerationAction, Person
from comments.templatetags.moderation import other_language
from tests.markup import squeeze

STACK = "/desk/comments/review/"


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
    answer = client.post("/desk/comments/decide/", {"one": f"{deed} {comment.pk}", "then": "review"})
    return answer["Location"], client.get(answer["Location"]).content.decode()


def test_the_oldest_is_shown_whole_with_four_buttons(desk, waiting):
    page = desk.get(STACK).content.decode()
    assert "Thought 0." in page and "Thought 1." not in page
    for deed in ("approve", "trash", "spam"):
        assert f'value="{deed} {waiting[0].pk}"' in page
    assert f'href="{STACK}?at={waiting[0].pk}&amp;reply=1"' in page
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
    undo = re.search(r'action="(/desk/comments/history/\d+/undo/)"', page)[1]
    page = desk.get(desk.post(undo, {"then": "review"})["Location"]).content.decode()
    assert "Thought 1." in page and "1 comment was restored." in page and "0 decided, 3 left" in page


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
    assert f'action="/desk/comments/{first.pk}/reply/"' in page
    assert re.search(r'<textarea name="text"[^>]* autofocus', squeeze(page))
    assert re.search(r'<form class="review__actions" id="actions"[^>]* hidden>', squeeze(page))
    answer = desk.post(f"/desk/comments/{first.pk}/reply/", {"text": "Thank you.", "then": "review"})
    page = desk.get(answer["Location"]).content.decode()
    assert "Thought 1." in page and "Approved: 1 comment." in page and "1 decided, 2 left" in page
    assert Comment.objects.get(parent=first).text == "Thank you."


@pytest.mark.parametrize("then", ["review", "", "history"])
@pytest.mark.parametrize("state", ["pending", "approved"])
def test_undo_takes_an_answer_along_and_gives_its_text_back(desk, rene, as_, make_comment, post, then, state):
    comment = make_comment("A question?", state=state)
    address = desk.post(f"/desk/comments/{comment.pk}/reply/", {"text": "Yes & no.", "then": then})["Location"]
    answer, decision = Comment.objects.get(parent=comment), ModerationAction.objects.get()
    if then != "history":
        assert f"/desk/comments/history/{decision.pk}/undo/" in desk.get(address).content.decode()
    back = desk.post(f"/desk/comments/history/{decision.pk}/undo/", {"then": then})["Location"]
    comment.refresh_from_db(), answer.refresh_from_db(), post.refresh_from_db()
    assert (comment.state, answer.state) == (state, "trash")
    assert post.comment_count == (1 if state == "approved" else 0)
    page = desk.get(back).content.decode()
    assert re.search(r"<textarea[^>]*>\s*Yes &amp; no.</textarea>", page) and "its text is in the box again" in page
    assert ("review__reply" in page) == (then == "review" and state == "pending")
    desk.post(f"/desk/comments/{comment.pk}/reply/", {"text": "Yes & no.", "then": then})
    assert Comment.objects.approved().filter(parent=comment).count() == 1


def test_an_answer_is_given_back_to_its_writer_alone(desk, ada, as_, waiting):
    desk.post(f"/desk/comments/{waiting[0].pk}/reply/", {"text": "Between us.", "then": "review"})
    other, answer = as_(ada), Comment.objects.get(parent=waiting[0])
    page = other.post(f"/desk/comments/history/{ModerationAction.objects.get().pk}/undo/", {"then": "review"})[
        "Location"
    ]
    assert "reply" not in page and Comment.objects.trashed().get() == answer
    for who, number in [(other, answer.pk), (desk, "²"), (desk, 2**70), (desk, waiting[1].pk)]:
        page = who.get(f"{STACK}?at={waiting[0].pk}&reply=1&again={number}")
        assert page.status_code == 200 and "Between us." not in page.content.decode()


def test_the_answer_is_folded_away_until_it_is_asked_for(desk, waiting):
    page = desk.get(STACK).content.decode()
    assert re.search(r'<form class="review__reply" id="reply"[^>]* hidden>', squeeze(page)) and "autofocus" not in page


def test_a_forgotten_answer_is_asked_for_and_leads_back_to_the_stack(desk, waiting):
    answer = desk.post(f"/desk/comments/{waiting[0].pk}/reply/", {"text": "", "then": "review"})
    assert answer.status_code == 422
    assert '<input type="hidden" name="then" value="review">' in answer.content.decode()


@pytest.mark.parametrize(("state", "leads"), [("approved", True), ("spam", False), ("pending", False)])
def test_a_reply_is_judged_with_what_it_answers(desk, make_comment, post, state, leads):
    parent = make_comment("Water is <b>wet</b>.", name="Bob", state=state, posted_at=timezone.now())
    make_comment("Yes.", state="pending", parent=parent, posted_at=timezone.now() - timedelta(days=1))
    page = desk.get(STACK).content.decode()
    assert "<bdi>Bob</bdi> wrote:" in page and "Water is &lt;b&gt;wet&lt;/b&gt;." in page
    assert (f'href="{parent.get_absolute_url()}"' in page) == leads
    assert (f'href="{post.get_absolute_url()}#comments"' in page) != leads


def test_links_open_beside_the_review(desk, make_comment):
    make_comment('[a](https://a.example "<a b") and https://b.example', state="pending", url="https://ann.example/")
    page = desk.get(STACK).content.decode()
    for address in ("https://a.example", "https://b.example", "https://ann.example/"):
        assert re.search(rf'<a (target="_blank" )?href="{address}"[^>]*', squeeze(page))
        assert "_blank" in re.search(rf'<a [^>]*href="{address}"[^>]*>', squeeze(page))[0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich laufe und das ist nicht leicht, aber es ist auch schön mit dem Hund.", "German"),
        ("Спасибо за рассказ, очень интересно.", "Cyrillic script"),
        ("ありがとうございます、とても面白かったです。", "Japanese"),
        ("慢慢跑很好，但是最后一公里最难。", "Chinese"),
        ("It is the first mile that is a liar, and you know this.", ""),
    ],
)
def test_another_language_is_named(desk, make_comment, text, language):
    comment = make_comment(text, state="pending")
    assert other_language(comment) == language
    assert not language or f'<span class="state">{language}</span>' in desk.get(STACK).content.decode()


def test_what_the_writer_said_before_is_one_press_away(desk, make_comment):
    person = Person.objects.of_browser("b" * 32)
    make_comment("My cheap watches.", state="spam", person=person)
    make_comment("Now this.", state="pending", person=person)
    page = desk.get(STACK).content.decode()
    before = re.search(r'<details class="desk-comment__history">.*?</details>', squeeze(page), re.S)[0]
    assert "My cheap watches." in before and "Spam" in before and "Now this." not in before
    assert "<summary>2nd comment, 0 approved, 1 spam" in before


def test_what_else_a_writer_said_has_a_name_where_a_reason_says_that_it_is_their_first(desk, make_comment):
    person = Person.objects.of_browser("b" * 32)
    first = [{"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first comment by this commenter."}]
    comment = make_comment("Now this.", state="pending", person=person, reasons=first)
    make_comment("And that.", state="pending", person=person)
    page = desk.get(STACK, {"at": comment.pk}).content.decode()
    assert "<summary>Other comments by this commenter</summary>" in page


@pytest.mark.parametrize(
    ("earlier", "line"),
    [
        ([], "First comment by this commenter"),
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
    reasons = [{"rule": "hold_many_links", "verdict": "pending", "why": "It contains 3 links."}]
    make_comment("See", state="pending", reasons=reasons)
    page = as_(ada).get(STACK).content.decode()
    assert "It contains 3 links." in page and 'href="/desk/settings/discussion/#id_link_limit"' in page
    assert 'id="id_link_limit"' in as_(ada).get("/desk/settings/discussion/").content.decode()
    assert "discussion/#" not in as_(mona).get(STACK).content.decode()


def test_the_stack_costs_the_same_for_one_and_for_fifty(desk, make_comment, connection_queries):
    person = Person.objects.of_browser("b" * 32)
    make_comment("one", state="pending", person=person)
    few = connection_queries(lambda: desk.get(STACK))
    for n in range(49):
        make_comment(str(n), state="pending", person=person)
    assert connection_queries(lambda: desk.get(STACK)) == few


@pytest.mark.parametrize("address", [STACK, "/desk/comments/"])
def test_who_else_reviews_is_named_while_they_do(desk, ada, as_, waiting, monkeypatch, address):
    other = as_(ada)
    assert "Reviewing too" not in desk.get(address).content.decode()
    assert "Reviewing too: <bdi>Mona</bdi>" in other.get(STACK).content.decode()
    assert "Reviewing too: <bdi>Ada</bdi>" in desk.get(address).content.decode()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 121)
    assert "Reviewing too" not in desk.get(address).content.decode()


@pytest.mark.parametrize("query", ["at=²", f"at={2**70}", "after=999999", "decided=x", "at=-1&after=0"])
def test_nonsense_shows_the_oldest(desk, waiting, query):
    page = desk.get(f"{STACK}?{query}")
    assert page.status_code == 200 and "Thought 0." in page.content.decode()


def test_an_empty_stack_says_so(desk, discussion):
    page = desk.get(STACK).content.decode()
    assert "Nothing to moderate." in page and "Done:" not in page


def test_it_is_shut_for_readers_and_guests(as_, rene, mallory, waiting):
    assert as_(rene).get(STACK).status_code == 403
    assert mallory.get(STACK).status_code == 302
