"""The menu is ordered by buttons, without JavaScript as well."""

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
