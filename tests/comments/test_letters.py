import re

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Comment, Decision
from ground.models import Letter


@pytest.fixture
def letter(ada, guest, post, say):
    say(guest, post, "Buy [this](https://spam.example/x).\nhttps://other.example", author="Ann\tB")
    return Letter.objects.get()


@pytest.fixture
def link(letter):
    return re.search(r"http://localhost:8000(/comments/decide/\S+)", letter.text)[1]


def test_a_held_comment_writes_to_the_owner_alone(ada, mona, letter, post):
    assert (letter.to, letter.kind) == (ada.email, "comment held")
    assert letter.subject == "[Ada runs] Please moderate: “A long run”"
    assert "> Buy [this]" in letter.text and "It is the first comment of this writer." in letter.text
    assert not letter.html
    assert "1 comment waits" in letter.text


def test_an_approved_comment_writes_nothing(ada, rene, as_, post):
    as_(ada).post(f"/comments/{post.pk}/", {"comment": "Hello"}, headers={"origin": "http://localhost:8000"})
    assert Comment.objects.approved().exists() and not Letter.objects.exists()


def test_the_owner_may_want_no_letters(ada, guest, post, say, discussion):
    discussion.mail_held = False
    discussion.save()
    say(guest, post)
    assert not Letter.objects.exists()


def test_a_flood_of_comments_is_three_letters(ada, post, say):
    for n in range(6):
        visitor = Client(headers={"origin": "http://localhost:8000"}, REMOTE_ADDR=f"198.51.{n}.7")
        assert say(visitor, post, f"number {n}", email=f"{n}@example.org").status_code == 303
    letters = list(Letter.objects.order_by("pk"))
    assert len(letters) == 3 and "For the next hour there will be no other" in letters[-1].text
    assert "For the next hour" not in letters[0].text


def test_looking_at_the_link_changes_nothing(link):
    for _ in range(2):
        assert Client().get(link).status_code == Client().head(link).status_code == 200
    assert Comment.objects.get().state == "pending" and not Decision.objects.exists()


@pytest.mark.parametrize(("deed", "state"), [("approve", "approved"), ("spam", "spam"), ("trash", "trash")])
def test_its_buttons_decide_once(link, deed, state):
    phone = Client(enforce_csrf_checks=True)
    page = phone.get(link).content.decode()
    assert 'href="https://spam.example' not in page and "Buy [this]" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    done = phone.post(link, {"do": deed, "csrfmiddlewaretoken": token})
    assert "has been decided about" in done.content.decode()
    assert Comment.objects.get().state == state
    phone.post(link, {"do": "approve" if deed != "approve" else "trash", "csrfmiddlewaretoken": token})
    assert Comment.objects.get().state == state


def test_a_foreign_page_cannot_press_the_button(link):
    assert Client(enforce_csrf_checks=True).post(link, {"do": "approve"}).status_code == 403
    assert Comment.objects.get().state == "pending"


@pytest.mark.parametrize(
    "change", [lambda token: token[:-2] + "xx/", lambda token: "7" + token, lambda token: "nonsense"]
)
def test_a_forged_link_opens_nothing(link, change):
    token = link.removeprefix("/comments/decide/")
    assert Client().get("/comments/decide/" + change(token).rstrip("/") + "/").status_code == 404


def test_the_link_is_good_for_two_weeks(link, monkeypatch):
    later = timezone.now().timestamp() + 15 * 86400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert Client().get(link).status_code == 404


def test_the_letter_is_taken_back_with_its_comment(ada, guest, post, say):
    say(guest, post, "One.")
    assert say(guest, post, "Two.").status_code == 429
    assert Letter.objects.count() == 1


def test_a_hostile_name_cannot_add_headers_or_lines(ada, guest, post, say):
    say(guest, post, author="Ann\r\nBcc: everybody@example.org")
    letter = Letter.objects.get()
    assert "\nBcc:" not in letter.text and "Bcc" not in letter.subject
