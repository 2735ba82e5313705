"""The primary button stands last in each group of buttons, and Cancel never does."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[1] / "templates"
FOLDERS = ("desk", "account", "accounts", "comments", "mfa", "socialaccount", "usersessions")
COMMENTS = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
INLINE = {"a", "button", "span", "bdi", "b", "img", "input", "summary"}
TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)|({% (?:else|elif|empty))")


def groups(text):
    """The buttons that stand beside each other: no block begins or ends between them, and no {% else %} parts them."""
    group = []
    text = COMMENTS.sub("", text)
    for tag in TAG.finditer(text):
        if tag[3] or tag[2] not in INLINE:
            yield group
            group = []
        elif not tag[1] and re.match(r'<(a|button)\s+(type="button" )?class="button\b', text[tag.start() :]):
            end = re.compile(r"</(a|button)>").search(text, tag.start())
            group.append(text[tag.start() : end.end()])
    yield group


def says_cancel(button):
    return '{% translate "Cancel" %}' in button


def wrong(group):
    return any("button--first" in button for button in group[:-1]) or any(map(says_cancel, group[1:][-1:]))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_primary_button_stands_last(folder):
    paths = sorted((TEMPLATES / folder).rglob("*.html"))
    assert [(path.name, group) for path in paths for group in groups(path.read_text()) if wrong(group)] == []


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ('<button class="button button--first">Save</button> <a class="button" href="/">Back</a>', True),
        ('<button class="button">Go</button><a class="button" href="/">{% translate "Cancel" %}</a>', True),
        ('<a class="button">{% translate "Cancel" %}</a><button class="button button--first">Save</button>', False),
        ('<button class="button button--first">Go</button>{% else %}<button class="button">Go</button>', False),
        ('<p><button class="button button--first">Go</button></p><p><button class="button">Stop</button></p>', False),
    ],
)
def test_what_the_order_is(text, is_wrong):
    assert any(map(wrong, groups(text))) == is_wrong
