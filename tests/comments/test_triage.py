"""What waits, in the order that helps: questions first, the rest by post; spam and first comments many at once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, ModerationAction, Person
from comments.moderation import triage
from tests.markup import squeeze

STACK, SPAM, FIRST = "/desk/comments/review/", "/desk/comments/likely-spam/", "/desk/comments/first/"
NEW = [{"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first comment by this commenter."}]
ALL = [{"rule": "hold_every_comment", "verdict": "pending", "why": "Every comment must be manually approved."}]
FAST = [{"rule": "hold_fast_comments", "verdict": "pending", "why": "It was written in 0.5 seconds."}]
HOST = [{"rule": "spam_by_known_traces", "verdict": "pending", "why": "You marked 3 as spam."}]


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


@pytest.fixture
def wait(make_comment):
    """`wait("text", minutes=3, score=0.99)` is a comment that waits, and came three minutes after the first."""
    start = timezone.now() - timedelta(days=1)

    def come(text, minutes=0, score=0.1, **facts):
        posted_at = start + timedelta(minutes=minutes)
        return make_comment(text, state="pending", posted_at=posted_at, **{"facts": {"score": score}} | facts)

    return come


def texts(comments):
    return [comment.text for comment in comments]


@pytest.mark.db
@pytest.mark.parametrize(
    ("text", "facts", "need"),
    [
        ("Which shoes do you wear?", {}, triage.ASKS),
        ("What is this? I wonder.", {}, triage.ASKS),
        ("どの靴を履いていますか？良いですね", {}, triage.ASKS),
        ("ما هذا؟ جميل", {}, triage.ASKS),
        ("See https://maps.example/?q=1 for it.", {}, triage.TALKS),
        ("> Which shoes?\n\nThose of my brother.", {}, triage.TALKS),
        ("Lovely.", {"facts": {}}, triage.TALKS),
        ("Cheap pills?", {"score": 0.99}, triage.SPAM),
        ("Again here", {"reasons": HOST}, triage.SPAM),
        ("Cheap pills", {"score": 0.97}, triage.TALKS),
        ("Cheap pills?", {"facts": {"score": 0.99, "left_out": True}}, triage.TALKS),
    ],
)
def test_what_a_comment_needs(wait, text, facts, need):
    wait(text, **facts)
    assert triage.waiting().get().need == need


@pytest.mark.db
def test_a_question_to_another_reader_is_none_to_the_author(wait, ada, make_comment):
    theirs, authors = make_comment("Fine."), make_comment("Mine.", person=Person.objects.of_account(ada))
    wait("Are you Bob?", parent=theirs), wait("Are you Ada?", parent=authors)
    assert {comment.text: comment.need for comment in triage.waiting()} == {
        "Are you Bob?": triage.TALKS,
        "Are you Ada?": triage.ASKS,
    }


@pytest.mark.db
def test_the_review_asks_questions_first_and_keeps_posts_together(desk, wait, make_post):
    other = make_post(title="Another run", slug="another-run")
    wait("Pills", 0, score=0.99), wait("one here", 1), wait("one there", 2, on=other)
    wait("two here", 3), wait("Who is there?", 4, on=other), wait("two there", 5, on=other), wait("Who is here?", 6)
    expected = ["Who is there?", "Who is here?", "one there", "two there", "one here", "two here", "Pills"]
    assert texts(triage.waiting()) == expected
    seen, address = [], STACK
    while address:
        page = desk.get(address).content.decode()
        seen += [text for text in expected if f"<p>{text}</p>" in page]
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        back = re.search(r'href="([^"]+)" rel="prev"', page)
        if back:
            assert f"<p>{seen[-2]}</p>" in desk.get(back[1]).content.decode()
        address = onward and onward[1]
    assert seen == expected


def form_of(page):
    fields = re.findall(r'type="hidden" name="(shown|saw)" value="([^"]*)"', squeeze(page))
    ticked = re.findall(r'name="comment" value="(\d+)" checked', squeeze(page))
    return {
        "shown": [value for name, value in fields if name == "shown"],
        "saw": [value for name, value in fields if name == "saw"],
        "comment": ticked,
    }


@pytest.mark.db
def test_of_very_many_the_oldest_are_put_in_order(desk, wait, monkeypatch):
    monkeypatch.setattr(triage, "OLDEST", 3)
    some = [wait("A remark", 1), wait("Is it so?", 2), wait("Pills", 3, score=0.99), wait("What is next?", 4)]
    assert texts(triage.waiting()) == ["Is it so?", "A remark", "Pills"]
    assert triage.counts() == {"number": 4, "later": 0, "spam": 1, "asking": 1, "of": 3}
    said = " ".join(re.sub(r"<[^>]+>", "", desk.get("/desk/").content.decode()).split())
    assert "4 comments are waiting; of the oldest 3: 1 looks like spam, 1 asks a question" in said
    assert "1 of 4" in desk.get(STACK).content.decode()
    some[1].approve(None)
    assert texts(triage.waiting()) == ["What is next?", "A remark", "Pills"]
    assert triage.counts() == {"number": 3, "later": 0, "spam": 1, "asking": 1, "of": 0}


@pytest.mark.parametrize(("do", "state"), [("spam", "spam"), ("trash", "trash")])
def test_likely_spam_is_one_page_of_lines_with_exceptions(desk, wait, do, state):
    junk = [wait(f"Pills {n}", n, score=0.99) for n in range(5)]
    wait("An honest word", 9)
    page = desk.get(SPAM).content.decode()
    sent = form_of(page)
    assert sent["comment"] == [str(comment.pk) for comment in junk] and "An honest word" not in page
    sent["comment"].remove(str(junk[2].pk))
    page = desk.get(desk.post(SPAM, sent | {"do": do})["Location"]).content.decode()
    assert Comment.objects.filter(state=state).count() == 4 and "4 comments." in page and "Undo" in page
    assert not form_of(page)["comment"], "the exception does not come here a second time"
    assert "Pills 2" in texts(triage.waiting()) and triage.counts()["spam"] == 0
    ModerationAction.objects.get().undo()
    assert Comment.objects.pending().count() == 6


def test_what_came_or_changed_since_is_not_decided_about(desk, wait, ada):
    junk = [wait(f"Pills {n}", n, score=0.99) for n in range(3)]
    sent = form_of(desk.get(SPAM).content.decode())
    late = wait("Pills, late", score=0.99)
    Comment.objects.filter(pk=junk[0].pk).update(text="I am sorry, what I meant is this.")
    junk[1].approve(ada)
    desk.post(SPAM, sent | {"do": "spam", "comment": [*sent["comment"], late.pk]})
    assert texts(Comment.objects.spam()) == ["Pills 2"]


@pytest.mark.db
@pytest.mark.parametrize(
    ("text", "facts", "listed"),
    [
        ("We ran there too.", {"reasons": NEW}, True),
        ("We ran there too.", {"reasons": ALL + NEW}, True),
        ("Where is it?", {"reasons": NEW}, True),
        ("We ran there too.", {"reasons": FAST + NEW}, False),
        ("We ran there too.", {"reasons": ALL}, False),
        ("We ran there too.", {"reasons": []}, False),
        ("Look at https://maps.example/", {"reasons": NEW}, False),
        ("We ran there too.", {"reasons": NEW, "score": 0.99}, False),
    ],
)
def test_a_first_comment_looks_honest_while_nothing_speaks_against_it(wait, text, facts, listed):
    wait(text, **facts)
    assert triage.honest_first_comments().exists() == listed


@pytest.mark.db
def test_ten_first_comments_are_approved_but_the_odd_ones(desk, wait):
    some = [wait(f"We ran there, {n}.", n, reasons=NEW) for n in range(12)]
    page = desk.get(FIRST).content.decode()
    sent = form_of(page)
    assert sent["shown"] == [str(comment.pk) for comment in some[:10]] and not sent["comment"]
    assert "2 more come next." in page
    words = re.search(r'<label class="select-comment">(.*?)</label>', squeeze(page))[1]
    assert re.sub(r"<[^>]+>", "", words).strip() == "Keep in the queue: the comment by Ann"
    page = desk.get(desk.post(FIRST, sent | {"do": "approve", "comment": [some[3].pk]})["Location"]).content.decode()
    assert Comment.objects.approved().count() == 9 and "Approved: 9 comments." in page
    assert form_of(page)["shown"] == [str(comment.pk) for comment in some[10:]]
    assert texts(triage.waiting())[0] == "We ran there, 3."


@pytest.mark.parametrize("page", [SPAM, FIRST])
@pytest.mark.parametrize("sent", [{}, {"shown": ["x", "9" * 30]}, {"comment": "7", "do": "\x01"}, {"shown": "0"}])
def test_nonsense_decides_nothing(desk, wait, page, sent):
    wait("Pills", score=0.99), wait("We ran there.", reasons=NEW)
    assert desk.post(page, sent).status_code == 302
    assert Comment.objects.pending().count() == 2 and not ModerationAction.objects.exists()


@pytest.mark.db
def test_later_means_tomorrow_and_can_be_undone(desk, wait, monkeypatch):
    first, second = wait("one", 1), wait("two", 2)
    address = desk.post("/desk/comments/decide/", {"one": f"later {first.pk}", "then": "review"})["Location"]
    page = desk.get(address).content.decode()
    assert "<p>two</p>" in page and "Postponed until tomorrow: 1 comment." in page and "1 of 1" in page
    assert "one" in desk.get("/desk/comments/").content.decode(), "the lists show it still"
    until = Comment.objects.get(pk=first.pk).later_until
    assert timedelta(hours=4) < until - timezone.now() < timedelta(hours=30)
    assert texts(triage.waiting()) == ["two"]
    ModerationAction.objects.get().undo()
    assert texts(triage.waiting()) == ["one", "two"]
    desk.post("/desk/comments/decide/", {"one": f"later {first.pk}", "then": "review"})
    second.trash(None)
    assert "1 is postponed until tomorrow; nothing else to review." in desk.get(STACK).content.decode()
    Comment.objects.update(later_until=timezone.now() - timedelta(minutes=1))
    assert texts(triage.waiting()) == ["one"]


@pytest.mark.db
def test_the_first_line_of_the_desk_says_what_the_waiting_ones_need(desk, wait):
    assert "No comments are waiting" in desk.get("/desk/").content.decode()
    for n in range(3):
        wait(f"Pills {n}", score=0.99)
    wait("Who is there?"), wait("Lovely."), wait("Later.", later_until=timezone.now() + timedelta(hours=9))
    line = re.search(r'<p class="pending-counts">.*?</p>', desk.get("/desk/").content.decode(), re.DOTALL)[0]
    words = " ".join(re.sub(r"<[^>]+>", "", line).split())
    assert (
        words == "6 comments are waiting: 3 look like spam, 1 asks a question, 1 is postponed until tomorrow Review →"
    )
    assert f'href="{SPAM}"' in line and f'href="{STACK}"' in line


@pytest.mark.parametrize(("trust", "state", "deed"), [("friend", "approved", "approve"), ("blocked", "spam", "spam")])
def test_friend_and_block_decide_the_comment_come_back_and_offer_the_others(desk, wait, trust, state, deed):
    person = Person.objects.of_browser("b" * 32)
    mine = [wait(f"mine {n}", n, person=person) for n in range(4)]
    wait("another", 9)
    page = desk.get(STACK).content.decode()
    form = page.split(f'action="/desk/comments/commenters/{person.pk}/trust/"')[1].split("</form>")[0]
    sent = dict(re.findall(r'type="hidden" name="(then|comment|saw)" value="([^"]*)"', squeeze(form)))
    address = desk.post(f"/desk/comments/commenters/{person.pk}/trust/", sent | {"trust": trust})["Location"]
    page = desk.get(address).content.decode()
    mine[0].refresh_from_db(), person.refresh_from_db()
    assert (mine[0].state, person.trust) == (state, trust)
    assert "<p>mine 1</p>" in page and f"The commenter is now {'a friend' if trust == 'friend' else 'blocked'}." in page
    assert "other 3" in page
    offer = page.split('name="everything" value="on"')[0].split("<form")[-1]
    sent = dict(re.findall(r'type="hidden" name="(status|then|q|seen)" value="([^"]*)"', offer))
    page = desk.get(
        desk.post("/desk/comments/decide/", sent | {"everything": "on", "all": deed})["Location"]
    ).content.decode()
    assert Comment.objects.filter(state=state).count() == 4 and "<p>another</p>" in page


@pytest.mark.db
def test_undo_takes_back_trust_and_decision_together(desk, wait):
    person = Person.objects.of_browser("b" * 32)
    comment = wait("mine", person=person)
    sent = {"trust": "friend", "then": "review", "comment": comment.pk}
    desk.post(f"/desk/comments/commenters/{person.pk}/trust/", sent)
    decision = ModerationAction.objects.get()
    page = desk.get(desk.post(f"/desk/comments/history/{decision.pk}/undo/", {"then": "review"})["Location"])
    comment.refresh_from_db(), person.refresh_from_db()
    assert (comment.state, person.trust) == (
        "pending",
        "unknown",
    ) and "1 comment was restored." in page.content.decode()


def test_friend_on_an_old_page_overrides_nobody(desk, wait, ada):
    person = Person.objects.of_browser("b" * 32)
    comment = wait("mine", person=person)
    page = desk.get(STACK).content.decode()
    saw = re.search(r'name="saw" value="([^"]+)"', squeeze(page))[1]
    comment.mark_spam(ada)
    sent = {"trust": "friend", "then": "review", "comment": comment.pk, "saw": saw}
    page = desk.get(desk.post(f"/desk/comments/commenters/{person.pk}/trust/", sent)["Location"]).content.decode()
    comment.refresh_from_db(), person.refresh_from_db()
    assert (comment.state, person.trust) == ("spam", "unknown") and "marked this as spam" in page


def test_a_comment_of_somebody_else_is_not_decided_by_trust(desk, wait):
    person = Person.objects.of_browser("b" * 32)
    other = wait("not theirs", person=Person.objects.of_browser("c" * 32))
    desk.post(f"/desk/comments/commenters/{person.pk}/trust/", {"trust": "friend", "comment": other.pk})
    other.refresh_from_db()
    assert other.state == "pending"


@pytest.mark.parametrize("page", [SPAM, FIRST])
def test_they_are_shut_for_readers(as_, rene, page):
    assert as_(rene).get(page).status_code == 403 and as_(rene).post(page).status_code == 403


def test_many_wait_with_the_same_queries(desk, wait, connection_queries):
    wait("Pills", score=0.99), wait("We ran there.", reasons=NEW)
    pages = [SPAM, FIRST, STACK, "/desk/"]
    few = [connection_queries(lambda page=page: desk.get(page)) for page in pages]
    for n in range(8):
        wait(f"Pills {n}", score=0.99), wait(f"We ran there {n}.", reasons=NEW)
    assert [connection_queries(lambda page=page: desk.get(page)) for page in pages] == few
