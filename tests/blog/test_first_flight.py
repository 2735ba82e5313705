"""A post with ten comments fits into one TCP flight: 14 KiB of HTML and CSS in brotli. Nothing on it jumps."""

import brotli
import pytest

from blog.models import Media, ReadingSettings
from blog.themes import THEMES
from comments.models import Comment
from core.cached_page import ENCODERS
from server.static_files import bundle
from tests.blog_process import ROOT

FLIGHT = 14 * 1024
PROSE = (ROOT / "transfer/demo/texts/paragraphs/running.en.md").read_text(encoding="utf-8")
THOUGHTS = (ROOT / "transfer/demo/texts/paragraphs/town.en.md").read_text(encoding="utf-8")
LENGTH, THOUGHT = 4_000, 300  # characters of a post and of a comment; prose, for equal sentences compress to nothing


def choose(theme):
    row = ReadingSettings.objects.first() or ReadingSettings()
    row.theme = theme.name
    row.save()


def style_sheet(name="site.css"):
    """As WhiteNoise stores it for browsers over HTTPS."""
    return brotli.compress(bundle(name, [ROOT / "static"]).encode())


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.label)
def test_the_style_sheet_is_small(theme):
    assert len(style_sheet(theme.sheet)) <= 7_000


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.label)
def test_a_front_page_fits_into_one_flight(client, make_post, ada, theme):
    """Ten posts, each with a picture."""
    choose(theme)
    facts = {"kind": "picture", "format": "jpeg", "width": 1800, "height": 1200, "widths": [480, 960, 1600]}
    for number in range(10):
        text = PROSE[number * THOUGHT : (number + 1) * THOUGHT]
        picture = Media.objects.create(title="hills", file_name=f"hills-{number}.jpg", by=ada, **facts)
        make_post(text[:40], f"{text}\n\n<!--more-->\n\n{text}", featured=picture, tags=["running", f"river {number}"])
    page = client.get("/").content
    assert page.count(b"<article") == 10 and page.count(b"entry__picture") == 10 * theme.pictures
    sheets = [style_sheet(name) for name in (theme.sheet, theme.list_sheet) if name]
    assert len(ENCODERS["br"](page)) + sum(map(len, sheets)) <= FLIGHT


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.label)
@pytest.mark.parametrize("emails", [False, True], ids=["without-mail", "with-mail"])
def test_a_post_with_ten_comments_fits_into_one_flight(client, make_post, settings, emails, theme):
    choose(theme)
    settings.EMAIL_HOST = "mail.example.org" if emails else ""  # with it readers are offered emails
    post = make_post("The whole river", PROSE[:LENGTH], tags=["running", "river"], categories=["Sport"])
    for number in range(10):
        text = THOUGHTS[number * THOUGHT : (number + 1) * THOUGHT]
        Comment.objects.create(post=post, text=text, name=f"Reader {number}", state="approved")
    page = client.get(post.path).content
    assert page.count(b"<article") == 11
    assert len(ENCODERS["br"](page)) + len(style_sheet(theme.sheet)) <= FLIGHT


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
