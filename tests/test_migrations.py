"""Migrations expand the schema and contract it a release later (docs/upgrading.md): the former version, which another
machine may still run and to which an upgrade may go back, works with the schema of the next one."""

import re
from pathlib import Path

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

ROOT = Path(__file__).resolve().parent.parent
APPS = {"accounts", "blog", "comments", "core", "transfer"}
BASE = "0001_initial"  # of 0.2.0, from which every data folder came

# "app.migration: finding" → why it is right all the same. For what drops or renames: "unused since VERSION", a released
# version whose code no longer reads or writes it.
EXCEPTIONS = {
    **{
        f"blog.0004_robots: readingsettings.{name} is added without null or db_default": (
            "the table has one row, which the former version updates and never inserts"
        )
        for name in ("allow_ai_search", "allow_ai_training", "allow_archives", "allow_marketing", "allow_search")
    },
    "comments.0002_stopped_addresses: subscription.consent is added without null or db_default": (
        "older than this rule: on several machines the former version cannot subscribe anybody while it still runs"
    ),
}
WIDER = {  # types that hold every value of the other one
    ("PositiveSmallIntegerField", "PositiveIntegerField"),
    ("PositiveIntegerField", "PositiveBigIntegerField"),
    ("IntegerField", "BigIntegerField"),
    ("CharField", "TextField"),
    ("EmailField", "CharField"),
    ("SlugField", "CharField"),
    ("URLField", "CharField"),
}
FORBIDDEN = {
    migrations.RemoveField: lambda step: f"{step.model_name_lower}.{step.name} is dropped",
    migrations.DeleteModel: lambda step: f"{step.name_lower} is dropped",
    migrations.RenameField: lambda step: f"{step.model_name_lower}.{step.old_name} is renamed",
    migrations.RenameModel: lambda step: f"{step.old_name_lower} is renamed",
    migrations.AlterModelTable: lambda step: f"{step.name_lower} is renamed",
    migrations.AlterUniqueTogether: lambda step: f"{step.name_lower} refuses what it took",
    migrations.AddConstraint: lambda step: f"{step.model_name_lower} refuses what it took: {step.constraint.name}",
}


def findings(steps, state, app):
    """What in the operations would break the former version; `state` is the schema before them."""
    for step in steps:
        if isinstance(step, migrations.SeparateDatabaseAndState):
            yield from forgotten(step, state, app)
            yield from findings(step.database_operations, state.clone(), app)
        elif type(step) in FORBIDDEN:
            yield FORBIDDEN[type(step)](step)
        elif isinstance(step, migrations.AddField):
            if not (step.field.many_to_many or may_be_left_out(step.field)):
                yield f"{step.model_name_lower}.{step.name} is added without null or db_default"
        elif isinstance(step, migrations.AlterField):
            before = state.models[app, step.model_name_lower].fields[step.name]
            yield from (f"{step.model_name_lower}.{step.name} {said}" for said in narrowed(before, step.field))
        if not step.reversible:
            yield f"{type(step).__name__} cannot be undone"
        step.state_forwards(app, state)


def forgotten(step, state, app):
    """A field that the code forgets and the table keeps: the next version inserts rows without it."""
    for each in step.state_operations:
        if isinstance(each, migrations.RemoveField):
            field = state.models[app, each.model_name_lower].fields[each.name]
            if not (field.many_to_many or may_be_left_out(field)):
                yield f"{each.model_name_lower}.{each.name} is forgotten without null or db_default"


def may_be_left_out(field):
    return field.null or field.db_default is not NOT_PROVIDED


def narrowed(before, after):
    types = before.get_internal_type(), after.get_internal_type()
    if types[0] != types[1] and types not in WIDER:
        yield f"becomes a {types[1]}"
    if before.null and not after.null:
        yield "refuses null"
    if after.unique and not before.unique:
        yield "becomes unique"
    if after.max_length and (before.max_length or 10**9) > after.max_length:
        yield f"is shortened to {after.max_length}"
    if may_be_left_out(before) and not may_be_left_out(after):
        yield "can no longer be left out"
    if before.db_column != after.db_column:
        yield "is renamed"


def ours():
    """(name, migration, the state before it) of each of our migrations after the base, in their order."""
    loader = MigrationLoader(None)
    state = ProjectState()
    for app, name in dict.fromkeys(
        node for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf)
    ):
        migration = loader.graph.nodes[app, name]
        if app in APPS and name != BASE:
            yield f"{app}.{name}", migration, state.clone()
        migration.mutate_state(state, preserve=False)


def found():
    return {
        f"{name}: {finding}"
        for name, migration, state in ours()
        for finding in findings(migration.operations, state, migration.app_label)
    }


def test_what_a_migration_takes_away_has_been_out_of_use_for_a_release():
    assert found() - EXCEPTIONS.keys() == set(), "docs/upgrading.md: expand, then contract"


def test_every_exception_is_needed_and_has_its_reason():
    assert EXCEPTIONS.keys() - found() == set()
    released = re.findall(r"^## (\d\S+) ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    for finding, reason in EXCEPTIONS.items():
        assert len(reason) > 20, finding
        if finding.endswith(("is dropped", "is renamed")):
            assert re.match(r"unused since (\S+)", reason)[1] in released, finding


def test_there_are_migrations_to_read():
    assert len(list(ours())) >= 10


# The rules refuse what they are there for


def state_with(**fields):
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), *fields.items()]
    migrations.CreateModel("post", fields).state_forwards("blog", state)
    return state


def text(**options):
    return models.CharField(**{"max_length": 20} | options)


Q = models.Q(word="a")
REFUSED = {
    "post.word is dropped": migrations.RemoveField("post", "word"),
    "post is dropped": migrations.DeleteModel("Post"),
    "post.word is renamed": migrations.RenameField("post", "word", "term"),
    "post is renamed": migrations.RenameModel("Post", "Entry"),
    "post refuses what it took": migrations.AlterUniqueTogether("post", {("word", "id")}),
    "post refuses what it took: only_a": migrations.AddConstraint(
        "post", models.CheckConstraint(condition=Q, name="only_a")
    ),
    "post.new is added without null or db_default": migrations.AddField("post", "new", text(default="")),
    "post.word refuses null": migrations.AlterField("post", "word", text(db_default="")),
    "post.word can no longer be left out": migrations.AlterField("post", "word", text()),
    "post.word becomes unique": migrations.AlterField("post", "word", text(null=True, unique=True)),
    "post.word is shortened to 10": migrations.AlterField("post", "word", text(null=True, max_length=10)),
    "post.word becomes a IntegerField": migrations.AlterField("post", "word", models.IntegerField(null=True)),
    "RunPython cannot be undone": migrations.RunPython(migrations.RunPython.noop),
    "RunSQL cannot be undone": migrations.RunSQL("SELECT 1"),
}


@pytest.mark.parametrize("finding", REFUSED)
def test_what_would_break_the_former_version_is_refused(finding):
    assert finding in list(findings([REFUSED[finding]], state_with(word=text(null=True)), "blog"))


def test_what_the_database_alone_loses_is_refused_too():
    step = migrations.SeparateDatabaseAndState(database_operations=[REFUSED["post.word is dropped"]])
    assert list(findings([step], state_with(word=text(null=True)), "blog")) == ["post.word is dropped"]


def test_a_field_may_be_forgotten_by_the_code_before_the_table_loses_it():
    """The first of two releases: the model has it no longer, and rows are inserted without it."""
    step = migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("post", "word")])
    assert list(findings([step], state_with(word=text(null=True)), "blog")) == []
    assert list(findings([step], state_with(word=text()), "blog")) == [
        "post.word is forgotten without null or db_default"
    ]


@pytest.mark.parametrize(
    "step",
    [
        migrations.AddField("post", "new", text(db_default="")),
        migrations.AddField("post", "new", text(null=True)),
        migrations.AddField("post", "new", models.ManyToManyField("blog.post")),
        migrations.AlterField("post", "word", text(null=True, max_length=30)),
        migrations.AlterField("post", "word", models.TextField(null=True)),
        migrations.AddIndex("post", models.Index(fields=["word"], name="by_word")),
        migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
        migrations.CreateModel("Word", [("id", models.BigAutoField(primary_key=True))]),
    ],
    ids=lambda step: step.describe(),
)
def test_what_only_adds_is_allowed(step):
    assert list(findings([step], state_with(word=text(null=True)), "blog")) == []
