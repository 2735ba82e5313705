"""A gallery in a real browser: rows of equal height, and the viewer by keyboard, by buttons and by swiping."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads

SHAPES = [(1600, 1000), (1000, 1600), (1600, 900), (1200, 1200), (1600, 1067)]


@pytest.fixture
def gallery(live_server, ada, make_post, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    text = []
    for number, shape in enumerate(SHAPES, start=1):
        out = io.BytesIO()
        Image.linear_gradient("L").resize(shape).save(out, "PNG")
        stored = uploads.store_upload(SimpleUploadedFile(f"{number}.png", out.getvalue(), "image/png"), ada)
        text.append(f'![Picture {number}]({stored.get_absolute_url()} "Caption {number}")')
    post = make_post("Along the river", "Before.\n\n" + "\n\n".join(text) + "\n\nAfter.")
    return live_server.url + post.path


def test_rows_keep_shapes(page, gallery):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(gallery)
        boxes = page.eval_on_selector_all(
            ".longrun-gallery img",
            "all => all.map(each => each.getBoundingClientRect()).map(b => [b.top, b.width, b.height])",
        )
        assert len({round(top) for top, _width, _height in boxes}) < len(SHAPES), "they stand side by side"
        for (top, _width, height), (next_top, _next, next_height) in zip(boxes, boxes[1:], strict=False):
            if round(top) == round(next_top):
                assert abs(height - next_height) < 12
        for (_top, wide, high), shape in zip(boxes, SHAPES, strict=True):
            assert abs(wide / high - shape[0] / shape[1]) < 0.06
        assert page.evaluate("document.documentElement.scrollWidth") <= width


# Fills the gallery of the page with pictures of these shapes; returns its rows: [left, right, heights] of each.
ROWS = """(shapes) => {
    const gallery = document.querySelector(".longrun-gallery"), figure = gallery.querySelector("figure"), rows = {};
    gallery.replaceChildren(...shapes.map((shape) => {
        const copy = figure.cloneNode(true);
        copy.className = `longrun-r${shape}`;
        return copy;
    }));
    for (const image of gallery.querySelectorAll("img")) {
        const { top, left, right, height } = image.getBoundingClientRect();
        const [first, last, heights] = rows[Math.round(top)] ??= [left, right, []];
        rows[Math.round(top)] = [Math.min(first, left), Math.max(last, right), [...heights, Math.round(height)]];
    }
    return Object.values(rows);
}"""


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_every_row_of_a_phone_is_full_and_no_picture_is_alone(page, gallery, direction):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(gallery)
    page.evaluate("(direction) => { document.querySelector('.longrun-gallery').dir = direction }", direction)
    for shapes, rows in [
        ([15, 15], [2]),
        ([15, 15, 15], [3]),
        ([7, 18, 7], [3]),
        ([15, 6, 13, 10], [2, 2]),
        ([10, 10, 10, 10], [2, 2]),
        ([15] * 5, [3, 2]),
        ([18] * 6, [2, 2, 2]),
        ([7, 15, 7, 15, 15, 4, 18], [3, 2, 2]),
        ([30, 15, 15], [1, 2]),
    ]:
        found = page.evaluate(ROWS, shapes)
        assert [len(heights) for _left, _right, heights in found] == rows, shapes
        for left, right, heights in found:
            assert abs(left) < 1 and abs(right - 360) < 1, (shapes, left, right)
            assert max(heights) - min(heights) <= 1, (shapes, heights)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, shapes


def test_the_viewer(page, gallery):
    page.goto(gallery)
    first = page.get_by_role("button", name="Picture 1")
    first.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog")
    said = viewer.get_by_role("status")
    assert said.inner_text() == "1 / 5 · Caption 1"
    assert viewer.get_by_label("Previous picture").is_hidden()
    page.keyboard.press("ArrowRight")
    assert said.inner_text() == "2 / 5 · Caption 2"
    viewer.get_by_label("Next picture").click()
    assert said.inner_text() == "3 / 5 · Caption 3"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    assert said.inner_text() == "5 / 5 · Caption 5"
    page.keyboard.press("ArrowRight")
    assert said.inner_text() == "5 / 5 · Caption 5"
    assert Axe().run(page, options={"rules": {"region": {"enabled": False}}}).response["violations"] == []
    page.keyboard.press("Escape")
    assert viewer.count() == 0
    assert page.evaluate("document.activeElement.alt") == "Picture 5"


def test_a_picture_without_a_text_has_a_name_as_a_button(page, live_server, make_post):
    post = make_post(source='![](/static/a.png)\n\n![](/static/b.png "Below")')
    page.goto(live_server.url + post.path)
    assert page.get_by_role("button", name="Show the picture large").count() == 1
    page.get_by_role("button", name="Below").press("Enter")
    assert page.get_by_role("dialog").locator("img[aria-label]").count() == 0


def test_the_viewer_of_a_post_from_right_to_left(page, gallery):
    page.goto(gallery)
    page.evaluate("document.querySelector('.prose').dir = 'rtl'")
    page.get_by_role("button", name="Picture 2").press("Enter")
    viewer = page.get_by_role("dialog")
    former, following = (viewer.get_by_label(f"{which} picture").bounding_box() for which in ("Previous", "Next"))
    assert following["x"] < former["x"]
    page.keyboard.press("ArrowLeft")
    assert viewer.get_by_role("status").inner_text() == "3 / 5 · Caption 3"


def test_swiping(browser, gallery):
    context = browser.new_context(has_touch=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(gallery)
    page.get_by_role("button", name="Picture 2").tap()
    said = page.get_by_role("dialog").get_by_role("status")
    assert said.inner_text() == "2 / 5 · Caption 2"
    for start, end, found in ((300, 60, 3), (60, 300, 2)):
        page.evaluate(
            """([start, end]) => { for (const [kind, x] of [["pointerdown", start], ["pointerup", end]])
                 document.querySelector(".zoom img").dispatchEvent(new PointerEvent(kind,
                   {bubbles: true, isPrimary: true, pointerType: "touch", clientX: x, clientY: 300})); }""",
            [start, end],
        )
        assert said.inner_text() == f"{found} / 5 · Caption {found}"
    context.close()
