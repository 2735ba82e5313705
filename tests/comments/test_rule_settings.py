"""Why it waits leads to what can be changed: every setting named is there, every rule is known."""

import pytest

from comments.desk.forms import DiscussionForm
from comments.desk.rule_settings import SETTINGS, setting_of
from comments.models import Person
from comments.models.reasons import strongest
from comments.moderation import rules
from comments.spam.classifier import SpamFilter

ELSEWHERE = {"person", "switch"}


@pytest.mark.parametrize(("rule", "field"), SETTINGS.items())
def test_a_reason_leads_to_a_setting_of_a_rule_that_is_asked(rule, field):
    assert rule in {known.__name__ for known in rules.RULES}
    assert field in ELSEWHERE | set(DiscussionForm.base_fields)


def test_a_rule_that_nobody_can_set_leads_nowhere():
    assert setting_of("hold_unproven_origin") == ""


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("spam_from_blocked", "/desk/comments/commenters/{person}/"),
        ("hold_while_switched", "/desk/comments/#switch"),
        ("hold_many_links", "/desk/settings/discussion/#id_link_limit"),
    ],
)
def test_the_card_leads_there(ada, as_, make_comment, rule, place):
    person = Person.objects.of_browser("p" * 32)
    make_comment(state="pending", person=person, reasons=[{"rule": rule, "verdict": "pending", "why": "For a reason."}])
    page = as_(ada).get("/desk/comments/review/").content.decode()
    assert f'href="{place.format(person=person.pk)}">The rule' in page


FIRST = {"rule": "hold_first_comment", "why": "It is the first comment by this commenter."}
ALL = {"rule": "hold_every_comment", "why": "Every comment must be manually approved."}
LINKS = {"rule": "hold_many_links", "why": "It contains 3 links; your limit is 2."}
FAST = {"rule": "hold_fast_comments", "why": "It was written in 0.5 seconds: 80 characters."}
SPAM = {"rule": "classify_spam", "why": "It looks like spam (98 %)."}


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ([FIRST], [FIRST]),
        ([ALL, FIRST], [ALL]),
        ([LINKS, FIRST], [LINKS]),
        ([SPAM, LINKS, FAST, ALL, FIRST], [SPAM, LINKS]),
        ([LINKS, LINKS, FAST], [LINKS, FAST]),
        ([{"why": "Imported."}], [{"why": "Imported."}]),
        ([{}], [{}]),
        ([], []),
    ],
)
def test_two_reasons_are_told_the_strongest_first(reasons, told):
    assert strongest(reasons) == told


@pytest.mark.parametrize("reasons", [[FIRST], [LINKS, FIRST], [ALL, FIRST]])
def test_a_first_comment_is_said_once(ada, as_, make_comment, reasons):
    make_comment("Now", state="pending", person=Person.objects.of_browser("p" * 32), reasons=reasons)
    page = as_(ada).get("/desk/comments/review/").content.decode()
    assert (FIRST["why"] in page) + ("First comment by this commenter" in page) == 1


@pytest.mark.parametrize(
    ("spam", "honest", "told"),
    [
        (5, 0, "“ben” is in 5 comments that you marked as spam and in none that you approved."),
        (8, 1, "“ben” is in 8 comments that you marked as spam and in 1 that you approved."),
        (1, 0, None),
        (3, 3, None),
    ],
)
def test_a_word_is_told_with_the_comments_that_were_decided_about(db, spam, honest, told):
    SpamFilter().learn_all([(f"Ben sells lamps, {n}{'x' * n}", "", "", True) for n in range(spam)])
    SpamFilter().learn_all([(f"We met Ben on the hill, {'y' * n}", "", "", False) for n in range(honest)])
    said = [reason for reason in SpamFilter().reasons("Ask ben") if "“ben”" in reason]
    assert said == ([told] if told else [])


def test_a_page_with_a_draft_is_no_page_for_search_engines(client, post):
    assert 'content="noindex"' not in client.get(post.path).content.decode()
    assert 'content="noindex"' in client.get(f"{post.path}?draft=anything").content.decode()
