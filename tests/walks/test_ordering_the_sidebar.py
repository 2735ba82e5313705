"""The menu and the sidebar are ordered by buttons, without JavaScript as well, and by dragging."""

import pytest

from blog.models import MenuLink, ReadingSettings

PLACE = "/desk/settings/menu-and-sidebar/"


@pytest.fixture
def desk(live_server, as_, ada, settings):
    """Opens the form in a context, logged in as Ada."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    for number, title in enumerate(["One", "Two", "Three"], start=1):
        MenuLink.objects.create(title=title, url=f"/{title.lower()}/", number=number)
    session = as_(ada).cookies["sessionid"].value

    def opened(context):
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + PLACE)
        return page

    return opened


def titles():
    return [link.title for link in MenuLink.objects.all()]


def test_a_button_moves_a_row_without_javascript(desk, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = desk(context)
    page.get_by_role("textbox", name="Footer").fill("Typed before")
    page.get_by_role("button", name="Three").first.click()
    page.wait_for_url("**#link-*")
    assert titles() == ["One", "Three", "Two"] and ReadingSettings.objects.get().footer == "Typed before"
    page.get_by_role("textbox", name="Footer").fill("Saved by Return")
    with page.expect_navigation():
        page.get_by_label("Title").first.press("Enter")
    assert titles() == ["One", "Three", "Two"] and ReadingSettings.objects.get().footer == "Saved by Return"
    context.close()


def row(page, title):
    legend = page.locator("legend").get_by_text(title, exact=True)
    return page.locator(".ordered > li").filter(has=legend)


def drag(page, title, to, drop=True):
    row(page, title).locator(".move__handle").hover()
    page.mouse.down()
    box = row(page, to).bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 4, steps=8)
    if drop:
        page.mouse.up()


def order(page):
    return page.locator(".ordered").first.locator("legend").all_inner_texts()


def test_a_row_is_dragged_and_saved_with_what_is_typed(desk, browser):
    page = desk(browser.new_context())
    page.get_by_role("textbox", name="Footer").fill("Typed before")
    drag(page, "Three", to="One")
    page.wait_for_url("**#link-*")
    assert titles() == ["Three", "One", "Two"] and ReadingSettings.objects.get().footer == "Typed before"
    drag(page, "Archives", to="Search")
    page.wait_for_url("**#widget-archives")
    widgets = [name for name, _lines in ReadingSettings.objects.get().widgets]
    assert widgets.index("archives") < widgets.index("search") and titles() == ["Three", "One", "Two"]
    page.context.close()


def test_escape_puts_a_dragged_row_back(desk, browser):
    page = desk(browser.new_context())
    before = order(page)
    drag(page, "Three", to="One", drop=False)
    assert order(page) != before
    page.keyboard.press("Escape")
    assert order(page) == before
    page.mouse.up()
    page.get_by_role("button", name="Save").last.click()
    page.get_by_text("Saved.").wait_for()
    assert titles() == ["One", "Two", "Three"]
    page.context.close()


def test_a_finger_drags_a_row(desk, browser):
    page = desk(browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 700}))
    chromium = page.context.new_cdp_session(page)
    handle = row(page, "Three").locator(".move__handle")
    handle.evaluate("handle => handle.scrollIntoView({ block: 'center' })")  # not below the bar of the desk
    start = handle.bounding_box()
    end = row(page, "One").bounding_box()
    x, y, last = start["x"] + 15, start["y"] + 15, end["y"] + 4

    def touch(kind, *places):
        points = [{"x": x, "y": place} for place in places]
        chromium.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", y)
    for step in range(1, 9):
        touch("touchMove", y + (last - y) * step / 8)
    touch("touchEnd")
    page.wait_for_url("**#link-*")
    assert titles() == ["Three", "One", "Two"]
    page.context.close()
