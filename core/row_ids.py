"""Numbers of rows in what a visitor sent: an address, a form, a cookie."""

LARGEST = 2**63 - 1  # what a BigAutoField holds; a database answers a larger one with an error
_MOST_DIGITS = len(str(LARGEST))


def row_id(text):
    """The number that `text` says, if a row could have it; None for anything else, None and "" too.

    Digits are those of ASCII; nothing raises, however long the text is.
    """
    if not text or len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= LARGEST else None


def row_ids(texts):
    """Those of `texts` that are numbers of rows, in their order."""
    return [number for number in map(row_id, texts) if number is not None]
