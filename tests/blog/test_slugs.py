"""Addresses look as WordPress made them, and none is given twice."""

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.permalinks import RESERVED
from blog.slugs import LENGTH, reads_as_a_date, shortened, slugify, unique


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello World", "hello-world"),
        ("  Hello,   World!  ", "hello-world"),
        ("Don’t “stop” ‘now’", "dont-stop-now"),
        ("Don't \"stop\" 'now'", "dont-stop-now"),
        ("«Oui» ‹non› „ja‟ ‚nein‛", "oui-non-ja-nein"),
        ("2010–2020 — a decade", "2010-2020-a-decade"),
        ("a - b -- c --- d", "a-b-c-d"),
        ("non\u00a0breaking\u2003space\u3000here", "non-breaking-space-here"),
        ("minus − hyphen ‐ bar ―", "minus-hyphen-bar"),
        ("1024 × 768", "1024-x-768"),
        ("3×4", "3x4"),
        ("Café crème à l’été", "cafe-creme-a-lete"),
        ("Cafe\u0301 decomposed", "cafe-decomposed"),
        ("Straße und Größe", "strasse-und-grosse"),
        ("STRAẞE", "strasse"),
        ("Ærø og ØRESUND, Ålborg", "aero-og-oresund-alborg"),
        ("Łódź, żółć", "lodz-zolc"),
        ("Đà Nẵng, Việt Nam", "da-nang-viet-nam"),
        ("Þingvellir, ðað", "thingvellir-dad"),
        ("Œuvre cœur", "oeuvre-coeur"),
        ("İstanbul, Diyarbakır", "istanbul-diyarbakir"),
        ("Ĳsselmeer ŉ ſ", "ijsselmeer-n-s"),
        ("Șțiință ǖ ǆ ﬁn", "stiinta-u-dz-fin"),
        ("50 € or £20", "50-e-or-20"),
        ("AT&T", "att"),
        ("AT&amp;T", "att"),
        ("a&nbsp;b&#160;c &ndash; d&#8212;e", "a-b-c-d-e"),
        ("Fish &amp; Chips", "fish-chips"),
        ("C++ and C#", "c-and-c"),
        ("50% off", "50-off"),
        ("100%", "100"),
        ("50%20off", "50-off"),
        ("caf%C3%A9", "café"),
        ("%E6%9D%B1%E4%BA%AC", "東京"),
        ("%FF%FE bad octets", "bad-octets"),
        ("version 1.2.3", "version-1-2-3"),
        ("and/or", "and-or"),
        ("snake_case stays", "snake_case-stays"),
        ("who@example.com", "whoexample-com"),
        ("<b>Bold</b> and <i class='x'>italic</i>", "bold-and-italic"),
        ("1 < 2 > 0", "1-2-0"),
        ("Wait… what?! ¿Qué? ¡Sí!", "wait-what-que-si"),
        ("Longrun™ © 2026 ® 20°", "longrun-2026-20"),
        ("東京マラソン", "東京マラソン"),
        ("がぎぐ", "がぎぐ"),
        ("か\u3099", "が"),
        ("Привет, мир! Йод", "привет-мир-йод"),
        ("ΑΘΗΝΑ", "αθηνα"),
        ("שלום עולם", "שלום-עולם"),
        ("हिन्दी में", "हिन्दी-में"),
        ("한국어 제목", "한국어-제목"),
        ("می\u200cخواهم", "میخواهم"),
        ("zero\u200bwidth\ufeff and\u202e turned", "zerowidth-and-turned"),
        ("I ❤️ NY", "i-❤-ny"),
        ("new\nline\tand\rtab", "new-line-and-tab"),
        ("nul\x00 and \x08control \ud800", "nul-and-control"),
        ("---", ""),
        ("?!", ""),
        ("", ""),
        ("2026", "2026"),
        ("Feed", "feed"),
        ("0\U00018cd6\u1cd0", "0"),  # the character between a letter and its accent is dropped
    ],
)
def test_a_title_becomes_a_slug(title, slug):
    assert slugify(title) == slug


@given(st.text(max_size=300))
def test_any_text_becomes_a_slug_that_stays_as_it_is(text):
    slug = slugify(text)
    assert slugify(slug) == slug
    assert len(quote(slug, safe="")) <= LENGTH
    assert unicodedata.is_normalized("NFC", slug)
    assert not slug.startswith("-") and not slug.endswith("-") and "--" not in slug
    assert not set(slug) & set("/?#%&<>\"'\\ \t\n")


@pytest.mark.parametrize(
    ("title", "length"),
    [
        ("a" * 300, 200),
        ("word " * 60, 199),  # the cut falls on a dash, which goes
        ("é" * 300, 200),  # an accent is gone before it is counted
        ("東" * 100, 198),  # nine letters each
        ("д" * 100, 198),  # six
        ("a" + "東" * 100, 199),
        ("😀" * 50, 192),  # twelve
    ],
)
def test_a_long_slug_ends_with_a_whole_character_within_200_bytes(title, length):
    slug = slugify(title)
    assert len(quote(slug)) == length
    assert "\ufffd" not in slug


def test_a_letter_is_not_cut_from_its_signs():
    assert shortened("हि" * 30, 18 * 3 + 9) == "हि" * 3


def taken(*slugs):
    return set(slugs).__contains__


def test_a_free_slug_is_kept():
    assert unique("a-long-run", taken()) == "a-long-run"


def test_a_taken_slug_gets_the_next_free_number():
    assert unique("run", taken("run")) == "run-2"
    assert unique("run", taken("run", "run-2", "run-3")) == "run-4"
    assert unique("run-2", taken("run-2")) == "run-2-2"


def test_a_number_fits_into_the_length():
    long = "a" * 200
    assert unique(long, taken(long)) == "a" * 198 + "-2"
    ideographs = "東" * 22
    assert unique(ideographs, taken(ideographs)) == "東" * 22 + "-2"
    assert unique("a" + ideographs, taken(shortened("a" + ideographs))) == "a" + "東" * 21 + "-2"
    busy = {long, *(f"{'a' * (199 - len(str(n)))}-{n}" for n in range(2, 12))}
    assert unique(long, busy.__contains__) == "a" * 197 + "-12"


@pytest.mark.parametrize("word", ["feed", "rdf", "rss", "rss2", "atom", "embed"])
def test_the_names_of_feeds_are_ours_everywhere(word):
    assert unique(word, taken()) == f"{word}-2"
    assert unique(word, taken(), reserved=frozenset()) == f"{word}-2"


@pytest.mark.parametrize(
    "word",
    [
        "desk",
        "accounts",
        "comments",
        "media",
        "static",
        "search",
        "category",
        "tag",
        "author",
        "page",
        "health",
        "setup",
    ],
)
def test_the_first_words_of_our_addresses_are_ours(word):
    assert unique(word, taken(), reserved=RESERVED) == f"{word}-2"
    assert unique(f"{word}s", taken(), reserved=RESERVED) == f"{word}s"


@pytest.mark.parametrize(
    ("slug", "free"),
    [
        ("2026", "2026-2"),
        ("5", "5-2"),
        ("05", "05-2"),
        ("31", "31-2"),
        ("32", "32"),
        ("0", "0"),
        ("123", "123"),
        ("20260", "20260"),
        ("٣", "٣"),
    ],
)
def test_a_number_that_could_be_a_date_gets_another(slug, free):
    assert unique(slug, taken()) == free
    assert reads_as_a_date(slug) == (slug != free)


def test_a_tag_may_be_a_year():
    assert unique("2010", taken(), numeric_clash=False) == "2010"


def test_no_words_still_make_an_address():
    assert unique("", taken()) == "2"
