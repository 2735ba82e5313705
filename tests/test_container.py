"""The files for containers, read without an engine: what they copy exists, what they set is known, nobody is root."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from server.doctor.variables import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}


@pytest.fixture
def steps():
    """The instructions of the Dockerfile, as (word, rest)."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(" ", 1)) for line in lines]


@pytest.fixture
def services():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]


def test_the_image_is_built_from_files_that_exist(steps):
    assert {word for word, _rest in steps} == KNOWN
    copied = [shlex.split(rest)[:-1] for word, rest in steps if word == "COPY"]
    for name in [name for names in copied for name in names if not names[0].startswith("--from=")]:
        assert (ROOT / name).exists(), name


def test_everything_that_the_wheel_needs_is_in_the_context():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packed = re.search(r"only-include = \[(.*?)\]", project, re.DOTALL)[1]
    assert set(re.findall(r'"([^"]+)"', packed)) <= allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_the_blog_runs_as_a_user_of_its_own_who_owns_the_data(steps):
    last = [rest for word, rest in steps if word == "USER"][-1]
    made = " ".join(rest for word, rest in steps if word == "RUN")
    # A number: an engine that starts nobody as root cannot look a name up.
    assert last == "1000" and "--owner=longrun" in made and f"useradd --uid {last} --create-home longrun" in made
    assert steps.index(("USER", last)) < [word for word, _rest in steps].index("CMD")


def test_it_asks_an_address_that_answers_any_host(steps, client, db):
    [check] = [rest for word, rest in steps if word == "HEALTHCHECK"]
    path = re.search(r"127\.0\.0\.1:8000(/[^']+)", check)[1]
    assert client.get(path, headers={"host": "127.0.0.1:8000"}).status_code == 200


def test_only_known_variables_are_set(steps, services):
    said = [name for word, rest in steps if word == "ENV" for name in re.findall(r"(\w+)=", rest)]
    assert {*said, *services["blog"]["environment"]} <= VARIABLES


def test_the_services_name_each_other_and_volumes_that_exist(services):
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    for service in services.values():
        assert set(service.get("depends_on", [])) <= set(services)
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(whole["volumes"])
    settings = services["blog"]["environment"]
    assert {re.search(r"[/@](\w+):\d", settings[name])[1] for name in ("DATABASE_URL", "CACHE_URL")} == {
        "database",
        "cache",
    }
    assert f"--to blog:{8000}" in services["front"]["command"]
