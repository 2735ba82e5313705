"""What the locked files name is enough and fits, on every system; what we import is declared."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ["requirements.txt", "requirements-dev.txt"]
NOT_LOCKED = {"pillow-heif"}  # whoever wants it installs it: its wheels are under the GPL
OURS = {"config", "server", "core", "accounts", "blog", "comments", "transfer", "tests", "bench", "run"}

# Debian 12's own Python with its pip 23.0.1 is the oldest that we promise.
SYSTEMS = {
    "Debian 12": {"python_version": "3.11", "python_full_version": "3.11.2"},
    "this machine": {},
    "a newer Python": {"python_version": "3.13", "python_full_version": "3.13.1"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
}


def environment(name):
    return default_environment() | {"extra": ""} | SYSTEMS[name]


def holds(requirement, on, extras=()):
    marker = requirement.marker
    return not marker or any(marker.evaluate(on | {"extra": extra}) for extra in ("", *extras))


@cache
def lines(file):
    """Each package of a locked file as pip reads it."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    return [Requirement(line.partition(" --hash")[0]) for line in text.splitlines() if line and line[0] not in " #"]


def locked(file, on):
    """Name → the one line that counts on a system."""
    found = {}
    for requirement in lines(file):
        if holds(requirement, on):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{name} twice"
            found[name] = requirement
    return found


def version(requirement):
    (pin,) = requirement.specifier
    assert pin.operator == "==", requirement
    return pin.version


def declared(file):
    """What pyproject.toml asks for in `file`."""
    project = PROJECT["project"]
    asked = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    if file == "requirements-dev.txt":
        asked += PROJECT["dependency-groups"]["dev"]
    return [Requirement(line) for line in asked]


def metadata_of(name, wanted):
    """What the installed package says; None where another version, or none, is installed here."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return found if found.version == wanted else None


def wanted(file, on):
    """(who asks, for what), as a resolver walks: from what we declare on, extras too."""
    packages, seen = locked(file, on), set()
    left_out = NOT_LOCKED if file == "requirements.txt" else set()
    asked = [each for each in declared(file) if canonicalize_name(each.name) not in left_out]
    queue = [("pyproject.toml", requirement) for requirement in asked if holds(requirement, on)]
    while queue:
        who, requirement = queue.pop()
        yield who, requirement
        name = canonicalize_name(requirement.name)
        new = {"", *requirement.extras} - {extra for other, extra in seen if other == name}
        seen |= {(name, extra) for extra in new}
        if not new or name not in packages or not (found := metadata_of(name, version(packages[name]))):
            continue
        asked = map(Requirement, found.requires or [])
        queue += [(name, other) for other in asked if any(holds(other, on, [extra]) for extra in new)]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("file", FILES)
def test_whatever_a_package_asks_for_is_locked_extras_too(file, system):
    """`--no-deps` installs what the file names, and nothing else."""
    on = environment(system)
    packages = locked(file, on)
    for who, requirement in wanted(file, on):
        line = packages.get(canonicalize_name(requirement.name))
        assert line, f"{who} asks for {requirement}"
        assert requirement.specifier.contains(version(line), prereleases=True), f"{who}: {requirement}, not {line}"
        assert requirement.extras <= line.extras, f"{who}: {requirement}, not {line}: an old pip would look further"


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("file", FILES)
def test_every_locked_package_runs_on_the_python_of(file, system):
    on = environment(system)
    for name, requirement in locked(file, on).items():
        if found := metadata_of(name, version(requirement)):
            asked = SpecifierSet(found.metadata["Requires-Python"] or "")
            assert asked.contains(on["python_full_version"]), f"{requirement}: Python {asked}"


def test_the_same_package_has_the_same_version_in_both_files():
    run, dev = ({str(line) for line in lines(file)} for file in FILES)
    assert run <= dev


def test_nothing_that_is_locked_is_asked_for_by_nobody():
    for file in FILES:
        asked = {
            canonicalize_name(requirement.name)
            for name in SYSTEMS
            for _, requirement in wanted(file, environment(name))
        }
        known = {line.name for line in lines(file) if metadata_of(line.name, version(line))}
        assert known <= asked


def test_what_is_installed_here_is_what_is_locked():
    on = environment("this machine")
    for name, requirement in locked("requirements-dev.txt", on).items():
        assert metadata_of(name, version(requirement)), f"{requirement} is not installed: python run.py test-fast"


@cache
def imported(*folders):
    """Every package that is not Python's own and not ours → the files that import it."""
    found = {}
    for file in [file for folder in folders for file in sorted(ROOT.glob(folder))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names:
                found.setdefault(name, set()).add(file.relative_to(ROOT).as_posix())
    return found


APPLICATION = [f"{app}/**/*.py" for app in ("config", "server", "core", "accounts", "blog", "comments", "transfer")] + [
    "manage.py"
]
CHECKING = ["tests/**/*.py", "bench/**/*.py"]


installed_modules = cache(packages_distributions)


def distributions(module):
    return {canonicalize_name(name) for name in installed_modules().get(module, [module])}


def names(requirements):
    return {canonicalize_name(requirement.name) for requirement in requirements}


@pytest.mark.parametrize(
    ("files", "places"), [("requirements.txt", APPLICATION), ("requirements-dev.txt", CHECKING)], ids=FILES
)
def test_what_we_import_is_declared(files, places):
    """What came along with another package may stay away with its next version."""
    known = names(declared(files))
    assert not {module: by for module, by in imported(*places).items() if not distributions(module) & known}


def test_what_tests_alone_import_is_not_asked_of_those_who_run_a_blog():
    ours = {name for module in imported(*APPLICATION) for name in distributions(module)}
    alone = {name for module in imported(*CHECKING) for name in distributions(module)} - ours
    assert not alone & names(declared("requirements.txt"))


def test_the_oldest_pip_reads_every_line():
    """One exact version, at least one hash, no address, no option that came later."""
    line = re.compile(r"^[a-z0-9.-]+(\[[a-z0-9, -]+\])?==[\w.+!]+( ; [^;\\]+)? \\$")
    for file in FILES:
        for row in (ROOT / file).read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", row) or line.fullmatch(row), row


# What nothing imports, and where it is used all the same.
USED_BY_NAME = {
    "psycopg": ("config/environment.py", "postgres"),  # by Django's backend
    "crawler-user-agents": ("blog/robots/known.py", "crawleruseragents"),  # its table alone
    "confusable-homoglyphs": ("core/confusables.py", "confusable_homoglyphs"),  # its table alone
}


def test_what_is_declared_is_used():
    ours = {name for module in imported(*APPLICATION) for name in distributions(module)}
    assert names(declared("requirements.txt")) - ours == set(USED_BY_NAME)
    for name, (file, text) in USED_BY_NAME.items():
        assert text in (ROOT / file).read_text(encoding="utf-8"), name
