"""What registers itself, in one table of docs/architecture.md: some of it by an import alone, which no call shows."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]
ROW = re.compile(r"^\| `[\w.]*?(\w+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def told():
    """{name of the registry: functions}, as the document lists them."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Registries")[2].partition("\n## ")[0]
    return {name: sorted(re.findall(r"`([\w.]+)`", functions)) for name, functions in ROW.findall(section)}


def decorated(names):
    """{name of the registry: functions}, as their decorators stand in the code."""
    found = {name: [] for name in names}
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                for decorator in getattr(node, "decorator_list", []):
                    called = decorator.func if isinstance(decorator, ast.Call) else decorator
                    name = getattr(called, "attr", getattr(called, "id", ""))
                    if name in found:
                        found[name].append(f"{module}.{node.name}")
    return {name: sorted(functions) for name, functions in found.items()}


def test_the_table_of_registries_is_what_the_code_registers():
    table = told()
    assert set(table) >= {
        "cache_for_guests",
        "register_expiry",
        "after_action",
        "when_announced",
        "check_before_sending",
    }
    assert set(table) >= {"minutely", "daily", "at_start"}
    assert table == decorated(table)
