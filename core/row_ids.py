"""Parse primary keys from untrusted input: a URL, a form, a cookie."""

from collections.abc import Iterable

LARGEST = 2**63 - 1  # the largest value of a BigAutoField; larger ones in a query raise a database error
_MOST_DIGITS = len(str(LARGEST))


def row_id(text: str | None) -> int | None:
    """`text` as an integer, if it consists of ASCII digits and fits a BigAutoField; else None, also for None and "".

    Never raises.
    """
    if not text or len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= LARGEST else None


def row_ids(texts: Iterable[str | None]) -> list[int]:
    """The valid ids in `texts`, as integers in the same order; others are left out."""
    return [number for number in map(row_id, texts) if number is not None]
