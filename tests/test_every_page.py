"""What holds for every page there is: valid HTML, one title, accessible to everybody, nothing wider than a phone."""

import json
import subprocess
import sys

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import furnished, pages
from tests.server import ROOT

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # the others are not worked out in full: a fourth of the time
}
ALL = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]


def test_every_name_is_a_page_or_says_why_it_is_none():
    known, listed = set(pages.names()), pages.PAGES.keys() | pages.NO_PAGES.keys()
    assert known - listed == set(), "new names need a line in tests/pages.py"
    assert listed - known == set(), "these names are gone"


def test_every_page_is_valid_html(as_, ada):
    furnished.furnish(ada)
    clients = {pages.GUEST: as_(None), pages.OWNER: as_(ada)}
    wrong = {}
    for name, who, path in pages.paths():
        answer = clients[who].get(path)
        assert answer.status_code == 200, (name, path, answer.status_code, answer.headers.get("Location"))
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(answer.content.decode())
        problems = [f"{code} {facts} at {where}" for where, code, facts in parser.errors]
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        problems += [f"id {each} twice" for each in {each for each in ids if ids.count(each) > 1}]
        problems += [f"{len(tree.findall('.//h1'))} h1"] * (len(tree.findall(".//h1")) != 1)
        problems += ["no language"] * (not tree.get("lang"))
        problems += ["no title"] * (not (tree.findtext(".//title") or "").strip())
        if problems:
            wrong[f"{name} {path}"] = problems
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.fixture(scope="module")
def furnished_blog(running_blog):
    """A served blog with something of everything, and where its pages are."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.furnished"], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=running_blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    running_blog.pages = json.loads(done.stdout.splitlines()[-1])
    return running_blog


def test_every_page_fits_a_phone_and_what_guests_see_is_accessible(furnished_blog, new_context):
    assert wrong_on_pages(furnished_blog, new_context, 360, "light", looked_through=[pages.GUEST]) == {}


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), ALL, ids=lambda value: str(value))
def test_every_page_is_accessible_at_every_width_and_scheme(furnished_blog, new_context, width, scheme):
    assert wrong_on_pages(furnished_blog, new_context, width, scheme) == {}


def wrong_on_pages(blog, new_context, width, scheme, *, looked_through=(pages.GUEST, pages.OWNER)):
    """{page: what is wrong}. axe looks through those of some visitors: it takes most of a second a page."""
    visitors = {
        who: new_context(base_url=blog.url, viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
        for who in (pages.GUEST, pages.OWNER)
    }
    log_in(visitors[pages.OWNER], blog)
    wrong, complaints = {}, []
    for page in visitors.values():
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, who, path in blog.pages:
        page = visitors[who]
        complaints.clear()
        assert page.goto(path).status == 200, (name, path)
        found = Axe().run(page, options=RULES).response["violations"] if who in looked_through else []
        problems = [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"][:3]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        problems += [f"{wide} px wider than the window"] * (wide > 0)
        problems += complaints
        if problems:
            wrong[f"{name} {path}"] = problems
    return wrong


def log_in(page, blog):
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
