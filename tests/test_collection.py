"""Each process that shares the tests collects them by itself: their names must come out the same in all."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CHANGING = {"localdate", "localtime", "monotonic", "now", "perf_counter", "time", "time_ns", "today", "uuid4"}
MODULES = {"random", "secrets", "signing"}


def at_import(node):
    """Every call that is made while a module is imported: what stands inside functions is made later."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            told = [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]
            yield from at_import(ast.Tuple(told, ast.Load()))
        elif not isinstance(child, ast.Lambda):
            if isinstance(child, ast.Call):
                yield child
            yield from at_import(child)


def changes(call):
    """Whether a call gives another answer each time, by its function's name: a clock, a random or a signed value."""
    names = ast.unparse(call.func).split(".")
    return names[-1] in CHANGING or names[0] in MODULES


def offences(source):
    return [f"line {call.lineno}: {ast.unparse(call)}" for call in at_import(ast.parse(source)) if changes(call)]


def test_no_test_is_named_after_the_clock_or_by_chance():
    found = {str(path.relative_to(TESTS)): offences(path.read_text()) for path in sorted(TESTS.rglob("*.py"))}
    assert len(found) > 200
    assert not {path: lines for path, lines in found.items() if lines}


@pytest.mark.parametrize(
    "source",
    [
        "SIGNED = signing.dumps([7])",
        "@pytest.mark.parametrize('at', [timezone.now()])\ndef test(at): ...",
        "def test(at=date.today()): ...",
        "class Test:\n    KEY = f'{secrets.token_urlsafe()}'",
    ],
)
def test_such_a_name_is_found(source):
    assert len(offences(source)) == 1


def test_what_is_asked_when_a_test_runs_is_none():
    assert not offences("def test():\n    assert now()\n\nlater = lambda: timezone.now()\n\nFIXED = on(2099, 1, 1)")
