"""Pictures are on their way when the tab is closed, the line cut or the server killed; then the text is published.

Each is in the post or named as missing, and no words stand in for one. What happens when comes from a seed, which each
test prints: `KILL_SEED=7 pytest tests/walks/test_uploads_interrupted.py` goes the same ways again.
"""

import os
import random
import re
import sqlite3
import time
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.furnished import drawn
from tests.pace import often
from tests.walks.test_writing_tools import log_in
from tests.walks.writing import choose_files, fill, select, value_of, written

SEED = int(os.environ.get("KILL_SEED", "20261128"))
PATIENCE = 60_000  # milliseconds; a retry may come a minute after the last one


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.fixture
def ada(blog, new_context):
    context = new_context(base_url=blog.url)
    context.set_default_timeout(PATIENCE)
    log_in(context.new_page(), blog)
    yield context
    if blog.process.poll() is not None:
        blog.start()


class Point:
    """One walk, guided by the seed: which of its pictures is on its way when what happens happens."""

    def __init__(self, number, what):
        self.dice = random.Random(f"{SEED}-{number}")
        self.what, self.title = what, f"Point {number} of {SEED}"
        self.names = [f"IMG_{number}{each}.png" for each in range(3)]
        self.held_at = self.dice.randrange(3)
        self.presses = self.dice.random() < 0.5  # Publish, before it happens
        self.closes = what is None or self.dice.random() < 0.4
        self.loses = self.dice.random() < 0.3  # one picture never arrives
        print(f"KILL_SEED={SEED}, point {number}: {vars(self)}")

    def add_pictures(self, page):
        """Brings all three; the server's door is held shut before one of them, whose route is answered."""
        held, seen = [], []

        def pass_or_hold(route):
            seen.append(route)
            if len(seen) <= self.held_at:
                route.continue_()
            elif not held:
                held.append(route)
            else:
                route.abort()

        page.route("**/desk/media/", pass_or_hold)
        select(page, self.dice.randrange(20))
        choose_files(page, [{"name": name, "mimeType": "image/png", "buffer": drawn()} for name in self.names])
        while not held:
            page.wait_for_timeout(20)
        return held[0]


def publish(page):
    page.get_by_role("button", name="Publish", exact=True).click()


def cut_the_line(ada, blog):
    ada.set_offline(True)
    return lambda: ada.set_offline(False)


def kill_the_server(ada, blog):
    blog.kill()
    return blog.start


def stored(blog, query, *values):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3", timeout=30)) as database, database:
        return database.execute(query, values).fetchall()


def expect_no_words_for_pictures(source):
    assert "IMG" not in re.sub(r"\(/media/[0-9a-f]{32}/img_\d+\.png\)", "", source), source
    addresses = re.findall(r"!\[[^\]]*\]\(([^)]*)", source)
    assert all(address.startswith("/media/") for address in addresses), source


WHAT = [None, cut_the_line, kill_the_server]  # None: the tab is closed, and nothing else


def walk(number, what, ada, blog):
    point = Point(number, what)
    page = ada.new_page()
    page.goto("/desk/write/")
    page.locator("#id_title").fill(point.title)
    fill(page, "The first mile is a liar.\n\nThe tenth knows better.")
    held = point.add_pictures(page)
    expect_no_words_for_pictures(value_of(page))
    if point.presses:
        publish(page)
        expect(page.get_by_text("“Publish” follows automatically when everything is uploaded.")).to_be_visible()
    mend = what(ada, blog) if what else lambda: None
    if what:
        held.abort()
        expect(page.get_by_text("is not uploaded").first).to_be_visible()
    expect_no_words_for_pictures(value_of(page))
    if point.closes:
        page.close()
        mend()
        page = take_up_again(ada, point)
    else:
        page.unroute("**/desk/media/")
        mend()
    if point.loses and not (point.presses and not point.closes):
        lose_one(page, point)
    if point.closes or not point.presses:
        publish(page)
    question, saved = page.locator(".uploads__question:visible"), page.get_by_text("Saved. It is published.")
    if point.loses:
        expect(question.or_(saved).first).to_be_visible()
        if question.count():
            page.get_by_role("button", name="Publish without them").click()
    expect(saved).to_be_visible(timeout=2 * PATIENCE)
    expect_all_there_or_named(page, blog, point)
    for each in ada.pages:
        each.close()


def take_up_again(ada, point):
    """Tomorrow, on the write page."""
    page = ada.new_page()
    page.goto("/desk/write/")
    expect(page.locator("#unsaved")).to_have_attribute("aria-busy", "false")
    offer = page.locator("#unsaved .unsaved__item:visible", has_text=point.title).first
    offer.get_by_role("link", name="Use it").click()
    expect(written(page)).to_have_value(re.compile("knows better"))
    return page


def lose_one(page, point):
    """From now on the server answers for no picture."""
    page.route("**/desk/media/", lambda route: route.abort())


def expect_all_there_or_named(page, blog, point):
    expect(page.locator("#unsaved")).to_have_attribute("aria-busy", "false")
    [(source, path)] = stored(blog, "SELECT source, path FROM blog_post WHERE title = ?", point.title)
    missing = [name for name in point.names if f"/{name.lower()})" not in source]
    for name in missing:  # when the page before has let go of its lock
        expect(page.locator("#unsaved")).to_contain_text(name, use_inner_text=True)
    named = page.locator("#unsaved").inner_text()
    assert [name for name in point.names if name in named] == missing, (source, named)
    assert point.loses or not named.strip()
    places = [source.find(name.lower()) for name in point.names]
    assert [at for at in places if at >= 0] == sorted(at for at in places if at >= 0)  # as they were picked
    where = "SELECT source FROM blog_post UNION SELECT source FROM blog_revision UNION SELECT source FROM blog_autosave"
    for (each,) in stored(blog, where):
        expect_no_words_for_pictures(each)
    answer = page.request.get(path)
    shown = re.findall(r'<img [^>]*\bsrc="([^"]*)"', answer.text())
    assert len(shown) >= len(point.names) - named.count("IMG_")
    assert all(address.startswith("/media/") for address in shown), shown


ADDED = re.compile(r"^The first mile is a liar\.\n\n!\[\]\(/media/[0-9a-f]{32}/fog\.png\)")


class Door:
    """Holds the POSTs to `pattern` back until it is opened."""

    def __init__(self, target, pattern):
        self.routes = []
        target.route(pattern, lambda route: self.hold(route) if route.request.method == "POST" else route.fallback())

    def hold(self, route):
        self.routes.append(route)

    def wait(self, page):
        """Until a request stands before it."""
        deadline = time.monotonic() + 20
        while not self.routes:
            assert time.monotonic() < deadline, f"{page.url} sends nothing"
            page.wait_for_timeout(20)

    def open(self):
        for route in self.routes:
            route.continue_()


def a_text_with_a_picture(page, title):
    """The picture is on its way; returns the door before which it stands."""
    page.goto("/desk/write/")
    page.locator("#id_title").fill(title)
    fill(page, "The first mile is a liar.")
    door = Door(page, "**/desk/media/")
    choose_files(page, [{"name": "fog.png", "mimeType": "image/png", "buffer": drawn()}])
    door.wait(page)
    return door


# Playwright evaluates nothing while a navigation is held back: the page itself says when its picture has arrived.
SAY_WHEN_IT_HAS_ARRIVED = """() => indexedDB.open("longrun-files").onsuccess = ({ target: { result: database } }) =>
    setInterval(() => {
        const request = database.transaction("records").objectStore("records").getAll();
        request.onsuccess = () => request.result.some(({ media }) => media) && console.info("has arrived");
    }, 100)"""


def has_arrived(message):
    return message.text == "has arrived"


def test_a_picture_that_arrives_while_the_form_is_on_its_way_is_left_to_the_next_page(ada, blog):
    page = ada.new_page()
    picture = a_text_with_a_picture(page, "Published without")
    page.evaluate(SAY_WHEN_IT_HAS_ARRIVED)
    form = Door(page, "**/desk/write/")
    publish(page)
    page.get_by_role("button", name="Publish without them").click(no_wait_after=True)
    form.wait(page)
    with page.expect_console_message(has_arrived):
        picture.open()
    with page.expect_console_message(has_arrived):
        page.wait_for_timeout(500)  # by now it would be in the text
    form.open()
    expect(page.get_by_text("Saved. It is published.")).to_be_visible()
    notice = page.locator("#unsaved .unsaved__item")
    expect(notice).to_contain_text("Added here, not uploaded yet: \u2068fog.png\u2069")
    expect(written(page)).to_have_value("The first mile is a liar.")
    notice.get_by_role("link", name="Add them").click()
    expect(written(page)).to_have_value(ADDED)


@pytest.mark.long
def test_a_tab_that_goes_leaves_its_pictures_with_its_words_to_the_one_that_is_open(ada, blog):
    going, staying = ada.new_page(), ada.new_page()
    ada.route("**/autosave/", lambda route: route.abort())
    a_text_with_a_picture(going, "Left behind")
    staying.goto("/desk/write/")
    staying.wait_for_function("navigator.locks.query().then((locks) => locks.pending.length > 1)")
    answer = Door(staying, "**/desk/write/compare/")
    going.close()
    answer.wait(staying)
    staying.wait_for_timeout(300)  # whatever does not wait for the answer has happened
    answer.open()
    notice = staying.locator("#unsaved .unsaved__item:visible", has_text="Left behind")
    expect(notice.get_by_role("link", name="Use it")).to_be_visible()
    expect(notice).to_contain_text("With files not uploaded yet: \u2068fog.png\u2069.")
    expect(notice).to_have_count(1)


@pytest.mark.long
def test_a_page_opened_again_takes_its_pictures_over_when_the_lock_of_the_old_one_is_free(ada, blog):
    page, holder = ada.new_page(), ada.pages[0]
    a_text_with_a_picture(page, "Opened again")
    expect(page.locator(".saved__word")).to_have_text(re.compile("^Saved"))
    [lock] = page.evaluate("navigator.locks.query().then(({ held }) => held.map(({ name }) => name))")
    holder.goto("/desk/")  # holds it longer than the page is there, as a busy browser does
    holder.evaluate("(lock) => void navigator.locks.request(lock, () => new Promise((done) => (free = done)))", lock)
    address = page.url
    page.close()
    page = ada.new_page()
    page.goto(address)
    expect(page.locator("#unsaved")).to_have_attribute("aria-busy", "false")
    expect(written(page)).to_have_value("The first mile is a liar.")
    holder.evaluate("free()")
    expect(written(page)).to_have_value(ADDED)
    expect(page.get_by_role("link", name="Add them")).to_have_count(0)


@pytest.mark.long
def test_pictures_wait_for_the_newer_text_of_their_tab_instead_of_coming_into_the_older_one(ada, blog):
    page = ada.new_page()
    a_text_with_a_picture(page, "Older at the server")
    expect(page.locator(".saved__word")).to_have_text(re.compile("^Saved"))
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()) }")  # nor does it send a last word
    fill(page, "The first mile is a liar. The tenth knows better.")
    expect(page.locator(".saved__word")).to_have_text(re.compile("^Not saved since"))
    address = page.url
    page.close()
    page = ada.new_page()
    page.goto(address)
    notice = page.locator("#unsaved .unsaved__item:visible", has_text="There is newer text on this device")
    expect(notice).to_contain_text("With files not uploaded yet: \u2068fog.png\u2069.")
    expect(written(page)).to_have_value("The first mile is a liar.")
    notice.get_by_role("link", name="Use it").click()
    expect(written(page)).to_have_value(
        re.compile(r"knows better\.[\s\S]*!\[\]\(/media/\w+/fog\.png\)|fog\.png[\s\S]*better")
    )


def test_pictures_on_their_way_are_in_the_post_or_named(ada, blog):
    walk(0, WHAT[0], ada, blog)


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, 1 + often(10, least=len(WHAT))))  # 0 is the test above
def test_pictures_on_their_way_are_in_the_post_or_named_at_many_points(ada, blog, number):
    walk(number, WHAT[number % 3], ada, blog)
