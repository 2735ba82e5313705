"""A line of a template fits a screen: attributes of one element stand on lines of their own."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LONGEST = 140  # characters
TAG = 125  # of one tag of Django, which cannot be broken


def test_no_line_of_a_template_is_too_long():
    """Not of the plain-text emails: there a line is a paragraph."""
    long = [
        f"{file.relative_to(TEMPLATES)}:{number}"
        for file in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1)
        if len(line) > LONGEST and max(map(len, re.findall(r"{%.*?%}", line)), default=0) <= TAG
    ]
    assert not long
