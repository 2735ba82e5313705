"""Beyond three emails an hour: one, with everything in it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import urlize

from comments import privacy
from comments.models import Comment, DigestLine
from comments.moderation import email_links
from comments.notifications import owner, owner_digest
from core.models import Email
from tests.cast import person
from tests.markup import squeeze


@pytest.fixture
def flood(make_comment):
    """So many comments that wait, no two alike, each told of as it comes in."""
    why = [{"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first of this writer."}]

    def come(number, start=0, state="pending"):
        for n in range(start, start + number):
            owner.notify_owners(make_comment(f"number {n}", state=state, name=f"Ann {n}", reasons=why))

    return come


@pytest.fixture
def pass_by(monkeypatch):
    """Time goes by, and the sweep has its turn."""

    def go(**span):
        back = timezone.now() - timedelta(**span)
        for email in Email.objects.all():
            Email.objects.filter(pk=email.pk).update(created_at=email.created_at - timedelta(**span))
        for line in DigestLine.objects.all():
            DigestLine.objects.filter(pk=line.pk).update(created_at=line.created_at - timedelta(**span))
        assert back < timezone.now()
        owner_digest.write_digests()

    return go


def digests():
    return list(Email.objects.filter(kind="comment digest").order_by("pk"))


def test_what_comes_after_three_emails_is_told_in_one(ada, flood, pass_by):
    flood(9)
    owner_digest.write_digests()
    assert digests() == [], "the rest of a wave may still come"
    pass_by(minutes=16)
    (email,) = digests()
    assert email.subject == "[Ada runs] 6 comments wait"
    assert [n for n in range(9) if f"> number {n}\n" in email.text] == [3, 4, 5, 6, 7, 8]
    assert email.text.count("/comments/decide/") == 6 and "9 comments wait at your desk" in email.text
    assert "It is the first of this writer." in email.text


def test_nothing_is_lost_and_nothing_is_told_twice(ada, flood, pass_by):
    flood(5)
    pass_by(minutes=16)
    flood(2, start=5)
    pass_by(minutes=16)
    assert len(digests()) == 1, "one an hour"
    owner_digest.write_digests()
    pass_by(minutes=45)
    flood(1, start=7)
    pass_by(minutes=61)
    flood(1, start=8)
    pass_by(minutes=61)
    everything = "".join(Email.objects.values_list("text", flat=True))
    told = re.findall(r"^> number (\d)$", everything, re.MULTILINE)
    assert sorted(told) == list("012345678")
    assert not DigestLine.objects.unsent().exists()


def test_four_mails_an_hour_are_the_most(ada, flood, pass_by):
    for minute in range(0, 60, 4):
        flood(2, start=minute)
        pass_by(minutes=4)
    assert Email.objects.filter(kind="comment held").count() == 3
    assert len(digests()) == 1


def test_after_a_quiet_hour_each_has_its_own_email_again(ada, flood, pass_by):
    flood(4)
    pass_by(minutes=16)
    pass_by(minutes=61)
    flood(1, start=10)
    assert Email.objects.filter(kind="comment held").count() == 4


def test_a_wave_is_one_mail(ada, post, say, pass_by, settings):
    settings.LONGRUN_LIMITS = False
    for n in range(12):
        visitor = Client(headers={"origin": "http://localhost:8000"}, REMOTE_ADDR=f"198.51.{n}.7")
        say(visitor, post, f"Well said, my friend, see https://watches.example/{n}", email=f"{n}@example.org")
    assert Email.objects.filter(kind="comment held").count() == 2, "from the third on it is a wave"
    pass_by(minutes=16)
    (email,) = digests()
    assert "10 similar comments: all link to watches[.]example." in email.text
    assert "/desk/comments/clusters/" in email.text and email.text.count("> ") == 1
    assert "watches.example" not in email.text


def test_two_hundred_comments_are_four_mails(ada, flood, pass_by):
    flood(200)
    pass_by(minutes=16)
    assert Email.objects.count() == 4
    (email,) = digests()
    assert email.text.count("/comments/decide/") == owner_digest.SHOWN + 1 and "And 177 more." in email.text


def test_what_was_decided_meanwhile_is_no_news(ada, flood, pass_by):
    flood(5)
    Comment.objects.get(text="number 3").approve(ada)
    pass_by(minutes=16)
    (email,) = digests()
    assert "number 3" not in email.text and "number 4" in email.text


def test_where_everything_is_decided_there_is_no_email(ada, flood, pass_by):
    flood(5)
    Comment.objects.all().approve(ada)
    pass_by(minutes=16)
    assert digests() == [] and not DigestLine.objects.exists()


def test_who_turns_emails_off_gets_no_digest(ada, flood, pass_by, discussion):
    flood(5)
    discussion.mail_held = False
    discussion.save()
    pass_by(minutes=16)
    assert digests() == []


def test_each_owner_has_a_count_of_their_own(ada, flood, pass_by):
    olga = person("Olga", "owner")
    flood(5)
    pass_by(minutes=16)
    assert {email.to for email in digests()} == {ada.email, olga.email}
    olga.role = "reader"
    olga.save()
    flood(5, start=5)
    assert not DigestLine.objects.filter(to=olga, email=None).exists()


def test_published_ones_are_told_together_too(ada, flood, discussion, pass_by):
    discussion.mail_published = True
    discussion.save()
    flood(6, state="approved")
    pass_by(minutes=16)
    (email,) = digests()
    assert email.subject == "[Ada runs] 3 were published"
    assert email.text.count("/comments/to/") == 3 and "/decide/" not in email.text


def test_nothing_of_a_strangers_is_a_link_in_a_digest(ada, flood, post, say, pass_by, settings):
    flood(4)
    visitor = Client(headers={"origin": "http://localhost:8000"}, REMOTE_ADDR="203.0.113.7")
    say(visitor, post, "Go to https://spam.example/x or www.spam.example", author="www.spam.example")
    pass_by(minutes=16)
    found = re.findall(r'href="([^"]*)"', urlize(digests()[0].text))
    assert "spam[.]example" in digests()[0].text
    assert all(address.startswith("http://localhost:8000/") for address in found), found


def test_an_erased_comment_is_taken_out_of_the_digest_as_well(ada, flood, pass_by):
    flood(5)
    pass_by(minutes=16)
    Email.objects.update(state="sent")
    privacy.forget(Comment.objects.filter(text="number 4"), privacy.ERASE, by=ada)
    assert "number 4" not in digests()[0].text


def test_what_a_waiting_digest_told_of_others_is_told_without_the_erased_one(ada, flood, pass_by):
    flood(5)
    pass_by(minutes=16)
    (before,) = digests()
    told = set(DigestLine.objects.filter(email=before).values_list("comment__text", flat=True))
    privacy.forget(Comment.objects.filter(text="number 4"), privacy.ERASE, by=ada)
    assert not digests()
    owner_digest.write_digests()
    (after,) = digests()
    assert all((text in after.text) == (text != "number 4") for text in told) and len(told) > 1


def test_a_clock_put_back_does_not_hold_a_digest(ada, flood):
    flood(5)
    DigestLine.objects.update(created_at=timezone.now() + timedelta(days=7))
    owner_digest.write_digests()
    assert len(digests()) == 1


@pytest.fixture
def told(ada, flood, pass_by):
    """A digest about three comments, and the address of its first page."""
    flood(6)
    pass_by(minutes=16)
    (email,) = digests()
    return re.findall(r"http://localhost:8000(/comments/decide/\S+)", email.text)


def words_on(page):
    return re.findall(r"number \d", page)


def test_each_decision_leads_to_the_next_comment_of_the_digest(told):
    phone, seen = Client(), []
    answer = phone.get(told[1])
    for deed, said in (("approve", "Approved."), ("spam", "Marked as spam."), ("trash", None)):
        page = answer.content.decode()
        seen += words_on(page)
        answer = phone.post(answer.wsgi_request.get_full_path(), {"do": deed}, follow=True)
        assert said is None or said in answer.content.decode()
    assert seen == ["number 4", "number 5", "number 3"], "from the one that was opened to the end, then from the start"
    page = answer.content.decode()
    assert "The comment is in the trash" in page and 'rel="next"' not in page and 'value="undo"' in page


@pytest.mark.parametrize("deed", ["approve", "spam", "trash"])
def test_undo_in_an_email_brings_back_the_comment_and_its_page(told, deed):
    phone = Client()
    answer = phone.post(told[0], {"do": deed}, follow=True)
    did = re.search(r'name="did" value="([^"]+)"', squeeze(answer.content))[1]
    answer = phone.post(answer.wsgi_request.get_full_path(), {"do": "undo", "did": did}, follow=True)
    page = answer.content.decode()
    assert (
        words_on(page) == ["number 3"]
        and "The change was undone." in page
        and "2 more from this email are waiting" in page
    )
    assert Comment.objects.get(text="number 3").state == "pending"
    again = phone.post(told[0], {"do": "undo", "did": did}, follow=True)
    assert "The change was undone." not in again.content.decode(), "an undo works once"


@pytest.mark.parametrize("did", ["", "7", "x" * 300, "1:abc:def", "\x00"])
def test_a_forged_undo_changes_nothing(told, ada, did):
    Comment.objects.filter(text="number 3").trash(ada)
    assert Client().post(told[0], {"do": "undo", "did": did}).status_code == 303
    assert Comment.objects.get(text="number 3").state == "trash"


def test_what_lies_at_the_desk_is_not_undone_by_an_email(told, ada):
    decision = Comment.objects.filter(text="number 3").trash(ada)
    Client().post(told[0], {"do": "undo", "did": email_links.undos.sign(decision.pk)})
    assert Comment.objects.get(text="number 3").state == "trash"
