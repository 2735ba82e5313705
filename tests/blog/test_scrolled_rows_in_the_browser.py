"""The links to all settings, and to the pages of an account, are one row on phones, which begins at the current one."""

import re

import pytest

PAGES = ["/desk/settings/", "/desk/redirects/", "/desk/settings/changes/", "/accounts/logout/"]
AT = """([row, link]) => [row, link].map((each) => each.getBoundingClientRect())
    .flatMap((box) => [Math.floor(box.height), Math.ceil(box.left), Math.floor(box.right)])"""


@pytest.fixture
def opened(browser, live_server, as_, ada):
    """A phone without JavaScript, logged in as Ada."""
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    session = as_(ada).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def refuse_initial_target(route):
    """The sheet as a browser reads it that knows nothing of `scroll-initial-target`."""
    answer = route.fetch()
    sheet = answer.text()
    assert sheet.count("scroll-initial-target") == 2
    route.fulfill(response=answer, body=re.sub("scroll-initial-target", "unknown-property", sheet))


@pytest.mark.browser
@pytest.mark.parametrize("knows", [True, False], ids=["begins-there", "stays-at-the-edge"])
def test_the_current_link_is_seen_in_one_row(opened, knows):
    if not knows:
        opened.route(re.compile(r"/(desk|account)\.css"), refuse_initial_target)
    for path in PAGES:
        opened.goto(path)
        current = opened.locator(".scrolled-row [aria-current]")
        high, _left, _right, _high, left, right = opened.evaluate(
            AT, [opened.locator(".scrolled-row").element_handle(), current.element_handle()]
        )
        assert high < 60 and left >= 0 and right <= 360, (path, high, left, right)
        assert opened.evaluate("document.documentElement.scrollWidth") <= 360, path


@pytest.mark.browser
def test_each_link_is_seen_while_it_has_the_focus(opened):
    opened.route(re.compile(r"/(desk|account)\.css"), refuse_initial_target)
    opened.goto("/desk/redirects/")
    links = opened.locator(".scrolled-row a")
    links.first.focus()
    for number in range(links.count()):
        link = links.nth(number)
        assert link.evaluate("each => each === document.activeElement"), number
        box = link.bounding_box()
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360, link.inner_text()
        assert link.evaluate("(each, at) => each.contains(document.elementFromPoint(...at))", middle), link.inner_text()
        opened.keyboard.press("Tab")
