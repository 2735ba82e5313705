"""Things are killed while somebody types: the network, the server, the session, the tab; and a second tab types, too.

Every character that was typed more than a second before is found again. Where, when and what is killed comes from a
seed, which each test prints: `KILL_SEED=7 pytest tests/walks/test_never_lost.py` goes the same ways again.
"""

import os
import random
import re
import sqlite3
import time
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.pace import often
from tests.test_every_page import RULES, log_in
from tests.walks.writing import fill, text, value_of, written

SEED = int(os.environ.get("KILL_SEED", "20261123"))
WORDS = "the first mile is a liar it says that you are tired and the tenth knows better".split()
SAVED = re.compile(r"^Saved \d?\d:\d\d")
PATIENCE = 60_000  # milliseconds; a retry may come a minute after the last one


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.fixture
def ada(blog, new_context):
    """Ada's browser, in which she is logged in; a context of Playwright."""
    context = new_context(base_url=blog.url)
    context.set_default_timeout(PATIENCE)
    log_in(context.new_page(), blog)
    yield context
    if blog.process.poll() is not None:
        blog.start()


class Writer:
    """Somebody at the keyboard, whose hand the seed guides."""

    def __init__(self, point):
        self.dice = random.Random(f"{SEED}-{point}")
        self.name = f"Point {point}"
        print(f"KILL_SEED={SEED}, point {point}")

    def words(self):
        return " ".join(self.dice.choices(WORDS, k=self.dice.randint(3, 9))) + ". "

    def type_in(self, page):
        """Types some words at the end and answers them."""
        words = self.words()
        field = text(page)
        field.focus()
        page.keyboard.press("Control+End")
        page.keyboard.type(words, delay=self.dice.choice([0, 2, 15]))
        return words

    def write(self, page):
        """A title and some words, now and then with a pause that lets the autosave come; answers the words."""
        page.locator("#id_title").fill(self.name)
        typed = self.type_in(page)
        if self.dice.random() < 0.4:
            expect(state_of(page)).to_have_text(SAVED, timeout=PATIENCE)
            typed += self.type_in(page)
        time.sleep(1.05)
        return typed


def state_of(page):
    return page.locator(".saved__word")


def offered(page):
    """All texts that the write page offers, and the one that stands in its form."""
    expect(text(page)).to_be_visible()
    texts = page.locator("#unsaved textarea")
    return [texts.nth(number).input_value() for number in range(texts.count())] + [value_of(page)]


def expect_found(page, typed, besides=list):
    """The journal is read after the page is there: ask until it has answered, and what is kept `besides` as well."""
    deadline = time.monotonic() + 20
    found = offered(page) + besides()
    while not any(typed.strip() in text for text in found):
        assert time.monotonic() < deadline, f"{typed!r} is lost; there is {found}"
        time.sleep(0.1)
        found = offered(page) + besides()


def use(page, typed):
    """Takes up the offer that holds the words."""
    offers = page.locator("#unsaved .unsaved__item")
    for number in range(offers.count()):
        offer = offers.nth(number)
        if offer.is_visible() and typed.strip() in offer.locator("textarea").input_value():
            offer.get_by_role("link", name="Use it").click()
            return
    raise AssertionError(f"{typed!r} is not offered")


def rows(blog, query):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3", timeout=30)) as database, database:
        return database.execute(query).fetchall()


def expect_saved(blog, typed):
    deadline = time.monotonic() + 2 * PATIENCE / 1000
    while not any(typed.strip() in source for (source,) in rows(blog, "SELECT source FROM blog_post")):
        assert time.monotonic() < deadline, f"{typed!r} is in no post"
        time.sleep(0.2)


def open_form(ada, blog, writer):
    """A new post, or one that was saved before."""
    page = ada.new_page()
    page.goto("/desk/write/")
    if writer.dice.random() < 0.5:
        page.locator("#id_title").fill(writer.name)
        page.keyboard.press("Tab")
        fill(page, "Saved before. ")
        page.get_by_role("button", name="Save Draft").click()
        expect(page.get_by_text("Draft saved.")).to_be_visible()
    return page


def reopened(ada, page):
    """The page as somebody finds it who comes back later: their post, or the form for a new one."""
    address = page.url if "/desk/posts/" in page.url else "/desk/write/"
    if not page.is_closed():
        page.close()
    page = ada.new_page()
    page.goto(address)
    return page


# What is killed


def the_network(ada, blog, writer):
    page = open_form(ada, blog, writer)
    typed = writer.write(page)
    ada.set_offline(True)
    typed += writer.type_in(page)
    if writer.dice.random() < 0.5:
        time.sleep(1.05)
        page.close()
        ada.set_offline(False)
        expect_found(reopened(ada, page), typed)
        return
    expect(state_of(page)).to_have_text(re.compile("^Not saved since"), timeout=PATIENCE)
    ada.set_offline(False)
    expect(state_of(page)).to_have_text(SAVED, timeout=PATIENCE)
    assert typed.strip() in value_of(page)
    expect_found(reopened(ada, page), typed)


def the_server(ada, blog, writer):
    page = open_form(ada, blog, writer)
    typed = writer.write(page)
    blog.kill()
    typed += writer.type_in(page)
    presses = writer.dice.random() < 0.5
    if presses:
        page.get_by_role("button", name="Save Draft").click()
        expect(state_of(page)).to_contain_text("“Save Draft” follows automatically.", timeout=PATIENCE)
    else:
        expect(state_of(page)).to_have_text(re.compile("^Not saved since"), timeout=PATIENCE)
    blog.start()
    if presses:
        expect_saved(blog, typed)
        return
    expect(state_of(page)).to_have_text(SAVED, timeout=2 * PATIENCE)
    expect_found(reopened(ada, page), typed)


def the_session(ada, blog, writer):
    page = open_form(ada, blog, writer)
    typed = writer.write(page)
    rows(blog, "DELETE FROM django_session")
    typed += writer.type_in(page)
    expect(state_of(page)).to_contain_text("you are logged out", timeout=PATIENCE)
    with ada.expect_page() as opened:
        page.get_by_role("link", name="Log in in another tab").click()
    beside = opened.value
    beside.locator("input[name=login]").fill(blog.email)
    beside.locator("input[name=password]").fill(blog.password)
    beside.locator("main form button").first.click()
    expect(beside.get_by_role("heading", name="You are logged in")).to_be_visible()
    typed += writer.type_in(page)
    beside.close()
    expect(state_of(page)).to_have_text(SAVED, timeout=PATIENCE)
    page.get_by_role("button", name="Save Draft").click()
    expect_saved(blog, typed)


def the_tab(ada, blog, writer):
    page = open_form(ada, blog, writer)
    typed = writer.write(page)
    writer.type_in(page)  # in the last second
    page.close()
    page = reopened(ada, page)
    expect_found(page, typed)
    use(page, typed)
    expect(written(page)).to_have_value(re.compile(re.escape(typed.strip())), timeout=20_000)
    page.get_by_role("button", name="Save Draft").click()
    expect_saved(blog, typed)


def a_second_tab(ada, blog, writer):
    """Both tabs type into one post; then both are gone."""
    first = open_form(ada, blog, writer)
    if "/desk/posts/" not in first.url:
        fill(first, "Saved before. ")
        first.get_by_role("button", name="Save Draft").click()
        expect(first.get_by_text("Draft saved.")).to_be_visible()
    one = writer.write(first)
    second = ada.new_page()
    second.goto(first.url)
    other = writer.write(second)
    if writer.dice.random() < 0.5:
        expect(state_of(second)).to_have_text(SAVED, timeout=PATIENCE)
        one += writer.type_in(first)
        time.sleep(1.05)
    address = first.url
    for page in (first, second):
        page.close()
    page = ada.new_page()
    page.goto(address)
    for typed in (one, other):
        expect_found(page, typed, besides=lambda: kept(blog))


def kept(blog):
    """What lies at the server. What a tab sends when it goes may come after the page that looks for it was made."""
    return [
        source for (source,) in rows(blog, "SELECT source FROM blog_revision UNION SELECT source FROM blog_autosave")
    ]


KILLED = [the_network, the_server, the_session, the_tab, a_second_tab]


def kill(point, ada, blog):
    """Every five points each thing is killed once, in the order of the seed."""
    order = random.Random(f"{SEED}-{point // len(KILLED)}").sample(KILLED, len(KILLED))
    writer = Writer(point)
    what = order[point % len(KILLED)]
    print(what.__name__)
    what(ada, blog, writer)


@pytest.mark.parametrize("point", range(1))
def test_what_was_typed_a_second_ago_is_found_again(ada, blog, point):
    kill(point, ada, blog)


@pytest.mark.long
@pytest.mark.parametrize("point", range(often(20, least=len(KILLED))))
def test_what_was_typed_a_second_ago_is_found_again_at_many_points(ada, blog, point):
    kill(point, ada, blog)


def test_a_conflict_shows_both_texts_and_keeps_both(ada, blog):
    first = ada.new_page()
    first.goto("/desk/write/")
    fill(first, "Ten miles before breakfast.")
    first.get_by_role("button", name="Save Draft").click()
    expect(first.get_by_text("Draft saved.")).to_be_visible()
    second = ada.new_page()
    second.goto(first.url)
    fill(first, "Ten miles after breakfast.")
    first.get_by_role("button", name="Save Draft").click()
    expect_saved(blog, "Ten miles after breakfast.")
    fill(second, "Twelve miles before breakfast.")
    expect(state_of(second)).to_contain_text("Somebody has saved another version in the meantime", timeout=PATIENCE)
    second.get_by_role("button", name="Save Draft").click()
    expect(second.get_by_role("heading", name="Somebody saved this post")).to_be_visible()
    expect(second.locator(".compare ins")).to_have_text(["Twelve", "before"])
    expect(second.locator(".compare del")).to_have_text(["Ten", "after"])
    expect(written(second)).to_have_value("Twelve miles before breakfast.")
    expect_accessible(second)
    second.get_by_role("button", name="Save my version").click()
    expect(second.get_by_text("Draft saved.")).to_be_visible()
    second.locator(".write__line").get_by_role("link", name="revisions").click()
    expect(second.get_by_role("button", name="Restore")).to_have_count(3)
    expect_accessible(second)
    second.locator("input[name=from]").last.check()
    second.get_by_role("button", name="Compare").click()
    expect(second.locator(".compare")).to_be_visible()
    expect_accessible(second)
    sources = [source for (source,) in rows(blog, "SELECT source FROM blog_revision ORDER BY id")]
    assert {"Ten miles after breakfast.", "Twelve miles before breakfast."} <= set(sources)


@pytest.mark.long
def test_back_after_the_first_save_leads_to_the_post_that_was_made(ada, blog):
    page = ada.new_page()
    page.goto("/desk/write/")
    page.locator("#id_title").fill("Made once")
    fill(page, "Ten miles.")
    page.get_by_role("button", name="Save Draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.go_back()
    page.wait_for_url("**/desk/posts/*/")
    fill(page, "Twelve miles.")
    page.get_by_role("button", name="Save Draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert rows(blog, "SELECT source FROM blog_post WHERE title = 'Made once'") == [("Twelve miles.",)]


@pytest.mark.long
def test_what_is_offered_is_accessible_and_thrown_away_on_request(ada, blog):
    rows(blog, "DELETE FROM blog_autosave")
    page = ada.new_page()
    page.goto("/desk/write/")
    expect(text(page)).to_be_visible()  # the editor has loaded
    ada.set_offline(True)
    fill(page, "Only here.")
    expect(state_of(page)).to_have_text(re.compile("^Not saved since"), timeout=PATIENCE)
    expect_accessible(page)
    page.close()
    ada.set_offline(False)
    time.sleep(1)  # the last word of a page that closes may get through; here it shall not
    rows(blog, "DELETE FROM blog_autosave")
    page = ada.new_page()
    page.goto("/desk/write/")
    notice = page.locator("#unsaved .unsaved__item", has_text="Only here.")
    expect(notice).to_be_visible()
    notice.get_by_text("See it").click()
    expect_accessible(page)
    notice.get_by_role("button", name="Discard").click()
    expect(notice).to_have_count(0)
    page.reload()
    expect(text(page)).to_be_visible()
    time.sleep(0.5)
    expect(page.locator("#unsaved .unsaved__item", has_text="Only here.")).to_have_count(0)


@pytest.mark.long
def test_a_tab_that_goes_leaves_its_words_to_the_one_that_is_open(ada, blog):
    going, staying = ada.new_page(), ada.new_page()
    ada.route("**/autosave/", lambda route: route.abort())
    going.goto("/desk/write/")
    fill(going, "Typed in the other tab.")
    time.sleep(0.5)
    staying.goto("/desk/write/")
    notice = staying.locator("#unsaved .unsaved__item", has_text="Typed in the other tab.")
    staying.wait_for_function("navigator.locks.query().then((locks) => locks.pending.length > 0)")
    expect(notice).to_have_count(0)
    going.close()
    expect(notice).to_be_visible()


def expect_accessible(page):
    """In a window so tall that the line which stays at its end covers nothing."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 1800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(page, options=RULES).response["violations"]
            assert not [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} px wider than the window"
