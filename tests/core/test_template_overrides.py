"""Templates in the data folder: they replace Longrun's, show changes at once, and cost no reader a page if broken."""

import json
import os

import pytest
from django.conf import settings
from django.db import OperationalError
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.loader import render_to_string

from core import cache_version, template_overrides
from core.template_overrides import overrides, read_errors, watching
from server.doctor import configuration
from server.doctor.problem import Problem


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """`write(name, text)` puts a template into the data folder, or takes it away (None)."""
    assert (
        template_overrides.templates_folder().parent == template_overrides.errors_file().parent == settings.LONGRUN_DATA
    )
    monkeypatch.setattr(template_overrides, "templates_folder", lambda: tmp_path / "templates")
    monkeypatch.setattr(template_overrides, "errors_file", lambda: tmp_path / "template_errors.json")
    monkeypatch.setattr(template_overrides, "SECONDS", 0)
    overrides.look()

    def put(name, text):
        path = tmp_path / "templates" / name
        if text is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    yield put
    monkeypatch.setattr(template_overrides, "templates_folder", lambda: tmp_path / "nothing")
    overrides.look()


def page(client, path="/"):
    overrides.look()  # as `watching` does before every request
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


HOME = '{% extends "base.html" %}{% block main %}{% url "nothing" %}{% endblock %}'
COLOPHON = '<p id="mine">{{ layout.site.title }} by hand</p>'


def test_a_template_of_the_data_folder_replaces_longruns_until_it_is_gone(client, write, settled):
    settled()
    ours = page(client)
    assert "by hand" not in ours
    write("_colophon.html", COLOPHON)
    assert '<p id="mine">Ada runs by hand</p>' in page(client)
    write("_colophon.html", COLOPHON.replace("hand", "foot"))
    assert "by foot" in page(client)
    write("_colophon.html", None)
    assert page(client) == ours


def test_patterns_of_posts_are_made_anew(client, write, make_post, settled):
    make_post("A long run")
    settled()
    assert "A long run" in page(client)
    write("blog/_post_in_list.html", "<article>Mine: {{ entry.title }}</article>")
    assert "<article>Mine: A long run</article>" in page(client)


def test_it_may_extend_the_one_that_it_replaces(client, write, settled):
    write("base.html", '{% extends "base.html" %}{% block colophon %}<p>Mine</p>{{ block.super }}{% endblock %}')
    settled()
    text = page(client)
    assert "<p>Mine</p>" in text and text.count("<main") == 1


def test_a_change_makes_cached_pages_outdated_before_they_are_served(write):
    served = []
    application = watching(lambda environ, start_response: served.append(cache_version.current_state()) or [])
    application({}, None)
    write("_colophon.html", COLOPHON)
    application({}, None)
    application({}, None)
    first, changed, same = (state.version(cache_version.PUBLIC) for state in served)
    assert first != changed == same


def test_the_folder_is_looked_at_once_a_second(write, monkeypatch):
    monkeypatch.setattr(template_overrides, "SECONDS", 3600)
    write("_colophon.html", COLOPHON)
    overrides.look()
    assert overrides.names == frozenset()


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("_colophon.html", "{% if %}", "TemplateSyntaxError"),
        ("_colophon.html", "{% block x %}", "TemplateSyntaxError"),
        ("_colophon.html", "{% load nothing_like_it %}", "TemplateSyntaxError"),
        ("_colophon.html", '{% url "nothing-like-it" %}', "NoReverseMatch"),
        ("_colophon.html", '{% include "nothing.html" %}', "TemplateDoesNotExist"),
        ("_colophon.html", '{% include "_colophon.html" %}', "RecursionError"),
        ("blog/home.html", '{% extends "nothing.html" %}', "TemplateDoesNotExist"),
        ("blog/home.html", HOME, "NoReverseMatch"),
        ("base.html", '{% block main %}{% endblock %}{{ layout|part:"nothing.html" }}', "TemplateSyntaxError"),
        ("base.html", '{% load blog %}{{ layout|part:"nothing.html" }}', "TemplateDoesNotExist"),
    ],
)
def test_a_broken_one_gives_readers_longruns_page_and_is_told(name, text, error, client, write, settled, caplog):
    settled()
    ours = page(client)
    write(name, text)
    assert page(client) == ours and page(client) == ours
    assert overrides.broken == {name}
    assert error in read_errors()[name][0]
    assert len([line for line in caplog.messages if f"the template {name} of the data folder is left out" in line]) == 1
    with pytest.raises(Problem) as found:
        configuration.templates()
    assert f"{name} ({error}" in found.value.text and "templates" in found.value.todo
    write(name, f'{{% extends "{name}" %}}')
    assert page(client) == ours and overrides.broken == set()
    assert configuration.templates() == "1 template of the data folder is used"


def test_an_unreadable_one_is_left_out(client, write, tmp_path, settled):
    settled()
    ours = page(client)
    write("_colophon.html", "x")
    (tmp_path / "templates/_colophon.html").write_bytes(b"\xff\xfe caf\xe9")
    assert page(client) == ours and "UnicodeDecodeError" in read_errors()["_colophon.html"][0]


def test_the_others_stay_in_use(client, write, settled):
    settled()
    write("_colophon.html", COLOPHON)
    write("_masthead.html", '{% url "nothing" %}')
    text = page(client)
    text = page(client)  # rendered again without the broken one alone
    cache_version.increment()
    assert "by hand" in page(client) and overrides.broken == {"_masthead.html"} and "<main" in text


def test_an_error_of_the_page_itself_blames_no_template(write):
    write("_colophon.html", COLOPHON)
    with pytest.raises(TemplateDoesNotExist):
        render_to_string("nothing.html")
    write("mine.html", "{% include 'nothing.html' %}")  # Longrun has none of this name
    with pytest.raises(TemplateDoesNotExist):
        render_to_string("mine.html")
    write("_colophon.html", "{{ layout.fail }}")

    class Away:
        def fail(self):
            raise OperationalError("away")

    with pytest.raises(OperationalError):
        render_to_string("_colophon.html", {"layout": Away()})

    class Wrong:
        @property
        def site(self):
            raise ZeroDivisionError

    write("_colophon.html", "{{ layout.site }}")
    with pytest.raises(ZeroDivisionError):  # Longrun's asks for it as well
        render_to_string("_colophon.html", {"layout": Wrong()})
    write("unfinished.html", "{% if %}")
    with pytest.raises(TemplateDoesNotExist):
        render_to_string("unfinished.html")
    assert overrides.broken == set()


def test_errors_of_files_that_were_changed_since_are_forgotten(write, tmp_path):
    assert read_errors() == {} and configuration.templates() == "no templates in the data folder"
    write("_colophon.html", "{% if %}")
    overrides.look()
    overrides.leave_out("_colophon.html", TemplateSyntaxError("x" * 1000))
    ((message, changed),) = read_errors().values()
    assert len(message) == template_overrides.LONGEST_MESSAGE
    os.utime(tmp_path / "templates/_colophon.html", ns=(changed + 1, changed + 1))
    assert read_errors() == {}
    for broken in ("{", "[]", '{"_colophon.html": 7}', json.dumps({"_colophon.html": []})):
        (tmp_path / "template_errors.json").write_text(broken)
        assert read_errors() == {}


def test_a_data_folder_that_cannot_be_written_is_no_reason_for_an_error(write, tmp_path, caplog):
    (tmp_path / "template_errors.json").mkdir()
    write("_colophon.html", "{% if %}")
    overrides.look()
    assert "colophon" in render_to_string("_colophon.html", {}) and "cannot be written" in caplog.text


def test_a_link_that_leads_nowhere_and_a_folder_are_no_templates(write, tmp_path):
    write("blog/x.html", "x")
    (tmp_path / "templates/loop.html").symlink_to(tmp_path / "templates/loop.html")
    assert {name for name, _changed, _size in template_overrides.stamps()} == {"blog/x.html"}


def test_doctor_finds_a_syntax_error_that_no_page_has_met(write):
    write("blog/archive.html", "{% block main %}")
    with pytest.raises(Problem) as found:
        configuration.templates()
    assert "blog/archive.html (TemplateSyntaxError: " in found.value.text
    assert "Unclosed tag on line 1: 'block'" in found.value.text
    assert engines["django"].engine.find_template("base.html")
