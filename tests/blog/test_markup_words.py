"""What is said about a text: its summary, its words, its pictures and links."""

import pytest

from blog.markup import POST, render


def of(text, **options):
    return render(text, POST, prefix="p-", **options)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("One *two* [three](/x) `four`.\n\nFive.", "One two three four. Five."),
        ("# Title\n\nText", "Text"),
        ("![fox](/a.png 'Caption')\n\nText", "Text"),
        ("```\ncode\n```\n\nText", "Text"),
        ("| a |\n|---|\n| b |\n\nText", "Text"),
        ("[TOC]\n\n# A\n\nText\n\n# B", "Text"),
        ("Text[^1]\n\n[^1]: Note", "Text"),
        ("> Quoted\n\nText", "Quoted Text"),
        ("- one\n- two", "one two"),
        ("# Only a title", "Only a title"),
        ("A &amp; B < C", "A & B < C"),
        ("", ""),
    ],
)
def test_a_summary_is_the_first_prose(text, summary):
    assert of(text).summary == summary


def test_a_long_text_is_summed_up_in_55_words():
    summary = of(" ".join(f"w{n}," for n in range(80))).summary
    assert summary.endswith("w54…") and len(summary.split()) == 55
    assert of(" ".join(f"w{n}" for n in range(55))).summary.endswith("w54")


def test_a_summary_of_a_text_without_spaces_is_as_long_for_the_eye():
    summary = of("走る" * 200).summary
    assert summary == "走る" * 55 + "…"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one two three", 3),
        ("it’s a well-known 3.5 — word", 5),
        ("*a* **b** `c`", 3),
        ("長距離を走る", 6),
        ("I run 東京", 4),
        ("안녕 세상", 2),
        ("Привет мир", 2),
        ("हिन्दी में", 2),
        ("![alt words](/a.png) one", 1),
        ("--- ... !!!", 0),
        ("", 0),
    ],
)
def test_words_are_counted(text, words):
    assert of(text).words == words


def test_the_plain_text_has_a_line_for_each_block_and_no_tags():
    text = "# A\n\nb *c*\nd\n\n- e\n- [x] f\n\n"
    text += "| g | h |\n|---|---|\n| i | j |\n\n```py\nk = 1\n```\n\nl[^1]\n\n[^1]: m & n"
    assert of(text).plain == "A\nb c d\ne\nf\ng\nh\ni\nj\nk = 1\nl\nm & n"


def test_the_numbers_of_code_lines_are_no_words():
    assert of('```py linenums="1"\nx\n```').plain == "x"


def test_pictures_and_links_are_listed_once_in_their_order():
    rendered = of(
        "![a](/1.png) ![b](/2.png) ![a](/1.png) [c](/x) [d](#e) https://example.com [f](/x) [g](javascript:h)"
    )
    assert rendered.pictures == ("/1.png", "/2.png")
    assert rendered.links == ("/x", "https://example.com")
