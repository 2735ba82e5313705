"""No line of a template is over 140 characters: what cannot be seen at once gets lines or a fragment of its own."""

import json

from tests.blog_process import ROOT

WIDTH = 140  # [tool.djlint] max_line_length
TEMPLATES = [each for each in sorted((ROOT / "templates").rglob("*")) if each.suffix in (".html", ".txt", ".xml")]


def too_long(text):
    """{number of the line: its length}, of the lines of `text` with more than WIDTH characters."""
    return {number: len(line) for number, line in enumerate(text.splitlines(), 1) if len(line) > WIDTH}


def test_no_line_of_a_template_is_too_long():
    found = {str(each.relative_to(ROOT)): too_long(each.read_text(encoding="utf-8")) for each in TEMPLATES}
    assert len(found) > 300 and not any(found.values()), json.dumps({k: v for k, v in found.items() if v}, indent=1)


def test_a_line_that_is_too_long_is_found_with_its_number():
    assert too_long(f"{'é' * WIDTH}\n{'a' * (WIDTH + 1)}\n") == {2: WIDTH + 1}
