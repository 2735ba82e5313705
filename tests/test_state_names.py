"""States are written as members of their enums, so that a misspelt one fails at import and each use can be found."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]
NAMES = {"status", "state", "former_state", "trashed_from"}
# The statuses of WordPress, which its export files contain: "trash" is a word of both.
FOREIGN = {"transfer/blogger", "transfer/ghost", "transfer/textfiles", "transfer/importing", "transfer/wordpress"}


def sources():
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            place = file.relative_to(ROOT)
            if "migrations" not in file.parts and not any(place.is_relative_to(each) for each in FOREIGN):
                yield place.as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def strings(node):
    """The strings of a literal: of itself, or of a tuple, list or set."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return {text for each in node.elts for text in strings(each)}
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def is_enum(node):
    return isinstance(node, ast.ClassDef) and node.name in {"Status", "State"}


def values():
    """The values of all enums of states: the first string of each member."""
    found = set()
    for _place, tree in sources():
        for enum in filter(is_enum, ast.walk(tree)):
            for member in enum.body:
                if isinstance(member, ast.Assign):
                    first = member.value.elts[0] if isinstance(member.value, ast.Tuple) else member.value
                    found |= strings(first)
    return found


def last_name(node):
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def bare_states(tree, states):
    """(line, state) of each string that is compared with a state or passed as one. A class Meta stands inside the
    class of its enum and cannot name it."""
    meta = {id(part) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == "Meta"
            for part in ast.walk(node)}  # fmt: skip
    for node in ast.walk(tree):
        given = set()
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(last_name(side) in NAMES for side in sides):
                given = {text for side in sides for text in strings(side)}
        elif isinstance(node, ast.Call) and id(node) not in meta:
            for keyword in node.keywords:
                if NAMES & set((keyword.arg or "").split("__")):
                    given |= strings(keyword.value)
        elif isinstance(node, ast.Assign) and any(last_name(target) in NAMES for target in node.targets):
            given = strings(node.value)
        yield from ((node.lineno, state) for state in sorted(given & states))


def test_states_are_members_of_enums():
    states = values()
    assert {"published", "draft", "approved", "pending", "spam", "trash", "waiting", "refused"} <= states
    found = [f"{place}:{line}: {state}" for place, tree in sources() for line, state in bare_states(tree, states)]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'post.status == "draft"',
        '"draft" != status',
        'comment.state in ("trash", State.SPAM)',
        'posts.filter(status="draft")',
        'posts.exclude(posts__status__in=["draft"])',
        'post.status = "draft"',
    ],
)
def test_a_bare_state_is_found(code):
    assert list(bare_states(ast.parse(code), {"draft", "trash"}))


@pytest.mark.parametrize(
    "code",
    [
        "post.status == Status.DRAFT",
        'post.kind == "draft"',
        'render(request, "draft", status=404)',
        'class Meta:\n    condition = Q(state="trash")',
    ],
)
def test_what_is_no_bare_state_is_not_found(code):
    assert not list(bare_states(ast.parse(code), {"draft", "trash"}))
