"""Files for the library go up one by one, and arrive in the end whatever refuses them for a while."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT

EMPTY = "from blog.models import Media; Media.objects.all().delete()"
COUNT = "from blog.models import Media; print('stored', Media.objects.count())"


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.fixture
def library(blog, new_context):
    """`library(javascript)` is a page with an empty library, for somebody who is logged in."""
    blog.manage("shell", "-v0", "-c", EMPTY)

    def opened(javascript=True, width=1280):
        context = new_context(
            base_url=blog.url, viewport={"width": width, "height": 740}, java_script_enabled=javascript
        )
        page = context.new_page()
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(blog.email)
        page.locator("input[name=password]").fill(blog.password)
        page.locator("main form button").first.click()
        page.wait_for_url("**/desk/")
        page.goto("/desk/media/")
        return page

    return opened


def photos(number, name="photo"):
    made = []
    for each in range(number):
        file = io.BytesIO()
        Image.new("RGB", (320, 240), (each * 9 % 256, 80, 120)).save(file, "JPEG")
        made.append({"name": f"{name} {each}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    return made


def upload(page, files):
    page.locator("input[name=files]").set_input_files(files)
    page.get_by_role("button", name="Upload").click()


def refuse(page, how):
    """Answer an upload with `how(number)` (status, headers) as long as that is not None; returns the list of all."""
    asked = []

    def answer(route):
        if route.request.method != "POST":
            return route.continue_()
        asked.append(route.request)
        found = how(len(asked))
        if found is None:
            return route.continue_()
        status, headers = found
        return route.fulfill(status=status, headers=headers, json={"taken": [], "refused": ["busy"]})

    page.route("**/desk/media/", answer)
    return asked


def test_twenty_photos_go_up_one_by_one_and_all_arrive_though_the_server_is_busy(blog, library):
    page, other = library(width=360), library()
    asked = refuse(page, lambda number: (503, {"Retry-After": "1"}) if number % 4 == 2 else None)
    upload(page, photos(20))
    upload(other, photos(5, "another"))
    expect(page.locator(".upload__progress [role=status]")).to_contain_text("of 20 files are in the library.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator(".media-grid li")).to_have_count(25, timeout=120_000)
    expect(other.locator(".media-grid li").first).to_be_visible(timeout=120_000)
    assert len(asked) > 20
    assert all(request.post_data_buffer.count(b'name="files"') == 1 for request in asked)
    assert "stored 25" in blog.manage("shell", "-v0", "-c", COUNT)


def test_what_is_refused_says_why_and_costs_the_others_nothing(blog, library):
    page = library()
    nothing = {"name": "program.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x00"}
    upload(page, [*photos(1), nothing, *photos(1, "second")])
    expect(page.get_by_text("2 of 3 files are in the library.")).to_be_visible()
    expect(page.locator(".upload__files li").nth(1)).to_contain_text("program.exe")
    expect(page.locator(".upload__files li").nth(1).locator("span")).not_to_be_empty()
    expect(page.get_by_role("link", name="In the library")).to_have_count(2)
    page.get_by_role("link", name="Show the library").click()
    expect(page.locator(".media-grid li")).to_have_count(2)


def test_an_answer_that_is_lost_stores_nothing_twice(blog, library):
    page = library()
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            return route.abort()
        return route.continue_()

    page.route("**/desk/media/", lose)
    upload(page, photos(2))
    expect(page.locator(".media-grid li")).to_have_count(2, timeout=60_000)
    assert lost[0].status == 200
    assert "stored 2" in blog.manage("shell", "-v0", "-c", COUNT)


def test_after_a_login_in_another_tab_the_rest_goes_up(blog, library):
    page = library()
    page.context.clear_cookies()
    upload(page, photos(2))
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    again = page.context.new_page()
    again.goto("/accounts/login/")
    again.locator("input[name=login]").fill(blog.email)
    again.locator("input[name=password]").fill(blog.password)
    again.locator("main form button").first.click()
    again.wait_for_url("**/desk/")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".media-grid li")).to_have_count(2, timeout=60_000)


@pytest.mark.parametrize("javascript", WITH_AND_WITHOUT)
def test_one_file_leads_to_its_own_page(blog, library, javascript):
    page = library(javascript)
    upload(page, photos(1))
    page.wait_for_url("**/desk/media/*/")


def test_a_press_on_a_picture_sets_its_focus_point_as_the_sliders_do(library):
    page = library()
    upload(page, photos(1))
    page.wait_for_url("**/desk/media/*/")
    picture, crop = page.locator(".focus-point__picture"), page.locator(".focus-point__crops img").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * 0.21, "y": box["height"] * 0.69})
    across, down = page.get_by_label("From left to right"), page.get_by_label("From top to bottom")
    expect(across).to_have_value("20")
    expect(down).to_have_value("70")
    expect(crop).to_have_css("object-position", "20% 70%")
    down.press("ArrowDown")
    expect(picture.locator("circle")).to_have_attribute("cy", "65%")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(".focus-point__crops img").first).to_have_class("focus-x20 focus-y65")
    expect(picture.locator("circle")).to_have_attribute("cx", "20%")
