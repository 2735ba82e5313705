from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from comments.management.commands import spam_report
from comments.models import Comment, ModerationAction, SpamIndicator, TrainingExample
from comments.spam import evaluation

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
    ModerationAction.of_the_rules(make_comment("Nobody has looked at this.", state="spam"))


def test_nothing_decided_is_nothing_to_measure(db):
    assert "Decisions: 0" in report() and "Too few" in report()


def test_it_says_how_well_the_filter_does(decided):
    said = report()
    assert "Decisions: 24, of them 12 spam and 12 honest." in said
    spam, honest = "spam 12 of 12 (100.00 %, 75.75 to 100.00)", "honest 0 of 12 (0.00 %, 0.00 to 24.25)"
    assert f"Held or sent to spam (from 0.5): precision 100.0%, {spam}, {honest}." in said
    assert "It only holds until there are 30 decisions, 10 of each kind." in said
    assert "Sent to spam (from 0.98):" in said


@pytest.fixture
def without_figures(monkeypatch):
    """What is only learned need not be measured: a tenth of the decisions at a time, each by a filter of its own."""
    monkeypatch.setattr(spam_report, "FOLDS", 100)


def test_it_learns_anew_what_people_decided_and_still_stands(decided, ada, without_figures):
    TrainingExample.objects.all().delete()
    TrainingExample.objects.create(key="left over", spam=True, features=b"")
    Comment.objects.filter(name="Shop").first().approve(ada)
    Comment.objects.filter(name="Ann").first().trash(ada)
    assert "Retrained on 23 decisions." in report("--rebuild")
    assert TrainingExample.objects.filter(spam=True).count() == 11
    assert SpamIndicator.objects.filter(spam=1, honest=0).count() > 0


def test_an_undone_decision_is_not_learned(decided):
    ModerationAction.objects.filter(what="spam", maker="moderator").get().undo()
    report("--rebuild")
    assert not TrainingExample.objects.filter(spam=True).exists()


def test_it_judges_our_own_texts_where_they_are(db, monkeypatch, tmp_path):
    judged = evaluation.Judged([0.1, 0.2, 0.6, 0.1], [0.9, 0.99, 0.3])
    monkeypatch.setattr(evaluation, "figures", lambda _folder: {"untaught": judged})
    said = report("--own-texts")
    assert "untaught: honest held 1 of 4 (25.00 %, 4.56 to 69.94), filed 0 of 4" in said
    assert "spam held 2 of 3" in said and said.strip().endswith("MCC 0.417")
    monkeypatch.setattr(spam_report, "OWN_TEXTS", tmp_path)
    with pytest.raises(CommandError, match="part of the source code"):
        report("--own-texts")
