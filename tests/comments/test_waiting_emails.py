"""Readers' emails about what a person decides wait for the undo's time, and an undo takes them back."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from comments.models import Comment, DiscussionSettings, ModerationAction, Subscription
from comments.moderation import email_links
from comments.notifications import daily_digest, replies, subscriptions
from core import jobs
from core.models import Email

pytestmark = [pytest.mark.usefixtures("leaves"), pytest.mark.db]
ANN, CARL = "ann@example.org", "carl@example.org"


@pytest.fixture(autouse=True)
def emails_wait_for_no_undo(discussion):
    """Here they do wait, as at set-up."""


@pytest.fixture
def held(make_comment, reader, post):
    """Carl's comment, which waits, on a post that Ann follows."""
    reader(ANN, post)
    return make_comment("A thought of Carl.", state="pending", name="Carl")


def at_the_desk(client, comment):
    client.post("/desk/comments/decide/", {"one": f"approve {comment.pk}"})
    return ModerationAction.objects.latest("pk")


def by_a_link(client, comment):
    client.post(email_links.moderation_path(comment.pk), {"do": "approve"})
    return ModerationAction.objects.latest("pk")


def with_an_answer(client, comment):
    client.post(f"/desk/comments/{comment.pk}/reply/", {"text": "Thank you."})
    return ModerationAction.objects.latest("pk")


@pytest.fixture
def later(monkeypatch):
    """`later(30)`: the clock stands so many seconds further on, and the worker has done what is due."""
    now = timezone.now

    def pass_by(seconds):
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=seconds))
        replies.notify_missed()
        jobs.run_ready()

    return pass_by


@pytest.mark.parametrize(("deed", "emails"), [(at_the_desk, 1), (by_a_link, 1), (with_an_answer, 2)])
@pytest.mark.parametrize("undone", [False, True])
def test_nothing_is_emailed_before_the_undo_has_had_its_time(mona, as_, held, later, deed, emails, undone):
    client = as_(mona)
    decision = deed(client, held)
    later(55)
    assert not Email.objects.exists() and not outbox.outbox
    if undone:
        client.post(f"/desk/comments/history/{decision.pk}/undo/")
    later(65)
    later(200)
    assert len(outbox.outbox) == (0 if undone else emails)


def test_who_approves_takes_back_and_approves_again_has_the_whole_time_again(mona, held, later):
    held.approve(mona).undo()
    later(100)
    second = held.approve(mona)
    later(130)
    assert not Email.objects.exists()
    second.undo()
    later(300)
    assert not Email.objects.exists()
    held.approve(mona)
    later(400)
    assert [email.to for email in Email.objects.all()] == [ANN]
    held.trash(mona), held.restore(mona)
    later(900)
    assert len(outbox.outbox) == 1


def test_who_confirms_meanwhile_waits_as_well(mona, held, later):
    wanted = Subscription.objects.create(address=CARL, comment=held, what="published", post=held.post)
    decision = held.approve(mona)
    subscriptions.confirm_subscriptions(CARL, Subscription.objects.filter(pk=wanted.pk))
    assert not Email.objects.exists()
    decision.undo(), later(65)
    assert not Email.objects.exists()
    held.approve(mona), later(200)
    assert sorted(email.to for email in Email.objects.all()) == [ANN, CARL]


def test_with_no_seconds_they_leave_at_once(mona, held, discussion):
    DiscussionSettings.objects.update(undo_seconds=0)
    held.approve(mona)
    assert Email.objects.count() == 1


def test_what_no_person_decided_does_not_wait(mona, held, post, make_comment):
    held.approve(mona).undo()
    ModerationAction.take(ModerationAction.What.APPROVE, held.itself, by=None, maker=ModerationAction.Maker.RULES)
    assert Email.objects.count() == 1


def test_the_daily_email_waits_too(mona, held, later, reader, post):
    theirs = reader("day@example.org", post, how="daily")
    decision = held.approve(mona)
    daily_digest.queue_digests_for([theirs.person_id])
    assert not Email.objects.filter(kind=replies.DAILY).exists()
    later(70)
    daily_digest.queue_digests_for([theirs.person_id])
    assert Email.objects.filter(kind=replies.DAILY).count() == 1
    assert decision.undone_at is None and Comment.objects.approved().exists()
