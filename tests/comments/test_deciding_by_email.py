"""The page behind an email's link: for a thumb, and for every scanner that opens links before anybody reads."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Comment, DiscussionSettings, ModerationAction
from comments.moderation import email_links
from core.models import Email
from tests.markup import squeeze


@pytest.fixture
def email(ada, guest, post, say):
    say(guest, post, "Buy [this](https://spam.example/x).\nhttps://other.example", author="Ann\tB")
    return Email.objects.get()


@pytest.fixture
def link(email):
    return re.search(r"http://localhost:8000(/comments/decide/\S+)", email.text)[1]


@pytest.fixture
def later(monkeypatch):
    """Some days go by for signatures."""

    def wait(**span):
        moment = (timezone.now() + timedelta(**span)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda: moment)

    return wait


def everything():
    return (
        list(Comment.objects.values()),
        list(ModerationAction.objects.values()),
        list(DiscussionSettings.objects.values()),
    )


def press(link, **sent):
    """As a browser does it, with the token of the page."""
    phone = Client(enforce_csrf_checks=True)
    page = phone.get(link).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', squeeze(page)))
    return phone.post(link, hidden | sent).content.decode()


def test_a_scanner_that_gets_and_heads_every_link_of_an_email_changes_nothing(email):
    before = everything()
    for path in re.findall(r"http://localhost:8000(/\S*)", email.text):
        for _ in range(2):
            assert Client().get(path).status_code == Client().head(path).status_code
    assert everything() == before


@pytest.mark.parametrize("sent", [{}, {"do": ""}, {"do": "restore"}, {"do": "close 24"}, {"do": "approve" * 999}])
def test_a_post_without_a_deed_that_is_known_changes_nothing(link, sent):
    before = everything()
    assert Client().post(link, sent).status_code == 200
    assert Client().post(link, b"\xff\xfe", content_type="application/json").status_code == 200
    assert everything() == before


@pytest.mark.parametrize(
    ("deed", "state", "said"),
    [("approve", "approved", "is published"), ("spam", "spam", "marked as spam"), ("trash", "trash", "in the trash")],
)
def test_its_buttons_decide_once(link, deed, state, said):
    page = Client().get(link).content.decode()
    assert 'href="https://spam.example' not in page and "Buy [this]" in page
    page = press(link, do=deed)
    assert said in page and "/desk/comments/history/" in page
    assert (Comment.objects.get().state, ModerationAction.objects.get().maker) == (state, "email")
    page = press(link, do="approve" if deed != "approve" else "trash")
    assert Comment.objects.get().state == state and "Somebody has already moderated it" in page


def test_what_an_email_decided_is_undone_at_the_desk(ada, as_, link):
    press(link, do="trash")
    as_(ada).post(f"/desk/comments/history/{ModerationAction.objects.get().pk}/undo/")
    assert Comment.objects.get().state == "pending"


def test_what_was_decided_meanwhile_is_said_and_left(ada, link):
    Comment.objects.get().mark_spam(ada)
    page = press(link, do="approve")
    assert Comment.objects.get().state == "spam" and "Somebody has already moderated it" in page


def test_what_was_edited_since_the_look_is_shown_again_and_not_decided(link):
    phone = Client()
    seen = re.search(r'name="seen" value="(\w+)"', squeeze(phone.get(link).content))[1]
    Comment.objects.update(text="Something quite different.")
    page = phone.post(link, {"do": "approve", "seen": seen}).content.decode()
    assert Comment.objects.get().state == "pending"
    assert "has edited it since" in page and "Something quite different." in page
    press(link, do="approve")
    assert Comment.objects.get().state == "approved"


def test_one_press_holds_everything_for_hours(link):
    page = press(link, do="hold")
    assert DiscussionSettings.objects.get().switched == "hold" and "All comments are held for moderation." in page
    assert Comment.objects.get().state == "pending"


def test_a_link_never_closes_the_blog(link):
    press(link, do="close 24")
    assert not DiscussionSettings.objects.get().switched


def test_a_reply_asks_who_it_is(link):
    page = Client().get(link).content.decode()
    reply = re.search(r'href="(/desk/comments/\d+/reply/)"', page)[1]
    answer = Client().get(reply)
    assert answer.status_code == 302 and "/accounts/login/?next=" in answer.headers["Location"]


def test_a_foreign_page_cannot_press_the_button(link):
    assert Client(enforce_csrf_checks=True).post(link, {"do": "approve"}).status_code == 403
    assert Comment.objects.get().state == "pending"


@pytest.mark.parametrize(
    "change", [lambda token: token[:-2] + "xx/", lambda token: "7" + token, lambda token: "nonsense"]
)
def test_a_forged_link_opens_nothing(link, change):
    token = link.removeprefix("/comments/decide/")
    assert Client().get("/comments/decide/" + change(token).rstrip("/") + "/").status_code == 404


def test_a_link_is_good_for_one_purpose_and_one_comment(link, make_comment):
    other = make_comment("Another one", state="pending")
    token = link.removeprefix("/comments/decide/")
    assert Client().get(f"/comments/switch/{token}").status_code == 404
    assert Client().get("/comments/decide/" + email_links.switches.sign("switch") + "/").status_code == 404
    press(link, do="approve", comment=other.pk, pk=other.pk)
    other.refresh_from_db()
    assert other.state == "pending"


def test_the_link_is_good_for_two_weeks_and_then_leads_to_the_desk(link, later):
    later(days=13, hours=23)
    assert Client().get(link).status_code == 200
    later(days=14, hours=1)
    for answer in (Client().get(link), Client().post(link, {"do": "approve"})):
        assert answer.status_code == 410
        assert f"/desk/comments/review/?at={Comment.objects.get().pk}" in answer.content.decode()
    assert Comment.objects.get().state == "pending"


def test_the_link_of_the_switch_gets_old_as_well(link, later):
    switch = email_links.hold_all_path()
    later(days=15)
    assert Client().post(switch, {"do": "hold 4"}).status_code == 410
    assert not DiscussionSettings.objects.get().switched


def test_an_erased_comment_is_said_to_be_gone(link):
    Comment.objects.all().erase()
    answer = Client().post(link, {"do": "approve"})
    assert answer.status_code == 410 and "This comment is gone" in answer.content.decode()


def test_a_poisoned_host_never_gets_into_an_email(ada, post, discussion):
    said = {"comment": "At home", "author": "Ann", "email": "a@example.org"}
    for host in ("evil.example", "localhost:8000@evil.example", "evil.example\r\nX: y"):
        visitor = Client(headers={"origin": "http://localhost:8000", "host": host, "x-forwarded-host": "evil.example"})
        visitor.post(f"/comments/{post.pk}/", said | {"comment": f"From {len(host)}"})
    visitor = Client(headers={"origin": "http://localhost:8000", "x-forwarded-host": "evil.example"})
    visitor.post(f"/comments/{post.pk}/", said)
    email = Email.objects.get()
    assert "evil" not in email.text + email.subject + str(email.headers)
    assert all(link.startswith("http://localhost:8000/") for link in re.findall(r"https?://\S+", email.text))
