"""The browser takes the frame of a film at one second, and the film's page shows it as its poster."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.blog_process import ROOT

FILM = ROOT / "tests/data/red-then-green.webm"  # two seconds, green from half a second on
WITHOUT_POSTER = "from blog.models import Media; Media.objects.update(poster='', poster_removed=False)"


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.fixture
def desk(blog, new_context):
    page = new_context(base_url=blog.url).new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
    return page


def colour(page, poster):
    answer = page.request.get(poster.get_attribute("src"))
    assert answer.ok
    return Image.open(io.BytesIO(answer.body())).convert("RGB").getpixel((80, 45))


def expect_green(page, poster):
    expect(poster).to_have_js_property("naturalWidth", 160)
    red, green, blue = colour(page, poster)
    assert green > 120 and red < 80 and blue < 80


def test_a_film_has_the_frame_at_one_second_and_gets_it_later_too_and_can_do_without(blog, desk):
    desk.goto("/desk/media/")
    desk.locator("input[name=files]").set_input_files(FILM)
    with desk.expect_response(lambda answer: re.search(r"/desk/media/\d+/$", answer.url) and answer.ok):
        desk.get_by_role("button", name="Upload").click()
    desk.goto("/desk/media/")
    desk.get_by_role("link", name="red-then-green.webm").first.click()
    poster = desk.get_by_role("img", name="The poster of the film")
    expect_green(desk, poster)

    # A film from before there were posters.
    blog.manage("shell", "-v0", "-c", WITHOUT_POSTER)
    desk.reload()
    said = desk.get_by_text("A frame of the film is its poster now.")
    expect(said).to_be_visible()
    expect_green(desk, poster)

    # The box has come with it.
    desk.get_by_label("Remove the poster").check()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    expect(poster).to_have_count(0)
    desk.wait_for_load_state("networkidle")
    expect(poster).to_have_count(0)
    expect(desk.get_by_label("Remove the poster")).to_be_hidden()
