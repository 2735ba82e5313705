"""Messages of the contact form of a page: judged by the rules for comments, emailed to the owner, never public."""

import re
from datetime import timedelta
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from blog.models import ReadingSettings
from comments.jobs import delete_old_facts, empty_trash_and_spam
from comments.models import Comment, Message, ModerationAction, Person, SpamIndicator, TrainingExample
from comments.notifications import contact_messages
from comments.spam import honeypot, training
from core import mail
from core.models import Email
from tests.cast import PASSWORD

TEXT = "I would like to join you on the run along the river next Saturday, if I may."
LINKS = "See https://one.example/a and https://two.example/b about the run along the river, they have maps of it."

pytestmark = pytest.mark.db


@pytest.fixture
def contact_page(make_post, discussion):
    return make_post("Contact", "Write to me.", kind="page", contact_form=True, comments_open=False)


@pytest.fixture
def send(contact_page):
    """`send(guest, "Hello")` sends the form below the page."""

    def post(client, text=TEXT, *, on=None, **fields):
        filled = {"comment": text, "author": "Ann", "email": "ann@example.org"} | fields
        filled = {name: value for name, value in filled.items() if value is not None}
        return client.post(f"/comments/{(on or contact_page).pk}/message/", filled)

    return post


def shown(client, page):
    return client.get(page.path).content.decode()


def typed_text(response):
    return unescape(re.search(r"<textarea.*?>\n(.*?)</textarea>", response.content.decode(), re.DOTALL)[1])


def test_a_message_is_stored_emailed_at_once_and_seen_by_nobody(ada, guest, contact_page, send):
    response = send(guest)
    assert (response.status_code, response["Location"]) == (303, f"{contact_page.path}#message-sent")
    message = Message.objects.get()
    assert (message.state, message.text, message.name, message.email) == ("new", TEXT, "Ann", "ann@example.org")
    assert message.post == contact_page and message.reasons == [] and message.person is None
    email = Email.objects.get()
    assert (email.to, email.kind) == (ada.email, "contact message")
    assert email.subject == "[Ada runs] Message from Ann" and email.headers == {"Reply-To": "ann@example.org"}
    assert f"> {TEXT}" in email.text and "A message by the contact form on “Contact”:" in email.text
    after = shown(guest, contact_page)
    assert "Your message was sent." in after and TEXT not in after
    assert "longrun_writer" not in guest.cookies and not Comment.objects.exists() and not Person.objects.exists()
    assert "Your message was sent." not in shown(guest, contact_page)


@pytest.mark.parametrize(
    ("facts", "there"),
    [
        ({}, True),
        ({"contact_form": False}, False),
        ({"kind": "post"}, False),
        ({"draft": True}, False),
        ({"visibility": "private"}, True),
    ],
)
def test_the_form_is_on_published_pages_where_it_is_switched_on(ada, as_, make_post, discussion, send, facts, there):
    post = make_post("About", **({"kind": "page", "contact_form": True} | facts))
    desk = as_(ada)
    desk.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    if not facts.get("draft"):
        assert ('id="contact"' in shown(desk, post)) == there
    response = send(desk, on=post, author=None, email=None)
    assert response.status_code == (303 if there else 403)
    assert Message.objects.count() == there
    if not there:
        assert typed_text(response) == TEXT


def test_a_page_that_is_gone_private_or_locked_gives_the_text_back(guest, make_post, discussion, send):
    locked = make_post("Locked", kind="page", contact_form=True, visibility="password", password="x")
    private = make_post("Private", kind="page", contact_form=True, visibility="private")
    for number in (locked, private, type(locked)(pk=99_999)):
        response = send(guest, on=number)
        assert response.status_code == 404 and typed_text(response) == TEXT
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"author": ""}, "Please enter your name."),
        ({"author": "\u3164"}, "Please enter your name."),
        ({"email": ""}, "Please enter your email address."),
        ({"email": "ann"}, "Please enter a valid email address"),
        ({"email": "no-reply@example.org"}, "Emails to this address cannot be delivered."),
        ({"email": '"a\r\nBcc: x@example.org"@example.org'}, "Please enter a valid email address"),
        ({"author": "x" * 246}, "This name is too long"),
        ({"text": "x" * 10_001}, "A message may have 10,000 characters; yours has 10,001."),
        ({"text": " \n\u200b "}, "Please type your message."),
        ({"text": "Hello\x00 there"}, "Some characters could not be shown"),
        ({"url": "x\x00"}, "Some characters could not be shown"),
        ({"subject": "a\x00"}, "Some characters could not be shown"),
    ],
)
def test_after_an_error_the_text_is_in_the_form(guest, contact_page, send, fields, said):
    response = send(guest, **fields)
    assert response.status_code == 422 and said in unescape(response.content.decode())
    text = fields.get("text", TEXT).replace("\x00", "")
    assert typed_text(response) == text
    assert not Message.objects.exists() and not Email.objects.exists()


def test_a_name_with_line_breaks_makes_no_header(ada, guest, send):
    send(guest, author="Ann\r\nBcc: mallory@example.org\u2028X-Spam: no")
    email = Email.objects.get()
    assert email.subject == "[Ada runs] Message from Ann Bcc: mallory@example[.]org X-Spam: no"
    made = mail._message(email).message()
    assert made["Bcc"] is None and made["X-Spam"] is None and made["Reply-To"] == "ann@example.org"


def test_a_reader_with_an_account_types_the_text_alone(rene, as_, contact_page, send):
    reader = as_(rene)
    reader.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    form = shown(reader, contact_page)
    assert "You are writing as <bdi>Rene</bdi> (<bdi>rene@example.org</bdi>)." in form and 'name="author"' not in form
    assert send(reader, author="Ada", email="ada@example.org", **{"as": rene.pk}).status_code == 303
    message = Message.objects.get()
    assert (message.name, message.email, message.person.account) == ("Rene", "rene@example.org", rene)


def test_an_account_without_a_mailbox_is_asked_for_an_address(rene, as_, contact_page, send):
    rene.email = "1+rene@users.noreply.github.com"
    rene.save()
    reader = as_(rene)
    reader.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    assert 'name="email"' in shown(reader, contact_page)
    assert "Please enter your email address." in send(reader, email="").content.decode()
    assert send(reader, email="rene@example.net").status_code == 303
    assert (Message.objects.get().name, Message.objects.get().email) == ("Rene", "rene@example.net")


def test_whoever_logged_out_meanwhile_is_asked_again(guest, rene, send):
    response = send(guest, **{"as": rene.pk})
    assert response.status_code == 409 and typed_text(response) == TEXT and not Message.objects.exists()


def test_the_details_that_a_browser_remembers_are_filled_in(guest, contact_page, post, say):
    say(guest, post, consent="on")
    form = shown(guest, contact_page)
    assert 'value="ann@example.org"' in form and 'value="Ann"' in form


def test_another_website_sends_nothing(guest, contact_page, send):
    response = send(Client(headers={"origin": "https://evil.example"}))
    assert response.status_code == 403 and typed_text(response) == TEXT
    assert not Message.objects.exists()
    assert guest.get(f"/comments/{contact_page.pk}/message/").status_code == 405


def test_on_the_front_page_the_answer_is_there_too(guest, contact_page, send):
    reading = ReadingSettings.objects.get()
    reading.front_page = contact_page
    reading.save()
    assert send(guest)["Location"] == "/#message-sent"
    page = guest.get("/").content.decode()
    assert page.index('id="message-sent"') < page.index("Your message was sent.")


def test_a_form_that_is_sent_twice_is_one_message(ada, guest, send):
    for _time in range(2):
        assert send(guest).status_code == 303
    assert Message.objects.count() == Email.objects.count() == 1


# What the rules make of it


@pytest.mark.parametrize(
    ("fields", "state", "rule"),
    [
        ({"text": LINKS}, "pending", "hold_many_links"),
        ({"text": "[url=https://x.example]runs[/url] are the best runs of all"}, "pending", "hold_forum_code"),
        ({"subject": "x"}, "pending", "hold_filled_honeypot"),
        ({"since": "900"}, "pending", "hold_fast_comments"),
        ({honeypot.name_today(): "x"}, "spam", "spam_daily_honeypot"),
        ({"text": f"{TEXT} Casino!"}, "trash", "trash_disallowed_words"),
        ({"author": "Ada", "email": "ada@example.org"}, "new", ""),  # nobody reads it but Ada
    ],
)
def test_the_rules_for_comments_judge_it(ada, guest, discussion, contact_page, send, fields, state, rule):
    discussion.disallowed_keys = "casino"
    discussion.save()
    assert send(guest, **fields).status_code == 303
    message = Message.objects.get()
    assert message.state == state and [reason["rule"] for reason in message.reasons][:1] == [rule] * bool(rule)
    kinds = {"new": ["contact message"], "pending": ["contact messages held"]}
    assert list(Email.objects.values_list("kind", flat=True)) == kinds.get(state, [])
    assert "Your message was sent." in shown(guest, contact_page)


def test_settings_about_comments_alone_hold_no_message(guest, discussion, send):
    discussion.manual_approval = discussion.previously_approved = discussion.must_log_in = True
    discussion.save()
    discussion.set_switch("hold", 4)
    send(guest)
    assert Message.objects.get().state == "new"


def test_a_message_without_proof_of_its_page_is_held(send):
    send(Client())
    assert [reason["rule"] for reason in Message.objects.get().reasons] == ["hold_unproven_origin"]


def test_a_blocked_commenter_writes_spam(ada, guest, post, say, send):
    say(guest, post)
    Person.objects.get().set_trust("blocked", ada)
    send(guest, "Me again, about the run along the river.", email="other@example.org")
    send(Client(headers={"origin": "http://localhost:8000"}))  # their address alone
    assert list(Message.objects.values_list("state", flat=True)) == ["spam", "spam"]


def test_that_messages_are_held_is_emailed_once_a_day(ada, guest, send):
    for number in range(2):
        send(guest, f"{LINKS} {number}")
    email = Email.objects.get()
    assert email.subject == "[Ada runs] A message was held" and "one.example" not in email.text
    assert "http://localhost:8000/desk/messages/pending/" in email.text


def test_what_left_the_inbox_meanwhile_is_not_emailed(ada, guest, send):
    send(guest)
    email = Email.objects.get()
    assert contact_messages.check_message_email(email)
    Message.objects.update(state="spam")
    assert not contact_messages.check_message_email(email)


def test_a_flood_is_limited_for_each_address_and_ten_emails_an_hour(ada, guest, send):
    for number in range(2):
        assert send(guest, f"{TEXT} {number}").status_code == 303
    response = send(guest, f"{TEXT} 3")
    assert response.status_code == 429 and int(response["Retry-After"]) > 0
    assert typed_text(response) == f"{TEXT} 3" and Message.objects.count() == 2
    for number in range(3, 14):
        cache.clear()
        assert send(guest, f"{TEXT} {number}", email=f"ann{number}@example.org").status_code == 303
    emails = list(Email.objects.order_by("pk"))
    assert Message.objects.count() == 13 and len(emails) == 10
    assert ["will only appear at the desk" in email.text for email in emails] == [False] * 9 + [True]


def test_the_page_is_kept_for_guests_until_the_honeypot_is_renamed(contact_page):
    pages = [shown(Client(), contact_page) for _time in range(2)]
    assert pages[0] == pages[1] and honeypot.name_today() in pages[0]


# At the desk


@pytest.fixture
def desk(as_, mona):
    return as_(mona)


def listed(client, path="/desk/messages/"):
    return re.findall(r'<li id="message-(\d+)"', client.get(path).content.decode())


def press(client, **fields):
    return client.post("/desk/messages/decide/", {"then": "messages"} | fields, follow=True).content.decode()


def press_undo(client, page):
    path = re.search(r'action="(/desk/comments/history/\d+/undo/)"', page)[1]
    return client.post(path, {"then": "messages", "status": "new"}, follow=True).content.decode()


def test_a_moderator_reads_decides_and_undoes(desk, guest, send):
    send(guest)
    message = Message.objects.get()
    page = desk.get("/desk/messages/").content.decode()
    assert TEXT in page and 'href="mailto:ann@example.org?subject=Re%3A%20Contact"' in page
    assert "1 new message" in desk.get("/desk/").content.decode()
    after = press(desk, status="new", one=f"spam {message.pk}")
    assert "Marked as spam: 1 message." in after and listed(desk) == []
    assert listed(desk, "/desk/messages/spam/") == [str(message.pk)]
    assert TrainingExample.objects.get().spam and "new message" not in desk.get("/desk/").content.decode()
    assert "The change was undone." in press_undo(desk, after)
    assert listed(desk) == [str(message.pk)] and not TrainingExample.objects.exists()
    press(desk, status="new", one=f"done {message.pk}")
    assert listed(desk, "/desk/messages/done/") == [str(message.pk)] and not TrainingExample.objects.get().spam


def test_a_held_message_says_why_and_what_was_called_spam_teaches_the_filter(desk, guest, send):
    send(guest, LINKS)
    message = Message.objects.get()
    page = desk.get("/desk/messages/pending/").content.decode()
    assert "It contains 2 links; your limit is 2." in page and "one.example/a" in page
    press(desk, status="pending", one=f"spam {message.pk}")
    assert SpamIndicator.objects.filter(spam=1).count() == 3, "two hosts and the text"
    send(guest, "Have you seen https://one.example/other along the river?", email="bob@example.org")
    again = Message.objects.newest_first()[0]
    assert again.state == "pending" and again.reasons[0]["rule"] == "spam_by_known_traces"
    press(desk, status="pending", one=f"accept {again.pk}")
    assert Message.objects.get(pk=again.pk).state == "new" and Email.objects.filter(kind="contact message").count() == 0


def test_the_selected_ones_are_moved_together_and_come_back_from_the_trash(desk, guest, send):
    numbers = []
    for number in range(2):
        send(guest, f"{TEXT} {number}")
        numbers.append(Message.objects.newest_first()[0].pk)
    after = press(desk, status="new", all="trash", message=numbers)
    assert "Moved to the trash: 2 messages." in after and listed(desk) == []
    press(desk, status="trash", all="restore", message=numbers)
    assert len(listed(desk)) == 2


def test_what_somebody_else_decided_stays(desk, ada, guest, send):
    send(guest)
    message = Message.objects.get()
    Message.objects.all().decide("done", by=ada)
    decided, nothing = "Somebody has already decided about this", "No message was selected"
    for fields, said in (({"one": f"spam {message.pk}"}, decided), ({"all": "spam", "message": message.pk}, decided),
                         ({"one": "spam x"}, nothing), ({"all": "spam"}, nothing), ({"one": "nonsense"}, nothing),
                         ({"all": "spam", "message": "9" * 30}, nothing)):  # fmt: skip
        assert said in press(desk, status="new", **fields)
    assert Message.objects.get().state == "done" and ModerationAction.objects.count() == 1
    for path in ("?decided=spam", "?decided=99", "?page=99&q=%01", "?q=nobody"):
        assert desk.get(f"/desk/messages/{path}").status_code == 200


def test_a_search_finds_name_address_and_text(desk, guest, send):
    send(guest)
    for words, number in (("ANN", 1), ("example.org", 1), ("saturday", 1), ("sunday", 0)):
        assert len(listed(desk, f"/desk/messages/?q={words}")) == number


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_many(desk, contact_page, django_assert_num_queries):
    def write(number):
        facts = {"name": "Ann", "email": "ann@example.org", "text": TEXT, "post": contact_page}
        Message.objects.create(fingerprint=str(number), **facts)

    write(0)
    desk.get("/desk/messages/")
    with django_assert_num_queries(6):
        desk.get("/desk/messages/")
    for number in range(1, 9):
        write(number)
    with django_assert_num_queries(6):
        desk.get("/desk/messages/")


# What becomes of the data


@pytest.fixture
def sent(rene, as_, guest, send, settings):
    """A message by Rene's account, one that somebody sent under his address, and one by Ann; all were emailed."""
    settings.LONGRUN_LIMITS = False
    reader = as_(rene)
    reader.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    send(reader, "By my account, about the run along the river.")
    send(guest, "By somebody, about the run along the river.", email="Rene@example.org")
    send(guest, "By Ann, about the run along the river.")
    assert Email.objects.filter(kind="contact message").count() == 3
    return reader


def texts(rows):
    return [row["text"].partition(",")[0] for row in rows]


def test_the_sender_takes_along_what_the_account_sent(sent):
    told = sent.get("/accounts/me/comments.json").json()["messages"]
    assert texts(told) == ["By my account"]
    assert told[0].keys() == {"number", "page", "sent_at", "name", "email", "text", "browser", "network"}


@pytest.mark.parametrize("how", ["erase", "anonymise"])
def test_messages_go_with_the_data_of_their_sender(rene, sent, how):
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    sent.post("/accounts/reauthenticate/", {"password": PASSWORD})
    sent.post("/accounts/me/delete-data/", {"how": how})
    left = Message.objects.get()
    assert left.name == "Ann"
    assert list(Email.objects.values_list("key", flat=True)) == [f"message {left.pk}, to {left.post.author_id}"]


def test_the_owner_answers_a_request_by_address(ada, as_, sent):
    desk = as_(ada)
    place = "/desk/comments/personal-data/"
    assert "2 messages" in desk.get(f"{place}?email=rene@example.org").content.decode()
    export = f"{place}?email=rene@example.org&as=json"
    assert texts(desk.get(export).json()["messages"]) == []  # Rene has not confirmed the address
    told = desk.get(f"{export}&person=messages").json()["messages"]
    assert texts(told) == ["By my account", "By somebody"] and "network" not in told[0]
    after = desk.post(f"{place}erase/", {"email": "rene@example.org", "how": "erase"}, follow=True).content.decode()
    assert "2 messages were deleted." in after and Message.objects.get().name == "Ann"


@pytest.mark.parametrize(("state", "days", "stays"), [
    ("spam", 31, False), ("trash", 31, False), ("spam", 29, True), ("new", 400, True), ("pending", 400, True),
])  # fmt: skip
def test_spam_and_trash_are_deleted_after_thirty_days(guest, send, state, days, stays):
    send(guest)
    then = timezone.now() - timedelta(days=days)
    Message.objects.update(state=state, state_since=then)
    empty_trash_and_spam()
    assert Message.objects.exists() == stays


def test_browser_and_network_are_forgotten(guest, send):
    send(guest)
    assert Message.objects.get().facts["network"]
    delete_old_facts()
    assert Message.objects.get().facts
    Message.objects.update(posted_at=timezone.now() - timedelta(days=31))
    delete_old_facts()
    assert Message.objects.get().facts == {}


def test_a_message_outlives_its_page_and_its_person(guest, desk, contact_page, post, say, send):
    say(guest, post)
    send(guest)
    contact_page.delete()
    Person.objects.all().delete()
    assert TEXT in desk.get("/desk/messages/").content.decode()


def test_a_filter_that_is_trained_again_knows_the_decisions_about_messages(desk, guest, send):
    send(guest)
    press(desk, status="new", one=f"done {Message.objects.get().pk}")
    assert training.rebuild() == 1
