"""Which change renews which cached results and pages: two tables of docs/architecture.md, complete."""

import ast
import re
from pathlib import Path

from core import version_parts

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]
PARTS = {"EVERYTHING", "SITE", "POSTS", "COMMENTS", "COUNTS", "DESK", "PUBLIC", "comments_of", "conversation"}
PARTS |= {"counts_of", "counts_with"}  # the second is a method of posts that calls the first
OWN = {"core.cache_version", "core.version_parts", "core.version_counters"}  # where all of this is defined


def tables():
    """The rows of the two tables in docs/architecture.md, as lists of sets of what stands in backticks."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Versions\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    named = [[set(re.findall(r"`([\w.]+)`", cell)) for cell in row] for row in rows]
    changes = [row for row in named if len(row) == 4 and row[2]]
    return changes, [row for row in named if len(row) == 2 and row[0]]


class Reader(ast.NodeVisitor):
    """Collects {dotted name: parts} of the functions that invalidate, and of what depends on parts."""

    def __init__(self, module):
        self.module, self.stack, self.changes, self.dependents, self.nameless = module, [], {}, {}, []

    @property
    def name(self):
        return ".".join([self.module, *(node.name for node in self.stack)])

    def visit_scope(self, node):
        self.stack.append(node)
        for decorator in getattr(node, "decorator_list", []):
            if called(decorator) == "cached_per_version":
                self.depend(self.name, decorator)
        self.generic_visit(node)
        self.stack.pop()

    visit_FunctionDef = visit_ClassDef = visit_scope  # the names that ast calls

    def visit_Call(self, node):
        if called(node) == "invalidate" and self.module not in OWN:
            found = parts_in(self.stack[-1])
            self.changes.setdefault(self.name, set()).update(found)
            if not node.args:
                self.nameless.append(self.name)
        elif called(node) == "depends_on" or called(node) == "Results" and self.stack:
            self.depend(self.name, node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        if isinstance(node.value, ast.Call) and called(node.value) == "Results" and not self.stack:
            self.depend(f"{self.module}.{node.target.id}", node.value)
        self.generic_visit(node)

    def depend(self, name, node):
        if self.module not in OWN:
            self.dependents.setdefault(name, set()).update(parts_in(node) or {"EVERYTHING"})


def called(node):
    found = node.func if isinstance(node, ast.Call) else node
    return getattr(found, "attr", getattr(found, "id", ""))


def parts_in(node):
    names = (getattr(each, "attr", getattr(each, "id", "")) for each in ast.walk(node))
    return {name for name in names if name in PARTS}


def read():
    changes, dependents, nameless = {}, {}, []
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            reader = Reader(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
            reader.visit(ast.parse(file.read_text(encoding="utf-8")))
            changes |= reader.changes
            dependents |= reader.dependents
            nameless += reader.nameless
    return changes, dependents, nameless


def test_every_change_stands_in_the_table_with_its_parts():
    told, (changes, _dependents, nameless) = tables()[0], read()
    assert nameless == []
    assert {name: row[1] for row in told for name in row[2]} == changes
    assert all(parts for parts in changes.values())


def test_every_cached_result_stands_in_the_table_with_its_parts():
    told, (_changes, dependents, _nameless) = tables()[1], read()
    dependents["core.page_cache.PageRender"] = {"PUBLIC"}
    assert {name: row[1] for row in told for name in row[0]} == dependents


def test_pages_depend_on_every_part_that_guests_may_see():
    """Whatever changes the comments of a post changes COMMENTS as well, so that these two are all."""
    assert {version_parts.POSTS, version_parts.COMMENTS} == version_parts.PUBLIC
    assert version_parts.comments_of([7]) == {version_parts.COMMENTS, "post:7"}
    assert version_parts.comments_of([]) == {version_parts.COMMENTS}
    assert version_parts.comments_of(range(51)) == version_parts.PUBLIC
