import re
from datetime import timedelta

import bleach
import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import urlize

from comments import privacy
from comments.models import Comment, DigestLine
from comments.notifications import owner, owner_digest
from core import jobs
from core.models import Email


@pytest.fixture
def email(ada, guest, post, say):
    say(guest, post, "Buy [this](https://spam.example/x).\nhttps://other.example", author="Ann\tB")
    return Email.objects.get()


@pytest.fixture
def known(guest, post, say, discussion):
    """A browser whose comments stand, as the rules will have it."""
    discussion.previously_approved = discussion.mail_held = False
    discussion.flood_seconds = 0
    discussion.save()
    return guest


def test_a_held_comment_writes_to_the_owner_alone(ada, mona, email, post):
    assert (email.to, email.kind) == (ada.email, "comment held")
    assert email.subject == "[Ada runs] Please moderate: “A long run”"
    assert "> Buy [this]" in email.text and "It contains 2 links; your limit is 2." in email.text
    assert not email.html
    assert "1 comment waits" in email.text


def test_an_approved_comment_writes_nothing(ada, rene, as_, post):
    as_(ada).post(f"/comments/{post.pk}/", {"comment": "Hello"}, headers={"origin": "http://localhost:8000"})
    assert Comment.objects.approved().exists() and not Email.objects.exists()


def test_the_owner_may_want_no_emails(ada, guest, post, say, discussion):
    discussion.mail_held = False
    discussion.save()
    say(guest, post)
    assert not Email.objects.exists()


def test_a_flood_of_comments_is_three_emails(ada, post, say):
    for n in range(6):
        visitor = Client(headers={"origin": "http://localhost:8000"}, REMOTE_ADDR=f"198.51.{n}.7")
        assert say(visitor, post, f"number {n}", email=f"{n}@example.org").status_code == 303
    emails = list(Email.objects.order_by("pk"))
    assert len(emails) == 3 and "Further comments in the next hour are combined in one email" in emails[-1].text
    assert "Further comments" not in emails[0].text
    assert DigestLine.objects.unsent().count() == 3


def test_the_email_is_taken_back_with_its_comment(ada, guest, post, say):
    say(guest, post, "One.")
    assert say(guest, post, "Two.").status_code == 429
    assert Email.objects.count() == 1


@pytest.mark.parametrize("fields", [
    {"text": "Look at https://spam.example/x, www.1spam.com or spam.example; write to me@spam.example, tel:+491234567"},
    {"text": "![x](http://spam.example/x.png) <img src=//spam.example/y.png> [here](javascript:alert(1))"},
    {"author": "www.spam.example"},
    {"author": "http://spam.example"},
    {"url": "https://spam.example/"},
])  # fmt: skip
def test_nothing_of_a_strangers_is_a_link_in_an_email(ada, guest, post, say, fields):
    """As two programs that look for links find them."""
    say(guest, post, **fields)
    email = Email.objects.get()
    assert "spam[.]example" in email.text and "[.] stands for a dot" in email.text
    for finds_links in (urlize, lambda text: bleach.linkify(text, parse_email=True)):
        assert "href" in finds_links("Look at https://spam.example/x, spam.example.com and me@spam.example")
        found = re.findall(r'href="([^"]*)"', finds_links(email.text))
        assert all(address.startswith("http://localhost:8000/") for address in found), found


def test_ordinary_words_are_quoted_as_they_are(ada, guest, post, say):
    say(guest, post, "I ran 3.5 km at 10:30, e.g. on Sunday. Then I slept… wait: not yet.")
    text = Email.objects.get().text
    assert "> I ran 3.5 km at 10:30, e.g. on Sunday. Then I slept… wait: not yet." in text
    assert text.count("[.]") == 2, "in the address, and where it is explained"


def test_one_link_leads_to_the_page_that_decides(email):
    found = re.findall(r"http://\S+", email.text)
    assert [path for path in found if "/decide/" in path] == found[1:2] and len(found) == 3


def test_a_published_comment_is_told_if_wanted_and_can_be_answered(ada, known, post, say, discussion):
    say(known, post, "Well said.", author="Ann", email="ann@example.org")
    assert not Email.objects.filter(kind="published to owner").exists()
    discussion.mail_published = True
    discussion.save()
    say(known, post, "Well said, again.", author="Ann", email="ann@example.org")
    email = Email.objects.get(kind="published to owner")
    assert email.headers == {"Reply-To": "ann@example.org"}
    assert "> Well said, again." in email.text and "/comments/to/" in email.text and "/decide/" not in email.text


def test_what_somebody_else_approves_is_told_and_what_the_owner_approves_is_not(
    ada, mona, guest, post, say, make_comment, discussion
):
    discussion.mail_published = True
    discussion.save()
    make_comment(state="pending").approve(ada)
    assert not Email.objects.exists()
    make_comment(state="pending").approve(mona)
    assert Email.objects.get().kind == "published to owner"


@pytest.mark.parametrize(
    ("address", "answered"),
    [
        ("ann@example.org", True),
        ("ann.noreply@example.org", True),
        ("1003+olga@users.noreply.github.com", False),
        ("7-max@users.noreply.gitlab.example", False),
        ("no-reply@shop.example", False),
        ("DoNotReply@shop.example", False),
    ],
)
def test_a_writer_whose_comment_waits_can_be_answered_by_email(ada, guest, post, say, address, answered):
    say(guest, post, email=address)
    email = Email.objects.get(kind="comment held")
    assert email.headers == ({"Reply-To": address} if answered else {})
    assert ("your reply goes to the address" in email.text) == answered


def test_japanese_sentences_stay_whole_in_an_email(ada, guest, post, say):
    say(guest, post, "良い本です。ありがとう。日本。jp を見てください。")
    assert "> 良い本です。ありがとう。日本[.]jp を見てください。" in Email.objects.get().text


@pytest.mark.parametrize(
    "address",
    ["", "nobody", '"a, b"@example.org', '"x\\r\\nBcc: y"@example.org', "a@example.org\r\nBcc: b@example.org",
     "a@example.org, b@example.org", "Ann <a@example.org>"],
)  # fmt: skip
def test_header_injection_by_a_typed_address(ada, make_comment, discussion, address):
    """Whatever stands in the row: a Reply-To is one bare address, or there is none."""
    discussion.mail_published = True
    discussion.save()
    comment = make_comment(name="Ann\r\nBcc: all@example.org")
    Comment.objects.filter(pk=comment.pk).update(email=address)
    owner.notify_owners(Comment.objects.select_related("post").get(pk=comment.pk))
    assert Email.objects.get().headers == {}


def test_an_erased_comment_takes_its_emails_along(ada, guest, post, say, make_comment):
    say(guest, post, "My secret.")
    privacy.forget(Comment.objects.all(), privacy.ERASE, by=ada)
    assert not Email.objects.exists()


def test_a_hostile_name_cannot_add_headers_or_lines(ada, guest, post, say):
    say(guest, post, author="Ann\r\nBcc: everybody@example.org")
    email = Email.objects.get()
    assert "\nBcc:" not in email.text and "Bcc" not in email.subject


def test_what_was_decided_before_the_email_left_is_not_told(ada, guest, post, say):
    say(guest, post)
    email = Email.objects.get()
    assert owner.check_held_email(email)
    Comment.objects.get().approve(ada)
    assert not owner.check_held_email(email)


def test_every_kind_of_email_to_an_owner_leaves(ada, mona, guest, post, say, make_comment, discussion, settings):
    settings.EMAIL_HOST = "localhost"
    discussion.mail_published = True
    discussion.save()
    say(guest, post)
    make_comment(state="pending").approve(mona)
    for n in range(4):
        owner.notify_owners(make_comment(f"number {n}", state="pending"))
    DigestLine.objects.update(created_at=timezone.now() - timedelta(hours=1))
    owner_digest.write_digests()
    jobs.run_ready()
    sent = Email.objects.filter(state="sent").values_list("kind", flat=True)
    assert set(sent) == {"comment held", "published to owner", "comment digest"}
    assert Email.objects.count() == len(sent) == 4


def test_what_stood_and_is_held_again_after_an_edit_is_told_again(ada, guest, post, say):
    say(guest, post, "Lovely run.")
    comment = Comment.objects.get()
    comment.approve(ada)
    for text in ("Lovely run. https://a.example https://b.example", "Lovely run. https://c.example https://d.example"):
        guest.post(f"/comments/to/{comment.pk}/edit/", {"comment": text})
    comment.refresh_from_db()
    assert comment.state == "pending"
    held = Email.objects.filter(kind="comment held").order_by("pk")
    assert len(held) == 2, "once when it came, once when it was held again; not for each edit of what waits"
    assert "a[.]example" in held[1].text and owner.check_held_email(held[1])
    owner.forget([comment.pk])
    assert not Email.objects.exists()


def test_what_was_told_in_a_digest_and_is_held_again_is_told_in_the_next(ada, make_comment, monkeypatch):
    monkeypatch.setattr(owner, "MAX_PER_HOUR", 0)
    comment = make_comment("Lovely run.", state="pending")
    owner.notify_owners(comment)
    old = Email.objects.create(to=ada.email, subject="x", text="x", kind="comment digest")
    DigestLine.objects.update(email=old)
    owner.notify_owners(comment)
    assert not DigestLine.objects.unsent().exists()
    owner.notify_owners(comment, again=True)
    assert DigestLine.objects.unsent().get().comment == comment
