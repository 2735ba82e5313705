"""docs/glossary.md: every name that it retires is gone, and every name that it gives is there."""

import ast
import re
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest
from django.urls import get_resolver

from core.cookies import COOKIES
from tests.test_wording import all_messages

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]
ROW = re.compile(r"^\| `([\w.]+)` \| `([\w.]+)` \|$", re.MULTILINE)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
MODULES = dict(ROW.findall(GLOSSARY.partition("## Modules that were renamed")[2].partition("\n## ")[0]))
MODELS = dict(ROW.findall(GLOSSARY.partition("## Models that were renamed")[2].partition("\n## ")[0]))
FUNCTIONS = dict(ROW.findall(GLOSSARY.partition("## Functions that were renamed")[2].partition("\n## ")[0]))
URL_NAMES = dict(ROW.findall(GLOSSARY.partition("## URL names that were renamed")[2].partition("\n## ")[0]))
CELLS = re.compile(r"^\| `([\w./-]+)` \| `?([^`|]+?)`? \|$", re.MULTILINE)
FOLDER_ROW = re.compile(r"^\| `([\w/]+)` \| `(\w+)` \| `(\w+)` \|$", re.MULTILINE)
TEMPLATES = FOLDER_ROW.findall(GLOSSARY.partition("## Templates that were renamed")[2].partition("\n## ")[0])
SCRIPTS = dict(CELLS.findall(GLOSSARY.partition("## Scripts that were renamed")[2].partition("\n## ")[0]))
CLASSES = dict(CELLS.findall(GLOSSARY.partition("## CSS classes that were renamed")[2].partition("\n## ")[0]))
WORDS = dict(CELLS.findall(GLOSSARY.partition("## Words that names no longer use")[2].partition("\n## ")[0]))
FIELDS = dict(ROW.findall(GLOSSARY.partition("## Fields that were renamed")[2].partition("\n## ")[0]))
# Retired names with an underscore may not come back anywhere, except these, which elsewhere mean what they say.
STILL_USED = {"take_back", "in_words", "at_home"}
# Phrases of messages in which a word of the table "Words that names no longer use" has its everyday meaning.
EVERYDAY = {
    "letter or digit": "of the alphabet",
    "capital letters": "of the alphabet",
    "foreign letters": "of the alphabet",
    "your face": "what a phone recognizes",
    "stands beside": "the preposition",
    "saved beside": "the preposition",
    "stored beside": "the preposition",
    "beside the text": "the preposition",
    "when you wish": "the verb",
    "ways to log in": "a guest reads it after the button “More”",
}
# Names of modules and public functions that stand in three apps or more, each with its reason.
SHARED_NAMES = {
    "apps": "Django's name for the module of AppConfig",
    "forms": "Django's name for the module of forms",
    "jobs": "the module that the worker imports from every app",
    "settings": "Django's name for its settings, and the desk's pages of settings",
    "urls": "Django's name for the module of URL patterns",
    "views": "Django's name for views",
}


def path(module):
    """The file of a module or package; None where there is none."""
    place = ROOT.joinpath(*module.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.exists()), None)


def classes():
    for app in APPS:
        for file in (ROOT / app / "models").rglob("*.py"):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    yield node.name


def test_the_tables_are_read():
    assert len(MODULES) > 150 and MODULES["ground"] == "core"
    assert len(MODELS) > 10 and MODELS["OldPath"] == "Redirect"


@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_a_module_is_where_the_glossary_says(module):
    assert path(module)


def test_no_module_has_a_retired_name():
    back = [old for old in MODULES if old not in MODULES.values() and path(old)]
    # comments.spam was the classifier and is a package now; of config only what was in it has moved.
    assert back == ["comments.spam"] and path("comments.spam") == ROOT / "comments" / "spam" / "__init__.py"


def test_models_have_the_names_of_the_glossary():
    names = set(classes())
    assert set(MODELS.values()) <= names
    assert not set(MODELS) & names


def defined(module):
    """The names that a module defines or imports at its top level."""
    names = set()
    for node in ast.parse(path(module).read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def sources():
    """(app, file) of every Python file of ours but the migrations."""
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            if "migrations" not in file.parts:
                yield app, file


@pytest.mark.parametrize(("old", "new"), sorted(FUNCTIONS.items()))
def test_a_function_has_the_name_of_the_glossary(old, new):
    old_module, _, old_name = old.rpartition(".")
    module, _, name = new.rpartition(".")
    assert name in defined(module)
    assert not path(old_module) or old_name not in defined(old_module)


def test_no_retired_identifier_comes_back():
    retired = {old.rpartition(".")[2] for old in FUNCTIONS}
    retired = {name for name in retired if "_" in name} - STILL_USED
    assert len(retired) > 20
    found = []
    for _app, file in sources():
        with tokenize.open(file) as source:
            names = {token.string for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.NAME}
        found += [f"{file.relative_to(ROOT)}: {name}" for name in sorted(names & retired)]
    assert found == []


def test_no_retired_url_name_or_field_comes_back():
    """In Python, templates and scripts. `former_texts` stays a key of the exported JSON, a string in quotes."""
    assert len(URL_NAMES) > 3 and len(FIELDS) > 3
    retired = re.compile(rf"(?<![\"\w])({'|'.join(FIELDS)})\b|\b({'|'.join(URL_NAMES)})\b")
    found = []
    for folder in (*APPS, "templates", "static"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in (".py", ".html", ".txt", ".js"):
                matches = retired.finditer(file.read_text(encoding="utf-8"))
                found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in matches]
    assert found == []


def test_a_renamed_template_is_where_the_glossary_says():
    assert len(TEMPLATES) > 50
    for folder, old, new in TEMPLATES:
        names = {each.stem for each in (ROOT / "templates" / folder).iterdir()}
        assert new in names and old not in names, (folder, old)


def test_a_renamed_script_is_where_the_glossary_says():
    assert len(SCRIPTS) > 15
    names = {
        file.relative_to(ROOT / "static/js").with_suffix("").as_posix() for file in (ROOT / "static/js").rglob("*.js")
    }
    assert set(SCRIPTS.values()) <= names and not set(SCRIPTS) & names


def attribute_values(source, name):
    """The values of an attribute in a template, without what is computed."""
    for value in re.findall(rf'(?<![\w-]){name}="((?:[^"{{]|\{{\{{.*?\}}\}}|\{{%.*?%\}})*)"', source, re.DOTALL):
        yield re.sub(r"\{[{%].*?[}%]\}", " ", value, flags=re.DOTALL)


def css_classes():
    """(file, class) of the style sheets, of the templates' `class` attributes, and of the scripts' strings."""
    for file in (ROOT / "static" / "css").rglob("*.css"):
        source = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        yield from ((file, name) for name in re.findall(r"\.([a-z][\w-]*)", source))
    for file in (ROOT / "templates").rglob("*.html"):
        for value in attribute_values(file.read_text(encoding="utf-8"), "class"):
            yield from ((file, name) for name in value.split())
    for file in (ROOT / "static" / "js").rglob("*.js"):
        source = file.read_text(encoding="utf-8") if "vendor" not in file.parts else ""
        for call in re.findall(
            r"(?:className|classList\.\w+\(|querySelector(?:All)?\(|closest\(|matches\()[^;\n]*", source
        ):
            for text in re.findall(r'"([^"]*)"|`([^`]*)`', call):
                names = re.findall(r"\.([a-z][\w-]*)", "".join(text))
                names += re.findall(r"(?<![\w.#\[-])[a-z][\w-]*", "".join(text)) if "class" in call[:9] else []
                yield from ((file, name) for name in names)


def other_names():
    """(where, name) of ids, data attributes, URL names, cookies, templates and style sheets."""
    for file in (ROOT / "templates").rglob("*.*"):
        source = file.read_text(encoding="utf-8")
        yield file, file.stem
        yield from ((file, name) for value in attribute_values(source, "id") for name in value.split())
        yield from ((file, name) for name in re.findall(r"(?<=\sdata-)[a-z][a-z-]*", source))
    yield from ((file, file.stem) for file in (ROOT / "static" / "css").rglob("*.css"))
    yield from (("URL name", name) for name in get_resolver().reverse_dict if isinstance(name, str))
    yield from (("cookie", cookie.name) for cookie in COOKIES)


def test_no_retired_css_class_comes_back():
    found = list(css_classes())
    assert len(CLASSES) > 50 and len({name for _file, name in found}) > 200
    retired = [(file, name) for file, name in found if name in CLASSES or re.split("__|--", name)[0] in CLASSES]
    assert retired == []


def test_no_name_has_a_retired_word():
    names = list(css_classes()) + list(other_names())
    assert len(WORDS) > 25 and {name for where, name in names if where == "cookie"} >= {"sessionid"}
    assert len({name for where, name in names if where == "URL name"}) > 150
    found = {(str(where), name) for where, name in names if set(re.split("[-_]+", name)) & set(WORDS)}
    assert found == set()


def test_no_message_has_a_retired_word():
    everyday = re.compile("|".join(EVERYDAY))
    messages = [(where, " ".join(text.lower().split())) for where, text in all_messages()]
    words = [(str(where), text, set(re.findall(r"\w+", everyday.sub("", text)))) for where, text in messages]
    assert [(where, text) for where, text, parts in words if parts & set(WORDS)] == []
    assert [phrase for phrase in EVERYDAY if not any(phrase in text for _where, text in messages)] == []


def test_no_name_stands_in_three_apps_with_three_meanings():
    """Modules and public functions: whoever looks for one should find one thing."""
    apps = defaultdict(set)
    for app, file in sources():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
        for name in names | ({file.stem} - {"__init__"}):
            apps[name].add(app)
    shared = {name for name, found in apps.items() if len(found) > 2}
    assert sorted(shared) == sorted(SHARED_NAMES)
