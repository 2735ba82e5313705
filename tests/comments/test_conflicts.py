"""Two people decide, or one goes Back: an old page overrides nothing in silence."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from comments.models import Comment, Message, ModerationAction
from comments.moderation import email_links
from tests.markup import squeeze

STACK = "/desk/comments/review/"
DECIDE = "/desk/comments/decide/"


@pytest.fixture
def anna(mona, as_):
    return as_(mona)


@pytest.fixture
def ben(ada, as_):
    return as_(ada)


@pytest.fixture
def held(make_comment):
    return make_comment("A thought.", state="pending", name="Carl")


def marks(page):
    """What the page tells its forms about what it shows."""
    return sorted(set(re.findall(r'name="saw" value="(\d+:[^"]+)"', squeeze(page.content))))


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def press(client, deed, comment, saw, then="review"):
    answer = client.post(DECIDE, {"one": f"{deed} {comment.pk}", "then": then, "saw": saw})
    return client.get(answer["Location"])


@pytest.mark.parametrize("page", [STACK, "/desk/comments/"])
@pytest.mark.parametrize(
    ("first", "second", "said", "button"),
    [
        ("approve", "spam", "Mona approved this just now.", "Spam anyway"),
        ("trash", "approve", "Mona moved this to the trash just now.", "Approve anyway"),
        ("spam", "approve", "Mona marked this as spam just now.", "Approve anyway"),
        ("approve", "approve", "Mona approved this just now.", None),
    ],
)
def test_an_old_page_says_who_decided_instead_of_overriding(anna, ben, held, page, first, second, said, button):
    then = "review" if page == STACK else ""
    saw = marks(ben.get(page))
    press(anna, first, held, saw, then)
    told = press(ben, second, held, saw, then)
    assert said in text(told) and "A thought." in text(told)
    assert ModerationAction.objects.count() == 1
    if button:
        assert button in text(told) and "Nothing was changed." in text(told)
        # With what is known now the button decides.
        again = re.search(
            r'class="notice conflict".*?name="saw" value="([^"]+)".*?name="one" value="(\w+) ',
            told.content.decode(),
            re.S,
        )
        press(ben, again[2], held, again[1], then)
        assert ModerationAction.objects.count() == 2
    else:
        assert "Nothing needs to be done." in text(told) and "anyway" not in text(told)


def test_it_is_told_how_long_ago_and_by_whom(anna, ben, held, ada):
    saw = marks(ben.get(STACK))
    decision = held.approve(ada)
    earlier = timezone.now() - timedelta(seconds=70)
    ModerationAction.objects.update(created_at=earlier), Comment.objects.update(state_since=earlier)
    assert "You approved this a minute ago." in text(press(ben, "spam", held, saw))
    assert "Ada approved this a minute ago." in text(press(anna, "spam", held, saw))
    decision.undo()
    held.refresh_from_db()
    assert press(ben, "spam", held, saw) and Comment.objects.get().state == "spam", "it stands as it was seen"


def test_a_link_in_an_email_and_the_rules_have_no_name(anna, mallory, held):
    saw = marks(anna.get(STACK))
    mallory.post(email_links.moderation_path(held.pk), {"do": "approve"})
    assert "Somebody with the link in an email approved this just now." in text(press(anna, "trash", held, saw))


def test_what_its_writer_edited_meanwhile_is_read_again(anna, held, ada):
    saw = marks(anna.get(STACK))
    held.keep_text(None)
    held.text = "A thought, and casino."
    held.save(update_fields=["text"])
    told = press(anna, "approve", held, saw)
    assert "The commenter edited this just now." in text(told) and "and casino" in text(told)
    assert not ModerationAction.objects.exists()
    held.revise(ada, text="Tamed.")
    assert "Ada edited this just now." in text(press(anna, "approve", held, saw))


def test_of_many_those_are_left_alone_that_changed(anna, ben, make_comment):
    comments = [make_comment(f"number {n}", state="pending") for n in range(3)]
    saw = marks(ben.get("/desk/comments/"))
    assert len(saw) == 3
    press(anna, "approve", comments[0], saw)
    answer = ben.post(DECIDE, {"all": "spam", "comment": [each.pk for each in comments], "saw": saw})
    page = text(ben.get(answer["Location"]))
    assert "1 comment was skipped: somebody has moderated" in page and "Marked as spam: 2 comments." in page
    assert ": Mona approved this just now." in page
    assert Comment.objects.order_by("pk").first().state == "approved"


@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        ("/desk/comments/?q=wave", DECIDE, {"all": "trash", "everything": "on", "status": "pending", "q": "wave"}),
        ("/desk/comments/clusters/", "/desk/comments/clusters/decide/", {"do": "trash"}),
        ("/desk/comments/likely-spam/", "/desk/comments/likely-spam/", {"do": "trash"}),
    ],
)
def test_each_page_of_many_says_what_it_saw(anna, ben, make_comment, page, action, fields):
    """One was edited since, one was approved, one is as it was."""
    facts = {"state": "pending", "facts": {"score": 0.99}, "name": "Carl"}
    some = [make_comment(f"wave {n} of https://casino.example/{n}", **facts) for n in range(4)]
    shown = ben.get(page)
    html = shown.content.decode()
    sent = {name: re.findall(f'name="{name}" value="([^"]*)"', squeeze(html)) for name in ("shown", "comment", "seen")}
    sent |= fields | {"saw": marks(shown)}
    assert len(sent["saw"]) == len(sent["comment"]) == 4
    press(anna, "approve", some[0], [])
    some[1].text = "wave, and I am sorry"
    some[1].save(update_fields=["text"])
    told = ben.get(ben.post(action, sent)["Location"])
    assert "2 comments were skipped" in text(told) and "Mona approved this just now." in text(told)
    assert list(Comment.objects.order_by("pk").values_list("state", flat=True)) == [
        "approved", "pending", "trash", "trash"
    ]  # fmt: skip


def test_of_a_group_what_the_page_does_not_list_is_left_alone_once_it_is_edited(anna, make_comment):
    some = [make_comment(f"wave {n} of https://casino.example/{n}", state="pending") for n in range(4)]
    seen = timezone.now().isoformat()
    Comment.objects.filter(pk=some[0].pk).update(edited_at=timezone.now())
    numbers = ",".join(str(comment.pk) for comment in some)
    anna.post("/desk/comments/clusters/decide/", {"do": "trash", "seen": seen, "comments": numbers})
    assert Comment.objects.get(state="pending").pk == some[0].pk


@pytest.mark.parametrize("meanwhile", ["move", "spam", "edit"])
def test_a_move_says_what_it_saw(anna, ben, held, mona, make_post, make_comment, meanwhile):
    other, address = make_post(title="Other", slug="other"), f"/desk/comments/{held.pk}/move/"
    shown = anna.get(address)
    place = re.search(r'name="place" value="([^"]+)"', squeeze(shown.content))[1]
    sent = {"post": str(other.pk), "parent": "", "saw": marks(shown), "place": place}
    deeds = {
        "move": lambda: held.move_to(held.post, make_comment("Its parent."), mona),
        "spam": lambda: held.mark_spam(mona),
        "edit": lambda: held.revise(mona, text="By Mona."),
    }
    said = {"move": "moved this", "spam": "marked this as spam", "edit": "edited this"}
    deeds[meanwhile]()
    late = ben.post(address, sent)
    assert late.status_code == 409 and f"Mona {said[meanwhile]} just now." in text(late)
    assert Comment.objects.get(pk=held.pk).post == held.post
    again = re.search(r'name="place" value="([^"]+)"', squeeze(late.content))[1]
    assert ben.post(address, sent | {"saw": marks(late), "place": again}).status_code == 302
    assert Comment.objects.get(pk=held.pk).post == other


@pytest.mark.parametrize(
    ("deed", "status", "said"),
    [("approve", 302, ""), ("spam", 409, "marked this as spam"), ("trash", 409, "moved this to the trash")],
)
def test_an_answer_to_what_somebody_threw_away_is_kept(anna, ben, held, deed, status, said):
    saw = marks(ben.get(STACK))
    press(anna, deed, held, saw)
    address = f"/desk/comments/{held.pk}/reply/"
    answer = ben.post(address, {"text": "My long answer.", "then": "review", "saw": saw})
    assert answer.status_code == status
    if status == 409:
        assert said in text(answer) and "My long answer." in text(answer)
        assert Comment.objects.count() == 1
        ben.post(address, {"text": "My long answer.", "then": "review", "saw": marks(answer)})
    assert Comment.objects.approved().count() == 2


def test_an_answer_to_what_is_gone_for_good_is_given_back(anna, held, make_comment):
    held.itself.erase()
    answer = anna.post(f"/desk/comments/{held.pk}/reply/", {"text": "My long answer.\nOn two lines."})
    assert answer.status_code == 404 and "On two lines." in answer.content.decode()


def test_an_edit_of_what_was_edited_meanwhile_is_kept_and_asked_about(anna, ben, held, mona):
    address = f"/desk/comments/{held.pk}/edit/"
    saw = marks(ben.get(address))
    held.revise(mona, text="By Mona.")
    fields = {"text": "By Ada.", "name": "Carl", "email": "", "url": ""}
    late = ben.post(address, fields | {"saw": saw})
    assert late.status_code == 409 and "Mona edited this just now." in text(late)
    assert "By Ada." in text(late) and "By Mona." in text(late)
    assert ben.post(address, fields | {"saw": marks(late)}).status_code == 302
    held.refresh_from_db()
    assert held.text == "By Ada."


@pytest.mark.parametrize(
    "query", ["conflict=²&wanted=spam", f"conflict={2**70}&wanted=spam", "conflict=1&wanted=x", "conflict=7"]
)
@pytest.mark.parametrize("page", [STACK, "/desk/comments/"])
def test_a_conflict_that_is_none_is_not_shown(anna, held, page, query):
    answer = anna.get(f"{page}?{query}")
    assert answer.status_code == 200 and "Nothing was changed." not in text(answer)


# Messages of contact forms

MESSAGES = "/desk/messages/"


@pytest.fixture
def message(discussion):
    def write(name="Carl", state="new", **facts):
        said = {"text": "A question.", "email": f"{name.lower()}@example.org", "fingerprint": name}
        return Message.objects.create(name=name, state=state, **(said | facts))

    return write


def decide(client, page, **fields):
    """Press a button of a page of messages that was opened before; what is said then."""
    state = page.request["PATH_INFO"].removeprefix(MESSAGES).strip("/") or "new"
    answer = client.post(f"{MESSAGES}decide/", {"then": "messages", "status": state, "saw": marks(page)} | fields)
    return client.get(answer["Location"])


@pytest.mark.parametrize(
    ("shown", "first", "second", "said", "label", "left"),
    [
        ("new", "done", "trash", "Mona marked this as done just now.", "Trash anyway", "trash"),
        ("new", "trash", "done", "Mona moved this to the trash just now.", "Done anyway", "done"),
        ("new", "spam", "done", "Mona marked this as spam just now.", "Done anyway", "done"),
        ("new", "done", "done", "Mona marked this as done just now.", None, "done"),
        ("done", "reopen", "spam", "Mona marked this as not done just now.", "Spam anyway", "spam"),
        ("pending", "accept", "spam", "Mona marked this as not spam just now.", "Spam anyway", "spam"),
        ("pending", "accept", "block", "Mona marked this as not spam just now.", "Block anyway", "spam"),
        ("trash", "restore", "restore", "Mona restored this just now.", None, "new"),
    ],
)
def test_an_old_page_of_messages_says_who_decided_first(anna, ben, message, shown, first, second, said, label, left):
    one, page = message(state=shown), f"{MESSAGES}{shown}/" if shown != "new" else MESSAGES
    old = ben.get(page)
    decide(anna, anna.get(page), one=f"{first} {one.pk}")
    told = decide(ben, old, one=f"{second} {one.pk}")
    assert said in text(told) and "A question." in text(told) and ModerationAction.objects.count() == 1
    if label is None:
        assert "Nothing needs to be done." in text(told) and "anyway" not in text(told)
    else:
        assert label in text(told) and "Nothing was changed." in text(told)
        notice = squeeze(told.content).partition('class="notice conflict"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]+)"', notice))
        assert re.search(r'action="([^"]+)"', notice)[1] == f"{MESSAGES}decide/" and fields["status"] == shown
        assert ben.post(f"{MESSAGES}decide/", fields)["Location"].startswith(page)
        assert ModerationAction.objects.count() == 2
    one.refresh_from_db()
    assert one.state == left


def test_of_many_messages_those_are_left_alone_that_changed(anna, ben, message):
    several = [message(name) for name in ("Carl", "Dora", "Eve")]
    old = ben.get(MESSAGES)
    assert len(marks(old)) == 3
    decide(anna, anna.get(MESSAGES), one=f"done {several[0].pk}")
    page = text(decide(ben, old, all="spam", message=[each.pk for each in several]))
    assert "1 message was skipped: somebody has moderated it" in page and "Marked as spam: 2 messages." in page
    assert "Carl\u2069: Mona marked this as done just now." in page
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["done", "spam", "spam"]


def test_it_is_told_that_a_decision_about_a_message_was_undone(anna, ben, message, ada):
    one = message()
    decision = Message.objects.decide("done", by=ada)
    old = ben.get(f"{MESSAGES}done/")
    decision.undo()
    assert "The moderation of this message was undone just now." in text(decide(ben, old, one=f"spam {one.pk}"))
    for query in ({"conflict": "x", "wanted": "done"}, {"conflict": one.pk, "wanted": "x"}, {"conflict": one.pk}):
        page = ben.get(MESSAGES, query)
        assert page.status_code == 200 and "conflict" not in page.content.decode()
