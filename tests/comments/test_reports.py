"""Readers point at a comment: a flag, once for each network, that takes nothing down."""

import pytest
from django.test import Client

from comments.models import Comment, Report

HOME = "http://localhost:8000"


def report(client, comment, address="203.0.113.7"):
    return client.post(f"/comments/to/{comment.pk}/report/", REMOTE_ADDR=address)


def test_a_report_reaches_the_queue_and_the_comment_stays(guest, post, mona, as_, make_comment):
    comment = make_comment("Rude words")
    page = guest.get(post.path).content.decode()
    assert f'href="/comments/to/{comment.pk}/report/"' in page
    assert "Rude words" in guest.get(f"/comments/to/{comment.pk}/report/").content.decode()
    assert "Thank you" in report(guest, comment).content.decode()
    assert "Rude words" in Client().get(post.path).content.decode()
    assert "1 reader has reported this comment." in as_(mona).get("/desk/comments/reported/").content.decode()


def test_one_network_counts_once_and_neighbours_are_one(guest, make_comment):
    comment = make_comment()
    for address in ["203.0.113.7", "203.0.113.99", "203.0.113.7", "198.51.100.1", "2001:db8:1::1", "2001:db8:1:2::9"]:
        assert report(guest, comment, address).status_code == 200
    assert Report.objects.count() == 3


def test_a_hundred_reports_unpublish_nothing(post, make_comment):
    comment = make_comment("Stays")
    for n in range(100):
        report(Client(headers={"origin": HOME}), comment, f"10.0.{n}.1")
    comment.refresh_from_db()
    assert comment.state == "approved" and Report.objects.count() == 100


def test_who_was_looked_at_is_not_reported_by_the_same_network_again(guest, mona, make_comment):
    comment = make_comment()
    report(guest, comment)
    comment.itself.keep(mona)
    report(guest, comment)
    assert not Comment.objects.reported().exists()
    report(guest, comment, "198.51.100.1")
    assert Comment.objects.reported().exists()


@pytest.mark.parametrize("state", ["pending", "spam", "trash"])
def test_only_what_is_public_can_be_reported(guest, make_comment, state):
    comment = make_comment(state=state)
    assert report(guest, comment).status_code == 404
    assert guest.get(f"/comments/to/{comment.pk}/report/").status_code == 404


def test_what_stands_behind_a_password_is_not_told(guest, make_post, make_comment):
    locked = make_post("Results", password="finish line")
    comment = make_comment("Forty-one minutes", on=locked)
    page = guest.get(f"/comments/to/{comment.pk}/report/").content.decode()
    assert "Forty-one" not in page and "password" in page
    assert report(guest, comment).status_code == 403 and not Report.objects.exists()


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {}])
def test_a_report_comes_from_our_own_page(make_comment, headers):
    comment = make_comment()
    assert report(Client(headers=headers), comment).status_code == 403
    assert not Report.objects.exists()


def test_too_many_from_one_network_are_asked_to_wait(guest, make_comment):
    comments = [make_comment(str(n)) for n in range(11)]
    answers = [report(guest, comment).status_code for comment in comments]
    assert answers == [200] * 10 + [429] and Report.objects.count() == 10


def test_looking_reports_nothing(guest, make_comment):
    comment = make_comment()
    guest.get(f"/comments/to/{comment.pk}/report/"), guest.head(f"/comments/to/{comment.pk}/report/")
    assert not Report.objects.exists()
