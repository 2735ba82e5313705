"""Why it waits leads to what can be changed: every setting named is there, every rule is known."""

import pytest

from comments import rules
from comments.desk.forms import DiscussionForm
from comments.desk.reasons import SETTINGS, setting_behind
from comments.models import Person

ELSEWHERE = {"person", "switch"}


@pytest.mark.parametrize(("rule", "field"), SETTINGS.items())
def test_a_reason_leads_to_a_setting_of_a_rule_that_is_asked(rule, field):
    assert rule in {known.__name__ for known in rules.RULES}
    assert field in ELSEWHERE | set(DiscussionForm.base_fields)


def test_a_rule_that_nobody_can_set_leads_nowhere():
    assert setting_behind("an_unproven_origin_waits_for_a_look") == ""


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("the_blocked_are_not_heard", "/desk/comments/people/{person}/"),
        ("everything_waits_while_the_switch_says_so", "/desk/comments/#switch"),
        ("many_links_wait_for_a_look", "/desk/settings/discussion/#id_link_limit"),
    ],
)
def test_the_card_leads_there(ada, as_, make_comment, rule, place):
    person = Person.objects.of_browser("p" * 32)
    make_comment(state="pending", person=person, reasons=[{"rule": rule, "verdict": "pending", "why": "For a reason."}])
    page = as_(ada).get("/desk/comments/stack/").content.decode()
    assert f'href="{place.format(person=person.pk)}">The rule' in page


def test_a_page_with_a_draft_is_no_page_for_search_engines(client, post):
    assert 'content="noindex"' not in client.get(post.path).content.decode()
    assert 'content="noindex"' in client.get(f"{post.path}?draft=anything").content.decode()
