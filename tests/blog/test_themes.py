"""The themes: what each page loads, who tries and chooses one, and what of it is cached."""

import re

import pytest

from blog.models import Media, ReadingSettings
from blog.themes import THEMES, theme_named
from core.models import SettingsChange
from server.static_files import BUNDLES
from tests.asking import ask, process
from tests.markup import squeeze

OTHERS = [theme for theme in THEMES.values() if theme.name]
USE, PREVIEW = "/desk/settings/appearance/theme/", "/?theme=magazine"


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def with_theme(db):
    def choose(name, **facts):
        row = ReadingSettings.objects.first() or ReadingSettings()
        for field, value in {"theme": name, **facts}.items():
            setattr(row, field, value)
        row.save()

    return choose


def sheets(answer):
    return re.findall(r'<link rel="stylesheet" href="/static/([^"]+)">', squeeze(answer.content))


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.label)
def test_lists_load_two_sheets_of_a_theme_and_other_pages_one(client, make_post, with_theme, theme):
    post = make_post(tags=["running"])
    with_theme(theme.name)
    both = [name for name in (theme.sheet, theme.list_sheet) if name]
    assert all(name in BUNDLES for name in both)
    assert sheets(client.get("/")) == sheets(client.get("/tag/running/")) == both
    assert sheets(client.get(post.path)) == sheets(client.get("/search/?q=mile")) == [theme.sheet]
    assert sheets(client.get("/nothing/here/")) == [theme.sheet]
    assert sheets(client.get("/accounts/login/")) == [theme.sheet, "account.css"]


def test_the_desk_stays_as_it_is(as_, ada, with_theme):
    with_theme("notebook")
    assert sheets(as_(ada).get("/desk/")) == ["site.css", "desk.css"]


def test_magazine_and_portfolio_show_excerpts_with_pictures_and_notebook_whole_posts(
    client, make_post, with_theme, ada
):
    picture = {"kind": "picture", "format": "jpeg", "width": 900, "height": 600, "widths": [480]}
    media = Media.objects.create(title="hills", file_name="hills.jpg", by=ada, **picture)
    make_post("Hills", "Words *here*.", featured=media)
    found = {}
    for name in THEMES:
        with_theme(name)
        page = client.get("/").content.decode()
        found[name] = ("entry__picture" in page, "<em>here</em>" in page)
    assert found == {
        "": (False, True), "magazine": (True, False), "notebook": (True, True), "portfolio": (True, False)
    }  # fmt: skip


def test_a_theme_that_this_version_does_not_know_is_the_default():
    assert theme_named("baroque").sheet == "site.css"


# Trying one


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.label)
def test_an_owner_sees_the_blog_in_a_theme_before_it_is_used(as_, ada, client, make_post, with_theme, theme):
    post = make_post()
    with_theme("notebook")
    named = theme.name or "paperback"
    answer = as_(ada).get(f"/?theme={named}")
    assert sheets(answer)[0] == theme.sheet and f"Preview of {theme.label}" in answer.content.decode()
    assert f'href="{post.path}?theme={named}"' in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert sheets(as_(ada).get(f"{post.path}?theme={named}")) == [theme.sheet]
    assert "Preview of" not in as_(ada).get("/").content.decode()
    assert sheets(client.get("/"))[0] == "notebook.css"


def test_nobody_else_sees_a_preview(as_, ed, rene, client, make_post):
    make_post()
    for visitor in (as_(ed), as_(rene), client):
        answer = visitor.get(PREVIEW)
        assert answer.status_code == 200 and sheets(answer) == ["site.css"]
        assert "Preview of" not in answer.content.decode()


@pytest.mark.parametrize("asked", ["", "baroque", "magazine.css", "'"])
def test_a_preview_of_no_theme_is_the_page_as_it_is(as_, ada, asked):
    answer = as_(ada).get("/", {"theme": asked})
    assert answer.status_code == 200 and sheets(answer) == ["site.css"]


# Choosing one


def test_a_theme_is_chosen_logged_and_seen_by_everybody(as_, ada, client, make_post):
    make_post()
    desk = as_(ada)
    page = squeeze(desk.get("/desk/settings/appearance/").content)
    assert all(f"<h3>{theme.label}</h3>" in page for theme in THEMES.values())
    assert page.count("In use") == 1 and page.count('class="button" href="/?theme=') == 3
    answer = desk.post(USE, {"theme": "portfolio"}, follow=True)
    assert answer.redirect_chain == [("/desk/settings/appearance/", 302)]
    assert "The blog has this theme now." in answer.content.decode()
    assert sheets(client.get("/")) == ["portfolio.css", "portfolio-lists.css"]
    change = SettingsChange.objects.get()
    assert (change.area, change.by_number, change.values) == (
        "appearance", ada.pk, [["Theme", "Paperback", "Portfolio"]]
    )  # fmt: skip


def test_an_unknown_theme_changes_nothing(as_, ada):
    answer = as_(ada).post(USE, {"theme": "baroque"}, follow=True)
    assert "There is no such theme" in answer.content.decode()
    assert not ReadingSettings.objects.exclude(theme="").exists() and not SettingsChange.objects.exists()


def test_only_who_may_change_settings_chooses_one(as_, ed, rene, client):
    for visitor in (as_(ed), as_(rene), client):
        assert visitor.post(USE, {"theme": "magazine"}).status_code in (302, 403)
    assert not ReadingSettings.objects.exclude(theme="").exists()


def test_cached_pages_change_with_the_theme_and_not_with_a_preview(make_post, with_theme, settings):
    make_post()
    web = process(settings.LONGRUN_HOST)
    before = ask(web).body
    assert b"site.css" in before and ask(web, PREVIEW).body == before
    with_theme("magazine")
    assert b"magazine.css" in ask(web).body


# Its options


def test_columns_and_header_are_offered_where_the_theme_has_them(as_, ada, client, with_theme):
    desk, page = as_(ada), "/desk/settings/appearance/"
    assert 'name="columns"' not in desk.get(page).content.decode()
    with_theme("notebook")
    offered = desk.get(page).content.decode()
    assert 'name="columns"' not in offered and 'name="header"' in offered
    with_theme("magazine")
    typed = {"accent": "", "type": "", "heading_type": "", "width": "", "scheme": ""}
    assert desk.post(page, typed | {"columns": "4", "header": "start"}).status_code == 302
    address = re.search(r'href="(/theme-[0-9a-f]+\.css)"', client.get("/").content.decode())[1]
    assert client.get(address).content.decode() == ":root{--columns:4;--masthead:start}"
    assert desk.post(page, typed | {"columns": "7", "header": "end"}).status_code == 422


def test_an_empty_blog_says_so_in_every_theme(client, with_theme):
    for name in THEMES:
        with_theme(name)
        assert "Nothing has been published here yet." in client.get("/").content.decode()
