"""Columns and tabs: a tab reaches to the next multiple of four (CommonMark 0.31, 2.2)."""

TAB = 4


def indentation(text: str, column: int) -> tuple[int, str]:
    """(columns of leading blanks, the text after them). `column`: where the text begins in its line."""
    words = text.lstrip(" \t")
    blanks = len(text) - len(words)
    if not blanks or "\t" not in text[:blanks]:
        return blanks, words
    end = column
    for blank in text[:blanks]:
        end += TAB - end % TAB if blank == "\t" else 1
    return end - column, words


def without_columns(text: str, column: int, columns: int) -> str:
    """The text without so many columns of leading blanks; the rest of a tab that is split is replaced by spaces."""
    end = column + columns
    for index, blank in enumerate(text):
        if column >= end:
            return text[index:]
        if blank == "\t":
            column += TAB - column % TAB
        elif blank == " ":
            column += 1
        else:
            return text[index:]
        if column > end:
            return " " * (column - end) + text[index + 1 :]
    return ""
