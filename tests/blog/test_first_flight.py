"""A post with ten comments fits into one TCP flight: 14 KiB of HTML and CSS over the wire. Nothing on it jumps."""

import gzip

import pytest

from comments.models import Comment
from server.static_files import bundle
from tests.blog_process import ROOT

FLIGHT = 14 * 1024
TEXT = " ".join(f"Mile {number} was slow, and so was I, but the river kept me company." for number in range(60))


def the_style_sheet():
    return gzip.compress(bundle("site.css", [ROOT / "static"]).encode())


def test_the_style_sheet_is_small():
    assert len(the_style_sheet()) <= 12_000


@pytest.mark.parametrize("letters", [False, True], ids=["without-mail", "with-mail"])
def test_a_post_with_ten_comments_fits_into_one_flight(client, make_post, settings, letters):
    settings.EMAIL_HOST = "mail.example.org" if letters else ""  # with it readers are offered letters
    post = make_post("The whole river", TEXT, tags=["running", "river"], categories=["Sport"])
    for number in range(10):
        Comment.objects.create(
            post=post, text=f"Thought {number}: {TEXT[:300]}", name=f"Reader {number}", state="approved"
        )
    page = client.get(post.path, headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.content).count(b"<article") == 11
    assert len(page.content) + len(the_style_sheet()) <= FLIGHT


@pytest.fixture
def shifted(running_blog, page):
    """Opens a path and says how much the page's layout moved while it loaded and was scrolled through."""

    def watch(path, width):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(running_blog.url + path)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(300)
        return page.evaluate(
            """() => new Promise(done => new PerformanceObserver(list => done(
                 list.getEntries().reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0)
               )).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""
        )

    return watch


@pytest.mark.long
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_while_a_page_loads(shifted, page, running_blog, width):
    page.goto(running_blog.url)
    path = page.locator(".entry__title a").first.get_attribute("href")
    assert shifted(path, width) == 0
    assert shifted("/", width) == 0
