"""Whatever direction somebody's words run in, they do not turn a sentence of ours around: in flash messages, in
attributes, and in sentences that scripts make, where no <bdi> can stand, they are isolated (Unicode, UAX 9)."""

import ast
import re
from pathlib import Path

import pytest

from core.text import isolated, tidy

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "blog", "comments", "config", "server", "core", "transfer")
SAYING = {"success", "info", "warning", "error"}
# Numbers, and words of ours or of machines.
OURS = ("count", "number", "taken", "by", "sent.last_error", "', '.join(others)", "who.get_trust_display()")


def said_in(file):
    """What stands behind the % of each flash message in a file of Python, with its line."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if name.partition(".")[0] != "messages" or name.partition(".")[2] not in SAYING:
            continue
        for node in ast.walk(call):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                values = node.right.values if isinstance(node.right, ast.Dict) else [node.right]
                yield from ((ast.unparse(value), node.lineno) for value in values)


def test_names_in_flash_messages_are_isolated():
    found = [
        (file.relative_to(ROOT), line, said)
        for app in APPS
        for file in (ROOT / app).rglob("*.py")
        for said, line in said_in(file)
        if not said.startswith(("isolated(", "isolated_list(", "len(")) and not said.startswith(OURS)
    ]
    assert not found


ATTRIBUTE = re.compile(r'(?:aria-label|title|placeholder|alt)="[^"]*?{% blocktranslate (?:count )?(?:with )?([^%]*)%}')
NUMBERS = re.compile(r"^(?:count )?\w+=[\w.]*(?:count|number|width|pages?)\b")


def test_names_in_sentences_of_attributes_are_isolated():
    found = []
    for file in (ROOT / "templates").rglob("*.html"):
        for given in ATTRIBUTE.findall(file.read_text(encoding="utf-8")):
            named = re.findall(r"\w+=[^\s=]+", given.replace("with ", ""))
            found += [(file.name, each) for each in named if not each.endswith("|isolated") and not NUMBERS.match(each)]
    assert not found


# The words that come into a sentence by a plain `replace`: times, names of our own buttons, lists of isolated names.
PLAIN = ("since", "pressed.textContent.trim()", "asked.name", "() => list(away)", "() => list(refused)", "() => names",
         "() => words")  # fmt: skip


def test_names_in_sentences_of_scripts_are_isolated():
    found = [
        (file.name, line.strip())
        for file in (ROOT / "static/js").rglob("*.js")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r'\.replace\("%[st]"', line) and not any(f'.replace("%s", {words})' in line for words in PLAIN)
    ]
    assert not found


@pytest.mark.parametrize("name", ["Ann", "דנה", "\u202eevil\u2069", "\u2067\u2066x"])
def test_no_name_breaks_out(name):
    said = isolated(tidy(name))
    assert said[0] == "\u2068" and said[-1] == "\u2069" and not re.search("[\u2066-\u2069]", said[1:-1])
