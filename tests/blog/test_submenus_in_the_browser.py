"""An open submenu stays in the window, at every width, in every theme, however many entries the menu has."""

import pytest

from blog.models import ReadingSettings
from blog.themes import THEMES

WIDTHS = [360, 700, 1000]
EDGES = """all => all.map(each => each.getBoundingClientRect()).map(box => [box.left, box.right])"""


@pytest.fixture
def use(blog, make_post):
    """Choose a theme, and put pages into the menu, each with a page below it."""

    def use(theme, pages):
        row = ReadingSettings.objects.first() or ReadingSettings()
        row.theme = theme
        row.save()
        for number in range(pages):
            above = make_post(f"Chapter {number}", kind="page")
            make_post("What stands below it", kind="page", parent=above)

    return use


@pytest.mark.browser
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pages", [1, 7])
def test_an_open_submenu_stays_in_the_window(page, live_server, use, theme, pages):
    use(theme, pages)
    page.goto(live_server.url)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        for entry in page.locator(".menu > li").all():
            entry.locator("summary").click()
            for left, right in entry.locator("details ul").evaluate_all(EDGES):
                assert left >= 0 and right <= width, (width, entry.inner_text())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert entry.get_by_text("What stands below it").is_visible()
            entry.locator("summary").click()
