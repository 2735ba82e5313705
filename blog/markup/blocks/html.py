"""HTML blocks: the seven kinds of CommonMark 0.31, 4.6."""

import re
from collections.abc import Callable, Iterator

from blog.markup.iframes import page_at
from blog.markup.notices import DROPPED, EMBED
from blog.markup.raw_html import disposition
from blog.markup.sanitizer import DROPPED_WITH_CONTENT

_BLOCK_NAMES = """address article aside base basefont blockquote body caption center col colgroup dd details dialog dir
    div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend
    li link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th
    thead title tr track ul"""
_BLOCK = re.compile(rf"</?({'|'.join(_BLOCK_NAMES.split())})(?=[ \t>]|/>|$)", re.IGNORECASE)
_VERBATIM = re.compile(r"<(pre|script|style|textarea)(?=[ \t>]|$)", re.IGNORECASE)
_VERBATIM_END = re.compile(r"</(?:pre|script|style|textarea)[ \t]*>", re.IGNORECASE)
COMMENT, COMMENT_END = "<!--", "-->"
_ATTRIBUTE = r"""[ \t]+[A-Za-z_:][\w.:-]*(?:[ \t]*=[ \t]*(?:[^ \t"'=<>`]+|'[^']*'|"[^"]*"))?"""
_TAG_ALONE = re.compile(
    rf"<(?:([A-Za-z][A-Za-z0-9-]*)(?:{_ATTRIBUTE})*[ \t]*/?>|/([A-Za-z][A-Za-z0-9-]*)[ \t]*>)[ \t]*$", re.ASCII
)
_TAG = re.compile(r"<!--|<(/?)([A-Za-z][^\s/<>]*)|<()([?!])")
# <embed> is empty; <plaintext> makes everything after it text and cannot be closed.
_DROPPED_WITH_CONTENT = DROPPED_WITH_CONTENT - {"embed"} | {"plaintext"}
DROPPED_OR_COMMENT = _DROPPED_WITH_CONTENT | {COMMENT}
_NO_TAGS = {COMMENT, "!", "?"}
_CLOSING = re.compile(rf"</({'|'.join(sorted(_DROPPED_WITH_CONTENT))})(?=[\s/>])", re.IGNORECASE)

UNTIL_BLANK = None


def opening(text: str, in_paragraph: bool) -> tuple[str, re.Pattern[str] | str | None] | None:
    """(name of the element or COMMENT, what ends the block) if the line begins an HTML block, else None."""
    if found := _VERBATIM.match(text):
        return found[1].lower(), _VERBATIM_END
    if text.startswith(COMMENT):
        return COMMENT, COMMENT_END
    if found := _BLOCK.match(text):
        return found[1].lower(), _end_of(found[1].lower())
    if not in_paragraph and (found := _TAG_ALONE.match(text)):
        name = (found[1] or found[2]).lower()
        if disposition(name) != "text":
            return name, _end_of(name)
    return None


def _end_of(name: str) -> re.Pattern[str] | None:
    """An element that is dropped with its content lasts until its closing tag; `Structure` checks that there is one."""
    return re.compile(rf"</{name}[ \t]*>", re.IGNORECASE) if name in _DROPPED_WITH_CONTENT else UNTIL_BLANK


def ends(line: str, end: re.Pattern[str] | str) -> bool:
    return end in line if isinstance(end, str) else bool(end.search(line))


def last_closings(lines: list[str], first: int = 1) -> dict[str, int]:
    """{name: number of the last line that closes it} for elements that are dropped with content, and for COMMENT."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines, start=first):
        if "</" in line:
            found.update((closing[1].lower(), number) for closing in _CLOSING.finditer(line))
        if COMMENT_END in line:
            found[COMMENT] = number
    return found


def tags(html: str) -> Iterator[tuple[int, bool, str]]:
    """(index, whether it is a closing tag, name) of each tag outside of comments. The name is "!", "?" or COMMENT (an
    unclosed comment) for what is no tag."""
    place, last_end = 0, html.rfind(COMMENT_END)
    while found := _TAG.search(html, place):
        place = found.end()
        if found[0] != COMMENT:
            yield found.start(), bool(found[1]), (found[2] or found[4]).lower()
        elif last_end > found.start():
            place = html.find(COMMENT_END, found.start() + 2)
        else:
            yield found.start(), False, COMMENT


_END_OR_QUOTE = re.compile(r">|=[ \t\n]*([\"'])")


def unclosed(html: str) -> Callable[[int], bool]:
    """A function that tells whether the tag at an index never ends; an HTML parser would drop everything after it.

    A ">" in a quoted value does not end a tag. Takes linear time in total, because results are cached per index.
    """
    known: dict[int, bool] = {}

    def never_ends(place: int) -> bool:
        path = []
        found = _END_OR_QUOTE.search(html, place)
        while found and found.start() not in known and found[1]:
            path.append(found.start())
            close = html.find(found[1], found.end())
            found = _END_OR_QUOTE.search(html, close + 1) if close >= 0 else None
        result = known.get(found.start(), False) if found else True
        known.update(dict.fromkeys(path, result))
        return result

    return never_ends


def legible_tags(html: str, closed_behind: frozenset[str]) -> tuple[str, list[tuple[int, str, str]]]:
    """The HTML with invalid and unknown tags escaped, and [(line from 0, kind, what)] for the notices about elements
    that will be dropped or embedded.

    The tag of an element that is dropped with its content is escaped too, if it is not closed in this block or later
    (`closed_behind`): it would swallow the rest of the text.
    """
    parts, start, told = [], 0, []
    line = counted = 0
    never_ends = unclosed(html)
    last = {closing[1].lower(): closing.start() for closing in _CLOSING.finditer(html)}
    for place, closes, name in tags(html):
        fate = disposition(name)
        if name in DROPPED_OR_COMMENT and not closes and last.get(name, -1) < place and name not in closed_behind:
            fate = "text"
        if fate != "text" and name not in _NO_TAGS and never_ends(place):
            fate = "text"
        if fate == "text":
            parts += [html[start:place], "&lt;"]
            start = place + 1
        elif (fate == "drop" or name == "iframe") and not closes:
            line, counted = line + html.count("\n", counted, place), place
            kind = EMBED if name == "iframe" and page_at(html, place) else DROPPED
            told.append((line, kind, f"<{name}>"))
    return "".join(parts) + html[start:], told
