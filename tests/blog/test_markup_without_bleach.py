"""bleach is no longer maintained: with one line of blog/markup/sanitizer.py changed, nh3 cleans alone, and as well."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blog.markup import COMMENT, POST, sanitizer
from tests.data.xss_vectors import VECTORS

ROOT = Path(__file__).resolve().parent.parent.parent
SWITCH = "blog/markup/sanitizer.py", "BLEACH = True", "BLEACH = False"
FOLDERS = (
    "config",
    "server",
    "core",
    "accounts",
    "blog",
    "comments",
    "transfer",
    "templates",
    "static",
    "locale",
    "tests",
)
# The tests that know what cleaned HTML looks like.
TESTS = [
    "tests/blog/test_absolute_urls.py",
    "tests/blog/test_email_html.py",
    "tests/blog/test_html_to_markdown.py",
    "tests/blog/test_markup_*.py",
    "tests/blog/test_rendering.py",
    "tests/blog/test_embeds.py",
    "tests/comments/test_rendering.py",
    "tests/transfer/test_import_renderings.py",
    "tests/transfer/test_markdown_conversion.py",
]


@pytest.fixture
def both(monkeypatch):
    """both(html, policy): what comes out with bleach, and without."""

    def clean(html, policy):
        found = []
        for switch in (True, False):
            monkeypatch.setattr(sanitizer, "BLEACH", switch)
            found.append(sanitizer.clean(html, policy))
        return found

    return clean


@pytest.mark.parametrize("policy", [POST, COMMENT], ids=["post", "comment"])
def test_nothing_that_bleach_removes_from_an_attack_is_left_by_nh3(both, policy):
    for vector in VECTORS:
        with_bleach, alone = both(vector, policy)
        assert alone == with_bleach, vector


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<blockquote cite=javascript:alert(1)>x</blockquote>", "<blockquote>x</blockquote>"),
        ("<q cite='java\tscript:alert(1)'>x</q>", "<q>x</q>"),
        ("<q cite=/a:b>x</q><del cite=https://a.example/>y</del>",) * 2,
        ("<video poster='\xa0javascript:x' src='java&shy;script:x'></video>", "<video></video>"),
        ("<a href='1:30'>x</a>", '<a href="1:30" rel="noopener noreferrer">x</a>'),
        ("<pre>\n\n\n\nx</pre>", "<pre>x</pre>"),
        ("<pre><b>\n\nx</b>\n</pre>", "<pre><b>\n\nx</b>\n</pre>"),
    ],
)
def test_what_bleach_alone_used_to_do_is_done_without_it(both, html, cleaned):
    found = {made.replace(' rel="noopener noreferrer"', "").replace('"', "") for made in both(html, POST)}
    assert found == {cleaned.replace(' rel="noopener noreferrer"', "").replace('"', "")}


def test_the_one_difference_is_that_nh3_knows_the_elements_of_html_5(both):
    """A description inside a summary does not end the one around it: bleach's parser does not know summaries."""
    with_bleach, alone = both("<dl><dd><summary>a<dd>b</dl>", POST)
    assert with_bleach == "<dl><dd><summary>a</summary></dd><dd>b</dd></dl>"
    assert alone == "<dl><dd><summary>a<dd>b</dd></summary></dd></dl>"


@pytest.mark.long
@pytest.mark.process
def test_no_test_of_markup_notices_that_bleach_is_switched_off(tmp_path):
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    shutil.copytree(ROOT / "tests/vendor", tmp_path / "tests/vendor")
    for name in ("pyproject.toml", "manage.py", "run.py"):
        shutil.copy2(ROOT / name, tmp_path / name)
    file, line, instead = tmp_path / SWITCH[0], *SWITCH[1:]
    text = file.read_text(encoding="utf-8")
    assert text.count(line) == 1
    file.write_text(text.replace(line, instead), encoding="utf-8")
    files = [
        str(found) for pattern in TESTS for found in sorted(tmp_path.glob(pattern)) if found.name != Path(__file__).name
    ]
    assert len(files) > 15
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "-p",
        "no:cacheprovider",
        "-m",
        "not browser and not long",
        *files,
    ]
    names = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment = names | {"LONGRUN_DATA": str(tmp_path / "data")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=850)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert int(done.stdout.rsplit(" passed", 1)[0].split()[-1]) > 1500, done.stdout[-500:]
