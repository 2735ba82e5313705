"""A film in a post: nobody elsewhere is asked before the reader presses."""

from playwright.sync_api import expect

from tests.walks.test_writing_tools import log_in
from tests.walks.writing import fill


def test_a_film_plays_in_its_place_after_a_click(running_blog, new_context):
    page = new_context(base_url=running_blog.url).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if running_blog.url not in request.url else None)
    log_in(page, running_blog)
    page.goto("/desk/write/")
    page.locator("#id_title").fill("A film")
    fill(page, "Look:\n\nhttps://youtu.be/dQw4w9WgXcQ")
    page.get_by_role("button", name="Publish").click()
    page.goto(page.locator(".permalink a").get_attribute("href"))
    film = page.get_by_role("link", name="Play on YouTube")
    expect(film).to_be_visible()
    assert not asked
    film.click()
    player = page.locator('iframe[title="Play on YouTube"]')
    expect(player).to_be_visible()
    assert player.get_attribute("src").startswith("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?")
    assert any("youtube-nocookie.com" in url for url in asked)
