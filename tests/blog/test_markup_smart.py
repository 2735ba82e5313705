"""Typographic signs for those that keyboards have, by the language of the text; what is no prose stays as typed."""

import re

import pytest

from blog.markup import COMMENT, POST, render

N = "\u202f"


def line(text, language="", **options):
    shown = render(text, POST, prefix="p-", language=language, **options).html
    return re.sub(r"^<p(?: dir=\"\w+\")?>|</p>$", "", shown)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # Options, arrows, rules and code are no dashes.
        ("git push --force", "git push --force"),
        ("(--amend, --no-edit)", "(--amend, --no-edit)"),
        ('"--help"', "“--help”"),
        # Marks of emphasis that stay signs.
        ('**"a"**b', "**“a”**b"),
        ("**'a'**b", "**‘a’**b"),
        ('so*"a"*b', "so*“a”*b"),
        ('~~"a"~~b "c**"d', "~~“a”~~b “c**”d"),
        ("a -- b, a--b, 1--2", "a – b, a–b, 1–2"),
        ("-- Ada", "– Ada"),
        ("a---b --- c", "a—b — c"),
        ("a --> b, x <-- y, ----", "a --&gt; b, x &lt;-- y, ----"),
        ("i--; (n--)", "i--; (n--)"),
        ("so... and.... ./...", "so… and.... ./..."),
        # Apostrophes that look like opening marks.
        ("'68 and the '90s", "’68 and the ’90s"),
        ("'20s flair, the class of '99.", "’20s flair, the class of ’99."),
        ("rock 'n' roll, 'tis, get 'em", "rock ’n’ roll, ’tis, get ’em"),
        ("it's the dogs' day", "it’s the dogs’ day"),
        ("the 60's, O'Brien", "the 60’s, O’Brien"),
        # Measures.
        ("6'2\"", "6′2″"),
        ("he is 6'2 tall, 5' wide", "he is 6′2 tall, 5′ wide"),
        ('a 12" record, a 7".', "a 12″ record, a 7″."),
        ("48°51'24\"N", "48°51′24″N"),
        ("3\"x5\" and 2' x 4'", "3″x5″ and 2′ x 4′"),
        ('"It was 5"', "“It was 5”"),
        # Quotation marks, and their neighbours across elements.
        ('"Hi," she said, "you."', "“Hi,” she said, “you.”"),
        ("\"He said 'yes'\"", "“He said ‘yes’”"),
        ("\"'Tis\" ('so')", "“’Tis” (‘so’)"),
        ('"<b>x</b>"', "“<b>x</b>”"),
        ('"*x*" **"y"** "~~z~~"', "“<em>x</em>” <strong>“y”</strong> “<del>z</del>”"),
        ('"[x](/y)", "`z`"', '“<a href="/y">x</a>”, “<code>z</code>”'),
        ('a<br>"b"', "a<br>“b”"),
        ('"a\nb"', "“a\nb”"),
        ('"https://x.example/--a"', '“<a href="https://x.example/--a">https://x.example/--a</a>”'),
        ('"foo"-bar, key="value"', '“foo”-bar, key="value"'),
        ('a " b, x"y', 'a " b, x"y'),
        # What was escaped, or is code, is meant as it stands.
        (r"\"a\" \-\- b\...", '"a" -- b...'),
        ("&quot;a&quot; &#39;b&#39;", "\"a\" 'b'"),
        ('`"a" -- b` <kbd>"c"</kbd>', '<code>"a" -- b</code> <kbd>"c"</kbd>'),
        # Gershayim and geresh.
        ('צה"ל, מנכ"לית', 'צה"ל, מנכ"לית'),
        ("ג'ירפה, צ'", "ג'ירפה, צ'"),
        ('ו"שלום"', 'ו"שלום"'),
    ],
)
def test_signs_become_typographic_where_they_are_prose(text, wanted):
    assert line(text) == wanted


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("", "“a ‘b’ c” – it’s…"),
        ("en-GB", "“a ‘b’ c” – it’s…"),
        ("de", "„a ‚b‘ c“ – it’s…"),
        ("DE_at", "„a ‚b‘ c“ – it’s…"),
        ("de-CH", "«a ‹b› c» – it’s…"),
        ("fr", f"«{N}a “b” c{N}» – it’s…"),
        ("fr-CA", f"«{N}a “b” c{N}» – it’s…"),
        ("es", "«a “b” c» – it’s…"),
        ("es-MX", "“a ‘b’ c” – it’s…"),
        ("it", "«a “b” c» – it’s…"),
        ("pl", "„a «b» c” – it’s…"),
        ("ru", "«a „b“ c» – it’s…"),
        ("sv", "”a ’b’ c” – it’s…"),
        ("cs", "„a ‚b‘ c“ – it’s…"),
        ("he", "”a ’b’ c” – it’s…"),
        ("pt-BR", "“a ‘b’ c” – it’s…"),
        ("ja", "\"a 'b' c\" -- it's..."),
        ("zh-Hans", "\"a 'b' c\" -- it's..."),
        ("x-unknown", "“a ‘b’ c” – it’s…"),
    ],
)
def test_quotation_marks_are_those_of_the_language(language, wanted):
    assert line("\"a 'b' c\" -- it's...", language) == wanted


def test_an_elided_word_stands_before_a_quotation():
    assert line("l'\"Iliade\" d'Homère", "fr") == f"l’«{N}Iliade{N}» d’Homère"
    assert line('dell\'"Eneide"', "it") == "dell’«Eneide»"


@pytest.mark.parametrize("text", ['"a" -- it\'s...', "'68 6'2\"", '"<b>x</b>"'])
def test_smart_signs_can_be_switched_off(text):
    assert line(text, "de", smart=False) == text
    assert render(text, COMMENT).plain == text


def test_what_a_picture_is_called_stays_as_typed():
    assert 'alt="it\'s &quot;it&quot;"' in render('![it\'s "it"](/a.png)', POST).html.replace("&#x27;", "'")
