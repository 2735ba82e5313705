"""The table of docs/moving.md names every model of ours: it is exported, or stays with a reason."""

import re

import pytest
from django.apps import apps

from tests.blog_process import ROOT
from transfer.exporting import schema

OURS = {"accounts", "blog", "comments", "core", "server", "transfer"}


@pytest.fixture
def table():
    """(what, models, whether JSON has it, whether a mirror has it) of each row."""
    text = (ROOT / "docs/moving.md").read_text(encoding="utf-8")
    lines = text.partition("What is in which export")[2].partition("\nA test")[0].splitlines()
    found = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")][2:]
    assert len(found) > 25
    return [
        (what, re.findall(r"`(\w+)`", models), json != "no", mirror != "no")
        for what, models, _wordpress, _text, json, mirror in found
    ]


def test_every_model_is_in_the_table_once(table):
    ours = {model.__name__ for model in apps.get_models() if model._meta.app_label in OURS}
    named = [name for _what, models, *_where in table for name in models]
    assert len(named) == len(set(named))
    assert set(named) == ours, "docs/moving.md: say what exports have of a new model, or why they do not have it"


def test_the_table_says_what_the_json_export_has(table, monkeypatch):
    exported, table_of = set(), schema.table

    def recorded(model, *names, **more):
        exported.add(model.__name__)
        return table_of(model, *names, **more)

    monkeypatch.setattr(schema, "table", recorded)
    schema.schema()
    assert {name for _what, models, is_exported, _mirror in table for name in models if is_exported} == exported


def test_what_stays_has_a_reason_and_stays_out_of_the_mirror_too(table):
    for what, _models, in_json, in_mirror in table:
        assert in_json == in_mirror, what
        assert in_json or ": " in what, f"{what}: why does it stay?"
