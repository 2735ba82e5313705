"""A list in a field of one line: items between commas, an item that holds a comma in quotation marks.

`"Columbus, Ohio", running` is two items. A quotation mark within quotation marks is written twice. Marks count only
where they enclose a whole item (`12" vinyl` needs none), so that whatever `joined` writes, `split` reads as the same
items. static/js/desk/comma-lists.js does the same in the browser.
"""

import re

from core.text import tidy_line

COMMAS = ",，、"
# What phones and word processors make of quotation marks; these have no way to hold their own closing mark.
CURLY = {"“": "”", "„": "“”", "”": "”", "«": "»", "「": "」"}

_BARE = re.compile(f"[^{COMMAS}]*")
_QUOTED = re.compile(rf'\s*"((?:[^"]|"")*)"\s*(?=[{COMMAS}]|$)')
_CURLY = [
    re.compile(rf"\s*{opening}([^{closing}]{{0,400}})[{closing}]\s*(?=[{COMMAS}]|$)")
    for opening, closing in CURLY.items()
]


def split(text):
    """The items of a list, each on one line; empty ones are left out."""
    items, at = [], 0
    while at <= len(text):
        item, end = first(text, at)
        if item := tidy_line(item):
            items.append(item)
        at = end + 1  # behind the comma
    return items


def first(text, at):
    """The item that begins at `at`, and where it ends."""
    if found := _QUOTED.match(text, at):
        return found[1].replace('""', '"'), found.end()
    for pattern in _CURLY:
        # Without a comma they are a part of the item: “Heroes” is not Heroes.
        if (found := pattern.match(text, at)) and holds_comma(found[1]):
            return found[1], found.end()
    found = _BARE.match(text, at)
    return found[0], found.end()


def joined(items):
    """The list as it is written: `split` reads the same items."""
    return ", ".join(map(written, items))


def written(item):
    if item.startswith(('"', *CURLY)) or holds_comma(item):
        return '"' + item.replace('"', '""') + '"'
    return item


def holds_comma(item):
    return any(comma in item for comma in COMMAS)
