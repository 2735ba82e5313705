"""Which labels of references are the same."""

import pytest

from blog.markup.link_references import normal_label


@pytest.mark.parametrize(
    ("one", "other"),
    [("Foo\n  bar", "foo bar"), (" a ", "A"), ("ẞ", "SS"), ("ΑΓΩ", "αγω"), ("`A`", "`a`"), ("Straße", "STRASSE")],
)
def test_labels_are_the_same_whatever_their_case_and_blanks(one, other):
    assert normal_label(one) == normal_label(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), (r"a\!", "a!"), ("a", "`a`")])
def test_labels_with_other_signs_differ(one, other):
    assert normal_label(one) != normal_label(other)
