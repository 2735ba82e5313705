"""The focus point of a picture: what stays in sight where a page crops it."""

import re

import pytest

from blog.models import Media, ReadingSettings
from blog.models.media import FOCUS_STEP
from core.jobs import run_ready
from tests.blog_process import ROOT

SHEET = '<link rel="stylesheet" href="/static/focus-points.css">'


@pytest.fixture
def hills(ada):
    facts = {"title": "hills.jpg", "file_name": "hills.jpg", "width": 1200, "height": 800, "widths": [480, 960]}
    return Media.objects.create(kind="picture", format="jpeg", by=ada, **facts)


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def save(desk, media, **typed):
    """What the page of the file sends."""
    answer = desk.post(f"/desk/media/{media.pk}/", {"title": media.title, "alt": "", "caption": ""} | typed)
    media.refresh_from_db()
    return answer


def classes(html):
    """The classes of each picture in `html`."""
    return [re.findall(r'class="([^"]*)"', img)[:1] for img in re.findall(r"<img[^>]*>", html)]


def test_it_is_the_middle_until_its_writer_moves_it(desk, hills):
    assert (hills.focus_x, hills.focus_y, hills.focus_class) == (50, 50, "")
    page = desk.get(f"/desk/media/{hills.pk}/").content.decode()
    assert re.search(r'<input type="range" name="focus_x" value="50"[^>]* min="0"[^>]* max="100"', page)
    assert save(desk, hills, focus_x="20", focus_y="0").status_code == 302
    assert (hills.focus_x, hills.focus_y, hills.focus_class) == (20, 0, "focus-x20 focus-y0")
    page = desk.get(f"/desk/media/{hills.pk}/").content.decode()
    assert '<circle cx="20%" cy="0%"' in page and SHEET in page


@pytest.mark.parametrize("typed", [{}, {"focus_x": "", "focus_y": ""}])
def test_a_form_without_it_leaves_it_where_it_is(desk, hills, typed):
    """The strip of the write page sends words alone."""
    save(desk, hills, focus_x="20", focus_y="75")
    assert save(desk, hills, alt="Hills", **typed).status_code == 302
    assert (hills.alt, hills.focus_x, hills.focus_y) == ("Hills", 20, 75)


@pytest.mark.parametrize("typed", ["-1", "101", "9" * 5000, "left", "50.5", "\0"])
def test_what_is_no_percentage_is_refused_and_the_words_stay_in_the_form(desk, hills, typed):
    answer = save(desk, hills, alt="Many hills", focus_x=typed, focus_y="10")
    assert answer.status_code == 422 and "Many hills" in answer.content.decode()
    assert (hills.focus_x, hills.focus_y) == (50, 50)


def test_every_step_has_its_rule(hills):
    rules = (ROOT / "static/css/focus-points/focus-points.css").read_text(encoding="utf-8")
    for percent in range(101):
        hills.focus_x = hills.focus_y = percent
        step = re.findall("[0-9]+", hills.focus_class)
        assert all(abs(int(each) - percent) <= FOCUS_STEP / 2 for each in step)
        assert all(f".{name} {{ --{name[:7]}: {step[0]}%; }}" in rules for name in hills.focus_class.split())


@pytest.mark.parametrize("theme", ["", "magazine", "notebook", "portfolio"])
def test_every_cropped_picture_is_cropped_around_it(client, desk, make_post, hills, theme):
    """In the header, in lists, on the post's own page, in galleries, and where a list takes the first of the text."""
    save(desk, hills, focus_x="20", focus_y="75")
    address = hills.get_absolute_url()
    row = ReadingSettings.objects.first() or ReadingSettings()
    row.theme, row.header_picture = theme, hills
    row.save()
    featured = make_post("Featured", "Words.", featured=hills)
    gallery = make_post("Gallery", f"![a]({address})\n\n![b]({address})")
    wanted = "focus-x20 focus-y75"
    front = client.get("/?theme=").content.decode()
    assert SHEET in front
    found = [" ".join(each) for each in classes(front)]
    lists = [f"u-featured {wanted}"] * {"": 0, "notebook": 1}.get(theme, 2)
    whole = [] if theme in ("magazine", "portfolio") else [wanted] * 2
    assert sorted(found) == sorted([wanted, *lists, *whole])
    for post, pictures in ((featured, 2), (gallery, 3)):
        assert classes(client.get(post.path).content.decode()) == [[wanted]] * pictures


def test_cards_of_the_front_page_too(client, desk, make_post, hills):
    save(desk, hills, focus_y="75")
    row = ReadingSettings.objects.first() or ReadingSettings()
    row.front_posts = "cards"
    row.save()
    make_post("Featured", "Words.", featured=hills)
    make_post("First", f"![a]({hills.get_absolute_url()})")
    assert classes(client.get("/").content.decode()) == [["focus-y75"]] * 2


def test_pages_follow_when_it_is_moved_and_load_no_sheet_without_it(client, desk, make_post, hills):
    post = make_post("Gallery", f"![a]({hills.get_absolute_url()})")
    assert "focus-" not in client.get(post.path).content.decode()
    save(desk, hills, focus_x="0", focus_y="50")
    run_ready()
    page = client.get(post.path).content.decode()
    assert classes(page) == [["focus-x0"]] and SHEET in page
    save(desk, hills, focus_x="50", focus_y="50")
    run_ready()
    assert "focus-" not in client.get(post.path).content.decode()
