"""Counts what is in export files, in another way than the reader: by the opening tags outside of CDATA sections.

The receipt is checked against it. It shares with the reader how a file is opened and decoded, and nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.wordpress.files import sources

# The local name of an element with the prefix wp: its kind, and the element of text that each of them has.
WP_ELEMENTS = {
    "author": ("authors", "author_login"),
    "category": ("categories", "category_nicename"),
    "tag": ("tags", "tag_slug"),
    "term": ("terms", "term_slug"),
    "comment": ("comments", "comment_id"),
}
KEYS = {"post_type": "item"} | {key: name for name, (_kind, key) in WP_ELEMENTS.items()}
TYPES = {"": "posts", "post": "posts", "page": "pages", "attachment": "attachments", "nav_menu_item": "menu_items"}
TYPE = re.compile(r"(?:<?!?\[?CDATA\[?|<(?=[!\[])|[\s!\[\]>])*+([A-Za-z0-9_-]+)[^<]*<[^>]*>")
DECLARED = re.compile(
    r"""xmlns(?::([\w.-]+))?\s*=\s*["']https?://(?:www\.)?wordpress\.org/export/[0-9.]*/?["']""", re.I
)
TEXT = re.compile(r"[^<>]*+(?<!/)>(?:[^<]|<!\[CDATA\[[^\]]*\]\]>)*+</([\w:.-]+)\s*>")
# What follows on the end tag of an element of text.
NEXT_TAG = r"\s*</?(?:\w+:\w+|item|channel|link|title|pubDate|guid|description|category|generator|language|url|image)\b"
LONGEST = 64 << 20  # characters of one text
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
    """The kind of each counted element of one file.

    An element whose start tag is missing counts at its end tag, if its text of KEYS stood before.
    """
    begun: set[str] = set()  # elements that are open
    keyed: set[str] = set()  # elements that are not, and whose key was seen
    post_type = ""
    for sort, name, value in tags(pieces):
        if sort == "key":
            if name == "item":
                post_type = post_type or value.lower()
            keyed |= {name} - begun
            continue
        if sort == "text":
            if "item" not in begun:
                yield WP_ELEMENTS[name][0]
            continue
        if name == "item":
            if "item" in begun or (sort == "end" and "item" in keyed):
                yield TYPES.get(post_type, "other")
            post_type = ""
            begun, keyed = ({"item"} if sort == "start" else set()), set()
            continue
        if sort == "start" or (name in keyed and name not in begun):
            yield WP_ELEMENTS[name][0]
        begun = begun | {name} if sort == "start" else begun - {name}
        keyed.discard(name)
    if "item" in begun:
        yield TYPES.get(post_type, "other")


def tags(pieces: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """("start" or "end", local name, "") of each tag that counts, ("text", local name, "") of one that
    has no element in it, ("key", name of its element, text) of its keys."""
    window = Window(iter(pieces))
    prefixes = {"wp", *DECLARED.findall(window.text)} - {""}
    token = token_of(prefixes)
    # The last element that began tells which end tag a section without an end has run over.
    last = ""
    while match := window.search(token):
        position = match.end()
        tag = match["name"] or match["key"] or match["other"]
        declared = window.declared(position) if tag else []
        if more := set(declared) - prefixes - {""}:
            prefixes |= more
            token = token_of(prefixes)
            continue  # this tag may have one of them
        name = (tag or "").rpartition(":")[2]
        is_default = "" in declared and tag == name  # the namespace is declared in the tag, without a prefix
        if match["section"]:
            position = window.section_end(position, last)
        elif match["comment"]:
            position = window.comment_end(position)
        elif match["instruction"]:
            position = window.find("?>", position) + 2
        elif match["end"]:
            yield "end", match["end"][1:].rpartition(":")[2], ""
        elif match["key"] or (is_default and name in KEYS):
            last = tag
            text = TYPE.match(window.text, window.text.find(">", position) + 1)
            yield "key", KEYS[name], text.group(1) if text else ""
        elif match["name"] or (is_default and name in WP_ELEMENTS):
            last = tag
            if name != "item" and window.is_text(position, tag):
                yield "text", name, ""
                window.position = position
                continue
            yield "start", name, ""
            if is_default or window.is_empty_tag(position):
                yield "end", name, ""
        else:
            last = match["other"]
        window.position = max(position, match.end())


def token_of(prefixes: set[str]) -> re.Pattern[str]:
    """What the count looks at: sections, comments and tags, where `prefixes` stand for WordPress's namespace."""
    prefix, names, keys = "|".join(map(re.escape, sorted(prefixes))), "|".join(WP_ELEMENTS), "|".join(KEYS)
    return re.compile(
        rf"<(?:(?P<section>!\[CDATA\[)|(?P<comment>!--)|(?P<instruction>\?)"
        rf"|(?P<end>/(?:item|(?:{prefix}):(?:{names})))\s*>"
        rf"|(?P<name>item|(?:{prefix}):(?:{names}))(?=[\s/>])"
        rf"|(?P<key>(?:{prefix}):(?:{keys}))(?=[\s/>])|(?P<other>[A-Za-z_][\w.:-]*)(?=[\s/>]))"
    )


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

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
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

    def declared(self, position: int) -> list[str]:
        """The prefixes that the tag declares for WordPress's namespace, "" for none; its name ends at `position`."""
        if not self.text.startswith((" ", "\n", "\t"), position):
            return []
        return DECLARED.findall(self.text, position, max(position, self.text.find(">", position, position + REST)))

    def is_text(self, position: int, tag: str) -> bool:
        """Whether the element has no other in it; the name of its start tag ends at `position`."""
        match = TEXT.match(self.text, position)
        return match is not None and match[1] == tag

    def is_empty_tag(self, position: int) -> bool:
        """Whether the tag ends with "/>" behind its name, which ends at `position`."""
        end = self.text.find(">", position)
        return end > 0 and self.text[end - 1] == "/"

    def find(self, needle: str, start: int) -> int:
        """Where `needle` comes next; the end of the text without one."""
        while (found := self.text.find(needle, start)) < 0:
            start = max(start, len(self.text) - len(needle))
            if len(self.text) - self.position > LONGEST or not self.more():
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
