"""A pattern is filled with one object's values: what it prints is what the template prints, and nothing of another."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from core.template_patterns import MAX_PATTERNS, pattern_for, render_pattern, render_patterns

ODD = "%(url)s %d %% <b>\x02url\x03</b> & “Söhne” \"'"


def link(**values):
    return {"rel": "tag", "url": "/tag/a/", "name": "A"} | values


@pytest.mark.parametrize(
    "values", [link(), link(name=ODD), link(name=mark_safe("<i>%s</i>")), link(url="/?a=1&b=%20"), link(name="")]
)
def test_a_pattern_prints_what_the_template_prints(values):
    for _time in range(2):
        found = render_pattern("blog/_term_link.html", "term", values)
        assert found == render_to_string("blog/_term_link.html", {"term": values})
        assert isinstance(found, SafeString)


def test_what_one_object_has_does_not_show_on_the_next():
    values = {"display_title": "One", "url": "/one/", "more_text": "More of <it>"}
    one = render_pattern("blog/_read_more.html", "entry", values)
    other = render_pattern("blog/_read_more.html", "entry", values | {"more_text": None, "display_title": "Two"})
    assert "More of &lt;it&gt;" in one and "Continue reading" not in one
    assert "More of" not in other and "Continue reading" in other and "One" not in other


def test_flags_choose_a_pattern_of_their_own():
    values = {"display_title": "One", "title": "One", "url": "/one/", "author": "Ada", "text": "x"}
    found = [
        render_pattern("blog/_post_in_list.html", "entry", values, format=kind, sticky=sticky, titled=True)
        for kind in ("note", "quote")
        for sticky in (True, False)
    ]
    assert [("entry--quote" in text, "entry__flag" in text) for text in found] == [
        (False, True), (False, False), (True, True), (True, False),
    ]  # fmt: skip


def test_each_language_has_its_own_pattern():
    values = {"display_title": "One", "url": "/one/"}
    said = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            said.append(render_pattern("blog/_read_more.html", "entry", values))
    assert "Continue reading" in said[0] == said[2] and "Weiterlesen" in said[1]


def test_several_are_rendered_one_after_the_other():
    found = render_patterns("blog/_term_link.html", "term", [link(), link(name="B & C", url="/b/")], join=", ")
    assert found.count("<a ") == 2 and ">A</a>, <a" in found and "B &amp; C" in found
    assert render_patterns("blog/_term_link.html", "term", []) == ""


def test_the_patterns_in_memory_are_bounded():
    for number in range(MAX_PATTERNS + 20):
        render_pattern("blog/_read_more.html", "entry", {"url": "/"}, number=number + 1)
    assert pattern_for.cache_info().currsize == MAX_PATTERNS
