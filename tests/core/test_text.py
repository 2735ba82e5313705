import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import defang, fold, shorten, tidy, tidy_line

# Text as an attacker sends it: any code point, lone surrogates too, and often the troublesome ones.
TROUBLE = "\x00\x08\x0b\x1b\x7f\x85\x9f\r\n\t\u2028\u202e\u2066\u2069\u200f\ufeff\ufffe\uffff\ufff9\ud800\udfff"
anything = st.text(st.one_of(st.sampled_from(TROUBLE + "\u0301\u0327é ḍ̇"), st.characters(exclude_categories=())))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain", "plain"),
        ("a\r\nb\rc\x85d\u2028e", "a\nb\nc\nd\ne"),
        ("nul\0 bell\x07 escape\x1b[31m", "nul bell escape[31m"),
        ("C1 \x80\x9f gone", "C1  gone"),
        ("lone \ud83d surrogate", "lone  surrogate"),
        (
            "whole 😀 and 👩‍👩‍👧 and 🏴\U000e0067\U000e0062\U000e007f",
            "whole 😀 and 👩‍👩‍👧 and 🏴\U000e0067\U000e0062\U000e007f",
        ),
        ("exe\u202egpj.tfarc", "exegpj.tfarc"),
        ("\u2066isolated\u2069", "isolated"),
        ("\ufeffwith a byte order mark", "with a byte order mark"),
        ("not a character \ufffe\uffff\ufdd0\U0001ffff", "not a character "),
        ("cafe\u0301", "café"),
        ("שלום\u200f", "שלום\u200f"),
        ("    code stays indented\n", "    code stays indented\n"),
        ("z" + "\u0335" * 400, "z" + "\u0335" * 10),
    ],
)
def test_text_is_tidied(typed, kept):
    assert tidy(typed) == kept


@given(anything)
def test_tidy_text_can_be_stored_sent_and_read_as_xml(text):
    clean = tidy(text)
    assert "\0" not in clean
    assert unicodedata.is_normalized("NFC", clean)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", clean)
    element = ElementTree.Element("text")
    element.text = clean
    assert (ElementTree.fromstring(ElementTree.tostring(element, "utf-8")).text or "") == clean


@given(anything)
def test_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    assert tidy_line(tidy_line(text)) == tidy_line(text)


@given(anything)
def test_a_tidy_line_is_one_line(text):
    line = tidy_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert "  " not in line


def test_hundreds_of_thousands_of_marks_do_not_stop_the_clock(in_time):
    with in_time(2):
        tidy("a" + "\u0301\u0327" * 200_000)


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("Café", "cafe"),
        ("CAFE\u0301", "cafe"),
        ("ｃａｆé", "cafe"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("Œuvre", "oeuvre"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("ガラス", "ガラス"),
        ("हिन्दी", "हिन्दी"),
        ("한국어", "한국어"),
    ],
)
def test_spellings_of_a_word_fold_together(word, key):
    assert fold(word) == key


@given(anything)
def test_folding_twice_changes_nothing(word):
    assert fold(fold(word)) == fold(word)


@pytest.mark.parametrize(
    ("text", "words", "short"),
    [
        ("one two three", 3, "one two three"),
        ("one two three four", 3, "one two three…"),
        ("one, two, three", 2, "one, two…"),
        ("two\nlines  and\tspaces", 9, "two lines and spaces"),
        ("吾輩は猫である。名前はまだ無い。", 3, "吾輩は猫であ…"),
        ("Django で書く", 2, "Django で書…"),
        ("한국어는 띄어쓰기를 합니다", 2, "한국어는 띄어쓰기를…"),
        ("", 5, ""),
        ("anything", 0, "…"),
    ],
)
def test_text_is_shortened_to_a_number_of_words(text, words, short):
    assert shorten(text, words) == short


@given(anything, st.integers(0, 20))
def test_shortened_text_is_a_beginning_of_the_line(text, words):
    short = shorten(text, words)
    assert tidy_line(text).startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("https://spam.example/x?a=b", "https[:]//spam[.]example/x?a=b"),
        ("www.1spam.com and 1spam.co.uk.", "www[.]1spam[.]com and 1spam[.]co[.]uk."),
        ("me@spam.example, tel:+49123, MAILTO:a@b.example", "me@spam[.]example, tel[:]+49123, MAILTO[:]a@b[.]example"),
        ("10.20.30.4:8000 and http:\\\\x.example", "10[.]20[.]30[.]4:8000 and http[:]\\\\x[.]example"),
        ("example。com ｗｗｗ．spam．example", "example[.]com ｗｗｗ[.]spam[.]example"),
        ("xn--a.xn--p1ai (see).com", "xn--a[.]xn--p1ai (see)[.]com"),
        ("spam.\u200bexample", "spam[.]\u200bexample"),
        ("日本。jp と スパム。中国 と spam．みんな/x", "日本[.]jp と スパム[.]中国 と spam[.]みんな/x"),
        ("良い本です。ありがとう。また読みます。", "良い本です。ありがとう。また読みます。"),
        ("これは本である．次にPython｡Django を。vim も。", "これは本である．次にPython[.]Django を。vim も。"),
        ("写得很好。谢谢你。中国的山很高。", "写得很好。谢谢你。中国的山很高。"),
        ("At 10:30, 3.5 km, e.g. this… wait: so. Then... yes.", "At 10:30, 3.5 km, e.g. this… wait: so. Then... yes."),
    ],
)
def test_no_mail_program_finds_a_link_in_unlinked_text(written, quoted):
    assert defang(written) == quoted == defang(quoted)


@given(anything)
def test_any_text_is_unlinked_once(text):
    assert defang(defang(text)) == defang(text)
