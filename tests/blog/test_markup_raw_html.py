"""Which HTML tags in Markdown are tags, and which are words."""

import pytest

from blog.markup.raw_html import disposition


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
