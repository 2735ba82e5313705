import re
import time
from html import unescape

import pytest
from django.test import Client

from comments.models import Comment, Person
from comments.models.comment import MAX_LENGTH
from tests.pace import allowed

LONG = ("A ten mile run at dawn, naïve and “quoted” — with 🏃🏽‍♀️ & <b>signs</b>, 日本語 and مرحبا. " * 120)[:9000]

pytestmark = pytest.mark.db


def text_in_form(response):
    return unescape(
        re.search(r"<textarea name=\"comment\".*?>\n(.*?)</textarea>", response.content.decode(), re.DOTALL)[1]
    )


def test_a_first_comment_waits_and_is_seen_by_its_writer_alone(guest, post, say):
    response = say(guest, post, "Run **slowly**.")
    comment = Comment.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"{post.get_absolute_url()}#comment-{comment.pk}"
    assert comment.state == "pending" and comment.reasons[0]["rule"] == "hold_first_comment"
    mine = guest.get(post.path).content.decode()
    assert "Your comment is awaiting moderation." in mine and "Run <strong>slowly</strong>." in mine
    others = Client().get(post.path).content.decode()
    assert "slowly" not in others and "awaiting" not in others


def test_an_approved_comment_is_read_by_everybody(guest, ada, post, say):
    say(guest, post, "Run slowly.")
    Comment.objects.get().approve(ada)
    page = Client().get(post.path).content.decode()
    assert "Run slowly." in page and "1 Response to “<bdi>A long run</bdi>”" in page
    post.refresh_from_db()
    assert post.comment_count == 1


@pytest.mark.parametrize(
    ("name", "email", "state"),
    [
        ("Ann", "ann@example.org", "approved"),
        ("ANN ", "Ann@Example.org", "approved"),
        ("Another name", "ann@example.org", "pending"),
        ("Ann", "another@example.org", "pending"),
        ("Ann (Author)", "ann@example.org", "pending"),
    ],
)
def test_a_browser_is_trusted_under_the_name_and_address_that_were_approved(
    guest, ada, post, say, settings, name, email, state
):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "One.")
    Comment.objects.get().approve(ada)
    say(guest, post, "Two.", author=name, email=email)
    assert Comment.objects.get(text="Two.").state == state


def test_a_typed_address_earns_no_trust(guest, ada, post, say):
    say(guest, post, "One.")
    Comment.objects.get().approve(ada)
    for email in ["ann@example.org", ada.email]:
        stranger = Client(headers={"origin": "http://localhost:8000"}, REMOTE_ADDR="203.0.113.9")
        say(stranger, post, f"I am {email}", email=email if email == ada.email else "Ann@example.org ".strip())
    assert not Comment.objects.approved().filter(text__startswith="I am").exists()


def test_a_forged_writer_cookie_is_nobody(guest, ada, post, say):
    say(guest, post, "One.")
    Comment.objects.get().approve(ada)
    person = Person.objects.get()
    forger = Client(headers={"origin": "http://localhost:8000"})
    forger.cookies["longrun_writer"] = f"{person.browser}:1abcde:signature"
    response = say(forger, post, "Two.", email="f@example.org")
    assert response.status_code == 303
    assert Comment.objects.get(text="Two.").state == "pending"


def test_the_author_is_always_welcome(ada, as_, post, say):
    client = as_(ada)
    say_as = client.post(
        f"/comments/{post.pk}/", {"comment": "Thank you all."}, headers={"origin": "http://localhost:8000"}
    )
    assert say_as.status_code == 303
    comment = Comment.objects.get()
    assert (comment.state, comment.name, comment.person.account) == ("approved", "Ada", ada)
    assert comment.is_by_author


def test_who_is_logged_in_speaks_with_their_account_whatever_the_form_says(rene, as_, post):
    as_(rene).post(
        f"/comments/{post.pk}/",
        {"comment": "Hello.", "author": "Ada", "email": "ada@example.org", "url": "https://evil.example"},
        headers={"origin": "http://localhost:8000"},
    )
    comment = Comment.objects.get()
    assert (comment.name, comment.email, comment.url) == ("Rene", "rene@example.org", "")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": ""}, "Please type your comment text."),
        ({"text": " \n\u200b "}, "Please type your comment text."),
        ({"text": "x" * (MAX_LENGTH + 1)}, "A comment may have 10,000 characters; yours has 10,001."),
        ({"email": "ann@"}, "Please enter a valid email address"),
        ({"email": ""}, "Please enter your email address."),
        ({"author": "  "}, "Please enter your name."),
        ({"author": "x" * 246}, "This name is too long"),
        ({"url": "javascript:alert(1)"}, "Please enter the address of a website"),
        ({"url": "java\tscript:alert(1)"}, "Please enter the address of a website"),
        ({"parent": "nonsense"}, "whole number"),
        ({"parent": str(2**70)}, "less than or equal"),
        ({"text": "nul\x00 and \x08 bell"}, "Some characters could not be shown and were removed."),
        ({"author": "An\x00n"}, "Some characters could not be shown and were removed."),
    ],
)
def test_what_is_wrong_is_said_beside_the_text(guest, post, say, fields, reason):
    response = say(guest, post, **{"text": LONG} | fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert reason in unescape(page)
    assert page.index("<title>Error:") and "no-store" in response["Cache-Control"]
    expected = fields.get("text", LONG).replace("\x00", "").replace("\x08", "")
    assert text_in_form(response) == expected
    assert not Comment.objects.exists()


def test_errors_are_marked_on_their_fields(guest, post, say):
    page = say(guest, post, "", email="ann@").content.decode()
    for field in ["id_comment", "id_email"]:
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="{field}_error"', page)
        assert f'id="{field}_error"' in page and f'href="#{field}"' in page


def test_text_that_was_refused_for_its_controls_is_taken_the_second_time(guest, post, say):
    text = text_in_form(say(guest, post, "a\x00b\x08c"))
    assert say(guest, post, text).status_code == 303
    assert Comment.objects.get().text == "abc"


def test_bidi_tricks_are_tidied_away(guest, post, say):
    assert say(guest, post, "a\u202eb", author="A\u202enn").status_code == 303
    comment = Comment.objects.get()
    assert (comment.text, comment.name) == ("ab", "Ann")


def test_hostile_text_is_stored_clean(guest, ada, post, say):
    say(guest, post, "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>")
    Comment.objects.get().approve(ada)
    page = Client().get(post.path).content.decode()
    assert "<script>alert" not in page and "<img src=x" not in page and 'href="javascript' not in page.lower()


def test_a_closed_post_takes_no_answers_and_gives_the_text_back(guest, make_post, discussion, say):
    closed = make_post(comments_open=False)
    response = say(guest, closed, LONG, email="also wrong")
    assert response.status_code == 403
    assert "Sorry, comments are closed for this item." in response.content.decode()
    assert text_in_form(response) == LONG
    assert 'id="respond"' not in Client().get(closed.path).content.decode()


def test_an_old_post_closes_by_itself_if_the_owner_says_so_but_a_page_does_not(guest, make_post, discussion, say, on):
    discussion.close_after_days = 14
    discussion.save()
    old = make_post("Old", at=on(2020, 1, 1))
    page = make_post("About", at=on(2020, 1, 1), kind="page")
    assert say(guest, old).status_code == 403
    assert say(guest, page).status_code == 303


def test_people_must_log_in_if_the_owner_says_so(guest, post, say, discussion):
    discussion.must_log_in = True
    discussion.save()
    response = say(guest, post, LONG)
    assert response.status_code == 403 and text_in_form(response) == LONG
    assert "you must be logged in" in response.content.decode()


@pytest.mark.parametrize("hidden", [{"draft": True}, {"visibility": "private"}])
def test_a_post_that_one_may_not_read_takes_no_answers_and_loses_no_text(guest, make_post, discussion, say, hidden):
    post = make_post(**hidden)
    response = say(guest, post, LONG)
    assert response.status_code == 404
    assert LONG.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in response.content.decode()
    assert post.title not in response.content.decode()
    assert not Comment.objects.exists()


def test_a_protected_post_takes_answers_only_from_those_who_have_the_password(guest, make_post, discussion, say):
    post = make_post(password="plum")
    assert say(guest, post).status_code == 404
    guest.post(f"/posts/{post.pk}/unlock/", {"password": "plum"})
    assert say(guest, post).status_code == 303


def test_a_duplicate_points_to_the_first(guest, post, say):
    say(guest, post, "Same words.")
    first = Comment.objects.get()
    response = say(guest, post, "same   WORDS.")
    assert response.status_code == 409
    assert response["Location"] == f"{post.get_absolute_url()}#comment-{first.pk}"
    assert f"#comment-{first.pk}" in response.content.decode()
    assert text_in_form(response) == "same   WORDS."
    assert Comment.objects.count() == 1


def test_the_same_words_are_welcome_from_somebody_else_and_after_the_first_is_in_the_trash(guest, ada, post, say):
    say(guest, post, "Same words.")
    other = Client(headers={"origin": "http://localhost:8000"})
    assert say(other, post, "Same words.", email="other@example.org").status_code == 303
    Comment.objects.get(email="ann@example.org").trash(ada)
    third = Client(headers={"origin": "http://localhost:8000"})
    response = say(third, post, "Same words.")
    assert response.status_code in (303, 429)


@pytest.mark.parametrize("number", [0, 999, 10**19, 10**40])
def test_a_post_that_never_was_gives_the_text_back(guest, post, number):
    answer = guest.post(f"/comments/{number}/", {"comment": "Ten miles."})
    assert answer.status_code == 404 and "Ten miles." in answer.content.decode()


def test_a_restored_twin_gives_way(ada, post):
    one = Comment(post=post, text="Same", name="Ann")
    one.sign("ann")
    one.save()
    one.trash(ada)
    two = Comment(post=post, text="Same", name="Ann")
    two.sign("ann")
    two.save()
    one.restore(ada)
    assert one.state == "pending" and one.fingerprint is None
    two.refresh_from_db()
    assert two.fingerprint


def test_too_fast_is_said_with_the_text_and_the_time_to_wait(guest, post, say):
    say(guest, post, "One.")
    response = say(guest, post, LONG)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 15
    assert text_in_form(response) == LONG
    assert Comment.objects.count() == 1


def test_a_duplicate_that_is_also_too_fast_is_a_duplicate(guest, post, say):
    say(guest, post, "One.")
    assert say(guest, post, "One.").status_code == 409


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"},
        {"referer": "https://evil.example/page"},
    ],
)
def test_a_form_from_another_website_changes_nothing_and_the_text_is_shown(post, say, headers):
    response = say(Client(headers=headers), post, LONG)
    assert response.status_code == 403
    page = unescape(response.content.decode())
    assert LONG in page and "another website" in page
    assert not Comment.objects.exists()


def test_without_any_sign_of_its_origin_a_comment_is_held(ada, post, say, discussion):
    discussion.previously_approved = False
    discussion.save()
    say(Client(), post)
    comment = Comment.objects.get()
    assert comment.state == "pending"
    assert comment.reasons[0]["rule"] == "hold_unproven_origin"


def test_fields_that_the_form_does_not_have_are_ignored(guest, ada, post, say):
    say(guest, post, state="approved", person="1", approved="1", kind="webmention", user=ada.pk, fingerprint="x", id=77)
    comment = Comment.objects.get()
    assert (comment.state, comment.kind, comment.pk == 77) == ("pending", "comment", False)


def test_only_post_is_allowed(guest, post):
    response = guest.get(f"/comments/{post.pk}/")
    assert response.status_code == 405 and response["Allow"] == "POST"


def test_consent_alone_makes_the_browser_remember_who_wrote(guest, post, say):
    say(guest, post, "One.")
    assert "longrun_me" not in guest.cookies
    writer = guest.cookies["longrun_writer"]
    assert writer["httponly"] and writer["samesite"] == "Lax"


def test_with_consent_the_next_form_knows_the_writer(guest, post, say):
    say(guest, post, "One.", author="Zoë & Co", consent="on", url="example.org")
    assert not guest.cookies["longrun_me"]["httponly"]
    page = guest.get(post.path).content.decode()
    assert 'value="Zoë &amp; Co"' in page and 'value="https://example.org"' in page
    assert (
        "Zoë"
        not in Client(headers={"cookie": f"longrun_me={guest.cookies['longrun_me'].value}"})
        .get(post.path)
        .content.decode()
    )


def test_without_consent_what_was_remembered_is_forgotten(guest, post, say):
    guest.cookies["longrun_me"] = "author%3DAnn"
    say(guest, post, "One.")
    assert guest.cookies["longrun_me"].value == ""


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 2000,
        "1. " * 600,
        "[" * 5000,
        "> " * 3000,
        "*a " * 3000,
        "`" * 9998 + " a",
        "![](" * 2000,
        "x" * 10_000,
        "\u0301" * 9999 + "a",
    ],
)
def test_text_made_to_hurt_is_stored_and_hurts_no_page(guest, ada, post, say, text):
    started = time.process_time()
    assert say(guest, post, text).status_code == 303
    assert time.process_time() - started < allowed(2)
    Comment.objects.get().approve(ada)
    for path in [post.path, "/comments/feed/", f"{post.path}feed/atom/", "/"]:
        assert Client().get(path).status_code == 200


def test_a_name_is_measured_as_it_is_stored(guest, post, say):
    """NFC makes two characters of each U+0958; PostgreSQL refuses the 490 that came of 245."""
    answer = say(guest, post, "Long and dear words.", author="\u0958" * 245)
    assert answer.status_code == 422 and "Long and dear words." in answer.content.decode()
    assert "too long" in answer.content.decode()
    assert say(guest, post, "Long and dear words.", author="\u0958" * 122).status_code == 303
