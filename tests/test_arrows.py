"""Who may know whom (docs/architecture.md): read from the imports and relations of every file, wherever they stand."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]

# An app may import itself and what stands to its right.
ARROWS = {
    "config": {"server", "transfer", "comments", "blog", "accounts", "core"},
    "server": {"config", "transfer", "comments", "blog", "accounts", "core"},
    "transfer": {"comments", "blog", "accounts", "core"},
    "comments": {"blog", "accounts", "core"},
    "blog": {"core"},
    "accounts": {"core"},
    "core": set(),
}

# A package that one place alone may import, so that it can be changed there.
KEEPERS = {
    "markdown": "blog/markup/",
    "pymdownx": "blog/markup/",
    "bleach": "blog/markup/",
    "nh3": "blog/markup/",
    "django_tasks": "core/jobs.py",
    "django_tasks_db": "core/jobs.py",
    "requests": "core/safe_fetch.py",
    "urllib3": "core/safe_fetch.py",
    "urllib.request": "core/safe_fetch.py",
    "http.client": (  # those of commands ask this machine alone
        "core/safe_fetch.py",
        "server/management/commands/check_pages.py",
        "server/management/commands/serve.py",
    ),
    "granian": "server/",
    "tinycss2": "blog/own_css.py",
}

# What models may not know: they are told who acts, never by which page.
ABOVE_MODELS = {"views", "forms", "desk", "feeds", "sitemaps", "templatetags", "adapters", "urls"}

# Text becomes clean HTML once, on save. One place says that it may be trusted, for the models that keep it.
TRUST = {"mark_safe", "SafeString", "SafeData"}
TRUSTING = {
    "blog/markup/safe_html.py",
    "blog/json_script.py",  # no HTML: JSON for a <script>, with every < > & escaped
    "core/template_patterns.py",  # what templates rendered, filled with escaped values
}
TRUSTED = {
    "blog/models/reading_settings.py",  # the footer, rendered by blog.markup when the layout is built
    "blog/snippet.py",  # an inline script of the owner, read and written anew; browsers run it by its hash alone
    "blog/models/post.py",
    "comments/models/comment.py",
    "comments/rendering.py",  # patterns that templates rendered, filled with escaped words and the stored HTML
    "blog/markup/safe_html.py",
}

RAW = {"raw", "extra", "RawSQL", "cursor"}


def sources():
    return sorted(file for app in APPS for file in (ROOT / app).rglob("*.py"))


def named(file):
    return file.relative_to(ROOT).as_posix()


@cache
def tree(file):
    return ast.parse(file.read_text(encoding="utf-8"), filename=named(file))


def imports(file):
    """Everything that `file` imports, also inside functions; `from a import b` is a.b."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) + 1 - node.level]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def relations(file):
    """Every app that a relation of a model leads to by a string: ForeignKey("blog.Post")."""
    for node in ast.walk(tree(file)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in {"ForeignKey", "OneToOneField", "ManyToManyField"}:
            continue
        targets = [*node.args[:1], *(word.value for word in node.keywords if word.arg in {"to", "through"})]
        for target in targets:
            if isinstance(target, ast.Constant) and "." in str(target.value):
                yield str(target.value).partition(".")[0], node.lineno


def strangers(file, known):
    """The lines of `file` that lead to one of our apps which is not in `known`."""
    own = named(file).partition("/")[0]
    found = [*((module.partition(".")[0], line) for module, line in imports(file)), *relations(file)]
    return sorted({(app, line) for app, line in found if app in APPS and app != own and app not in known})


def test_an_app_knows_only_what_its_arrow_points_at():
    wrong = {named(file): strangers(file, ARROWS[named(file).partition("/")[0]]) for file in sources()}
    assert {file: found for file, found in wrong.items() if found} == {}


def test_a_package_with_a_keeper_is_imported_by_its_keeper_alone():
    wrong = [
        f"{named(file)}:{line}: {module} belongs to {keeper}"
        for file in sources()
        for module, line in imports(file)
        for package, keeper in KEEPERS.items()
        if f"{module}.".startswith(f"{package}.")
        and not named(file).startswith(keeper)
        # To catch what somebody else's library raises is no visit.
        and not module.endswith(("Exception", "Error"))
    ]
    assert wrong == []


def test_models_know_no_pages():
    wrong = [
        f"{named(file)}:{line}: {module}"
        for file in sources()
        if "models" in file.relative_to(ROOT).with_suffix("").parts
        for module, line in imports(file)
        if (module.partition(".")[0] in APPS and ABOVE_MODELS & set(module.split(".")[1:]))
        or module.startswith(("django.http", "django.shortcuts"))
    ]
    assert wrong == []


def words(file):
    """Every name that is used in `file`, with its line."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2], node.lineno


def test_only_the_models_that_keep_clean_html_call_it_trusted():
    used = [(word, named(file)) for file in sources() for word, _ in words(file)]
    assert {file for word, file in used if word in TRUST} <= TRUSTING
    assert {file for word, file in used if word == "trusted"} <= TRUSTED


def test_no_template_trusts_what_it_prints():
    for template in (ROOT / "templates").rglob("*.*"):
        if template.suffix in {".html", ".txt", ".xml", ".json"}:
            text = template.read_text(encoding="utf-8").replace(" ", "")
            assert "|safe" not in text, template
            assert "autoescapeoff" not in text or template.suffix == ".txt", template


def test_raw_sql_is_spoken_in_the_search_and_at_the_start_alone():
    wrong = [
        f"{named(file)}:{node.lineno}"
        for file in sources()
        if not named(file).startswith(
            ("blog/search/", "config/", "server/", "core/written_queries.py", "core/sequences.py")
        )
        and "migrations" not in file.parts
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in RAW
    ]
    assert wrong == []


# Files that hear a signal of their own app's models.
OWN_SIGNALS = {
    "blog/models/post_counts.py",  # a row between a post and a term has no class of ours, and so no `save`
    "comments/models/listed_as.py",  # comments are deleted with their post, without their own `delete`
}


def test_no_app_talks_to_another_by_signals():
    wrong = [
        f"{named(file)}:{line}"
        for file in sources()
        if named(file) not in OWN_SIGNALS
        for module, line in imports(file)
        if module.startswith(("django.db.models.signals", "django.dispatch"))
    ]
    assert wrong == []


# A unit is a module or package directly in an app; an edge is one unit that imports another: (units, edges) at most.
SIZES = {"comments": (20, 55)}


def units(app):
    there = [place for place in (ROOT / app).iterdir() if place.suffix == ".py" or (place / "__init__.py").exists()]
    return {place.stem for place in there} - {"__init__", "migrations"}


def is_module(name):
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def edges(app):
    """{unit: other units of the app that it imports}."""
    known, found = units(app), {}
    for file in sources():
        unit = file.relative_to(ROOT / app).parts[0].removesuffix(".py") if file.is_relative_to(ROOT / app) else None
        for module, _line in imports(file) if unit in known else ():
            other = module.split(".")[1] if module.startswith(f"{app}.") else ""
            if other in known - {unit}:
                found.setdefault(unit, set()).add(other)
    return found


def reached(graph, start):
    """Everything to which a way leads from `start`."""
    seen, waiting = set(), [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


@pytest.mark.parametrize("app", APPS)
def test_no_units_of_an_app_import_each_other_in_a_circle(app):
    graph = edges(app)
    assert sorted(unit for unit in graph if unit in reached(graph, unit)) == []


@pytest.mark.parametrize("app", SIZES)
def test_an_app_is_made_of_few_units_that_know_few_others(app):
    counted = len(units(app)), sum(map(len, edges(app).values()))
    print(f"{app}: {counted[0]} units, {counted[1]} edges")
    assert counted <= SIZES[app] and counted[1] <= SIZES[app][1]


def test_a_circle_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    for name, text in {
        "one": "from core import two",
        "two": "def late():\n    from core.one import x",
        "three": "",
    }.items():
        (tmp_path / "core").mkdir(exist_ok=True)
        (tmp_path / "core" / f"{name}.py").write_text(text)
    assert edges("core") == {"one": {"two"}, "two": {"one"}}
    assert "one" in reached(edges("core"), "one")


def test_the_way_in_of_a_comment_reads_as_a_short_story():
    """At most 60 lines and 6 returns for the view, 12 modules of ours for its file."""
    file = ROOT / "comments/views/create.py"
    view = next(node for node in tree(file).body if getattr(node, "name", "") == "post_comment")
    names = {name for name, _line in imports(file) if name.partition(".")[0] in APPS}
    ours = {name if is_module(name) else name.rpartition(".")[0] for name in names}
    assert view.end_lineno - view.lineno < 60
    assert sum(isinstance(node, ast.Return) for node in ast.walk(view)) <= 6
    assert len(ours) <= 12, sorted(ours)


def test_the_tests_see_an_arrow_that_points_the_wrong_way(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "core/wrong.py"
    file.parent.mkdir()
    file.write_text(
        "def late():\n    from blog.models import Post\n    import comments\n\n"
        "class Row:\n    post = ForeignKey('transfer.ImportRef')\n    user = ForeignKey(to='accounts.User')\n"
    )
    expected = [("accounts", 7), ("blog", 2), ("comments", 3), ("transfer", 6)]
    assert strangers(file, ARROWS["core"]) == expected
    assert strangers(file, {"blog", "comments", "transfer", "accounts"}) == []
