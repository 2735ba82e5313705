import pytest

from core.row_ids import LARGEST, row_id, row_ids


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("007", 7),
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), None),
        ("9" * 19, None),
        ("1" * 5000, None),  # Python itself refuses to read so many digits
        ("", None),
        (None, None),
        ("-1", None),
        ("1.0", None),
        (" 1", None),
        ("٣", None),
        ("²", None),
    ],
)
def test_a_number_that_a_row_may_have(text, number):
    assert row_id(text) == number


def test_of_many_those_that_are_numbers():
    assert row_ids(["3", "x", "", "1" * 5000, "1"]) == [3, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/desk/posts/?done=", "/desk/posts/?category=", "/desk/comments/?decided=", "/desk/comments/?conflict=", "/?p="],
)
def test_five_thousand_digits_in_an_address_are_no_number(ada, blog, as_, address):
    assert as_(ada).get(address + "1" * 5000).status_code in {200, 404}
