"""What is said stands where the eye is: beside the comment, above the conversation, or at the form; and said once."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.test import Client, RequestFactory

from comments.models import Comment, DiscussionSettings, Subscription
from comments.notifications import replies
from core import anchored_messages
from tests.comments.readers import HOME, link_in, sent_to

ANN = "ann@example.org"
pytestmark = pytest.mark.usefixtures("leaves")


@pytest.fixture(autouse=True)
def patience(settings):
    settings.LONGRUN_LIMITS = False


def page_after(client, answer):
    assert answer.status_code in (302, 303)
    return client.get(answer["Location"].partition("#")[0]).content.decode()


def note_in(page, comment):
    found = re.search(rf'id="note-{comment.pk}">(.*?)</div>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>|[\u2068\u2069]", "", found[1]).split()) if found else None


def top_of(page):
    """What stands above the post itself."""
    return page.partition('<main id="main"')[2].partition("<article")[0]


HELD = "Your comment is awaiting moderation. Only you see it until then."
INBOX = (
    f"Check your inbox at {ANN} and follow the link in our email to confirm. If you already get emails from "
    "this blog, you are subscribed without one."
)
EDIT = "You can edit or delete it for 15 minutes."
TELL = "Tell me when it is published"


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({}, f"{HELD} {EDIT} {TELL}"),
        ({"subscribe": "on"}, f"{HELD} {INBOX} {EDIT} {TELL}"),
        ({"subscribe_blog": "on"}, f"{HELD} {INBOX} {EDIT} {TELL}"),
    ],
)
def test_one_note_beside_a_held_comment_says_it_all(guest, post, say, fields, note):
    page = page_after(guest, say(guest, post, **fields))
    comment = Comment.objects.get()
    assert note_in(page, comment) == note and f'aria-describedby="note-{comment.pk}"' in page
    assert page.count("inbox") == note.count("inbox") and page.count("awaiting moderation") == 1
    assert "messages" not in top_of(page) and "note-" not in Client().get(post.path).content.decode()
    assert note_in(guest.get(post.path).content.decode(), comment) == f"{HELD} {EDIT} {TELL}", (
        "what is said is said once"
    )


def test_of_an_approved_comment_it_says_that_it_is_published(guest, post, say, mona):
    say(guest, post)
    Comment.objects.get().approve(mona)
    page = page_after(guest, say(guest, post, "And more."))
    first, second = Comment.objects.order_by("pk")
    assert note_in(page, second) == f"Your comment is published. {EDIT}"
    assert note_in(page, first) == EDIT and "is published" not in top_of(page)


def test_pressing_tell_me_is_answered_beside_the_comment_also_later(guest, post, say):
    say(guest, post)
    comment = Comment.objects.get()
    page = page_after(guest, guest.post(f"/comments/to/{comment.pk}/notify/"))
    assert note_in(page, comment) == f"{HELD} {INBOX} {EDIT}" and "inbox" not in top_of(page)
    assert note_in(guest.get(post.path).content.decode(), comment) == f"{HELD} {INBOX} {EDIT}"


def test_an_edit_is_answered_beside_the_comment_and_a_deletion_above_the_conversation(guest, post, say):
    say(guest, post)
    comment = Comment.objects.get()
    where = f"/comments/to/{comment.pk}/edit/"
    page = page_after(guest, guest.post(where, {"comment": "Better said."}))
    assert note_in(page, comment).startswith(f"{HELD} Your changes are saved. {EDIT}")
    answer = guest.post(where, {"delete": "1"})
    assert answer["Location"] == f"{post.path}#comments"
    page = page_after(guest, answer)
    assert "Your comment is deleted." not in top_of(page)
    below = page.partition('id="comments"')[2]
    assert below.index("Your comment is deleted.") < below.index('id="respond"')


def test_on_a_second_page_of_the_conversation_too(guest, post, say, make_comment):
    DiscussionSettings.objects.update(comments_per_page=1)
    make_comment("first")
    answer = say(guest, post)
    comment = Comment.objects.latest("pk")
    assert answer["Location"] == f"{post.path}comment-page-2/#comment-{comment.pk}"
    answer = guest.post(f"/comments/to/{comment.pk}/notify/")
    assert answer["Location"] == f"{post.path}comment-page-2/#comment-{comment.pk}"
    assert INBOX in note_in(page_after(guest, answer), comment)


def test_read_on_another_page_it_stands_at_the_top(guest, post, say, make_post):
    say(guest, post, subscribe="on")
    other = guest.get(make_post("Another").path).content.decode()
    assert "Check your inbox" in top_of(other)


@pytest.mark.parametrize(
    ("place", "path", "fragment"),
    [
        ("/2026/a/#comment-3", "/2026/a/", "comment-3"),
        ("/2026/a/?draft=x:y#respond", "/2026/a/", "respond"),
        ("/2026/l%C3%A4ufe/#comments", "/2026/läufe/", "comments"),
        ("/2026/läufe/#comments", "/2026/läufe/", "comments"),
        ("/2026/a/", "/2026/a/", ""),
        ("/2026/a/#comment-3", "/2026/b/", ""),
        ("", "/", ""),
    ],
)
def test_a_message_knows_its_place(rf, place, path, fragment):
    request = rf.get("/")
    request.session = {}
    request._messages = messages.storage.default_storage(request)
    anchored_messages.add(request, messages.INFO, "Said.", place)
    (message,) = get_messages(request)
    assert anchored_messages.fragment_of(message, path) == fragment


def test_what_is_for_guests_alone_is_not_said_to_somebody_who_is_logged_in(rene):
    request = RequestFactory().get("/")
    request._messages = [Message(messages.INFO, "You are not logged in.", anchored_messages.FOR_GUESTS)]
    request.user = rene
    assert anchored_messages.visible_messages(request) == []


def test_a_browser_that_confirmed_its_address_is_told_that_it_has_begun(guest, post, say):
    """Also one that had written nothing here before it confirmed."""
    fresh = Client(headers={"origin": HOME})
    fresh.post("/comments/subscribe/", {"email": ANN})
    email = link_in(sent_to(ANN)[0], "confirm")
    fresh.post(email, {"do": "yes", "wanted": [Subscription.objects.get().pk]})
    page = page_after(fresh, say(fresh, post, subscribe="on"))
    note = note_in(page, Comment.objects.get())
    assert f"You will be notified by email at {ANN}." in note and "inbox" not in note
    assert len(sent_to(ANN)) == 1 and Subscription.objects.waiting().count() == 0
    page = page_after(guest, say(guest, post, "I am her.", subscribe="on"))
    stranger = note_in(page, Comment.objects.latest("pk"))
    assert INBOX in stranger and "You will be notified by email" not in stranger


def test_an_account_with_a_proven_address_is_told_so_by_every_way(rene, as_, post):
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    reader = as_(rene)
    reader.defaults["HTTP_ORIGIN"] = HOME
    page = reader.post("/comments/subscribe/", {"email": rene.email}).content.decode()
    assert "You will be notified by email at" in page and "inbox" not in page
    page = page_after(reader, reader.post(f"/comments/{post.pk}/", {"comment": "Hello", "subscribe": "on"}))
    assert "You will be notified by email at" in page and "inbox" not in page
    page = page_after(reader, reader.post(f"/comments/to/{Comment.objects.get().pk}/notify/"))
    assert "You will be notified by email at" in page and "inbox" not in page


def test_what_is_saved_among_many_emails_is_said_at_its_line(guest, reader, make_post):
    mine = [reader(ANN, make_post(f"Post {n}")) for n in range(3)]
    path = replies.subscriptions_url(mine[0].person_id).removeprefix(HOME)
    answer = guest.post(path, {"do": f"save {mine[1].pk}", "what": "replies", "how": "daily"})
    assert answer["Location"] == f"{path}#subscription-{mine[1].pk}"
    page = page_after(guest, answer)
    line = page.partition(f'id="subscription-{mine[1].pk}"')[2].partition("</li>")[0]
    assert "Saved." in line and page.count("Saved.") == 1
    answer = guest.post(path, {"do": f"stop {mine[1].pk}"})
    assert answer["Location"] == path and "Unsubscribed." in page_after(guest, answer)
