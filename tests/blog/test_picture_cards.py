"""The picture card of a post without a picture: what it shows, in which scripts, and how long it is kept."""

import io
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image, ImageFont, features

from blog import picture_cards
from blog.media import card_drawing
from blog.models import Icon, ReadingSettings
from blog.themes import THEMES
from core import cache_version, child_process
from core.models import Site
from server.static_files import BundleFinder

HOST = "http://localhost:8000"
TOKENS = ("paper", "ink", "soft", "rule", "accent")
COLOURS = dict(zip(TOKENS, picture_cards.COLOURS[""][0], strict=True))


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch, tmp_path):
    """The child process takes half a second; one test has it."""
    monkeypatch.setattr(picture_cards, "cards_folder", lambda: tmp_path / "cards")

    def call(function, arguments, **limits):
        assert function == "blog.media.card_drawing.draw"
        drawn.append(arguments)
        return card_drawing.draw(**arguments)

    drawn = []
    monkeypatch.setattr(child_process, "call", call)
    return drawn


def card_url(client, post):
    page = client.get(post.path).content.decode()
    said = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', page)
    return {name: unescape(value) for name, value in said}


def drawing(tmp_path, title, blog="A long run", author="Ada", icon="", colours=COLOURS):
    path = tmp_path / "card.png"
    texts = card_drawing.draw(str(path), title, blog, author, colours, icon)
    return texts, Image.open(path).convert("RGB")


def inked(image, colour, box):
    """How many pixels in the box have just this colour."""
    wanted = tuple(bytes.fromhex(colour[1:]))
    return sum(count for count, seen in image.crop(box).getcolors(2**24) if seen == wanted)


LEFT, RIGHT = (20, 84, 600, 414), (600, 84, 1180, 414)


# Its address


def test_a_post_without_a_picture_has_a_card_with_its_size_and_words(client, make_post, in_this_process):
    post = make_post("The first mile")
    said = card_url(client, post)
    assert said["og:image"] == f"{HOST}/card-{post.pk}-{picture_cards.card_digest(post)}.png"
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert said["og:image:alt"] == f"The first mile – {Site.objects.get().title}"
    assert said["twitter:card"] == "summary_large_image"
    answer = client.get(said["og:image"].removeprefix(HOST))
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)


def test_a_card_is_drawn_once_and_again_with_another_title(client, make_post, in_this_process):
    post = make_post("Rain")
    first = picture_cards.url_of(post).removeprefix(HOST)
    assert client.get(first).content == client.get(first).content
    assert len(in_this_process) == 1
    post.title = "Rain, and fog"
    post.save()
    moved = client.get(first)
    assert moved.status_code == 302
    assert moved["Location"] == picture_cards.url_of(post).removeprefix(HOST) != first
    assert client.get(moved["Location"]).status_code == 200
    assert [each["title"] for each in in_this_process] == ["Rain", "Rain, and fog"]


def test_other_colours_another_name_and_another_icon_are_other_cards(make_post, ada):
    post = make_post("Rain")
    seen = {picture_cards.card_digest(post)}
    for facts in ({"accent": "#aa3322"}, {"scheme": "dark"}, {"icon": "abc"}, {"theme": "notebook"}):
        ReadingSettings.objects.update(**facts)
        cache_version.invalidate(cache_version.EVERYTHING)
        seen.add(picture_cards.card_digest(post))
    Site.objects.update(title="Another name")
    cache_version.invalidate(cache_version.EVERYTHING)
    assert len(seen | {picture_cards.card_digest(post)}) == 6


def test_the_colours_are_the_blogs_and_dark_where_it_is_always_dark(blog):
    assert picture_cards.colours() == COLOURS
    ReadingSettings.objects.update(accent="#AA3322", scheme="dark")
    cache_version.invalidate(cache_version.EVERYTHING)
    dark = picture_cards.colours()
    assert dark["paper"] == "#1e1c19"
    assert dark["accent"] != "#aa3322"  # light enough for dark paper


@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_are_those_of_the_themes_style_sheet(theme):
    sheet = Path("static/css", f"themes/{theme}" if theme else "", "tokens.css").read_text()
    for shown in picture_cards.COLOURS[theme]:
        for name, colour in zip(("paper", "ink", "ink-soft", "rule", "accent-own"), shown, strict=True):
            assert f"--{name}: {colour};" in sheet


PROTECTED = {"visibility": "password", "password": "x"}


@pytest.mark.parametrize("facts", [{"draft": True}, {"visibility": "private"}, PROTECTED])
def test_what_not_everybody_may_read_has_no_card(client, make_post, facts):
    post = make_post("Secret", **facts)
    answer = client.get(picture_cards.url_of(post).removeprefix(HOST))
    assert answer.status_code == 404
    if post.path:
        assert "/card-" not in client.get(post.path).content.decode()


def test_a_busy_blog_asks_to_come_again(client, make_post, monkeypatch):
    def busy(*args, **limits):
        raise child_process.Busy("busy")

    monkeypatch.setattr(child_process, "call", busy)
    answer = client.get(picture_cards.url_of(make_post("Rain")).removeprefix(HOST))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_a_disk_that_takes_nothing_costs_time_and_no_card(client, make_post, monkeypatch, in_this_process):
    monkeypatch.setattr(picture_cards, "cards_folder", lambda: Path("/proc/nothing"))
    address = picture_cards.url_of(make_post("Rain")).removeprefix(HOST)
    assert [client.get(address).status_code for _each in range(2)] == [200, 200]
    assert len(in_this_process) == 2


def test_only_so_many_are_kept(make_post, monkeypatch):
    monkeypatch.setattr(picture_cards, "MOST", 2)
    for name in ("One", "Two", "Three"):
        picture_cards.png_of(make_post(name))
    assert len(list(picture_cards.cards_folder().glob("*"))) == 2


def test_it_is_drawn_in_a_child_process_and_kept_in_the_data_folder(make_post, monkeypatch, tmp_path):
    monkeypatch.undo()
    post = make_post(f"In a child of {tmp_path}")
    png = picture_cards.png_of(post)
    assert Image.open(io.BytesIO(png)).size == (1200, 630)
    assert (settings.LONGRUN_DATA / "cards" / f"{picture_cards.card_digest(post)}.png").read_bytes() == png


def test_the_icon_of_the_blog_is_on_it(client, make_post, in_this_process):
    out = io.BytesIO()
    Image.new("RGB", (180, 180), "#0000ff").save(out, "PNG")
    Icon.objects.create(size=180, png=out.getvalue())
    ReadingSettings.objects.update(icon="abc")
    cache_version.invalidate(cache_version.EVERYTHING)
    png = picture_cards.png_of(make_post("With an icon"))
    assert inked(Image.open(io.BytesIO(png)).convert("RGB"), "#0000ff", (84, 500, 144, 570)) > 2_000


# What it shows


@pytest.mark.parametrize(
    ("title", "font"),
    [
        ("The first mile is a liar – „naïve“ Łódź Ĉu", "NotoSerif-Bold.ttf"),
        ("Γιατί τρέχω το πρωί", "NotoSerif-Bold.ttf"),
        ("Почему я бегаю", "NotoSerif-Bold.ttf"),
        ("מדוע אני רץ", "NotoSerifHebrew-Bold.ttf"),
        ("لماذا أركض", "NotoNaskhArabic-Bold.ttf"),
        ("למה Python", "DejaVuSans.ttf"),
    ],
)
def test_each_script_has_its_vendored_font(title, font):
    words, path = card_drawing.typeset(title, card_drawing.FIRST)
    assert words == title
    assert path.name == font
    assert path.is_relative_to(card_drawing.VENDOR)


def test_lines_begin_at_the_right_where_one_reads_from_there(tmp_path):
    _texts, left = drawing(tmp_path, "Rain")
    _texts, right = drawing(tmp_path, "גשם", "ריצה")
    ink = COLOURS["ink"]
    assert inked(left, ink, LEFT) > 500 > 5 > inked(left, ink, RIGHT)
    assert inked(right, ink, RIGHT) > 500 > 5 > inked(right, ink, LEFT)
    assert left.getpixel((5, 300)) == right.getpixel((1195, 300)) == (0x3A, 0x5F, 0x2C)


def test_arabic_letters_are_joined():
    if not features.check("raqm"):
        pytest.skip("NOTICE: this Pillow cannot shape Arabic")
    face = card_drawing.font_at(card_drawing.FIRST[2], 64)
    apart = sum(card_drawing.measured(letter, face) for letter in "سسس")
    assert card_drawing.measured("سسس", face) < apart


def test_without_shaping_what_needs_it_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "check", lambda name: False)
    texts, image = drawing(tmp_path, "لماذا", "A long run")
    assert texts == {"title": False, "blog": True, "author": True}
    assert inked(image, COLOURS["accent"], (470, 130, 730, 390)) > 20_000  # the mark


def test_what_no_font_has_leaves_the_mark_and_no_boxes(tmp_path, monkeypatch):
    monkeypatch.setattr(card_drawing, "installed_fonts", tuple)
    texts, image = drawing(tmp_path, "朝に走る", "長い道", "アダ")
    assert texts == {"title": False, "blog": False, "author": False}
    assert inked(image, COLOURS["accent"], (470, 130, 730, 390)) > 20_000
    assert inked(image, COLOURS["rule"], (84, 470, 1116, 490)) == 0


def test_emoji_are_left_out_and_the_words_stay(monkeypatch):
    monkeypatch.setattr(card_drawing, "installed_fonts", tuple)
    assert card_drawing.typeset("Running 🏃🏽‍♀️ in the rain", card_drawing.FIRST)[0] == "Running in the rain"
    assert card_drawing.typeset("🏃", card_drawing.FIRST) is None
    assert card_drawing.typeset("  ", card_drawing.FIRST) is None


def test_a_font_of_the_machine_is_used_and_a_damaged_one_is_not(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    damaged = tmp_path / "deep/Broken.ttf"
    damaged.write_bytes(b"no font")
    good = tmp_path / "NotoSerif-Regular.ttf"
    good.write_bytes(card_drawing.PLAIN.read_bytes())
    monkeypatch.setattr(card_drawing, "FOLDERS", [str(tmp_path)])
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setattr(card_drawing, "PLAIN", card_drawing.FIRST[0])
    card_drawing.installed_fonts.cache_clear()
    try:
        assert card_drawing.installed_fonts() == (good, damaged)
        assert card_drawing.typeset("ლამაზი", card_drawing.FIRST)[1] == good  # Georgian
    finally:
        card_drawing.installed_fonts.cache_clear()
    assert not card_drawing.covers(damaged, "a")


LONG = "How I learned to stop worrying about the pace, the shoes, the weather and everything else. " * 6


def lines_of(title):
    lines, size = card_drawing.fitted(title, card_drawing.FIRST[0])
    return lines, size, card_drawing.font_at(card_drawing.FIRST[0], size)


def test_a_short_title_is_large_and_a_long_one_fits():
    assert lines_of("Rain")[:2] == (["Rain"], 96)
    for title in (LONG, LONG[:150], "Donaudampfschifffahrtsgesellschaftskapitän" * 3):
        lines, size, face = lines_of(title)
        assert size < 96
        assert len(lines) * card_drawing.leading_of(face) <= card_drawing.ROOM
        assert max(card_drawing.measured(line, face) for line in lines) <= 1200 - 2 * card_drawing.MARGIN
    assert lines_of(LONG)[0][-1].endswith("…")


def test_lines_of_a_title_are_about_the_same_length():
    lines, _size, face = lines_of("The first mile is a liar")
    assert lines == ["The first", "mile is a liar"]
    assert max(card_drawing.measured(line, face) for line in lines) < 900


def test_chinese_and_japanese_break_between_letters_but_not_before_a_full_stop():
    face = ImageFont.truetype(card_drawing.PLAIN, 60)
    lines = card_drawing.wrapped("朝に走る。" * 8, face, 400)
    assert len(lines) > 3
    assert not any(line.startswith("。") for line in lines)
    assert "".join(lines) == "朝に走る。" * 8


def test_a_long_name_of_the_blog_ends_before_the_author(tmp_path):
    _texts, image = drawing(tmp_path, "Rain", "A name that does not end " * 9, "Ada")
    author = card_drawing.measured("Ada", card_drawing.font_at(card_drawing.PLAIN, 28))
    gap = int(1200 - card_drawing.MARGIN - author)
    assert inked(image, COLOURS["accent"], (gap - 30, 500, gap - 2, 580)) == 0


def test_the_fonts_of_cards_are_not_served():
    assert not [path for path, _storage in BundleFinder().list([]) if path.endswith(".ttf")]
