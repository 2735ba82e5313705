"""What an author's Markdown, or imported HTML, looks like on the page."""

import pytest

from blog.markup import COMMENT, POST, VERSION, render


def html(text, **options):
    return render(text, POST, prefix="p-", **options).html


def test_the_version_of_the_html_is_a_number():
    assert isinstance(VERSION, int) and VERSION >= 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
        ("~~gone~~ H~2~O", "<p><del>gone</del> H~2~O</p>"),
        ('"Hi" -- it\'s --- fine...', "<p>“Hi” – it’s — fine…</p>"),
        ('`"code" -- stays`', '<p><code>"code" -- stays</code></p>'),
        ("https://example.com/a?b=1&c=2", '<p><a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a></p>'),
        ("<https://example.com>", '<p><a href="https://example.com">https://example.com</a></p>'),
        ("ann@example.com", "<p>ann@example.com</p>"),
        ("[x](/a 'Title')", '<p><a href="/a" title="Title">x</a></p>'),
        ("[x][1]\n\n[1]: /a", '<p><a href="/a">x</a></p>'),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("Term\n:   Meaning", "<dl>\n<dt>Term</dt>\n<dd>Meaning</dd>\n</dl>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("a\r\nb\rc", "<p>a\nb\nc</p>"),
        ("&copy; &amp; & &lt;b&gt;", "<p>© &amp; &amp; &lt;b&gt;</p>"),
        ("H<sub>2</sub>O and <kbd>Ctrl</kbd>", "<p>H<sub>2</sub>O and <kbd>Ctrl</kbd></p>"),
        ("*x*{: lang=de .wp-x .other }", '<p><em class="wp-x" lang="de">x</em></p>'),
        ("", ""),
        ("   \n\n  ", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text, wanted):
    assert html(text) == wanted


@pytest.mark.parametrize("name", "title textarea script style iframe select template object svg plaintext".split())
def test_a_tag_that_is_only_named_takes_no_words_with_it(name):
    wanted = f"<p>It has a &lt;{name}&gt; tag.</p>\n<p>Second <em>one</em>.</p>"
    assert html(f"It has a <{name}> tag.\n\nSecond *one*.") == wanted
    assert html(f"It has a \\<{name}> tag.\n\nSecond *one*.") == wanted
    assert html(f"<{name}> begins.\n\nSecond.") == f"<p>&lt;{name}&gt; begins.</p>\n<p>Second.</p>"
    assert html(f"In `<{name}>` words.") == f"<p>In <code>&lt;{name}&gt;</code> words.</p>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a <script>b()</script> c", "<p>a  c</p>"),
        ("<style>\n\na {}\n\n</style>\n\nb", "<p>b</p>"),
        ("<STYLE>\na {}\n</style >\n\nb", "<p>b</p>"),
        ("<div>a <title> b</div>", "<div>a &lt;title&gt; b</div>"),
        ("First a <title>.\n\nLast a </title>.", "<p>First a &lt;title&gt;.</p>\n<p>Last a &lt;/title&gt;.</p>"),
        ("First `</title>`, then <title>", "<p>First <code>&lt;/title&gt;</code>, then &lt;title&gt;</p>"),
        (r"a \<b>c", "<p>a &lt;b&gt;c</p>"),
        (r"`\<b>`", r"<p><code>\&lt;b&gt;</code></p>"),
    ],
)
def test_a_tag_that_is_closed_is_one(text, wanted):
    assert html(text) == wanted


def test_html_that_nobody_closes_is_cleaned_where_html_is_written():
    assert html("<p>a <title> b</p><p>c</p>", source_format="html") == "<p>a </p>"


def test_code_has_classes_for_its_colours_and_no_styles():
    shown = html("```python\ndef f(): return 1\n```")
    assert '<div class="highlight"><pre>' in shown and '<span class="k">def</span>' in shown
    assert "style" not in shown


def test_a_table_says_its_alignment_by_class():
    shown = html("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |")
    assert '<td class="align-left">1</td>' in shown and '<th class="align-center">b</th>' in shown
    assert ' align="' not in shown and "style" not in shown


def test_footnotes_lead_there_and_back():
    shown = html("A[^1] and B[^long name].\n\n[^1]: First.\n[^long name]: Second.")
    for name in ("1", "long-name"):
        assert f'<sup id="p-fnref:{name}"><a class="footnote-ref" href="#p-fn:{name}">' in shown
        assert f'<li id="p-fn:{name}">' in shown and f'href="#p-fnref:{name}"' in shown
    assert 'title="Jump back to footnote 1 in the text"' in shown


def test_two_texts_on_one_page_share_no_id():
    text = "## Same\n\nA[^1]\n\n[^1]: B\n\n<!--more-->\n\n## Same"
    one, two = (render(text, POST, prefix=prefix).html for prefix in ("p1-", "p2-"))
    ids = [part.split('"')[0] for part in (one + two).split(' id="')[1:]]
    assert len(ids) == len(set(ids)) == 10


def test_without_a_prefix_no_id_is_a_name_of_the_page():
    assert 'id="text-comments"' in render("# Comments", POST).html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a", [2]),
        ("## a", [2]),
        ("#### a", [2]),
        ("# a\n\n## b\n\n# c", [2, 3, 2]),
        ("## a\n\n### b\n\n## c", [2, 3, 2]),
        ("# a\n\n### b", [2, 3]),
        ("# a\n\n## b\n\n### c\n\n#### d\n\n##### e\n\n###### f", [2, 3, 4, 5, 6, 6]),
        ("a\n=\n\nb\n-", [2, 3]),
        ("<h1>a</h1>\n\n## b", [2, 3]),
    ],
)
def test_headings_begin_below_the_title_and_keep_their_order(text, levels):
    assert [int(part[0]) for part in html(text).split("<h")[1:]] == levels


def test_headings_have_names_to_link_to():
    shown = html("# Łódź & Café!\n\n# 東京\n\n# 東京\n\n# ?!\n\n# Mine {#my-own}\n\n[there](#my-own) [here](#東京)")
    for name in ("lodz-cafe", "東京", "東京-2", "section", "my-own"):
        assert f'<h2 id="p-{name}">' in shown
    assert 'href="#p-my-own">there' in shown and 'href="#p-東京">here' in shown


def test_a_link_to_another_place_of_the_page_stays():
    assert 'href="#respond"' in html("[Answer](#respond)")


def test_the_contents_stand_where_their_mark_stood():
    rendered = render("[TOC]\n\n# A\n\n## B *b*\n\n# C\n\n[TOC]", POST, prefix="p-")
    contents = (
        '<div class="toc"><ul><li><a href="#p-a">A</a><ul><li><a href="#p-b-b">B b</a></li></ul></li>'
        '<li><a href="#p-c">C</a></li></ul></div>'
    )
    assert rendered.html.startswith(contents) and rendered.html.count("toc") == 1 and "[TOC]" not in rendered.html
    assert rendered.toc_html == contents
    assert "B b\nB b" not in rendered.plain


def test_the_number_of_a_footnote_is_no_part_of_a_name():
    assert '<h2 id="p-the-start">The start<sup' in html("## The start[^1]\n\n[^1]: Words")


def test_one_heading_needs_no_contents():
    rendered = render("[TOC]\n\n# A", POST)
    assert rendered.toc_html == "" and "TOC" not in rendered.html


def test_a_picture_alone_is_a_figure_with_its_title_as_caption():
    assert html('![A fox](/fox.jpg "At dawn & after")') == (
        '<figure><img alt="A fox" decoding="async" loading="lazy" src="/fox.jpg">'
        "<figcaption>At dawn &amp; after</figcaption></figure>"
    )
    assert html("[![A fox](/fox.jpg)](/large)").startswith('<figure><a href="/large"><img alt="A fox"')
    assert "figcaption" not in html("![A fox](/fox.jpg)")


def test_a_picture_among_words_stays_there():
    assert html('See ![it](/a.png "T") here').startswith(
        '<p>See <img alt="it" decoding="async" loading="lazy" src="/a.png" title="T">'
    )


def test_a_picture_without_words_has_an_empty_alternative():
    assert 'alt=""' in html("<img src=/a.png>", source_format="html")


def test_a_picture_that_may_not_be_shown_leaves_its_words():
    assert html("![A fox](data:image/png;base64,xx) ran") == "<p>A fox ran</p>"


def test_a_task_is_named_for_those_who_do_not_see_it():
    shown = html("- [ ] wash\n- [X] iron\n- [link](/x)\n- [x]not a task")
    assert shown.count('aria-label="To do" class="task__mark" role="img">☐</span> wash') == 1
    assert shown.count('aria-label="Done" class="task__mark" role="img">☑</span> iron') == 1
    assert shown.count("task__mark") == 2 and "<input" not in shown


def test_the_teaser_ends_at_the_mark():
    rendered = render("One[^1]\n\n<!--more Keep reading-->\n\nTwo\n\n[^1]: Note", POST, prefix="p-")
    assert rendered.teaser_html == "<p>One</p>"
    assert rendered.more_text == "Keep reading"
    assert f'<span id="{rendered.more_id}"></span>' in rendered.html and rendered.more_id == "p-more"
    assert "Two" in rendered.html and "more" not in rendered.plain


@pytest.mark.parametrize(
    ("text", "source_format", "teaser"),
    [
        ("One\n<!--more-->\nTwo", "markdown", "<p>One</p>"),
        ("One <!--more--> two", "markdown", "<p>One </p>"),
        ("One\n\n<!-- MORE -->\n\nTwo", "markdown", "<p>One</p>"),
        ("- a\n- b\n\n<!--more-->\n\nc", "markdown", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("```\n<!--more-->\n```\n\nOne\n\n<!--more-->\n\nTwo", "markdown", None),
        ("[ref][1]\n\n<!--more-->\n\n[1]: /late", "markdown", '<p><a href="/late">ref</a></p>'),
        ("- ```\n  <!--more-->\n  ```\n\nOne\n\n<!--more-->\n\nTwo", "markdown", None),
        ("One\n\n    <!--more-->\n\nOne\n\n<!--more-->\n\nTwo", "markdown", None),
        ("<!--more-->\n\nOne", "markdown", ""),
        ("Say `<!--more-->` to cut", "markdown", ""),
        ("    <!--more-->", "markdown", ""),
        ("No mark", "markdown", ""),
        ("<p>One</p><!--more--><p>Two</p>", "html", "<p>One</p>"),
        ("<p>One <b>bold<!--more--> rest</b></p><p>Two</p>", "html", "<p>One <b>bold</b></p>"),
        ("<p>One</p><p><!--more--></p><p>Two</p>", "html", "<p>One</p>"),
        ("<p>One</p><!--moreover--><p>Two</p>", "html", ""),
    ],
)
def test_the_mark_may_stand_anywhere(text, source_format, teaser):
    rendered = render(text, POST, source_format=source_format)
    if teaser is not None:
        assert rendered.teaser_html == teaser
    else:
        assert "&lt;!--more--&gt;" in rendered.teaser_html and "Two" not in rendered.teaser_html


def test_a_comment_knows_no_teaser():
    rendered = render("One\n\n<!--more-->\n\nTwo", COMMENT)
    assert rendered.teaser_html == rendered.more_id == "" and "&lt;!--more--&gt;" in rendered.html


def test_imported_html_keeps_what_it_may():
    source = (
        '<h1 style="x">Title</h1><p class="text wp-block-x" align="center">A <font color="red">b</font></p>'
        '<a name="old">c</a> <a href="#old">d</a>'
        '<figure class="wp-caption alignleft"><img src="/x.jpg" width="300" height="200px" '
        'class="size-full wp-image-7" srcset="/y.jpg 2x"><figcaption>E</figcaption></figure><ul><li>[x] f</li></ul>'
    )
    assert html(source, source_format="html") == (
        '<h2 id="p-title">Title</h2><p class="wp-block-x">A b</p><a id="p-old">c</a> <a href="#p-old">d</a>'
        '<figure class="wp-caption alignleft"><img alt="" class="size-full wp-image-7" decoding="async" loading="lazy" '
        'src="/x.jpg" width="300"><figcaption>E</figcaption></figure><ul><li>[x] f</li></ul>'
    )


def test_imported_html_is_not_read_as_markdown():
    assert html("<p>*a* # b</p>", source_format="html") == "<p>*a* # b</p>"


def test_what_was_rendered_can_be_imported_and_stays():
    text = (
        "# A\n\n[TOC]\n\n- [x] b\n\n![c](/c.png 'd')\n\n## E[^1]\n\n| f |\n|--:|\n| g |\n\n```py\nh = 1\n```\n\n[^1]: i"
    )
    shown = html(text)
    assert html(shown, source_format="html") == shown


@pytest.mark.parametrize("policy", [POST, COMMENT])
def test_there_are_two_source_formats(policy):
    with pytest.raises(ValueError):
        render("x", policy, source_format="rst")


def test_two_renderings_are_equal():
    text = "# A\n\n<!--more-->\n\nb[^1]\n\n[^1]: c"
    assert render(text, POST, prefix="p-") == render(text, POST, prefix="p-")


@pytest.mark.parametrize(
    "text",
    [
        "<figure>\n\n![a](/a.jpg)\n\n<figcaption>b</figcaption>\n</figure>",
        "<figure>\n\n[![a](/a.jpg)](/a)\n\n</figure>",
        "<figure>\n\n![a](/a.jpg)\n\n![b](/b.jpg)\n\n</figure>",
    ],
)
def test_a_picture_in_a_typed_figure_makes_no_second_figure(text):
    assert render(text, POST).html.count("<figure>") == 1


@pytest.mark.parametrize("text", ["# Title", "- Title", "> Title"])
def test_the_byte_order_mark_of_a_file_hides_no_block(text):
    assert render("\ufeff" + text, POST).html == render(text, POST).html
