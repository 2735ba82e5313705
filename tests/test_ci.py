"""The workflow and the commit hooks agree with `.ci/run` and with the locked versions."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


def read(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_the_workflow_runs_every_stage_that_ci_knows():
    matrix = read(".github/workflows/ci.yml")["jobs"]["stage"]["strategy"]["matrix"]
    stages = matrix["stage"] + [more["stage"] for more in matrix["include"]]
    known = subprocess.run([ROOT / ".ci" / "run", "--stages"], capture_output=True, text=True, check=True)
    assert sorted(["programs", *stages]) == sorted(known.stdout.split())  # each stage begins with the programs


def test_ci_measures_coverage_against_a_floor_of_whole_percents():
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").count("in_the_clone test-coverage") == 2
    coverage = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
    assert isinstance(coverage["report"]["fail_under"], int) and coverage["report"]["fail_under"] >= 95
    assert coverage["run"]["branch"] and coverage["report"]["precision"] == 2  # 94.6 is not 95


def test_actions_are_pinned_to_a_commit():
    """Without a network, whether the commit is the release in the comment remains to be compared by hand."""
    for file in (ROOT / ".github" / "workflows").iterdir():
        used = re.findall(r"uses: (\S+)", file.read_text(encoding="utf-8"))
        assert used
        assert all(re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", action) for action in used), file.name


def test_the_commit_hooks_have_the_locked_versions():
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE))
    hooks = {hook["repo"].rpartition("/")[2]: hook["rev"] for hook in read(".pre-commit-config.yaml")["repos"]}
    assert hooks["ruff-pre-commit"] == f"v{locked['ruff']}"
    assert hooks["djLint"] == f"v{locked['djlint']}"


@pytest.mark.parametrize("form", ["bug", "idea"])
def test_issue_forms_have_what_github_asks_for(form):
    issue = read(f".github/ISSUE_TEMPLATE/{form}.yml")
    assert issue["name"] and issue["description"]
    asked = [field for field in issue["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in asked)
    assert len({field["id"] for field in asked}) == len(asked)
