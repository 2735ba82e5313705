"""Lists mean what they mean elsewhere: the way CommonMark writers type them."""

import re

import pytest

from blog.markup import COMMENT, POST, render


def shape(html: str) -> str:
    """The HTML without the spaces between tags, which mean nothing here."""
    return re.sub(r"\s+", " ", re.sub(r">\s+", ">", re.sub(r"\s+<", "<", html))).strip()


def post(text: str) -> str:
    return shape(render(text, POST, prefix="p-").html)


CASES = {
    "a list right after a line of text": ("text\n- a\n- b", "<p>text</p><ul><li>a</li><li>b</li></ul>"),
    "a numbered list right after a line of text": ("text\n1. a\n2. b", "<p>text</p><ol><li>a</li><li>b</li></ol>"),
    "a list after a heading": ("## H\n- a", '<h2 id="p-h">H</h2><ul><li>a</li></ul>'),
    "text after an empty line ends a list": ("- a\n\ntext", "<ul><li>a</li></ul><p>text</p>"),
    "text right after an item belongs to it": ("- a\ntext", "<ul><li>a text</li></ul>"),
    "a heading ends a list": ("- a\n## H", '<ul><li>a</li></ul><h2 id="p-h">H</h2>'),
    "a rule ends a list": ("- a\n***\n- b", "<ul><li>a</li></ul><hr><ul><li>b</li></ul>"),
    "a quote ends a list": ("- a\n> q", "<ul><li>a</li></ul><blockquote><p>q</p></blockquote>"),
    "two spaces nest": ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
    "three levels of two spaces": (
        "- a\n  - b\n    - c\n- d",
        "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>",
    ),
    "four spaces nest as before": (
        "- a\n    - b\n        - c",
        "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>",
    ),
    "tabs nest": ("- a\n\t- b\n\t\t- c", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
    "three spaces nest below a number": ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
    "two spaces below a number do not": ("1. a\n  - b", "<ol><li>a</li></ol><ul><li>b</li></ul>"),
    "a wide number needs more": ("10. a\n    - b", '<ol start="10"><li>a<ul><li>b</li></ul></li></ol>'),
    "one space more is no level": ("- a\n - b\n  - c", "<ul><li>a</li><li>b</li><li>c</li></ul>"),
    "a list that is indented as a whole": ("  - a\n  - b\n    - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
    "back by two levels": (
        "- a\n  - b\n    - c\n- d\n  - e",
        "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d<ul><li>e</li></ul></li></ul>",
    ),
    "a bracket after the number": ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
    "a bracket after a nested number": ("- a\n  1) b", "<ul><li>a<ol><li>b</li></ol></li></ul>"),
    "a list keeps its first number": ("7. a\n8. b", '<ol start="7"><li>a</li><li>b</li></ol>'),
    "stars and pluses": ("* a\n* b\n\ntext\n\n+ c", "<ul><li>a</li><li>b</li></ul><p>text</p><ul><li>c</li></ul>"),
    "numbers after bullets are a list of their own": ("- a\n1. b", "<ul><li>a</li></ul><ol><li>b</li></ol>"),
    "nested numbers after nested bullets": (
        "- a\n  - b\n  1. c",
        "<ul><li>a<ul><li>b</li></ul><ol><li>c</li></ol></li></ul>",
    ),
    "an item with two paragraphs": ("- a\n\n  b\n- c", "<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>"),
    "the next item after a second paragraph's list": (
        "- a\n\n  b\n\n  - c\n- d",
        "<ul><li><p>a</p><p>b</p><ul><li>c</li></ul></li><li><p>d</p></li></ul>",
    ),
    "a numbered item with two paragraphs": ("1. a\n\n   b", "<ol><li><p>a</p><p>b</p></li></ol>"),
    "a paragraph after a nested list": (
        "- a\n  - b\n\n  c",
        "<ul><li><p>a</p><ul><li>b</li></ul><p>c</p></li></ul>",
    ),
    "a list after an item's second paragraph": (
        "- a\n\n  b\n  - c",
        "<ul><li><p>a</p><p>b</p><ul><li>c</li></ul></li></ul>",
    ),
    "a line that goes on below its item": ("- a\n  goes on\n- b", "<ul><li>a goes on</li><li>b</li></ul>"),
    "loose items": ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
    "an item within an item's line": ("- - a\n  - b", "<ul><li><ul><li>a</li><li>b</li></ul></li></ul>"),
    "a number within an item's line": ("- 1. a\n  2. b", "<ul><li><ol><li>a</li><li>b</li></ol></li></ul>"),
    "an empty item": ("- a\n-\n- b", "<ul><li>a</li><li></li><li>b</li></ul>"),
    "an item that begins on the next line": ("-\n  a", "<ul><li>a</li></ul>"),
    "an item may be strong": ("- **a**\n- *b*", "<ul><li><strong>a</strong></li><li><em>b</em></li></ul>"),
    "a number in the middle of a text is no item": ("born in\n1986. A year", "<p>born in 1986. A year</p>"),
    "nor in the middle of an item": ("- born in\n  1986. A year", "<ul><li>born in 1986. A year</li></ul>"),
    "a dash in the middle of a text is no item": ("a\n-\nb - c\n-d", None),
    "a minus is no item": ("-5 degrees", "<p>-5 degrees</p>"),
    "a decimal is no item": ("1.5 litres", "<p>1.5 litres</p>"),
    "emphasis is no item": ("*a* b\n**c** d", "<p><em>a</em> b <strong>c</strong> d</p>"),
    "three dashes are a rule": ("a\n\n---\n\n- b", "<p>a</p><hr><ul><li>b</li></ul>"),
    "dashes with spaces are a rule": ("- - -", "<hr>"),
    "stars with spaces are a rule": ("* * *", "<hr>"),
    "an underlined heading stays one": ("Title\n---\n- a", '<h2 id="p-title">Title</h2><ul><li>a</li></ul>'),
    "a quote with a list": ("> - a\n>   - b", "<blockquote><ul><li>a<ul><li>b</li></ul></li></ul></blockquote>"),
    "a quote with text and a list": ("> t\n> - a", "<blockquote><p>t</p><ul><li>a</li></ul></blockquote>"),
    "a quote that goes on by itself": ("> a\nb", "<blockquote><p>a b</p></blockquote>"),
    "a quote in an item": (
        "- a\n  > q\n- b",
        "<ul><li>a<blockquote><p>q</p></blockquote></li><li>b</li></ul>",
    ),
    "an item of a table's row": ("- a\n\n| x |\n|---|\n| - y |", None),
    "indented code in an item": ("- a\n\n      code", None),
    "tasks": (
        "- [ ] a\n- [x] b",
        '<ul><li class="task"><span aria-label="To do" class="task__mark" role="img">☐</span> a</li>'
        '<li class="task task--done"><span aria-label="Done" class="task__mark" role="img">☑</span> b</li></ul>',
    ),
    "a definition keeps its spaces": (
        "Term\n:   Words\n\n    - a\n    - b",
        "<dl><dt>Term</dt><dd><p>Words</p><ul><li>a</li><li>b</li></ul></dd></dl>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, (_, wanted) in CASES.items() if wanted])
def test_a_list_is_read_as_elsewhere(name):
    text, wanted = CASES[name]
    assert post(text) == shape(wanted)


def test_code_goes_with_its_item():
    html = post("1. a\n\n   ```sh\n   ls\n     -l\n   ```\n\n2. b")
    assert html.startswith("<ol><li><p>a</p>") and html.endswith("<li><p>b</p></li></ol>")
    assert "ls" in html and html.count("<ol") == 1


def test_code_may_follow_an_item_at_once():
    html = render("- a\n  ```\n  x\n    y\n  ```\n  after\n- b", POST).html
    assert "<code>x\n  y\n</code>" in html
    assert "</div>after</li>" in html
    assert html.count("<ul>") == 1 and html.count("<li>") == 2


def test_code_may_open_on_the_items_line():
    html = render("- ```\n  x\n  ```\n- b", POST).html
    assert "<code>x\n</code>" in html and html.count("<li>") == 2


@pytest.mark.parametrize("fence", ["```", "~~~", "````", "~~~~~"])
@pytest.mark.parametrize("policy", [POST, COMMENT], ids=lambda policy: policy.name)
def test_code_stays_as_it_was_typed(fence, policy):
    code = "text\n- a\n  - b\n1) c\n> d\n# e\n\n\n   f\n\tg"
    html = render(f"{fence}\n{code}\n{fence}", policy).html
    assert code.replace(">", "&gt;") in html


def test_indented_code_stays_as_it_was_typed():
    assert "- a\n  - b\n1) c" in render("text\n\n    - a\n      - b\n    1) c", POST).html


def test_raw_html_stays_as_it_was_typed():
    html = render("<pre>- a\n  - b\n1) c</pre>\ntext\n- d", POST).html
    assert "<pre>- a\n  - b\n1) c</pre>" in html and "<p>text</p>\n<ul>\n<li>d</li>\n</ul>" in html


def test_code_that_nobody_closed_runs_to_the_end():
    assert "- a\n  - b" in render("```\n- a\n  - b", POST).html
    assert render("text\n\n```\nx", COMMENT).html == "<p>text</p>\n<pre><code>x</code></pre>"


def test_code_within_a_line_opens_no_fence():
    assert post("```a``` b\n- c") == "<p><code>a</code>b</p><ul><li>c</li></ul>"


@pytest.mark.parametrize(
    "header",
    ["python", " python", "python title=x", "python {linenos=true}", "{.python}", "{.python .numberLines}",
     "python,linenos", "python:app.py", 'python hl_lines="1"'],
)  # fmt: skip
def test_code_has_its_colours_whatever_else_its_header_says(header):
    html = render(f"```{header}\nimport x\n```", POST).html
    assert '<span class="kn">import</span>' in html


@pytest.mark.parametrize("header", ["", "nosuchlanguage", "c++", "mermaid", '"><script>', "!?"])
def test_code_of_an_unknown_language_is_still_code(header):
    html = render(f"```{header}\na < b\n```", POST).html
    assert "<pre>" in html and "a" in html and "```" not in html


def test_a_fence_in_a_quote_is_code():
    assert "<blockquote>" in (html := render("> ```\n> - a\n>   - b\n> ```", POST).html)
    assert "- a\n  - b" in html


def test_lists_of_footnotes_stay_with_them():
    html = post("x[^1]\n\n[^1]: note\n\n    - a\n    - b")
    assert "<p>note</p><ul><li>a</li><li>b</li></ul>" in html
