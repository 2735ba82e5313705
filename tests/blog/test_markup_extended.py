"""The syntax of posts that ask for it: math, callouts, marked text, emoji, abbreviations, footnotes in the text."""

import re
from time import process_time

import pytest
from django.urls import reverse

from blog.markup import COMMENT, POST, mathml, render
from blog.markup.blocks.extended import MOST_ABBREVIATIONS
from blog.markup.inlines.extended import DEEPEST_NOTES, MOST_NOTES
from blog.markup.notices import AS_TYPED, MISTAKE
from blog.models import Post
from tests.blog.write_form import fields, newest
from tests.commonmark.spec import examples


def html(text, **options):
    return render(text, POST, prefix="p-", extended=True, **options).html


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a ==marked *x*== b", "<p>a <mark>marked <em>x</em></mark> b</p>"),
        ("x==y and z==w, a == b, ===c===", "<p>x==y and z==w, a == b, ===c===</p>"),
        ("x^2^ and 5^th^ and (a+b)^2^", "<p>x<sup>2</sup> and 5<sup>th</sup> and (a+b)<sup>2</sup></p>"),
        ("H~2~O, Ca^2+^", "<p>H<sub>2</sub>O, Ca<sup>2+</sup></p>"),
        ("^_^ a^b c^d ~/x ~user/~y ~~gone~~", "<p>^_^ a^b c^d ~/x ~user/~y <del>gone</del></p>"),
        ("x\\^2\\^ and H\\~2~O and \\==a==", "<p>x^2^ and H~2~O and ==a==</p>"),
        (":smile: :+1: :nope:", "<p>😄 👍 :nope:</p>"),
        ("at 10:30:45, a:smile: and `:smile:`", "<p>at 10:30:45, a:smile: and <code>:smile:</code></p>"),
        ("![:smile: $x$](/a.png)", '<figure><img alt="😄 x" decoding="async" loading="lazy" src="/a.png"></figure>'),
    ],
)
def test_inline_marks(text, wanted):
    assert html(text) == wanted


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("It costs $5 and $6.", []),
        ("$20,000 and $30,000", []),
        ("\\$x\\$ and `$x$`", []),
        ("$ x$ and $x $ and $x$5", []),
        ("$x$, $a_1$.", ["x", "a_1"]),
        ("$a \\$ b$", ["a \\$ b"]),
        ("one $x\ny$ formula", ["x\ny"]),
        ("$$x$$", ["x"]),
        ("$$\n- a\n\n# b\n$$\n\nafter", ["- a\n\n# b"]),
        ("> $$\n> x\n> $$", ["x"]),
        ("```math\nx^2\n```", ["x^2"]),
        ("$$\nnever closed\n\n# Heading", []),
        ("[a $x$ b](/)", ["x"]),
    ],
)
def test_math_is_found_by_pandocs_rule(text, formulas):
    rendered = render(text, POST, extended=True)
    found = [each[1].replace("&amp;", "&") for each in mathml._MATH.finditer(rendered.html)]
    assert found == formulas
    assert not rendered.notices


def test_math_is_made_on_the_server_and_read_as_tex():
    rendered = render("Then $x^2$.\n\n$$a<b$$", POST, extended=True)
    assert '<math alttext="x^2"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>' in rendered.html
    assert '<math alttext="a&lt;b" display="block">' in rendered.html
    assert rendered.plain == "Then x^2.\na<b"


def test_a_teaser_has_its_math():
    rendered = render("Then $x$.\n\n<!--more-->\n\nAnd $y$.", POST, extended=True)
    assert rendered.teaser_html.count("<math") == 1
    assert rendered.html.count("<math") == 2


@pytest.mark.parametrize("tex", ["\\frac{", "\\left( x", "x_1_2", "{" * 400 + "}" * 400, "a" * 2001, "\\foo\x7f{"])
def test_a_formula_with_a_mistake_is_shown_as_code(tex):
    rendered = render(f"$${tex}$$", POST, extended=True)
    assert "<math" not in rendered.html
    if len(tex) <= mathml.LONGEST:
        assert rendered.html.startswith("<p><code>")
        assert [notice.kind for notice in rendered.notices] == [MISTAKE]


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;img src=x onerror=alert(1)&gt;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(//evil.example)}{x}",
        r"\class{evil}{x}",
        r"\color{red;background:url(x)}{x}",
        "\\text{</math><style><img src=x onerror=alert(1)>}",
        '"><img src=x onerror=alert(1)>',
    ],
)
def test_math_opens_no_way_past_the_sanitizers(tex):
    made = mathml.mathml_of(tex, display=False)
    assert made.count("<math") == made.count("</math>") == 1
    rest = made.partition(">")[2] if "alttext" not in made else made.split('">', 1)[1]
    for sign in ("<script", "<img", "<style", "href=", "style=", "class=", "javascript"):
        assert sign not in rest
    assert "<img" not in html(f"${tex}$")


def test_a_mistake_is_looked_for_once(monkeypatch):
    asked = []
    made = mathml.mathml_of
    monkeypatch.setattr(mathml, "mathml_of", lambda tex, **options: asked.append(tex) or made(tex, **options))
    assert html("$\\frac$ " * 50).count("<code>") == 50
    assert len(asked) == 1


def test_too_many_formulas_stay_as_typed():
    rendered = render(" ".join(f"$x_{{{number}}}$" for number in range(mathml.MOST + 3)), POST, extended=True)
    assert rendered.html.count("<math") == mathml.MOST
    assert rendered.html.count("<code>") == 3


def test_footnotes_in_the_text():
    made = html("One^[with *em*, `]` and ^[another]]. Two[^b].\n\n[^b]: Below.")
    assert [made.count(f'href="#p-fn:{name}"') for name in ("inline-1", "b", "inline-2")] == [1, 1, 1]
    assert made.index(">Below.") > made.index("with <em>em</em>, <code>]</code> and")
    assert html("^[] and ^[open") == "<p>^[] and ^[open</p>"


@pytest.mark.parametrize("text", ["x^[a \\`` b]", "x^[a \\``` b``]", "^[\\`` `]` b"])
def test_an_escaped_backtick_before_others_in_a_footnote(text):
    assert html(text).count('href="#p-fn:inline-1"') == 1


def test_a_table_of_contents_has_no_numbers_of_footnotes():
    made = html("[TOC]\n\n## One^[a]\n\n## Two `b`[^c]\n\n[^c]: d")
    assert re.findall(r'<li><a href="#[^"]*">([^<]*)</a>', made) == ["One", "Two b"]


def test_footnotes_in_the_text_are_limited():
    made = html("^[a " * 40 + "]" * 40)
    assert made.count('class="footnote-ref"') == DEEPEST_NOTES
    assert "a ^[a ^[a" in made
    many = html("^[a]\n\n" * (MOST_NOTES + 3))
    assert many.count('class="footnote-ref"') == MOST_NOTES
    assert many.count("<p>^[a]</p>") == 3


def test_a_footnote_in_a_link_stands_behind_it():
    for text in ("[a ^[note] *b*](https://example.org/) c", "[a [^1] *b*](https://example.org/) c\n\n[^1]: note"):
        made = html(text)
        link, behind = re.fullmatch(
            r'<p><a href="https://example.org/">(.*?)</a><sup(.*?)</sup> c</p>.*', made, re.S
        ).groups()
        assert (link, behind.count("footnote-ref"), made.count("footnote-backref")) == ("a  <em>b</em>", 1, 1)
    assert 'alt="a ^[b]"' in html("[![a ^[b]](/c.png)](/d)"), "a picture's alternative text has none"


@pytest.mark.parametrize("text", ["- [x] Run^[note]\n- Rest", "Word\n: Meaning^[note]", "| A^[note] |\n|---|\n| b |"])
def test_the_summary_of_a_text_without_paragraphs_leaves_footnotes_out(text):
    assert "note" not in render(text, POST, extended=True).summary


def test_the_summary_has_the_words_of_a_callout_without_its_title():
    text = "> [!NOTE]\n> First read this.\n\nThe post."
    assert render(text, POST, extended=True).summary == "First read this. The post."
    assert render("> [!TIP] Mind the gap\n> - a", POST, extended=True).summary == "Mind the gap a"


def notices_of(text):
    return [(notice.line, notice.kind, notice.what) for notice in render(text, POST, extended=True).notices]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("^[a]\n\n" * (MOST_NOTES + 3), 2 * MOST_NOTES + 1),
        ("First.\n\nSecond\n" + "^[a " * (DEEPEST_NOTES + 2) + "]" * (DEEPEST_NOTES + 2), 4),
    ],
    ids=["number", "depth"],
)
def test_the_author_is_told_once_that_a_footnote_stays_as_typed(text, line):
    assert notices_of(text) == [(line, AS_TYPED, "note")]


def test_footnotes_within_the_limits_and_brackets_that_are_none_are_told_of_to_nobody():
    assert notices_of("^[a] ^[b^[c]] ^[] ^[open x^2^") == []


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"*[A{number}]: B\n\n" for number in range(MOST_ABBREVIATIONS + 3)),
        f"*[{'A' * 81}]: B",
        f"*[A]: {'B' * 301}",
    ],
    ids=["number", "name", "meaning"],
)
def test_the_author_is_told_once_that_an_abbreviation_stays_as_typed(text):
    line = 2 * MOST_ABBREVIATIONS + 1 if text.count("\n") > 2 else 1
    assert notices_of(text) == [(line, AS_TYPED, "abbreviation")]


def test_the_desk_says_which_footnote_stays_as_typed(client, ada, make_post):
    post = make_post(source="Text\n\n" + "^[a " * 6 + "]" * 6, extended_markdown=True)
    client.force_login(ada)
    page = client.get(f"/desk/posts/{post.pk}/").content.decode()
    assert "Line 3: A footnote in the text is shown as it was typed:" in page


def test_a_label_that_is_taken_is_not_taken_twice():
    made = html("One[^inline-1] ^[two]\n\n[^inline-1]: Typed.")
    assert "Typed." in made and ">two" in made
    assert 'id="p-fn:inline-1-"' in made


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        ("> [!NOTE]\n> Text", "note", "Note"),
        ("> [!tip]\n>\n> Text", "tip", "Tip"),
        ("> [!Warning] Mind *the* gap\n> Text", "warning", "Mind <em>the</em> gap"),
        ("> [!IMPORTANT]\n> - Text", "important", "Important"),
        ("> [!CAUTION]", "caution", "Caution"),
    ],
)
def test_callouts(text, kind, title):
    made = html(text)
    assert made.startswith(f'<div class="longrun-callout longrun-callout--{kind}">')
    assert f'<p class="longrun-callout__title"><strong>{title}</strong></p>' in made
    assert "[!" not in made
    assert ("Text" in text) == ("Text" in made)


@pytest.mark.parametrize("text", ["> [!FOO]\n> x", "> a\n> [!NOTE]", "[!NOTE]\n\n> x", ">"])
def test_other_quotes_stay_quotes(text):
    assert "longrun-callout" not in html(text)


def test_abbreviations():
    made = html('The HTML of XHTML, `HTML`, [HTML](/), *HTML*.\n\n*[HTML]: Hyper "Text" & <b>\n*[]: x\n')
    title = 'title="Hyper &quot;Text&quot; &amp; &lt;b&gt;"'
    assert made.count(f"<abbr {title}>HTML</abbr>") == 2
    assert "XHTML, <code>HTML</code>" in made
    assert "*[HTML]" not in made
    assert html("AT&T\n\n*[AT&T]: Phones") == '<p><abbr title="Phones">AT&amp;T</abbr></p>'


def test_abbreviations_leave_what_stands_for_html_and_signs_alone():
    assert html("a <kbd>b</kbd> 0\n\n*[0]: Zero") == '<p>a <kbd>b</kbd> <abbr title="Zero">0</abbr></p>'
    assert html("R&D & amp\n\n*[amp]: Ampere") == '<p>R&amp;D &amp; <abbr title="Ampere">amp</abbr></p>'
    made = html("X *a* X **b** `X` X\n\n*[X]: Ten")
    assert made == (
        '<p><abbr title="Ten">X</abbr> <em>a</em> <abbr title="Ten">X</abbr> <strong>b</strong> <code>X</code> '
        '<abbr title="Ten">X</abbr></p>'
    )


def test_without_it_the_signs_mean_nothing():
    text = "==a== x^2^ H~2~O :smile: $x$ ^[b]\n\n> [!NOTE]\n> c\n\n*[H]: d"
    made = render(text, POST).html
    for tag in ("<mark", "<sup", "<sub", "<math", "😄", "longrun-", "<abbr"):
        assert tag not in made
    for sign in ("==a==", "x^2^", "H~2~O", ":smile:", "$x$", "^[b]", "[!NOTE]", "*[H]: d"):
        assert sign in made
    assert render(text, COMMENT, extended=True).html == render(text, COMMENT).html


def test_the_examples_of_commonmark_change_only_where_they_use_these_signs():
    """The extended syntax lowers no count: an example of CommonMark without its signs gives the same HTML."""
    changed = [
        example.markdown
        for example in examples()
        if render(example.markdown, POST).html != render(example.markdown, POST, extended=True).html
    ]
    assert len(changed) <= 3, changed


@pytest.mark.parametrize(
    "sign", ["^[", "$", "$$", "$x ", ":a", "==", "a^", "a~", "$$\n", "> [!NOTE]\n", "*[a]: b\n", "^[`", "^[a]\n\n"]
)
def test_repeated_signs_take_linear_time(sign):
    seconds = [0.0, 0.0]
    for place, times in enumerate((2_000, 20_000)):
        began = process_time()
        assert render(sign * times + "\n\nend", POST, extended=True).html
        seconds[place] = process_time() - began
    assert seconds[1] < 40 * max(seconds[0], 0.02)


def test_feeds_and_emails_show_the_formula_as_code(make_post):
    post = make_post(source="See $x<y$.", extended_markdown=True)
    assert "<math" in post.html
    for body in (post.feed_body, post.email_body):
        assert "<math" not in body
        assert ">x&lt;y</code>" in body


def test_feeds_and_emails_set_a_callout_apart_as_a_quote(make_post):
    source = "> [!TIP] Mind\n> <div>Box</div>\n>\n> > [!NOTE]\n> > Deep\n>\n> End\n\n<div>Behind</div>"
    post = make_post(source=source, extended_markdown=True)
    assert post.html.count("<div") == post.html.count("</div>") == 4
    for text in (str(post.feed_body), str(post.email_body)):
        assert "longrun-callout--" not in text
        assert [len(re.findall(tag, text)) for tag in ("<blockquote", "</blockquote>", "<div", "</div>")] == [
            2,
            2,
            2,
            2,
        ]
        boxes = re.findall(r"</?blockquote|Mind|Box|Deep|End|Behind", text)
        inside = ["Mind", "Box", "<blockquote", "Deep", "</blockquote", "End"]
        assert boxes == ["<blockquote", *inside, "</blockquote", "Behind"]
    assert "border-left" in str(post.email_body)


def test_a_new_post_has_it_and_one_from_before_does_not(client, ada, make_post):
    client.force_login(ada)
    assert "checked" in str(client.get(reverse("write")).context["form"]["extended_markdown"])
    assert make_post(source="$x$").html == "<p>$x$</p>"


def test_it_is_switched_on_for_a_post(client, ada, make_post):
    client.force_login(ada)
    post = make_post(source="$x$")
    form = fields(title="T", source="$x$", base_revision=newest(post) if post.revisions.exists() else "")
    client.post(reverse("desk_post", args=[post.pk]), form | {"author": ada.pk, "extended_markdown": "on"})
    post = Post.objects.get(pk=post.pk)
    assert post.extended_markdown and "<math" in post.html


def test_the_preview_follows_the_box(client, ada):
    client.force_login(ada)
    shown = [
        client.post(reverse("desk_preview"), {"source": "$x$"} | box).content.decode()
        for box in ({}, {"extended_markdown": "on"})
    ]
    assert ["<math" in each for each in shown] == [False, True]
