"""Screens and emails use the words of the field: docs/glossary.md lists those that were retired."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "blog", "comments", "core", "server", "transfer"]
CALLS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
    "npgettext_lazy",
}
QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
TAG = re.compile(rf"\{{%-?\s*(?:translate|trans)\s+{QUOTED}|_\({QUOTED}\)")
BLOCK = re.compile(r"\{%\s*(blocktranslate|blocktrans)\b.*?%\}(.*?)\{%\s*end\1\s*%\}", re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|</?\w[^>]*>", re.DOTALL)
ROW = re.compile(r"^\| `(.+?)` \| (.+?) \|$", re.MULTILINE)
TABLE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("## Words on screens")[2]
RETIRED = {old.replace("\\|", "|"): now for old, now in ROW.findall(TABLE.partition("\n## ")[0])}

ALLOWED = {
    "Another process is already at work here: it holds %(path)s.": "a lock is held, not contained",
}


def messages_of_python(source):
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if name in CALLS:
            yield from (each.value for each in node.args if isinstance(getattr(each, "value", None), str))


def messages_of_template(source):
    for found in TAG.finditer(source):
        yield (found[1] or found[2])[1:-1]
    for found in BLOCK.finditer(source):
        yield " ".join(PLACEHOLDER.sub("", found[2]).split())


def all_messages():
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            for message in messages_of_python(file.read_text(encoding="utf-8")):
                yield file.relative_to(ROOT), message
    for file in (ROOT / "templates").rglob("*.*"):
        for message in messages_of_template(file.read_text(encoding="utf-8")):
            yield file.relative_to(ROOT), message


def retired_in(message):
    """The retired phrases in `message`, each with what to write instead."""
    return {
        old: now
        for old, now in RETIRED.items()
        if re.search(rf"\b(?:{old})\b", message, re.IGNORECASE) and message not in ALLOWED
    }


def test_the_table_and_the_messages_are_read():
    assert len(RETIRED) > 30 and RETIRED["second lock"] == "Two-factor authentication"
    files = {str(file) for file, _message in all_messages()}
    assert len(list(all_messages())) > 1500
    assert {"comments/moderation/rules.py", "templates/comments/mail/held.txt", "templates/404.html"} <= files


@pytest.mark.parametrize(
    ("message", "is_retired"),
    [
        ("The second lock", True),
        ("Letters by E-mail", True),
        ("Untick the exceptions", True),
        ("Ticket", False),
        ("I recommend it", False),
        ("Trash", False),
    ],
)
def test_a_retired_phrase_is_found_as_a_word(message, is_retired):
    assert bool(retired_in(message)) == is_retired


def test_messages_are_found_in_both_languages():
    assert list(messages_of_python('x = ngettext("%d pile", "%d piles", 2)')) == ["%d pile", "%d piles"]
    template = """{% translate "Mend" %}{% include "a" with b=_('Tick') %}{% blocktranslate count n=n %}Its
    <b>writer</b>{% plural %}Piles{% endblocktranslate %}"""
    assert list(messages_of_template(template)) == ["Mend", "Tick", "Its writerPiles"]


def test_no_text_on_a_screen_uses_a_retired_phrase():
    back = [f"{file}: {message!r}: {found}" for file, message in all_messages() if (found := retired_in(message))]
    assert not back, "\n".join(back)
