"""The order of menu and sidebar by buttons, the widget "About me", and texts of one's own beside the posts."""

import re
from html import unescape

import pytest

from blog.desk.menu_and_sidebar import MOST_TEXTS
from blog.media import uploads
from blog.models import Category, Media, MenuLink, Post, ReadingSettings
from blog.models.reading_settings import WIDGETS
from core.models import SettingsChange
from tests.blog.test_desk_appearance import file
from tests.blog.test_front_page import text
from tests.markup import squeeze

PLACE = "/desk/settings/menu-and-sidebar/"


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def sent_by(page):
    """What a browser sends of the form of this page, without a button."""
    form = page[page.index('<form method="post">') :]
    data = {}
    for tag in re.findall(r"<input [^>]*>", form):
        facts = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if facts.get("type") != "checkbox" or re.search(r"\bchecked\b", tag):
            data[facts["name"]] = unescape(facts.get("value", "on" if facts.get("type") == "checkbox" else ""))
    for name, words in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        data[name] = unescape(words)
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        data[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    return data


def save(desk, **typed):
    data = sent_by(desk.get(PLACE).content.decode())
    return desk.post(PLACE, data | {name.replace("__", "-"): value for name, value in typed.items()})


def menu(client):
    found = text(client).partition('class="menu"')[2].partition("</nav>")[0]
    return re.findall(r"<a[^>]*>(.*?)</a>", found)


def rows(desk, which=0):
    return rows_of(desk.get(PLACE), which)


def rows_of(answer, which=0):
    lists = re.findall(r'<ol class="ordered".*?</ol>', answer.content.decode(), re.DOTALL)
    return re.findall(r"<bdi>(.*?)</bdi>", lists[which])


@pytest.fixture
def entries(make_post):
    about, shoes = make_post("About", kind="page"), make_post("Shoes", kind="page")
    return about, shoes, MenuLink.objects.create(title="Friends", url="/friends/", number=0)


def test_pages_and_links_of_the_menu_are_one_list(desk, client, entries):
    about, shoes, friends = entries
    assert menu(client) == rows(desk) == ["About", "Shoes", "Friends"]
    answer = save(desk, move=f"link-{friends.pk} up")
    assert (answer.status_code, answer["Location"]) == (302, f"{PLACE}#link-{friends.pk}")
    assert menu(client) == rows(desk) == ["About", "Friends", "Shoes"]
    save(desk, move=f"page-{about.pk} down")
    assert menu(client) == ["Friends", "About", "Shoes"]
    assert [Post.objects.get(pk=about.pk).menu_order, Post.objects.get(pk=shoes.pk).menu_order] == [2, 3]
    assert ["Menu", "About, Friends, Shoes", "Friends, About, Shoes"] in SettingsChange.objects.first().values


@pytest.mark.parametrize(
    "move", ["page-0 up", "link-x down", "up", " ", "page-1 sideways", "\x00 up", "first up", "last down"]
)
def test_a_move_that_is_none_saves_and_moves_nothing(desk, client, entries, move):
    about, _shoes, friends = entries
    move = move.replace("first", f"page-{about.pk}").replace("last", f"link-{friends.pk}")
    assert save(desk, move=move, footer="Kept").status_code == 302
    assert menu(client) == ["About", "Shoes", "Friends"] and ReadingSettings.objects.get().footer == "Kept"


def test_the_first_row_cannot_go_up_and_the_last_not_down(desk, entries):
    lists = re.findall(r'<ol class="ordered".*?</ol>', squeeze(desk.get(PLACE).content.decode()))
    for found in lists:
        buttons = re.findall(r'<button class="button" name="move" value="[^"]* (up|down)"( disabled)?', found)
        off = [number for number, (_way, disabled) in enumerate(buttons) if disabled]
        assert off == [0, len(buttons) - 1]
    assert 'aria-label="Move \u2068About\u2069 up"' in lists[0]


def test_a_button_saves_what_was_typed_and_keeps_it_if_that_is_wrong(desk, client, entries):
    friends = entries[2]
    save(desk, move=f"link-{friends.pk} up", footer="Typed", links__0__title="Pals")
    assert menu(client) == ["About", "Pals", "Shoes"] and "Typed" in text(client)
    answer = save(desk, move=f"link-{friends.pk} up", footer="x" * 501)
    assert answer.status_code == 422 and "x" * 501 in answer.content.decode()
    assert menu(client) == ["About", "Pals", "Shoes"]


def test_a_form_with_a_mistake_shows_rows_where_they_were_dragged(desk, entries):
    about, shoes, friends = entries
    places = {f"page-{about.pk}-menu_order": "3", f"page-{shoes.pk}-menu_order": "2", "links-0-number": "1"}
    widgets = {f"widget-{name}-place": str(place) for place, name in enumerate(reversed(WIDGETS), start=1)}
    before = rows(desk, 1)
    answer = save(desk, **places | widgets, footer="x" * 501, move=f"link-{friends.pk} here")
    assert answer.status_code == 422
    assert rows_of(answer) == ["Friends", "Shoes", "About"] and rows_of(answer, 1) != before
    assert rows(desk) == ["About", "Shoes", "Friends"], "nothing is saved yet"
    for number in ("", "x", "9" * 5000):
        assert save(desk, **places | {f"page-{about.pk}-menu_order": number}).status_code in (302, 422)


def test_numbers_that_are_sent_count(desk, client, entries):
    about, shoes, friends = entries
    numbers = {"links__0__number": 1, f"page__{shoes.pk}__menu_order": 2, f"page__{about.pk}__menu_order": 3}
    answer = save(desk, move=f"link-{friends.pk} here", **numbers)
    assert answer["Location"].endswith(f"#link-{friends.pk}") and menu(client) == ["Friends", "Shoes", "About"]


def test_a_new_link_and_a_category_come_last(desk, client, entries):
    sport = Category.objects.create(name="Sport")
    save(desk, links__1__title="New", links__1__url="/new/", category=sport.pk)
    assert menu(client) == ["About", "Shoes", "Friends", "New", "Sport"]
    assert MenuLink.objects.get(title="Sport").url == "/category/sport/"
    save(desk, links__0__DELETE="on", move=f"link-{entries[2].pk} up")
    assert menu(client) == ["About", "Shoes", "New", "Sport"]
    assert save(desk, category="0").status_code == 422


def test_an_enter_key_saves_instead_of_moving(desk, entries):
    form = squeeze(desk.get(PLACE).content.decode()).partition('<form method="post">')[2]
    assert re.search("<button[^>]*>", form)[0] == '<button class="visually-hidden" tabindex="-1" aria-hidden="true">'


# The sidebar


def headings(client):
    aside = text(client).partition("<aside")[2].partition("</aside>")[0]
    return [re.sub("<[^>]*>", "", each) for each in re.findall("<h2[^>]*>(.*?)</h2>", aside)]


def test_widgets_are_moved_and_hidden(desk, client, make_post):
    make_post(tags=["run"])
    assert headings(client) == ["Recent posts", "Archives", "Tags", "Subscribe"]
    save(desk, move="widget-archives up")
    save(desk, move="widget-archives up")
    assert headings(client) == ["Archives", "Recent posts", "Tags", "Subscribe"]
    shown = sent_by(desk.get(PLACE).content.decode())
    data = {name: value for name, value in shown.items() if name != "widget-posts-shown"}
    desk.post(PLACE, data)
    assert headings(client) == ["Archives", "Tags", "Subscribe"]
    assert rows(desk, 1)[-1] == "Recent posts", "what is hidden comes after the others"


def test_about_me_has_a_picture_and_a_text(desk, client, ada, settings, tmp_path, make_post):
    settings.MEDIA_ROOT = tmp_path
    assert "About me" not in headings(client)
    picture = uploads.store_upload(file("ada.png"), ada)
    Media.objects.filter(pk=picture.pk).update(alt="Ada, running")
    save(desk, about_picture=picture.pk, about_text="I *run*. <script>x</script>")
    page = text(client)
    assert headings(client)[0] == "About me" and "<em>run</em>" in page and "<script>x" not in page
    assert f'src="{picture.get_absolute_url()}" alt="Ada, running"' in page
    assert client.get(picture.get_absolute_url()).status_code == 200, "guests may see it"
    assert ["picture", "", str(picture)] in [
        [what.lower(), *rest] for what, *rest in SettingsChange.objects.get().values
    ]


def test_a_text_of_ones_own_stands_in_the_sidebar(desk, client, make_post):
    save(desk, widget__text__1__title="Races", widget__text__1__text="- [May](/may/)\n\n<img src=x onerror=alert(1)>")
    assert headings(client)[-1] == "Races"
    page = text(client)
    assert '<a href="/may/">May</a>' in page and "onerror" not in page.partition("<aside")[2]
    save(desk, widget__text__2__text="Second", move="widget-text-1 up")
    assert headings(client)[-2:] == ["Races", "Subscribe"] and "Second" in text(client)
    row = ReadingSettings.objects.get()
    assert [each["name"] for each in row.text_widgets] == ["text-1", "text-2"] and row.widgets[-1] == ["text-2", 0]
    assert ["Text in the sidebar", "", "Second"] in SettingsChange.objects.first().values
    save(desk, widget__text__1__title="", widget__text__1__text=" ")
    row.refresh_from_db()
    assert [each["name"] for each in row.text_widgets] == ["text-2"] and "Races" not in headings(client)
    assert all(name in {*WIDGETS, "text-2"} for name, _lines in row.widgets)


@pytest.mark.parametrize(("field", "words"), [("title", "x" * 101), ("text", "x" * 5001)])
def test_a_text_that_is_too_long_is_kept_in_its_field(desk, field, words):
    answer = save(desk, **{f"widget__text__1__{field}": words})
    page = answer.content.decode()
    assert answer.status_code == 422 and f'id="id_widget-text-1-{field}_error"' in page and words in page
    assert ReadingSettings.objects.get().text_widgets == []


def test_there_are_at_most_so_many_texts(desk):
    row = ReadingSettings.objects.get()
    row.text_widgets = [{"name": f"text-{number}", "title": "x", "text": ""} for number in range(1, MOST_TEXTS + 1)]
    row.save()
    assert "Another text" not in desk.get(PLACE).content.decode() and rows(desk, 1).count("x") == MOST_TEXTS


def test_a_form_without_a_row_for_a_new_link_is_answered(desk):
    sent = {"links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0", "footer": "x" * 9999}
    answer = desk.post("/desk/settings/menu-and-sidebar/", sent)
    assert answer.status_code == 422 and "Another link" not in answer.content.decode()
