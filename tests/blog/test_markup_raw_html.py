"""Which HTML tags in Markdown are tags, and which are words."""

from time import thread_time

import pytest

from blog.markup import POST, render
from blog.markup.blocks.html import unclosed
from blog.markup.raw_html import disposition
from tests.pace import allowed


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("b details DIV section center font iframe", "keep"),
        ("script Style svg template textarea title object", "drop"),
        ("vec your localhost foo.bar.baz input form plaintext my-element", "text"),
    ],
)
def test_a_tag_is_kept_dropped_or_shown_by_its_name(names, wanted):
    assert {disposition(name) for name in names.split()} == {wanted}


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<div></div><a b='x\n\nwords", "<div></div>&lt;a b='x\n<p>words</p>"),
        ('<p>said</p> <b title="x\n\nwords', '<p>said</p> &lt;b title="x\n<p>words</p>'),
        ("<div>5 <b\n\nwords</div>", "<div>5 &lt;b\n<p>words</p></div>"),
        ("<div title='a > b'>words</div>", '<div title="a &gt; b">words</div>'),  # a ">" in a value ends no tag
        ('<div><a href="/x" title=\'5"\'>words</a></div>', '<div><a href="/x" title="5&quot;">words</a></div>'),
    ],
)
def test_a_tag_that_never_ends_takes_no_words_along(source, html):
    assert render(source, POST).html == html


def test_many_tags_that_never_end_are_read_in_one_pass():
    """Each start would otherwise be followed to the end of the text: seconds for 60 kB, hours for 300."""
    began = thread_time()
    never_ends = unclosed("<a b='" * 50_000)
    assert all(never_ends(place) for place in range(0, 300_000, 6))
    assert thread_time() - began < allowed(5)
