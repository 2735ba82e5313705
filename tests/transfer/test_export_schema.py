"""docs/export.schema.json says what export_json writes: it is made from the models, and real exports keep to it.

There is no validator of JSON Schema among our packages. `violations` is one for the keywords that our schema uses, and
fails at any other: `$ref` within the document, `const`, `enum`, `type`, `properties` with `required` and
`additionalProperties: false`, `items`, `maxLength`, and `format` date and date-time. What the schema cannot say (that
numbers refer to rows, that a base64 text is a picture) is not checked here.
"""

import io
import json
from datetime import date, datetime

import pytest
from django.core.management import call_command

from blog.models import Category, CssRevision, HomeZone, Icon, MenuLink, Podcast, Post, Redirect, Series
from comments.models import Block, Person, StoppedAddress, Subscription
from tests import furnished
from tests.blog_process import ROOT
from tests.transfer.cards import post_with_card
from transfer.exporting.schema import schema, text

TYPES = {"string": str, "object": dict, "array": list, "null": type(None), "boolean": bool, "integer": int}
NOTES = {"$schema", "$defs", "title", "description", "contentEncoding"}


def violations(value, rule, whole, path="$"):
    """Yields where a value breaks the schema."""
    known = {"$ref", "const", "enum", "type", "properties", "required", "additionalProperties", "items", "maxLength",
             "format"}  # fmt: skip
    assert set(rule) <= known | NOTES, f"this test does not know {set(rule) - known - NOTES}"
    if "$ref" in rule:
        at = whole
        for name in rule["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        yield from violations(value, at, whole, path)
        return
    if "const" in rule and value != rule["const"] or "enum" in rule and value not in rule["enum"]:
        yield f"{path}: {value!r}"
    if "type" in rule:
        names = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
        if type(value) not in [TYPES[name] for name in names]:
            yield f"{path}: {type(value).__name__} instead of {names}"
            return
    if isinstance(value, str):
        if len(value) > rule.get("maxLength", len(value)):
            yield f"{path}: too long"
        if "format" in rule:
            yield from no_moment(value, rule["format"], path)
    if isinstance(value, dict) and "properties" in rule:
        assert rule["additionalProperties"] is False
        for name in set(value) ^ set(rule["required"]):
            yield f"{path}.{name}: missing or unknown"
        for name in set(value) & set(rule["properties"]):
            yield from violations(value[name], rule["properties"][name], whole, f"{path}.{name}")
    if isinstance(value, list) and "items" in rule:
        for number, each in enumerate(value):
            yield from violations(each, rule["items"], whole, f"{path}[{number}]")


def no_moment(value, kind, path):
    try:
        found = {"date": date, "date-time": datetime}[kind].fromisoformat(value)
    except ValueError:
        yield f"{path}: no {kind}"
    else:
        if kind == "date-time" and found.tzinfo is None:
            yield f"{path}: no timezone"


@pytest.fixture
def exported(ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    furnished.furnish(ada)
    Subscription.objects.create(address="sub@example.org", what="posts")
    Redirect.keep("/older/", Post.objects.first(), public=True)
    MenuLink.objects.create(title="Elsewhere", url="https://example.org/")
    Block.objects.create(person=Person.objects.first(), kind="address", value="al@example.org")
    StoppedAddress.objects.stop(["gone@example.org"], StoppedAddress.Why.BOUNCED)
    Series.objects.create(name="Winter")
    HomeZone.objects.create(point="48.2, 16.3")
    Podcast.objects.create(
        category=Category.objects.first(), title="Miles", description="Talks", author="Ada", language="en"
    )
    Icon.objects.create(size=32, png=b"\x89PNG\r\n\x1a\n")
    CssRevision.objects.create(state="used", css="h1 { color: red }", by=ada)
    post_with_card("https://example.org/rivers", ada)
    path = tmp_path / "blog.json"
    call_command("export_json", path, stdout=io.StringIO())
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_published_schema_is_that_of_the_models():
    assert (ROOT / "docs/export.schema.json").read_text(encoding="utf-8") == text(), (
        "A column has changed: manage.py export_json --schema > docs/export.schema.json"
    )


@pytest.mark.django_db
def test_an_export_keeps_to_the_schema(exported):
    assert list(violations(exported, schema(), schema())) == []
    assert all(exported.values()) and exported["posts"][0]["comments"][0]["text"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda whole: whole.pop("tags"), "$.tags"),
        (lambda whole: whole.update(password="x"), "$.password"),
        (lambda whole: whole["posts"][0].update(status="lost"), "$.posts[0].status"),
        (lambda whole: whole["posts"][0].update(id="7"), "$.posts[0].id"),
        (lambda whole: whole["posts"][0]["comments"][0].update(posted_at="yesterday"), "$.posts[0].comments[0]"),
        (lambda whole: whole["site"].update(title="x" * 201), "$.site.title"),
        (lambda whole: whole["people"][0].update(is_active=1), "$.people[0].is_active"),
    ],
)
def test_a_document_that_breaks_the_schema_is_found(exported, change, place):
    change(exported)
    assert [each for each in violations(exported, schema(), schema()) if each.startswith(place)]
