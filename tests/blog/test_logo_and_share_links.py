"""The logo in place of the blog's title, and the links by which a post is shared."""

import re

import pytest

from blog.models import Media, ReadingSettings
from blog.models.reading_settings import SHARE, SHARE_USUAL
from core.models import SettingsChange
from tests.blog.test_desk_appearance import look
from tests.blog.test_desk_settings import typed
from tests.blog.test_front_page import choose, text


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def logo(ada):
    facts = {"title": "mark.png", "file_name": "mark.png", "size": 4321, "width": 960, "height": 480, "widths": [480]}
    return Media.objects.create(kind="picture", format="png", by=ada, alt="A heron", **facts)


def masthead(client):
    return text(client).partition('class="masthead__title">')[2].partition("</p>")[0]


def test_a_logo_stands_in_place_of_the_title_and_is_called_as_it(desk, client, logo):
    assert masthead(client) == '<a href="/" rel="home" dir="auto">Ada runs</a>'
    assert look(desk, logo=logo.pk).status_code == 302
    found = masthead(client)
    assert re.search(r'width="96" height="48" ?alt="Ada runs"', found) and "A heron" not in found
    assert f'src="{logo.get_absolute_url()}"' in found and 'sizes="96px"' in found
    assert "<title>Ada runs" in text(client), "the title stays everywhere else"
    assert Media.objects.public().get() == logo, "guests may see it"
    assert [what for what, _was, _now in SettingsChange.objects.get().values] == ["Logo"]


def test_beside_the_title_a_logo_needs_no_words(desk, client, logo):
    look(desk, logo=logo.pk, logo_and_title="on")
    assert re.search(r'alt=""> ?<span>Ada runs</span>', masthead(client))


@pytest.mark.parametrize(
    ("size", "shown"), [((2000, 100), (240, 12)), ((30, 20), (30, 20)), ((48, 4800), (1, 48)), ((100, 96), (50, 48))]
)
def test_a_logo_keeps_its_shape_and_is_never_enlarged(logo, size, shown):
    logo.width, logo.height = size
    assert ReadingSettings(logo=logo).logo_size == shown


def test_there_is_a_size_only_with_a_logo(blog):
    assert blog.logo_size is None


def test_a_deleted_logo_gives_the_title_back(desk, client, logo):
    look(desk, logo=logo.pk)
    logo.delete()
    assert ReadingSettings.objects.get().logo is None and "Ada runs</a>" in masthead(client)


def test_no_file_that_is_not_a_picture_becomes_the_logo(desk, logo):
    Media.objects.update(kind="document")
    answer = look(desk, logo=logo.pk)
    assert answer.status_code == 422 and 'id="id_logo_error"' in answer.content.decode()


# Share links


def shares(client, post):
    found = re.search(r'<p class="share">(.*?)</p>', text(client, post.path))
    return re.findall(r"<(?:a|button)[^>]*>([^<]*)</", found[1]) if found else None


def test_the_usual_links_are_there_from_the_start(client, make_post):
    assert shares(client, make_post()) == ["Email", "Bluesky", "Facebook", "X"]


def test_the_owner_chooses_the_links_or_none(desk, client, make_post):
    post = make_post("Up & down")
    assert desk.post("/desk/settings/", typed(reading__share_links=list(SHARE))).status_code == 302
    names = ["Email", "Mastodon", "Bluesky", "Facebook", "X", "LinkedIn", "WhatsApp", "Copy link"]
    assert shares(client, post) == names
    page = text(client, post.path)
    address = "http%3A%2F%2Flocalhost%3A8000" + post.path.replace("/", "%2F")
    assert f'href="https://share.joinmastodon.org/#text=Up%20%26%20down%20{address}"' in page
    assert f'href="https://www.linkedin.com/sharing/share-offsite/?url={address}"' in page
    assert f'href="https://wa.me/?text=Up%20%26%20down%20{address}"' in page
    assert f'data-copy-link="{post.path}"' in page and "copy-link.js" in page
    desk.post("/desk/settings/", typed(reading__share_links=[]))
    assert ReadingSettings.objects.get().share_links == [] and shares(client, post) is None
    assert "copy-link.js" not in text(client, post.path)
    before_and_after = [values[1:] for values in SettingsChange.objects.first().values if "Share" in values[0]]
    assert before_and_after == [[", ".join(SHARE), ""]]


def test_a_link_that_is_none_is_refused_and_an_unknown_one_left_out(desk, client, make_post):
    answer = desk.post("/desk/settings/", typed(reading__share_links=["email", "myspace"]))
    assert answer.status_code == 422 and 'id="id_reading-share_links_error"' in answer.content.decode()
    assert ReadingSettings.objects.get().share_links == [*SHARE_USUAL]
    choose(share_links=["x", "from a newer version"])
    assert shares(client, make_post()) == ["X"]


@pytest.mark.browser
def test_the_address_is_copied(live_server, page, make_post):
    choose(share_links=["copy"])
    post = make_post()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto(live_server.url + post.path)
    button = page.get_by_role("button", name="Copy link")
    button.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == live_server.url + post.path
