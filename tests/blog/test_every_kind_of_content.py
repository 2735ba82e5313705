"""A post with every kind of content: on its page, in feeds, in an email and on paper."""

import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.every_kind import text_by

# What is said of each kind, wherever the post is read.
SAID = [
    "a marked word", "A heading", "A quotation", "A note beside the text.", "in a list", "first", "to do",
    'print("code")', "80 g", "its meaning", "🏃", "HTML", "In the text.", "A footnote.", "The bridge",
    "Caption 1", "youtube.com/watch", "ten-miles.mp3", "the-river.webm", "to-the-river.gpx", "The source of it all",
    "another website",
]  # fmt: skip


@pytest.fixture
def post(ada, make_post, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_post("Everything at once", text_by(ada), extended_markdown=True)


class Addresses(HTMLParser):
    """The elements of HTML, and the addresses in it."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.found = set(), set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src", "poster", "action"):
                self.found.append(value)
            elif name == "srcset":
                self.found += [part.split()[0] for part in value.split(",")]


def assert_readable_elsewhere(html):
    """Everything is said, every address is absolute, and nothing needs our scripts."""
    read = Addresses(html)
    assert read.found and [address for address in read.found if not address.startswith(("http://", "https://"))] == []
    assert not read.tags & {"script", "iframe", "button", "dialog", "form"}
    assert not {name for name in read.attributes if name.startswith("on")}
    words = unescape(re.sub(r"<[^>]*>", "", html)) + " ".join(read.found)
    assert [said for said in SAID if said not in words] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "element"),
    [
        ("/feed/", ".//{http://purl.org/rss/1.0/modules/content/}encoded"),
        ("/feed/atom/", ".//{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}content"),
    ],
)
def test_feeds_hold_all_of_it_with_absolute_addresses(client, post, path, element):
    assert_readable_elsewhere(ElementTree.fromstring(client.get(path).content).find(element).text)


@pytest.mark.django_db
def test_the_json_feed_holds_all_of_it(client, post):
    assert_readable_elsewhere(client.get("/feed/json/").json()["items"][0]["content_html"])


@pytest.mark.django_db
def test_an_email_holds_all_of_it(post):
    assert_readable_elsewhere(post.email_body)
    assert "<math" not in post.email_body, "few mail programs know it"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_on_its_page(page, live_server, post, scheme, width):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live_server.url + post.path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    broken = "[...document.images].filter(each => each.complete && !each.naturalWidth).map(each => each.src)"
    for image in page.locator(".prose img").all():
        image.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(broken) == []
    assert page.locator(".prose math").count() == 2
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')"), "site.css is there"
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert [url for url in asked if not url.startswith(live_server.url)] == [], "nobody elsewhere is asked"


@pytest.mark.browser
def test_on_paper(page, live_server, post, tmp_path):
    """In print nothing can be pressed: links have their addresses below the text, controls are gone."""
    page.goto(live_server.url + post.path)
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    notes = page.locator(".addresses").inner_text()
    assert "https://example.org/" in notes and "https://www.youtube.com/watch?v=dQw4w9WgXcQ" in notes
    for selector in ("audio", "video", ".copy", ".share", ".respond", ".prose button"):
        assert page.locator(selector).evaluate_all("all => all.filter(each => each.checkVisibility()).length") == 0, (
            selector
        )
    assert page.get_by_text("A note beside the text.").is_visible()
    edges = """all => all.map(each => each.getBoundingClientRect())
        .filter(box => box.left < -1 || box.right > innerWidth + 1)"""
    assert page.locator(".prose *").evaluate_all(edges) == [], "nothing is cut off at the edge of the paper"
    assert page.pdf(path=str(tmp_path / "post.pdf")).startswith(b"%PDF")
