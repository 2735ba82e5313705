"""What holds for every page there is: valid HTML, one title, accessible to everybody, nothing wider than a phone."""

import json
import subprocess
import sys
from contextlib import contextmanager

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe

from blog.themes import THEMES
from tests import furnished, hostile, pages
from tests.blog_process import ROOT
from tests.page_checks import untidy_tags, wrong_dates, wrong_directions
from tests.target_sizes import too_small

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # the others are not worked out in full: a fourth of the time
}
# What depends on the scheme of colours; the other rules hold in dark as in light.
OF_COLOURS = RULES | {"runOnly": ["color-contrast", "link-in-text-block"]}
# An iPhone zooms into a field whose emails are smaller than 16 px, and stays there.
SMALL_FIELDS = """[...document.querySelectorAll("input, select, textarea")]
    .filter((field) => !["hidden", "checkbox", "radio", "file", "color", "range"].includes(field.type))
    .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16)
    .map((field) => `${getComputedStyle(field).fontSize} in ${field.outerHTML.slice(0, 80)}`)"""
OTHER_THEMES = [theme.label for theme in THEMES.values() if theme.name]
THEMED = {"home", "home_page", "post", "tag", "category", "author", "year", "search", "account_login"}
WIDTHS = [360, 1280]


def test_every_name_is_a_page_or_says_why_it_is_none():
    known, listed = set(pages.names()), pages.PAGES.keys() | pages.NO_PAGES.keys()
    assert known - listed == set(), "new names need a line in tests/pages.py"
    assert listed - known == set(), "these names are gone"


def test_every_page_is_valid_html_with_dates_in_one_form_and_words_in_their_own_direction(as_, ada):
    """In Hebrew, on a blog in English: whose words take the direction of the others is seen at once."""
    furnished.furnish(ada)
    listed = [*pages.paths(), ["search in Hebrew", pages.GUEST, f"/search/?q={hostile.HEBREW}"]]
    hostile.translate(ada)
    clients = {pages.GUEST: as_(None), pages.OWNER: as_(ada)}
    wrong = {}
    for name, who, path in listed:
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
        problems += wrong_dates(tree, path) + wrong_directions(tree)
        problems += [f"white space in {tag}" for tag in untidy_tags(answer.content.decode())]
        if problems:
            wrong[f"{name} {path}"] = problems
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.parametrize(
    ("path", "text", "problems"),
    [
        ("/desk/", "Until May 3, 2026, 3 a.m.., then as usual.", 2),
        ("/desk/", "Saved May 3, 2026, 3:04 pm.", 0),
        ("/desk/", "Saved 15:04", 1),
        ("/desk/", "May 13, 2026 at 3:04 pm, and November 3, 2026", 1),
        ("/about/", "Nov. 28, 2026", 1),
        ("/about/", "November 28, 2026 at 3:04 pm", 0),
        ("/about/", "11/28/2026 or 2026-11-28, at /2026/11/28/sample/…", 2),
    ],
)
def test_a_second_form_of_date_is_found(path, text, problems):
    assert len(wrong_dates(html5lib.parse(f"<p>{text}</p>", namespaceHTMLElements=False), path)) == problems


@pytest.mark.parametrize(
    ("tag", "is_untidy"),
    [
        ('<html lang="en"\n  dir="rtl">', False),
        ('<html lang="en" \n   >', True),
        ('<a href="/"\n>', True),
        ('<article id="one"\n  \n  class="x">', True),
        ("<input required  hidden>", True),
        ('<img alt="  a > b  " src="x">', False),
        ("<p>a  b</p>", False),
    ],
)
def test_white_space_that_a_condition_left_in_a_tag_is_found(tag, is_untidy):
    assert bool(untidy_tags(tag)) is is_untidy


@pytest.fixture(scope="module")
def furnished_blog(start_blog):
    """A served blog with something of everything, and where its pages are."""
    return furnished_by(start_blog(set_up=True))


@pytest.fixture(scope="module")
def hostile_blog(start_blog):
    """The same with every word as long as it may be."""
    return furnished_by(start_blog(set_up=True), "--hostile")


def furnished_by(blog, *how):
    done = subprocess.run(
        [sys.executable, "-m", "tests.furnished", *how], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    blog.pages = json.loads(done.stdout.splitlines()[-1])
    return blog


@pytest.mark.long
def test_words_of_any_length_fit_every_page_of_a_phone_and_what_guests_see_is_accessible(hostile_blog, new_context):
    assert wrong_on_pages(hostile_blog, new_context, 320, looked_through=[pages.GUEST], touch=True) == {}


def test_every_word_of_the_database_is_tried_at_its_longest():
    tried = {(model, name) for model, said in hostile.WORDS.items() for name in said}
    others = {(model, name) for model, names in hostile.NO_WORDS.items() for name in names.split()}
    assert set(hostile.fields()) == tried | others and not tried & others, "new fields need a line in tests/hostile.py"


@pytest.mark.long
@pytest.mark.parametrize("width", [768, 1280])
def test_words_of_any_length_fit_every_page_of_a_wider_screen(hostile_blog, new_context, width):
    assert wrong_on_pages(hostile_blog, new_context, width, looked_through=[], touch=True) == {}


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_at_every_width_and_scheme(furnished_blog, new_context, width):
    assert wrong_on_pages(furnished_blog, new_context, width, touch=width == 360) == {}


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", OTHER_THEMES)
def test_what_readers_see_is_accessible_in_every_theme(furnished_blog, new_context, theme, width):
    with in_theme(furnished_blog, new_context, theme) as listed:
        how = {"looked_through": [pages.GUEST], "touch": width == 360, "listed": listed}
        assert wrong_on_pages(furnished_blog, new_context, width, **how) == {}


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", OTHER_THEMES)
def test_words_of_any_length_fit_every_theme(hostile_blog, new_context, theme, width):
    with in_theme(hostile_blog, new_context, theme) as listed:
        how = {"looked_through": [], "touch": width == 320, "listed": listed}
        assert wrong_on_pages(hostile_blog, new_context, width, **how) == {}


@contextmanager
def in_theme(blog, new_context, theme):
    """The blog in another theme, chosen at the desk; yields the pages whose look a theme changes most."""
    owner = new_context(base_url=blog.url).new_page()
    log_in(owner, blog)

    def use(label):
        owner.goto("/desk/settings/appearance/")
        owner.get_by_role("button", name=f"Use this theme {label}").click()
        owner.get_by_text("The blog has this theme now.").wait_for()

    use(theme)
    try:
        forms = [each for each in blog.pages if each[0] == "also" and "replytocom" in each[2]]
        yield [each for each in blog.pages if each[0] in THEMED] + forms + [["404", pages.GUEST, "/nothing/here/"]]
    finally:
        use("Paperback")


def wrong_on_pages(blog, new_context, width, *, looked_through=(pages.GUEST, pages.OWNER), touch=False, listed=None):
    """{page: what is wrong}. axe looks through those of some visitors, light and dark: it takes a second a page."""
    screen = {"viewport": {"width": width, "height": 800}, "color_scheme": "light", "has_touch": touch,
              "reduced_motion": "reduce"}  # fmt: skip
    visitors = {who: new_context(base_url=blog.url, **screen).new_page() for who in (pages.GUEST, pages.OWNER)}
    log_in(visitors[pages.OWNER], blog)
    wrong, complaints = {}, []
    for page in visitors.values():
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, who, path in listed or blog.pages:
        page = visitors[who]
        complaints.clear()
        assert page.goto(path).status == (404 if name == "404" else 200), (name, path)
        problems = inaccessible(page) if who in looked_through else []
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        problems += [f"{wide} px wider than the window"] * (wide > 0)
        problems += too_small(page, touch=touch)
        if touch:
            problems += page.evaluate(SMALL_FIELDS)
        problems += [] if name == "404" else complaints  # the browser complains about the status
        if problems:
            wrong[f"{name} {path}"] = problems
    return wrong


def inaccessible(page):
    """What axe finds on a page that is shown light, and then dark; the page is light again afterwards."""
    found = Axe().run(page, options=RULES).response["violations"]
    problems = [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"][:3]]
    page.emulate_media(color_scheme="dark")
    found = page.evaluate("(options) => axe.run(options)", OF_COLOURS)["violations"]
    problems += [f"dark {each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"][:3]]
    page.emulate_media(color_scheme="light")
    return problems


def log_in(page, blog):
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
