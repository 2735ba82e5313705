"""A logo and the title beside it do not get into each other's way, and a long menu can be reached, in every theme."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.models import MenuLink, ReadingSettings
from blog.themes import THEMES

# Shows another title and another size of the logo; returns the lines of a title that is neither beside it nor below.
BETWEEN = """([title, width, height]) => {
    const logo = document.querySelector(".masthead__logo"), span = document.querySelector(".masthead__title span");
    Object.assign(logo, { width, height });
    span.textContent = title;
    const place = logo.getBoundingClientRect(), words = document.createRange();
    words.selectNodeContents(span);
    const lines = [...words.getClientRects()];
    const beside = lines.every((line) => line.left >= place.right);
    const below = lines.every((line) => line.top >= place.bottom - 8);
    return beside || below ? [] : lines.map((line) => [line.left, line.top]);
}"""


@pytest.mark.browser
def test_a_title_stands_beside_its_logo_or_below_it(page, live_server, blog, ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    out, row = io.BytesIO(), ReadingSettings.objects.get()
    Image.linear_gradient("L").resize((480, 480)).save(out, "PNG")
    row.logo = uploads.store_upload(SimpleUploadedFile("logo.png", out.getvalue(), "image/png"), ada)
    row.logo_and_title = True
    for theme in THEMES:
        row.theme = theme
        row.save()
        page.goto(live_server.url)
        for width in [360, 1280]:
            page.set_viewport_size({"width": width, "height": 700})
            for size in [(240, 48), (48, 48)]:
                for title in ["Ada runs", "The collected notes of a mathematician who runs"]:
                    assert page.evaluate(BETWEEN, [title, *size]) == [], (theme, width, size, title)
                    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_the_last_entry_of_a_menu_that_stays_in_the_window_can_be_reached(page, live_server, blog, make_post):
    row = ReadingSettings.objects.get()
    row.theme = "notebook"
    row.save()
    for number in range(25):
        MenuLink.objects.create(title=f"Chapter {number}", url=f"/chapter/{number}/", number=number)
    make_post(source="A word.\n\n" * 60)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(live_server.url)
    page.locator(".masthead").hover()
    page.mouse.wheel(0, 1500)
    page.wait_for_timeout(100)
    box = page.locator(".menu > li").last.bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 500
