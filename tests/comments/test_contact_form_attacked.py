"""The contact form as it is misused, and on pages that not everybody sees."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Message
from core import mail
from core.models import Email

TEXT = "I would like to join you on the run along the river next Saturday, if I may."
LONG_HOST = ".".join(["пример" * 2] * 11) + ".рф"

pytestmark = pytest.mark.db


@pytest.fixture
def write(make_post, discussion):
    """`write(visibility="private")` is a page with a contact form."""

    def page(**facts):
        return make_post("Contact", "Write to me.", kind="page", contact_form=True, comments_open=False, **facts)

    return page


def send(client, page, text=TEXT, **fields):
    filled = {"comment": text, "author": "Ann", "email": "ann@example.org"} | fields
    return client.post(f"/comments/{page.pk}/message/", filled)


def form_of(response):
    return response.content.decode().partition('id="contact"')[2].partition("</section>")[0]


def typed_text(response):
    return unescape(re.search(r"<textarea.*?>\n(.*?)</textarea>", response.content.decode(), re.DOTALL)[1])


def test_the_errors_are_listed_in_the_order_of_the_fields(guest, write):
    listed = (
        send(guest, write(), "", author="", email="ann")
        .content.decode()
        .partition('id="errors"')[2]
        .partition("</ul>")[0]
    )
    assert re.findall(r'href="#contact_(\w+)"', listed) == ["author", "email", "comment"]


@pytest.mark.parametrize("fields", [
    {"email": f"{'a' * 60}@{LONG_HOST}"}, {"email": "a" * 300 + "@example.org"}, {"author": "x" * 100_000},
    {"text": "y" * 300_000}, {"text": "> " * 200_000}, {"as": "9" * 5_000}, {"author": "\u202e\u2066" * 300},
])  # fmt: skip
def test_fields_of_any_length_are_answered_with_the_text(guest, write, fields):
    response = send(guest, write(), **fields)
    assert response.status_code in (409, 422)
    assert typed_text(response).strip() == fields.get("text", TEXT).strip()
    assert not Message.objects.exists() and not Email.objects.exists()


def test_the_longest_name_and_text_make_one_email(ada, guest, write):
    name, text = "N" * 245, "word " * 1_999
    assert send(guest, write(), text, author=name).status_code == 303
    email = Email.objects.get()
    assert Message.objects.get().name == name and len(email.subject) <= 250 and email.text.count("word") == 1_999


@pytest.mark.parametrize("address", [
    "ann@example.org\r\nBcc: x@example.org", "ann@example.org\u2028Bcc: x@example.org",
    "ann@example.org, x@example.org",
    "<ann@example.org>", "Ann <ann@example.org>", '"a b"@example.org', "ann@example.org;x@example.org",
])  # fmt: skip
def test_no_address_adds_a_header_or_a_recipient(ada, guest, write, address):
    send(guest, write(), email=address)
    for email in Email.objects.all():
        made = mail._message(email).message()
        assert made["Bcc"] is None and made["To"] == ada.email
        assert made["Reply-To"] is None or re.fullmatch(r"[\w.]+@example\.org", made["Reply-To"])


def test_direction_characters_in_a_name_leave_the_emails_subject_alone(ada, guest, write):
    send(guest, write(), author="A\u202enn\u2066 ")
    assert Email.objects.get().subject == "[Ada runs] Message from Ann"


def test_whoever_knows_the_password_sends_a_message_and_nobody_else(guest, write):
    page = write(visibility="password", password="plum")
    assert 'id="contact"' not in guest.get(page.path).content.decode()
    refused = send(guest, page)
    assert refused.status_code == 404 and typed_text(refused) == TEXT
    form = guest.get(page.path).content.decode()
    action = re.search(r'<form[^>]*action="([^"]*unlock[^"]*|[^"]*password[^"]*)"', form)[1]
    guest.post(action, {"password": "plum"})
    assert 'id="contact"' in guest.get(page.path).content.decode()
    assert send(guest, page).status_code == 303
    assert Message.objects.count() == 1


def test_a_page_in_the_trash_or_of_the_future_takes_no_messages(ada, as_, guest, write, make_post):
    trashed = write()
    trashed.trash()
    future = write()
    type(future).objects.filter(pk=future.pk).update(publish_at=timezone.now() + timedelta(days=1))
    owner = as_(ada)
    owner.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    for client in (guest, owner):
        for page in (trashed, future):
            response = send(client, page, **{"as": ada.pk if client is owner else ""})
            assert response.status_code in (403, 404) and typed_text(response) == TEXT
    assert not Message.objects.exists()


def test_the_preview_of_a_draft_shows_no_form_that_could_not_be_sent(ada, as_, write):
    draft = write(draft=True)
    page = as_(ada).get(f"/desk/posts/{draft.pk}/preview/")
    assert page.status_code in (200, 404) and 'id="contact"' not in page.content.decode()


def test_what_a_guest_typed_is_never_in_the_page_that_others_get(guest, write):
    page = write()
    stranger = Client()
    before = stranger.get(page.path).content
    assert TEXT in unescape(form_of(send(guest, page, email="")))
    send(guest, page)
    assert Client().get(page.path).content == before and "no-cache" in send(guest, page, email="")["Cache-Control"]


def test_markup_in_a_message_is_shown_as_text_at_the_desk(as_, mona, guest, write):
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) along the river, as text"
    send(guest, write(), evil, author="<b>Ann</b>")
    message = Message.objects.get()
    paths = (f"/desk/messages/{'' if message.state == 'new' else f'{message.state}/'}", "/desk/comments/history/")
    for path in paths:
        page = as_(mona).get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>Ann" not in page
    assert "&lt;b&gt;Ann" in as_(mona).get(paths[0]).content.decode()
