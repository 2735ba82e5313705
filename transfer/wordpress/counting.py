"""Counts what is in export files, in another way than the reader: by the opening tags outside of CDATA sections.

The receipt is checked against it. It shares with the reader how a file is opened and decoded, and nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.wordpress.files import sources

# The local name of an element with the prefix wp, and its kind.
WP_ELEMENTS = {"author": "authors", "category": "categories", "tag": "tags", "term": "terms", "comment": "comments"}
TYPES = {"": "posts", "post": "posts", "page": "pages", "attachment": "attachments", "nav_menu_item": "menu_items"}
DECLARED = re.compile(r"""xmlns:([\w.-]+)\s*=\s*["']https?://(?:www\.)?wordpress\.org/export/[0-9.]*/?["']""", re.I)
# What follows on the end tag of an element of text.
NEXT_TAG = r"\s*</?(?:\w+:\w+|item|channel|link|title|pubDate|guid|description|category|generator|language|url|image)\b"
REST = 1 << 12  # characters that a tag may be cut in


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of records.KINDS; broken elements count as well.

    An item counts as the kind of its `wp:post_type`, as a post without one. Raises Refused as the reader does for files
    that cannot be opened.
    """
    found = dict.fromkeys(KINDS, 0)
    for source in sources(paths):
        for kind in kinds(source.pieces()):
            found[kind] += 1
    return found


def kinds(pieces: Iterable[str]) -> Iterator[str]:
    """The kind of each counted element of one file; an item's kind comes when the next item begins."""
    is_item = False
    post_type = ""
    for name, value in tags(pieces):
        if name == "post_type":
            post_type = post_type or value.strip()
            continue
        if name == "item":
            if is_item:
                yield TYPES.get(post_type, "other")
            is_item, post_type = True, ""
        else:
            yield WP_ELEMENTS[name]
    if is_item:
        yield TYPES.get(post_type, "other")


def tags(pieces: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(local name, "") of each opening tag that counts, and ("post_type", its text)."""
    window = Window(iter(pieces))
    prefixes = "|".join({"wp", *DECLARED.findall(window.text)})
    names = "|".join(WP_ELEMENTS)
    # The last element that began tells which end tag a section without an end has run over.
    token = re.compile(
        rf"<(?:(?P<section>!\[CDATA\[)|(?P<comment>!--)|(?P<instruction>\?)|(?P<name>item|(?:{prefixes}):(?:{names}))(?=[\s/>])"
        rf"|(?P<type>(?:{prefixes}):post_type)\s*>|(?P<other>[A-Za-z_][\w.:-]*)(?=[\s/>]))"
    )
    last = ""
    while match := window.search(token):
        position = match.end()
        if match["section"]:
            position = window.section_end(position, last)
        elif match["comment"]:
            position = window.comment_end(position)
        elif match["instruction"]:
            position = window.find("?>", position) + 2
        elif match["type"]:
            last = match["type"]
            text = re.compile(r"\s*(?:<!\[CDATA\[([^\]<]*)\]\]>|([^<]*))\s*</").match(window.text, position)
            if text:
                yield "post_type", text.group(1) or text.group(2) or ""
        elif match["name"]:
            last = match["name"]
            yield last.rpartition(":")[2], ""
        else:
            last = match["other"]
        window.position = max(position, match.end())


class Window:
    """A part of the text that moves on."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self.pieces, self.text, self.position, self.ended = pieces, "", 0, False
        while len(self.text) < REST and self.more():
            pass

    def more(self) -> bool:
        piece = next(self.pieces, None)
        self.ended = piece is None
        self.text += piece or ""
        return not self.ended

    def search(self, pattern: re.Pattern) -> re.Match | None:
        """The next match from the position on, with REST characters behind it."""
        while True:
            if self.position > 1 << 18:
                self.text, self.position = self.text[self.position :], 0
            while len(self.text) - self.position < 2 * REST and not self.ended:
                self.more()
            match = pattern.search(self.text, self.position)
            if match and (self.ended or len(self.text) - match.end() > REST):
                return match
            if self.ended:
                return match
            if match is None:
                self.position = max(self.position, len(self.text) - REST)
            self.more()

    def find(self, needle: str, start: int) -> int:
        """Where `needle` comes next; the end of the text without one."""
        while (found := self.text.find(needle, start)) < 0:
            start = max(start, len(self.text) - len(needle))
            if not self.more():
                return len(self.text)
        return found

    def comment_end(self, start: int) -> int:
        end = self.find("-->", start)
        whole = end < len(self.text) and self.text.find("<!--", start, end) < 0
        return end + 3 if whole else start

    def section_end(self, start: int, name: str) -> int:
        """Behind the CDATA section: where it has lost its end, before the end tag of its element."""
        end = self.find("]]>", start)
        while len(self.text) - end < REST and not self.ended:
            self.more()
        split = self.text.startswith("]]]]><![CDATA[>", end - 2)
        match = re.compile(rf"</{re.escape(name)}\s*>{NEXT_TAG}").search(self.text, start, end) if name else None
        if match and not split and (end == len(self.text) or self.text.find("<![CDATA[", match.end(), end) >= 0):
            return match.start()
        return end + 3
