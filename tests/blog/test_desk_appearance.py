"""How the blog looks and what stands around its pages, chosen at the desk and seen by readers."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog import contrast
from blog.media import uploads
from blog.models import Icon, MenuLink, Post, ReadingSettings
from blog.models.reading_settings import WIDGETS
from blog.themes import THEMES
from tests.furnished import drawn
from tests.markup import squeeze


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def file(name="icon.png", content=None):
    return SimpleUploadedFile(name, content or drawn(), "image/png")


def look(desk, **typed):
    return desk.post("/desk/settings/appearance/", {"accent": "", "type": "", "width": "", "scheme": ""} | typed)


def theme_of(client):
    address = re.search(r'href="(/theme-[0-9a-f]+\.css)"', squeeze(client.get("/").content))[1]
    return client.get(address)


def test_the_theme_is_one_small_sheet_that_browsers_keep(desk, client):
    assert "/theme-" not in client.get("/").content.decode()
    look(desk, accent="#2f5d9a", type="sans", width="narrow", scheme="dark")
    sheet = theme_of(client)
    assert sheet.content.decode() == (
        ":root{--accent-chosen:#2f5d9a;--serif:var(--sans);--measure:calc(var(--text-1)*26)}"
    )
    assert "immutable" in sheet["Cache-Control"] and len(sheet.content) < 1024
    assert 'data-scheme="dark"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("accent", "told"),
    [
        ("#2f5d3a", ["On a light background it is easy to read", "On a dark background it is hard to read"]),
        ("#ffee88", ["On a light background it is hard to read", "On a dark background it is easy to read"]),
    ],
)
def test_the_contrast_of_a_colour_is_said_in_words(desk, accent, told):
    look(desk, accent=accent)
    page = desk.get("/desk/settings/appearance/").content.decode()
    assert all(sentence in page for sentence in told)


@pytest.mark.parametrize(
    ("accent", "light", "dark", "sentences"),
    [("#2F5D3A", "#2f5d3a", "#94c69e", 2), ("", "#3a5f2c", "#a5c88f", 0), ("red", "#3a5f2c", "#a5c88f", 0)],
)
def test_a_sample_shows_the_colour_that_is_being_chosen(desk, accent, light, dark, sentences):
    page = desk.get("/desk/settings/appearance/", {"accent": accent}).content.decode()
    assert re.findall(r'<rect x="90" [^>]*fill="(#[0-9a-f]{6})"', page) == [light, dark]
    assert page.count(" to 1.") == sentences
    assert "<main" not in page and not ReadingSettings.objects.get().accent


def test_the_sample_stands_on_the_page_and_the_colour_field_shows_the_themes_own_colour(desk):
    page = squeeze(desk.get("/desk/settings/appearance/").content)
    assert '<input type="color" id="accent-picker" value="#3a5f2c"' in page and page.count('<svg viewBox="0 0 320') == 2
    refused = squeeze(look(desk, accent="#12345").content)
    assert 'value="#12345"' in refused and '<input type="color" id="accent-picker" value="#3a5f2c"' in refused


@pytest.mark.parametrize("accent", ["#ff0000", "#00ff00", "#0000ff", "#ffffff", "#000000", "#ffee00", "#808080"])
def test_whatever_is_chosen_can_be_read_as_it_is_shown(accent):
    for theme in THEMES.values():
        for judgement in contrast.check_contrast(accent, *theme.papers):
            assert judgement.contrast_shown >= 4.5, theme.name
    assert contrast.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_the_papers_are_those_of_the_tokens():
    from tests.blog.test_theme import tokens

    for theme in THEMES.values():
        light, dark = tokens(theme.name)[:2]
        assert theme.papers == (light.get("ground", light["paper"]), dark["paper"])


def test_an_icon_is_drawn_in_every_size_and_given_to_tabs_and_phones(desk, client):
    assert client.get("/favicon.ico")["Location"].endswith("favicon.svg")
    look(desk, picture=file())
    page = client.get("/").content.decode()
    touch = re.search(r'<link rel="apple-touch-icon" href="([^"]+)">', squeeze(page))[1]
    answer = client.get(touch)
    assert Image.open(io.BytesIO(answer.content)).size == (180, 180)
    assert (answer["Content-Type"], "immutable" in answer["Cache-Control"]) == ("image/png", True)
    assert client.get("/apple-touch-icon.png")["Location"] == touch
    assert client.get(touch.replace("180", "181")).status_code == 404
    assert client.get("/icon-0123456789ab-180.png").status_code == 404
    look(desk, no_icon="on")
    assert "apple-touch-icon" not in client.get("/").content.decode() and not Icon.objects.exists()


@pytest.mark.parametrize(
    "upload",
    [("icon.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("icon.png", b"%PDF-1.4"), ("icon.pdf", b"%PDF-1.4"),
     ("icon.png", drawn()[:400])],
)  # fmt: skip
def test_what_is_no_picture_is_no_icon(desk, upload):
    answer = look(desk, picture=file(*upload), accent="#112233")
    assert answer.status_code == 422 and 'id="id_picture_error"' in answer.content.decode()
    assert not Icon.objects.exists() and ReadingSettings.objects.get().accent == ""


def test_the_header_picture_is_seen_by_everybody_though_no_post_shows_it(desk, ada, client):
    picture = uploads.store_upload(file("hills.png"), ada)
    assert client.get(picture.get_absolute_url()).status_code == 404
    look(desk, header_picture=picture.pk)
    assert picture.get_absolute_url() in client.get("/").content.decode()
    assert client.get(picture.get_absolute_url()).status_code == 200


# Menu, sidebar, footer


def around(desk, **typed):
    links = {
        "links-TOTAL_FORMS": 1,
        "links-INITIAL_FORMS": 0,
        "links-0-title": "",
        "links-0-url": "",
        "links-0-number": 0,
    }
    widgets = {f"widget-{name}-place": place for place, name in enumerate(WIDGETS, start=1)}
    widgets |= {f"widget-{name}-shown": "on" for name in WIDGETS}
    lines = {f"widget-{name}-lines": lines for name, lines in WIDGETS.items() if lines}
    pages = {f"page-{page.pk}-menu_order": page.menu_order for page in Post.objects.filter(kind="page")}
    said = {name.replace("__", "-"): value for name, value in typed.items()}
    return desk.post(
        "/desk/settings/menu-and-sidebar/", {"sidebar": "on", "footer": ""} | links | widgets | lines | pages | said
    )


def test_the_sidebar_shows_what_was_chosen_in_its_order(desk, client, make_post):
    for number in range(4):
        make_post(f"Post {number}", tags=[f"tag {number}"])
    around(desk, widget__tags__place=1, widget__tags__lines=2, widget__search__shown="", widget__posts__place=2,
           widget__posts__lines=3, widget__comments__shown="", widget__archives__shown="",
           widget__categories__shown="", widget__subscribe__shown="")  # fmt: skip
    aside = client.get("/").content.decode().partition("<aside")[2].partition("</aside>")[0]
    assert re.findall("<h2>(.*?)</h2>", aside) == ["Tags", "Recent posts"]
    assert len(re.findall("<li>", aside)) == 5
    around(desk, sidebar="")
    assert "<aside" not in client.get("/").content.decode()


def test_the_menu_goes_by_number_and_has_links_of_ones_own(desk, client, make_post):
    about, shoes = make_post("About", kind="page"), make_post("Shoes", kind="page")
    typed = {f"page__{about.pk}__menu_order": 9, f"page__{shoes.pk}__menu_order": 1, "links__0__title": "Friends",
             "links__0__url": "https://friend.example/", "links__0__number": 5}  # fmt: skip
    assert around(desk, **typed).status_code == 302
    menu = client.get("/").content.decode().partition('class="menu"')[2].partition("</nav>")[0]
    assert re.findall(r"<a[^>]*>(.*?)</a>", menu) == ["Shoes", "Friends", "About"]
    link = MenuLink.objects.get()
    typed = {"links__INITIAL_FORMS": 1, "links__0__id": link.pk, "links__0__title": "Friends",
             "links__0__url": "/friends/", "links__0__DELETE": "on"}  # fmt: skip
    around(desk, **typed)
    assert "Friends" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"widget__posts__place": "first"}, "widget-posts-place"),
        ({"widget__posts__lines": 0}, "widget-posts-lines"),
        ({"links__0__title": "Evil", "links__0__url": "javascript:alert(1)"}, "links-0-url"),
        ({"links__0__title": "Evil", "links__0__url": "//evil.example/"}, "links-0-url"),
        ({"footer": "x" * 501}, "footer"),
    ],
)
def test_what_is_wrong_around_the_page_is_said_at_its_field(desk, typed, field):
    answer = around(desk, **typed, sidebar="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page and "<title>Error:" in page
    assert ReadingSettings.objects.get().sidebar and not MenuLink.objects.exists()


def test_the_footer_links_its_addresses_and_nothing_else(desk, client):
    around(desk, footer="© Ada <b>, https://example.org/terms")
    page = client.get("/").content.decode()
    assert "© Ada &lt;b&gt;" in page and '<a href="https://example.org/terms"' in page


def test_the_footer_is_markdown(desk, client):
    around(desk, footer="*Made* by [Ada](/about/)\n\n<script>x</script>")
    page = client.get("/").content.decode()
    assert '<em>Made</em> by <a href="/about/">Ada</a>' in page and "<script>x" not in page


def test_profiles_are_linked_as_ones_own(desk, client):
    around(desk, profiles="Mastodon https://social.example/@ada\n\n https://www.code.example/ada?x=1&y=2 ")
    page = client.get("/").content.decode()
    assert '<a rel="me" href="https://social.example/@ada" dir="auto">Mastodon</a>' in page
    assert '<a rel="me" href="https://www.code.example/ada?x=1&amp;y=2" dir="auto">code.example</a>' in page


def test_verifications_are_in_the_head(desk, client):
    lines = """google-site-verification: abc-1
<meta name="msvalidate.01" content="A&quot;B" />
<META content='x' property="fb:app_id">
fediverse:creator: @ada@social.example"""
    around(desk, verifications=lines)
    head = client.get("/").content.decode().partition("</head>")[0]
    for name, content in [
        ("google-site-verification", "abc-1"),
        ("msvalidate.01", "A&quot;B"),
        ("fb:app_id", "x"),
        ("fediverse:creator", "@ada@social.example"),
    ]:
        assert f'<meta name="{name}" content="{content}">' in head


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"profiles": "https://a.example/\njavascript:alert(1)"}, "Line 2: write an address"),
        ({"profiles": "Ada //a.example"}, "Line 1: write an address"),
        ({"profiles": "https://["}, "Line 1: write an address"),
        ({"profiles": "https://a.example/\n" * 31}, "At most 30 lines."),
        ({"verifications": "nothing"}, "Line 1: write a name"),
        ({"verifications": "a b: c"}, "Line 1: write a name"),
        ({"verifications": "<meta http-equiv=refresh content=0>"}, "Line 1: write a name"),
        ({"verifications": "<script>x</script>"}, "Line 1: write a name"),
        ({"verifications": "ok: 1\nrobots: noindex"}, "Line 2: Longrun sets “robots” itself."),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(desk, typed, why):
    answer = around(desk, **typed)
    assert answer.status_code == 422
    assert why in answer.content.decode().replace("&quot;", '"')
    assert not ReadingSettings.objects.filter(**typed).exists()


# Privacy


def test_a_privacy_page_begins_as_a_draft_and_is_led_to_once_it_is_public(desk, client):
    answer = desk.post("/desk/settings/privacy/")
    page = Post.objects.get(kind="page")
    assert answer["Location"] == f"/desk/posts/{page.pk}/"
    assert page.status == "draft" and "longrun_writer" in page.source and "&#" not in page.source
    assert "Privacy" not in client.get("/").content.decode()
    desk.post("/desk/settings/privacy/")
    assert Post.objects.filter(kind="page").count() == 1
    page.publish()
    assert f'<a href="{page.path}">Privacy</a>' in client.get("/").content.decode()


def test_the_look_is_the_owners(as_, ed, client):
    for address in ("appearance/", "menu-and-sidebar/", "privacy/"):
        assert as_(ed).post(f"/desk/settings/{address}").status_code == 403
        assert client.post(f"/desk/settings/{address}").status_code == 403
    assert not Post.objects.exists()
