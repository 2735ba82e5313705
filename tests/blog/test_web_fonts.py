"""Fonts are loaded where an owner chose them, from this blog, and nowhere else."""

import re

import pytest

from blog import web_fonts
from blog.models import ReadingSettings
from blog.web_fonts import FONTS
from tests.blog_process import ROOT

STYLES = [(subset, style) for subset in ("latin", "latin-ext") for style in ("normal", "italic")]


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def chosen(client):
    """Chooses fonts; returns (the front page, the owner's style sheet)."""

    def choose(text="", headings=""):
        row = ReadingSettings.objects.first() or ReadingSettings()
        row.type, row.heading_type = text, headings
        row.save()
        page = client.get("/").content.decode()
        sheet = re.search(r'href="(/theme-[0-9a-f]+\.css)"', page)
        return page, client.get(sheet[1]).content.decode() if sheet else ""

    return choose


@pytest.mark.parametrize("text", ["", "serif", "sans", "a font of a later version"])
def test_no_font_is_loaded_unless_one_is_chosen(chosen, text):
    page, sheet = chosen(text)
    assert "font-face" not in sheet and "woff2" not in page + sheet and "preload" not in page
    for css in (ROOT / "static/css").rglob("*.css"):
        assert "font-face" not in css.read_text(encoding="utf-8")


@pytest.mark.parametrize("font", FONTS.values(), ids=lambda font: font.name)
def test_a_chosen_font_is_loaded_from_the_blog_itself(chosen, font):
    page, sheet = chosen(font.name)
    assert sheet.count("@font-face") == sheet.count("font-display:optional") == 4
    assert sorted(re.findall(r"url\(([^)]+)\)", sheet)) == sorted(f"/static/{font.file(*each)}" for each in STYLES)
    assert re.findall(r'<link rel="preload" href="([^"]+)" as="font"', page) == [font.preloaded]
    assert f':root:not(.at-desk){{--{font.fallback}:"{font.family}",' in sheet


def test_headings_have_a_font_of_their_own(chosen):
    page, sheet = chosen("literata", "figtree")
    assert sheet.count("@font-face") == 8 and page.count('rel="preload"') == 2
    assert f'{web_fonts.HEADINGS}{{font-family:"Figtree",' in sheet
    page, sheet = chosen("inter", "inter")
    assert sheet.count("@font-face") == 4 and page.count('rel="preload"') == 1
    assert chosen("", "sans")[1] == f"{web_fonts.HEADINGS}{{font-family:var(--sans)}}"


@pytest.mark.parametrize("font", FONTS.values(), ids=lambda font: font.name)
def test_its_files_are_small_and_its_license_is_beside_them(font):
    folder = ROOT / "static" / font.file("latin", "normal")
    assert "SIL Open Font License, Version 1.1" in (folder.parent / "LICENSE").read_text(encoding="utf-8")
    for subset, style in STYLES:
        file = ROOT / "static" / font.file(subset, style)
        assert file.read_bytes()[:4] == b"wOF2"
        assert file.stat().st_size <= (66_000 if subset == "latin" else 92_000)
    assert len(list(folder.parent.iterdir())) == 5


def test_six_families_are_offered():
    assert len(FONTS) == 6
    folders = {folder.name for folder in (ROOT / "static/vendor/fonts").iterdir()}
    assert folders == {f"{font.name}-{font.version}" for font in FONTS.values()}
