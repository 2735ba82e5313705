"""Docstrings name what is there: renamed functions, constants and exceptions are renamed in them, too."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "blog", "comments", "config", "core", "server", "transfer"]
DOCSTRING = re.compile(r'"""[\s\S]*?"""')
NAME = re.compile(r"`([A-Za-z_][A-Za-z0-9_.]*)(?:\(\))?`")
RAISES = re.compile(r"[Rr]aises ([A-Z]\w+)")
# Names in the code of other systems: PHP, WordPress, Jekyll, Python.
FOREIGN = {
    *("__PHP_Incomplete_Class_Name", "__setitem__", "EntryFilter", "FrontmatterDefaults", "PostReader"),
    *(
        "big_image_size_threshold",
        "remove_accents",
        "sanitize_title_with_dashes",
        "smilies_init",
        "wp_unique_post_slug",
    ),
}


def test_names_in_docstrings_exist():
    gone = [f"{where}: {name}" for where, name in names_in_docstrings() if not exists(name)]
    assert gone == []


def test_constants_and_exceptions_in_docstrings_are_those_of_the_module():
    gone = []
    for path, text, docstring in docstrings():
        code = DOCSTRING.sub("", text)
        named = {name for name in NAME.findall(docstring) if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)}
        for name in named:
            if not re.search(rf"\b{name}\b", code) and name not in documented_variables():
                gone.append(f"{path}: {name}")
        gone += [f"{path}: raises {name}" for name in RAISES.findall(docstring) if name not in words_of_code()]
    assert gone == []


def names_in_docstrings():
    """(file, the last part of a name) for what is written like a name of Python: with a `_`, a dot or two capitals."""
    for path, _text, docstring in docstrings():
        for name in NAME.findall(docstring):
            if re.search(r"\w_\w|[a-z]\.[A-Za-z]|[a-z][A-Z]", name):
                yield path, name.rpartition(".")[2]


def exists(name):
    return name in words_of_code() or name in FOREIGN


@cache
def docstrings():
    """[(path, text of the file, docstring), …]."""
    found = []
    for path in [path for app in APPS for path in (ROOT / app).rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        found += [(path.relative_to(ROOT).as_posix(), text, said) for said in DOCSTRING.findall(text)]
    return found


@cache
def words_of_code():
    """Every word of the apps, their templates and scripts outside docstrings, and the names of files."""
    words = set()
    for folder in [*APPS, "docs", "templates", "static/js"]:
        for path in (ROOT / folder).rglob("*"):
            words.update(re.findall(r"\w+", path.name))
            if path.suffix in {".py", ".html", ".js", ".txt", ".xml"}:
                words.update(re.findall(r"\w+", DOCSTRING.sub("", path.read_text(encoding="utf-8"))))
    return words


def documented_variables():
    return set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs/configuration.md").read_text(encoding="utf-8")))
