"""The code in CONTRIBUTING.md's recipes passes the checks that it is told to pass."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from django.template import Context, Template

from tests.hostile import HEBREW
from tests.page_checks import wrong_directions

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language):
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", TEXT, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.split("\n")[0])
@pytest.mark.parametrize("command", ["check --select I", "format --check"])
def test_the_python_of_a_recipe_passes_ruff(code, command):
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--quiet", "--stdin-filename", "blog/views/recipe.py", "-"]
    done = subprocess.run(ruff, input=code, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_template_of_a_recipe_gives_names_a_direction_of_their_own():
    (template,) = blocks("django")
    main = re.search(r"{% block main %}(.*){% endblock %}", template, re.DOTALL)[1]
    tags = [SimpleNamespace(name=HEBREW, get_absolute_url="/tag/one/")]
    html = Template("{% load i18n %}" + main).render(Context({"tags": tags}))
    assert HEBREW in html
    assert wrong_directions(html5lib.parse(html, namespaceHTMLElements=False)) == []
