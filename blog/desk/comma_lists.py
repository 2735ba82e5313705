"""Comma-separated lists in a one-line field; items that contain a comma are quoted.

`"Columbus, Ohio", running` has two items. A quotation mark within quotation marks is doubled. Quotation marks count
only if they enclose a whole item (`12" vinyl` needs none), so that `split` reads back exactly what `joined` writes.
static/js/desk/comma-lists.js does the same in the browser.
"""

import re

from core.text import tidy_line

COMMAS = ",，、"
# Typographic quotation marks, which phones and word processors insert: {opening: possible closing marks}. They have
# no escape.
CURLY = {"“": "”", "„": "“”", "”": "”", "«": "»", "「": "」"}

_BARE = re.compile(f"[^{COMMAS}]*")
_QUOTED = re.compile(rf'\s*"((?:[^"]|"")*)"\s*(?=[{COMMAS}]|$)')
_CURLY = [
    re.compile(rf"\s*{opening}([^{closing}]{{0,400}})[{closing}]\s*(?=[{COMMAS}]|$)")
    for opening, closing in CURLY.items()
]


def split(text):
    """The items of a list, each with its whitespace normalized; empty ones are dropped."""
    items, at = [], 0
    while at <= len(text):
        item, end = first(text, at)
        if item := tidy_line(item):
            items.append(item)
        at = end + 1  # after the comma
    return items


def first(text, at):
    """(the item that begins at `at`, the index where it ends)."""
    if found := _QUOTED.match(text, at):
        return found[1].replace('""', '"'), found.end()
    for pattern in _CURLY:
        # Without a comma the marks are part of the item: “Heroes” is not Heroes.
        if (found := pattern.match(text, at)) and holds_comma(found[1]):
            return found[1], found.end()
    found = _BARE.match(text, at)
    return found[0], found.end()


def join(items):
    """The list as text, from which `split` reads the same items."""
    return ", ".join(map(quoted, items))


def quoted(item):
    if item.startswith(('"', *CURLY)) or holds_comma(item):
        return '"' + item.replace('"', '""') + '"'
    return item


def holds_comma(item):
    return any(comma in item for comma in COMMAS)
