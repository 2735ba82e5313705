"""Tags of languages."""

import pytest

from core import languages


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("DE", "de"), ("pt-br", "pt-BR"), ("zh_hant_tw", "zh-Hant-TW"), ("sr-latn", "sr-Latn"), ("de-1996", "de-1996"),
        ("en-us-u-co-phonebk", "en-US-u-co-phonebk"), ("x-klingon", "x-klingon"), ("es-419", "es-419"), (" he ", "he"),
        ("", ""), ("e", ""), ("english", ""), ("de AT", ""), ("de-", ""), ("d\"onload", ""), ("a" * 99, ""), ("ü", ""),
    ],
)  # fmt: skip
def test_a_tag_is_written_in_one_way_or_is_none(typed, tag):
    assert languages.canonical(typed) == tag
    assert languages.canonical(tag) == tag


@pytest.mark.parametrize(
    ("tag", "way"),
    [("he", "rtl"), ("ar-EG", "rtl"), ("yi", "rtl"), ("az-Arab", "rtl"), ("ur-Latn", "ltr"), ("de", "ltr"), ("", "")],
)
def test_a_language_is_written_in_its_direction(tag, way):
    assert languages.direction(tag) == way


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("en", "en_US"), ("de", "de_DE"), ("pt-br", "pt_BR"), ("zh-Hant", "zh_TW"), ("he", "he_IL"), ("", "en_US"),
     ("x-klingon", "")],
)  # fmt: skip
def test_cards_want_a_country(tag, locale):
    assert languages.locale(tag) == locale


def test_languages_are_offered_by_their_own_names():
    named = dict(languages.choices())
    assert [named[tag] for tag in ("de", "he", "eu", "lo", "zh-Hans")] == [
        "Deutsch",
        "עברית",
        "Euskara",
        "ລາວ",
        "简体中文",
    ]
    assert all(languages.canonical(tag) == tag for tag in named)


@pytest.mark.parametrize(
    ("tag", "readers", "desk"),
    [("de", "de", "en"), ("de-at", "de", "en"), ("es-mx", "es-mx", "en"), ("es-xx", "es", "en"), ("en", "en", "en"),
     ("en-gb", "en-gb", "en-gb"), ("EN-AU", "en-au", "en-au"), ("en-XX", "en", "en"), ("tlh", "en", "en"),
     ("ja", "en", "en"), ("zh-hans", "en", "en"), ("", "en", "en")],
)  # fmt: skip
def test_the_interface_speaks_only_what_is_translated(tag, readers, desk):
    assert (languages.interface(tag), languages.desk_interface(tag)) == (readers, desk)
