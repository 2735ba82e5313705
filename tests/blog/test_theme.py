"""What holds the page together: tokens that can be read in both schemes, and files that keep to the rules."""

import gzip
import re
from pathlib import Path

import brotli
import pytest

from blog.themes import THEMES
from comments.models import Comment, DiscussionSettings
from server.static_files import bundle

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))

# WCAG asks for 4.5 (text) and 3 (edges of fields); the design asks for more.
LEAST = {
    "ink": 10,
    "ink-soft": 5.5,
    "accent-own": 5.5,
    "alarm": 5.5,
    "edge": 3,
    "code-word": 5.5,
    "code-text": 5.5,
    "code-name": 5.5,
    "code-number": 5.5,
    "code-note": 5.5,
}


def tokens(theme=""):
    """The colours of the light scheme, and of the dark one as the system and as the page asks for it."""
    text = token_sheet(theme)
    blocks = re.findall(r":root[^{}]*\{([^{}]*--paper[^{}]*)\}", text)
    return [dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", block)) for block in blocks]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", LEAST)
def test_every_ink_can_be_read_on_its_paper(name, theme):
    for scheme in tokens(theme):
        for paper in (scheme["paper"], scheme.get("ground", scheme["paper"])):
            assert contrast(scheme[name], paper) >= LEAST[name], scheme


@pytest.mark.parametrize("theme", THEMES)
def test_code_and_marked_words_can_be_read_on_their_shade(theme):
    for scheme in tokens(theme):
        assert contrast(scheme["ink"], scheme["mark"]) >= 4.5
        for name in LEAST.keys() - {"edge"}:
            assert contrast(scheme[name], scheme["shade"]) >= 4.5, name


@pytest.mark.parametrize("theme", THEMES)
def test_the_dark_scheme_is_the_same_by_system_and_by_choice(theme):
    _light, by_system, by_choice = tokens(theme)
    assert by_system == by_choice


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheets_know_start_and_end_but_neither_left_nor_right(sheet):
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    sided = r"(?:margin|padding|border)-(?:left|right)|left|right|(?:float|text-align|clear):\s*(?:left|right)"
    physical = rf"(?<![\w-])(?:{sided})\s*[:;}}]"
    assert not re.findall(physical, css)


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet.name != "tokens.css"], ids=lambda path: path.name)
def test_colours_come_from_the_tokens(sheet):
    css = re.sub(r"@media print \{.*", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r":[^;{}]*(#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\()", css)


def test_every_theme_has_the_same_tokens():
    names = [set(re.findall(r"^ +(--[a-z0-9-]+):", text, re.MULTILINE)) for text in map(token_sheet, THEMES)]
    assert all(each ^ names[0] <= {"--ground"} for each in names)


def token_sheet(theme):
    folder = f"static/css/themes/{theme}" if theme else "static/css"
    return (ROOT / folder / "tokens.css").read_text(encoding="utf-8")


def test_no_page_has_styles_or_scripts_of_its_own():
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        if {"email", "mail"} & set(template.parts):  # mail programs know nothing else
            continue
        if template.name == "_snippet_elements.html":  # the owner's own, allowed by its hash
            continue
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text), template
        scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*json\")[^>]*>", text)  # data is no script
        assert not scripts, template


def test_no_template_says_that_something_is_safe():
    for template in TEMPLATES:
        assert not re.search(r"\|\s*safe\b|autoescape off", template.read_text(encoding="utf-8")), template


def test_a_post_with_ten_comments_comes_in_one_flight(client, make_post):
    """14 KiB, HTML and CSS together: what a server may send before it hears from the reader again."""
    DiscussionSettings.objects.create()
    shoes = "I have run in the same shoes for three years, and the bridge has never once been there. "
    post = make_post(source=f"{shoes * 4}\n\n" * 8, tags=["run", "bridge"], categories=[])
    for number in range(10):
        Comment.objects.create(post=post, text=f"{shoes} {number}", name=f"Reader {number}", state="approved")
    page = client.get(post.get_absolute_url()).content
    sheet = bundle("site.css", [ROOT / "static"]).encode()
    assert page.count(b"<article") == 11
    assert len(gzip.compress(page, 6)) + len(brotli.compress(sheet)) <= 14 * 1024
