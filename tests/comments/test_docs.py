"""docs/moderation.md tells the truth: its addresses are there, its settings are called what it calls them."""

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from comments.models import DiscussionSettings

TEXT = Path("docs/moderation.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(/[a-z/]+/)`", TEXT))))
def test_an_address_that_is_named_is_there(path):
    try:
        assert resolve(path)
    except Resolver404:
        pytest.fail(f"{path} is nowhere")


@pytest.mark.parametrize(
    "field", ["previously_approved", "link_limit", "moderation_keys", "close_after_days", "manual_approval"]
)
def test_a_setting_is_called_what_the_page_calls_it(field):
    assert f"*{DiscussionSettings._meta.get_field(field).verbose_name}" in TEXT


def test_the_numbers_are_those_of_the_code():
    from comments.jobs import KEPT

    assert f"{KEPT.days} days" in TEXT
    assert (
        f"{DiscussionSettings().edit_minutes} minutes" in TEXT
        and f", {DiscussionSettings().facts_days} by default" in TEXT
    )
