"""What is thrown away goes after thirty days, what a browser told after some."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import search
from comments.jobs import delete_old_facts, delete_orphans, empty_trash_and_spam
from comments.models import Comment, DiscussionSettings, ModerationAction, Person
from core.jobs import _entries

pytestmark = pytest.mark.db


def aged(comment, days):
    Comment.objects.filter(pk=comment.pk).update(state_since=timezone.now() - timedelta(days=days))
    return comment


@pytest.mark.parametrize("state", ["spam", "trash"])
def test_spam_and_trash_are_emptied_after_thirty_days(make_comment, state):
    old, young = aged(make_comment("old", state=state), 31), aged(make_comment("young", state=state), 29)
    empty_trash_and_spam()
    assert list(Comment.objects.values_list("pk", flat=True)) == [young.pk]
    assert old.pk != young.pk


@pytest.mark.parametrize("state", ["approved", "pending"])
def test_nothing_else_is(make_comment, state):
    aged(make_comment(state=state), 4000)
    empty_trash_and_spam()
    assert Comment.objects.exists()


def test_the_days_count_from_the_decision_not_from_the_comment(make_comment, mona):
    comment = make_comment("old", posted_at=timezone.now() - timedelta(days=900))
    aged(comment, 900)
    comment.trash(mona)
    empty_trash_and_spam()
    assert Comment.objects.exists()


def test_an_answer_below_what_goes_keeps_its_thread_and_its_count(post, make_comment, mona):
    root = make_comment("root")
    make_comment("marzipan", parent=root)
    root.trash(mona)
    aged(root, 40)
    empty_trash_and_spam()
    root.refresh_from_db()
    post.refresh_from_db()
    assert (root.state, root.text, post.comment_count) == ("gone", "", 1)
    assert len(search.find("marzipan", mona)) == 1


def test_many_go_in_parts(post, discussion):
    old = timezone.now() - timedelta(days=40)
    Comment.objects.bulk_create(Comment(post=post, text="x", state="spam", state_since=old) for _ in range(2500))
    empty_trash_and_spam()
    assert not Comment.objects.exists()


def test_facts_are_forgotten_after_the_owners_days(make_comment):
    DiscussionSettings.objects.update(facts_days=10)
    told = {"agent": "Firefox", "network": "n" * 32}
    old = make_comment("old", facts=told, posted_at=timezone.now() - timedelta(days=11))
    young = make_comment("young", facts=told, posted_at=timezone.now() - timedelta(days=9))
    delete_old_facts()
    old.refresh_from_db(), young.refresh_from_db()
    assert (old.facts, young.facts) == ({}, told)


def test_both_are_on_the_schedule():
    assert {"comments.jobs.empty_trash_and_spam", "comments.jobs.delete_old_facts"} <= set(_entries)


def test_what_nothing_hangs_on_any_more_is_forgotten(make_comment, ada, mona):
    gone, here, blocked = (Person.objects.of_browser(name) for name in ("gone", "here", "blocked"))
    account, address = Person.objects.of_account(mona), Person.objects.of_address("ann@example.org")
    blocked.set_trust("blocked", by=ada)
    make_comment("It stands.", person=here)
    for maker in ("rules", "moderator"):
        ModerationAction.objects.create(maker=maker, what="spam", items=[[1, "pending", "", "spam"]])
    Person.objects.update(created_at=timezone.now() - timedelta(days=31))
    ModerationAction.objects.update(created_at=timezone.now() - timedelta(days=366))
    young = Person.objects.of_browser("young")
    delete_orphans()
    assert set(Person.objects.all()) == {here, blocked, account, address, young} and gone not in Person.objects.all()
    assert (
        not ModerationAction.objects.filter(maker="rules").exists()
        and ModerationAction.objects.filter(maker="moderator").exists()
    )
