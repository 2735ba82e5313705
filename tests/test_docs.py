"""The docs tell the truth: names, links and commands in them exist, and what exists is in them."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands

from config import environment
from server.doctor.variables import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")])
READERS = {"env", "choice", "switch", "number", "words"}  # of config/environment.py
HEAVIEST = 150_000  # bytes of a picture

each_doc = pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.relative_to(ROOT).as_posix())


def test_every_variable_that_is_read_stands_in_the_configuration_page_and_no_other(monkeypatch):
    assert names_read(monkeypatch) == names_documented()


def test_doctor_knows_every_variable_and_so_finds_misspelt_ones():
    assert names_documented() - VARIABLES == set(), "server/doctor/variables.py has the list"


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    secrets = [line for line in rows() if "secret" in line.lower()]
    names = {name for line in secrets for name in names_in(line) if name.endswith(("SECRET", "KEY", "PASSWORD", "URL"))}
    assert {"SECRET_KEY", "EMAIL_HOST_PASSWORD", "DATABASE_URL", "GOOGLE_CLIENT_SECRET"} <= names
    for name in names - {"DJANGO_SUPERUSER_PASSWORD"}:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
        assert environment.env(name) == "from a file"


def test_the_example_names_nothing_unknown():
    lines = (ROOT / "deploy/.env.example").read_text(encoding="utf-8").splitlines()
    named = {match[1] for line in lines if (match := re.match(r"#?([A-Z][A-Z0-9_]+)=", line))}
    assert named and named <= names_documented()


@each_doc
def test_links_lead_to_what_is_there(doc):
    for target in links(doc):
        path, _, anchor = target.partition("#")
        found = (doc.parent / path).resolve() if path else doc
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


@each_doc
def test_commands_exist(doc):
    text = doc.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {word for line in targets for word in line.split()}
    told = set(re.findall(r"(?:`|^|\s-- |\d )make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert told <= known
    assert set(re.findall(r"python run\.py ([a-z-]+)", text)) <= known
    assert set(re.findall(r"manage\.py ([a-z0-9_]+)", text)) <= get_commands().keys()


def test_the_table_of_commands_is_of_commands_that_exist():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = text.partition("## Commands")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `([a-z0-9_]+)` \|", section, re.MULTILINE))
    ours = {name for name, app in get_commands().items() if app in APPS}
    assert told - ours == set(), "these commands are gone"
    assert ours - told == set(), "new commands need a row in docs/operations.md"


@each_doc
def test_files_that_are_named_exist(doc):
    """Whatever looks like a path of ours, between backticks."""
    beginnings = "|".join([*APPS, "tests", "templates", "static", "deploy", "docs"])
    text = re.sub(r"```.*?```", "", doc.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = re.findall(rf"`((?:{beginnings})/[\w./-]*)`", text)
    new = {"blog/views/tags.py", "templates/blog/tags.html", "tests/blog/test_tags_page.py"}  # made by a recipe
    missing = [path for path in named if path not in new and not exists(path)]
    assert missing == []


def exists(path):
    return (ROOT / path).exists() or (ROOT / "templates" / path).exists()


@each_doc
def test_no_path_of_somebodys_own_machine(doc):
    assert not re.findall(r"(?<![\w.])/(?:home|root|work|tmp|Users)/", doc.read_text(encoding="utf-8"))


def test_pictures_are_light_and_all_are_shown():
    shown = {(doc.parent / target).resolve() for doc in DOCS for target in links(doc)}
    for picture in (ROOT / "docs/images").iterdir():
        assert picture.stat().st_size <= HEAVIEST, picture.name
        assert picture in shown, f"{picture.name} is shown nowhere"


def test_the_first_screen_of_the_readme_has_the_two_commands_and_a_picture():
    first = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:12]
    assert any(line.startswith("make run") for line in first)
    assert any(line.startswith("make test") for line in first)
    assert any("docs/images/" in line for line in first)


def test_the_readme_is_short_and_leads_to_five_pages():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    assert len(set(re.findall(r"(?<!!)\[[^]]+\]\(([^)]+)\)", text))) == 5


def test_the_index_of_the_docs_lists_every_page():
    index = ROOT / "docs/README.md"
    listed = {(index.parent / target).resolve() for target in links(index)}
    pages = {doc for doc in DOCS if doc.name != "README.md"}
    assert pages - listed == set()


# What is in the code


def names_read(monkeypatch):
    found = {name for file in sources() for name in constants_read(file)}
    # The login services' names are put together while they are read: so ask it, with everything set.
    asked = []
    monkeypatch.setattr(environment, "env", lambda name, default="": asked.append(name) or "set")
    environment.login_providers()
    return found | set(asked)


def sources():
    return [ROOT / "run.py", ROOT / "manage.py", *(file for app in APPS for file in (ROOT / app).rglob("*.py"))]


def constants_read(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name, asker = node.args[0].value, ast.unparse(node.func)
        elif (
            isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.ctx, ast.Load)
        ):
            name, asker = node.slice.value, ast.unparse(node.value)
        else:
            continue
        asks = asker in READERS or asker in {"os.environ", "os.environ.get", "os.getenv"}
        if asks and isinstance(name, str) and name.isupper():
            yield name


# What is in the docs


def rows():
    """Each variable's row in the tables of docs/configuration.md."""
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("| `")]


def names_in(line):
    return set(re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split("|")[1]))


def names_documented():
    return {name for line in rows() for name in names_in(line)}


def links(doc):
    text = re.sub(r"```.*?```", "", doc.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'<img src="([^"]+)"', text)]
    return [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]


def anchors(doc):
    headings = re.findall(r"^#+ (.+)$", doc.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_changelog_is_by_version_and_each_release_left_a_data_folder():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *released = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", heading) for heading in released)
    versions = [heading.partition(" ")[0] for heading in released]
    assert versions == sorted(versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert versions[:1] in ([], [version])
    assert [version for version in versions if not (ROOT / "tests" / "upgrade" / version / "data.zip").exists()] == []
