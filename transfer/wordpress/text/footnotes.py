"""Footnotes of WordPress 6.3 and later: the post's meta `footnotes` holds their texts, `<sup data-fn="ID">` marks stand
in the text, and the block `core/footnotes` shows the list. Written in the form of the blog's own footnotes."""

import json
import re
from html import escape
from typing import NamedTuple

from transfer.wordpress.text.scanner import Node, Tag, Text, Token
from transfer.wordpress.text.tags import element

_NAME = re.compile(r"[^A-Za-z0-9_-]")
MOST = 2_000


class Footnote(NamedTuple):
    key: str
    content: str  # HTML


def footnotes_in(meta: str) -> list[Footnote]:
    """The footnotes of a meta value; [] if it holds none that can be read."""
    try:
        found = json.loads(meta) if meta.strip() else []
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    return [
        Footnote(str(each.get("id", "")), str(each.get("content", "")))
        for each in found[:MOST]
        if isinstance(each, dict) and each.get("content")
    ]


def are_marked(tokens: list[Token], notes: list[Footnote]) -> bool:
    """Whether the text refers to any of them: the meta value may be older than the text."""
    keys = {note.key for note in notes}
    return any(isinstance(token, Tag) and token.attributes.get("data-fn") in keys for token in tokens)


def number_marks(tokens: list[Token], numbers: dict[str, int]) -> list[Token]:
    """The tokens with each `<sup data-fn>` replaced by a reference in the blog's own form."""
    done: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        key = token.attributes.get("data-fn", "") if isinstance(token, Tag) and token.name == "sup" else ""
        end = next((at for at in range(place, min(place + 8, len(tokens))) if _ends(tokens[at])), None) if key else None
        if end is None:
            done.append(token)
            place += 1
            continue
        words = "".join(each.value for each in tokens[place:end] if isinstance(each, Text)).strip()
        number = str(numbers.get(key, words))
        link = element("a", {"class": "footnote-ref", "href": f"#{_target(key)}"}, escape(number))
        done.append(Node(element("sup", {"id": _mark(key)}, link)))
        place = end + 1
    return done


def _ends(token: Token) -> bool:
    return isinstance(token, Tag) and token.closes and token.name == "sup"


def list_html(notes: list[tuple[str, str]]) -> str:
    """The list for (key, finished HTML) of each note."""
    items = "\n".join(
        element("li", {"id": _target(key)}, element("p", {}, f"{html} {_way_back(key)}")) for key, html in notes
    )
    return element("div", {"class": "footnote"}, f"<hr>\n<ol>\n{items}\n</ol>") if items else ""


def _way_back(key: str) -> str:
    return element("a", {"class": "footnote-backref", "href": f"#{_mark(key)}"}, "↩︎")


def _target(key: str) -> str:
    return f"fn:{_NAME.sub('', key)[:60]}"


def _mark(key: str) -> str:
    return f"fnref:{_NAME.sub('', key)[:60]}"
