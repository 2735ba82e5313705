from io import StringIO

import pytest
from django.core.management import call_command

from comments.models import Comment, Decision, Lesson, Trace

KINDS = ["mill", "ferry", "plum", "clock", "dog", "kite", "lamp", "oak", "rope", "stove", "tent", "vase"]


def report(*arguments):
    out = StringIO()
    call_command("spam_report", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def decided(ada, make_comment):
    """Twelve honest comments and twelve that are spam, by Ada's word; one by a rule's."""
    for word in KINDS:
        make_comment(f"I think that my {word} was older than yours, but we never knew.", state="pending")
        make_comment(
            f"Buy cheap {word} pills online now, free shipping http://{word}-pills.example",
            state="pending",
            name="Shop",
        )
    Comment.objects.filter(name="Ann").approve(ada)
    Comment.objects.filter(name="Shop").mark_spam(ada)
    Decision.of_the_rules(make_comment("Nobody has looked at this.", state="spam"))


def test_nothing_decided_is_nothing_to_measure(db):
    assert "Decisions: 0" in report() and "Too few" in report()


def test_it_says_how_well_the_filter_does(decided):
    said = report()
    assert "Decisions: 24, of them 12 spam and 12 honest." in said
    assert "Held or sent to spam (from 0.5): precision 100.0%, recall 100.0%, blocked ham 0 of 12 (0.00%)." in said
    assert "Sent to spam (from 0.98):" in said


def test_it_learns_anew_what_people_decided_and_still_stands(decided, ada):
    Lesson.objects.all().delete()
    Lesson.objects.create(key="left over", spam=True, marks=b"")
    Comment.objects.filter(name="Shop").first().approve(ada)
    Comment.objects.filter(name="Ann").first().trash(ada)
    assert "Learned anew: 23 decisions." in report("--rebuild")
    assert Lesson.objects.filter(spam=True).count() == 11
    assert Trace.objects.filter(spam=1, honest=0).count() > 0


def test_an_undone_decision_is_not_learned(decided):
    Decision.objects.filter(what="spam", maker="moderator").get().undo()
    report("--rebuild")
    assert not Lesson.objects.filter(spam=True).exists()
