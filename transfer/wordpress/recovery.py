"""The tolerant reader: goes on where the strict one has failed, and gets every element that can be had.

It knows the tags of WXR alone; everything else is text. What it understands: end tags that are missing, wrong or too
many, `&` and `<` that are not escaped, CDATA sections without an end, `]]>` inside a CDATA section, prefixes without
declaration, a file that is cut off. An item that is open where the file ends becomes a draft, and its last comment
waits, since nobody knows whether they were to be private; other elements that are open there are lost (`Loss`).
"""

import re
from collections.abc import Iterable, Iterator

from transfer.records import Channel, Notice, Record
from transfer.wordpress import elements
from transfer.wordpress.builder import Builder
from transfer.wordpress.errors import Refused
from transfer.wordpress.values import unescaped

FIELD_CHARACTERS = 32 << 20  # of one element of text; what is longer has lost its end
AHEAD = 1 << 16  # characters that are in memory beyond the place that is looked at, unless the file ends
TAG = re.compile(
    r"<(?:(?P<special>!--|!\[CDATA\[|!DOCTYPE\b|\?)|(?P<end>/?)(?P<name>[A-Za-z_][\w.-]*(?::[\w.-]+)?)"
    r"(?P<attributes>(?:\s+[^\s=<>/\"']+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')|[^<>])*)>)"
)
TEXT = re.compile(r"(?:[^<]|<!\[CDATA\[[^\]]*\]\]>)*+</([\w:.-]+)\s*>")  # that has no element in it, up to its end tag
ATTRIBUTE = re.compile(r"([^\s=<>/\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
ALL_NAMES = frozenset().union(*elements.CONTAINERS.values(), *elements.TEXTS.values())
HTML_NAMES = (":encoded", ":comment_content", ":meta_value", "_description")
WORDS = (":encoded", ":comment_content", "title")  # elements of which a part is worth something
WRONG_END = re.compile(r"\s*</([\w:.-]+)\s*>\s*\Z")
BODY = ("title", "content:encoded", "wp:attachment_url")  # one of them says that an item was there
CUT_ITEM = "The file ends in the middle of an item, which is a draft therefore"
CUT = "The file ends in the middle of this element."
NO_START = "This element has lost its beginning, its end or its text."
NO_PARENT = "This element stands outside of the item that it belongs to."
TOO_LONG = "This element is too long or has no end."


class Recovery:
    """Drives a Builder by patterns. `line` is the line at which the text given to `records` begins."""

    def __init__(self, builder: Builder, line: int) -> None:
        self.builder = builder
        self.text, self.position = "", 0
        self.line, self.counted = line, 0  # the line of `counted`, an offset in the text
        self.pieces: Iterator[str] = iter(())
        self.ended = False
        self.dropped = 0  # characters that are no longer in the text
        self.absent: dict[str, int] = {}  # up to which character of the file a needle was looked for in vain
        self.loose: dict[str, str] = {}  # texts that stand between the channel's elements: of an item without start tag
        builder.is_damaged_file = True
        del builder.frames[3:]
        if [frame.name for frame in builder.frames] != ["", "rss", "channel"]:
            del builder.frames[1:]
            builder.open("rss", line)
            builder.open("channel", line)
        names = sorted(ALL_NAMES, key=len, reverse=True)
        prefixes = {prefix: [prefix, *self.own_prefixes(prefix)] for prefix in elements.PREFIXES}
        spelled = [
            f"(?:{'|'.join(map(re.escape, prefixes[name.partition(':')[0]]))}):{re.escape(name.partition(':')[2])}"
            if ":" in name
            else re.escape(name)
            for name in names
        ]
        known = "|".join(spelled)
        prefixed = "|".join(["/?item", "/channel", *("/?" + one for one in spelled if one.startswith("(?:"))])
        # Tags that end a text when they come without being escaped: in HTML nobody writes them.
        self.boundary = re.compile(rf"<(?:{prefixed})(?:\s[^<>]*)?/?>")
        bare = "|".join(one for one in spelled if not one.startswith("(?:"))
        self.bare = re.compile(rf"</?(?:{bare})(?:\s[^<>]*)?/?>")
        # Tags that may follow on an end of a text.
        self.following = re.compile(rf"\s*(?:<!\[CDATA\[|</?(?:{known}|rss)(?:\s[^<>]*)?/?>|\Z)")
        self.after_end = re.compile(rf"\s*</?(?:{known}|rss)(?:\s[^<>]*)?/?>")

    def own_prefixes(self, usual: str) -> list[str]:
        return [own for own, meaning in self.builder.prefixes.items() if meaning == usual]

    # The text, as a window that grows and moves

    def more(self) -> bool:
        """Append the next piece of the file to the text."""
        piece = next(self.pieces, None)
        if piece is None:
            self.ended = True
            return False
        self.text += piece
        return True

    def ensure(self, position: int) -> None:
        """Have AHEAD characters after `position`, unless the file ends."""
        while not self.ended and len(self.text) - position < AHEAD:
            self.more()

    def drop(self) -> None:
        """Forget what lies before the position."""
        if self.position > 4 * AHEAD:
            self.line_at(self.position)
            self.text = self.text[self.position :]
            self.dropped += self.position
            self.position = self.counted = 0

    def line_at(self, position: int) -> int:
        """The line of a position that is not before the one asked for last."""
        if position > self.counted:
            self.line += self.text.count("\n", self.counted, position)
            self.counted = position
        return self.line

    def find(self, needle: str, start: int) -> int:
        """Where `needle` comes next, -1 without one: read on until it is found."""
        base = start
        start = max(start, self.absent.get(needle, 0) - self.dropped - len(needle))
        while (found := self.text.find(needle, start)) < 0:
            start = max(start, len(self.text) - len(needle))
            if len(self.text) - base > FIELD_CHARACTERS or not self.more():
                self.absent[needle] = self.dropped + len(self.text)
                return -1
        return found

    # Elements

    def records(self, pieces: Iterable[str], failure: Notice) -> Iterator[Record]:
        """What can be read from `pieces`; `failure` tells where the damage begins and comes first of all."""
        self.pieces = iter(pieces)
        notices = [failure]
        if self.builder.has_channel:
            yield notices.pop()
        for _step in self.steps():
            if not self.builder.out:
                continue
            for record in self.builder.out:
                yield record
                if isinstance(record, Channel):
                    yield from notices
                    notices.clear()
            self.builder.out.clear()
        yield from notices

    def steps(self) -> Iterator[None]:
        """Read tag by tag to the end."""
        while True:
            self.drop()
            self.ensure(self.position)
            match = TAG.search(self.text, self.position)
            if match is None:
                if self.ended:
                    break
                self.position = max(self.position, len(self.text) - AHEAD // 2)
                self.more()
                continue
            self.position = match.end()
            if match["special"]:
                self.special(match)
            elif match["end"]:
                self.end(self.builder.name(match["name"]))
            else:
                self.start(match)
            yield
        self.cut_off()
        self.builder.lose(CUT, downto=3)
        self.builder.finish_head()
        yield

    def cut_off(self) -> None:
        """Close the item in whose middle the file ends, with what it has until there."""
        builder, frames = self.builder, self.builder.frames
        item = frames[3] if len(frames) > 3 else None
        if item is None or item.name != "item" or item.is_implicit or not any(map(item.fields.get, BODY)):
            return
        while len(frames) > 4:
            frame = frames[-1]
            if frame.name == "wp:comment" and frame.fields.get("wp:comment_content", "").strip():
                frame.fields["wp:comment_approved"] = "0"
            elif frame.name not in elements.META:
                builder.lose(CUT, len(frames) - 1)
                continue
            builder.close()
        if item.fields.get("wp:status", "").strip() in ("", "publish", "future"):
            item.fields["wp:status"] = "draft"
        title = item.fields.get("title", "").strip() or item.fields.get("wp:post_id", "")
        builder.emit(Notice(reason=f"{CUT_ITEM}: {title}"[:300], line=item.line))
        builder.close()

    def special(self, match: re.Match[str]) -> None:
        """Comments, declarations, and CDATA sections that stand in no element of text."""
        kind = match["special"]
        if kind == "!DOCTYPE" and not self.builder.has_channel:
            raise Refused("This file declares a document type. It is not read.", self.line_at(match.start()))
        if kind == "![CDATA[":
            self.builder.frame.damaged = True
            end, skip = self.section_end(match.end(), "")
            self.position = end + skip
        elif kind == "!--":
            end = self.find("-->", match.end())
            # A comment in the comment: the first one has lost its end.
            self.position = end + 3 if end >= 0 and self.text.find("<!--", match.end(), end) < 0 else match.end()

    def end(self, name: str) -> None:
        """Close the innermost open element of this name with everything in it; an end tag of nothing is ignored."""
        frames = self.builder.frames
        if name in ("channel", "rss"):
            self.close_down_to(3)
            return
        for depth in range(len(frames) - 1, 2, -1):
            if frames[depth].name == name:
                self.close_down_to(depth + 1)
                frame = frames[depth]
                if frame.is_implicit and elements.KEYS[name] not in frame.fields:
                    self.builder.lose(NO_START, depth)
                else:
                    self.builder.close()
                self.loose.clear()
                return
        self.builder.frame.damaged = True
        self.builder.frame.has_unknown |= ":" in name

    def close_down_to(self, depth: int) -> None:
        """Close open elements whose end tags are missing; those without start tag or without text are lost."""
        while len(self.builder.frames) > depth:
            frame = self.builder.frame
            frame.damaged = True
            if frame.is_implicit or (frame.name in elements.COUNTED and not frame.fields):
                self.builder.lose(NO_START, len(self.builder.frames) - 1)
            else:
                self.builder.close()
        if depth == 3:
            self.loose.clear()

    def start(self, match: re.Match[str]) -> None:
        builder, raw = self.builder, match["name"]
        attributes = {key: unescaped(one or two) for key, one, two in ATTRIBUTE.findall(match["attributes"])}
        if any(key.startswith("xmlns:") for key in attributes):
            builder.declare(attributes)
        name, empty = builder.name(raw), match["attributes"].rstrip().endswith("/")
        if name in ("rss", "channel"):
            self.close_down_to(3)
            return
        in_item = name in elements.OF_THE_HEAD and builder.frame.name == "item" and not empty
        if in_item and (text := TEXT.match(self.text, self.position)) and text[1] == raw:
            self.position = text.end()
            return
        depth = self.place_of(name)
        if depth is None and name in elements.OWNERS:
            depth = self.open_owner(elements.OWNERS[name], self.line_at(match.start()))
        if depth is None:
            self.without_place(name, match)
            return
        line = self.line_at(match.start())
        self.close_down_to(depth)
        if name in elements.CONTAINERS.get(builder.frame.name, ()):
            builder.open(name, line)
            if empty:
                builder.close()
        else:
            self.read_text(name, raw, attributes, empty)

    def place_of(self, name: str) -> int | None:
        """How many open frames stay open around an element of this name: the innermost that has such elements."""
        frames = self.builder.frames
        for depth in range(len(frames), 2, -1):
            outer = frames[depth - 1].name
            if name in elements.CONTAINERS.get(outer, ()) or name in elements.TEXTS.get(outer, ()):
                return depth
        return None

    def open_owner(self, owner: str, line: int) -> int | None:
        """Open the element whose start tag must be missing, as a text of it stands here. None where it cannot be."""
        depth = self.place_of(owner)
        if depth is None:
            return None
        loose = {name: text for name, text in self.loose.items() if name in elements.TEXTS[owner]} if depth == 3 else {}
        self.close_down_to(depth)
        frame = self.builder.open(owner, line)
        frame.fields |= loose
        frame.is_implicit = frame.damaged = frame.has_unknown = True
        return depth + 1

    def without_place(self, name: str, match: re.Match[str]) -> None:
        """An unknown element, which is ignored, or one whose outer element is missing."""
        if name in elements.COUNTED:
            self.builder.open(name, self.line_at(match.start()))
            self.builder.lose(NO_PARENT, len(self.builder.frames) - 1)
        elif ":" in name:
            self.builder.frame.damaged = self.builder.frame.has_unknown = True

    def read_text(self, name: str, raw: str, attributes: dict[str, str], empty: bool) -> None:
        """Read an element of text from its start tag on and give it to the open frame."""
        value = "" if empty else self.text_until_end(raw)
        if value is None:
            return
        self.builder.text_of(name, value, attributes)
        if self.builder.frame.name == "channel":
            self.loose[name] = value

    def text_until_end(self, raw: str) -> str | None:
        """The text up to the end tag, or to where it must be missing. None where the file ends before."""
        start = self.position
        parts: list[str] = []
        token = re.compile(rf"(?P<section><!\[CDATA\[)|(?P<own></{re.escape(raw)}\s*>)|{self.boundary.pattern}")
        position = start
        while True:
            match = token.search(self.text, position)
            while match is None and (length := len(self.text)) - start < FIELD_CHARACTERS and self.more():
                match = token.search(self.text, max(position, length - AHEAD))
            if match is None:
                return self.rest_of(raw, position, parts)
            parts.append(unescaped(self.text[position : match.start()]))
            if match["section"]:
                end, skip = self.section_end(match.end(), raw)
                if end < 0:
                    return self.rest_of(raw, match.end(), parts, is_section=True)
                parts.append(self.text[match.end() : end])
                position = end + skip
            elif match["own"]:
                self.position = match.end()
                return "".join(parts)
            else:
                return self.missing_end_tag(raw, parts, position, match.start())

    def missing_end_tag(self, raw: str, parts: list[str], start: int, end: int) -> str:
        """The text of an element whose end tag is missing before the tag at `end`.

        The last of `parts` is what lies between `start` and `end`. Tags without a prefix end it as well, unless the
        text may have HTML. A wrong end tag is left out.
        """
        bare = None if raw.endswith(HTML_NAMES) else self.bare.search(self.text, start, end)
        self.builder.frame.damaged = True
        self.position = bare.start() if bare else end
        last = unescaped(self.text[start : self.position])
        wrong = WRONG_END.search(last)
        if wrong and f"<{wrong.group(1)}" not in last:
            last = last[: wrong.start()]
        return "".join([*parts[:-1], last if last.strip() or len(parts) == 1 else ""])

    def rest_of(self, raw: str, position: int, parts: list[str], *, is_section: bool = False) -> str | None:
        """A text whose end is not found: what there is of words if the file is cut here, None if it is given up."""
        self.builder.frame.damaged = True
        rest, self.position = self.text[position:], len(self.text)
        if not self.ended or self.boundary.search(rest) or not raw.endswith(WORDS):
            return None
        rest = rest.rpartition("<")[0] if "<" in rest and ">" not in rest.rpartition("<")[2] else rest
        return "".join([*parts, rest if is_section else unescaped(rest)])

    def section_end(self, start: int, raw: str) -> tuple[int, int]:
        """Where the CDATA section that begins at `start` ends, and the length of its end; (-1, 0) for nowhere.

        The first "]]>" ends it, but: where the element's own end tag and another known tag come before, and another
        section begins before that "]]>", its end is missing. Where another "]]>" comes before the element's end tag
        and before another section, the first one is text. So is one that ends a section which the text is about, where
        no element lies between.
        """
        position, close = start, 0
        opened = kept = 0  # "<![CDATA[" and "]]>" that are text
        own = f"</{raw}" if raw else ""
        while True:
            end = self.find("]]>", position)
            self.ensure(max(end, start))
            missing = self.missing_end(position, end if end >= 0 else len(self.text), own)
            if missing >= 0:
                self.builder.frame.damaged = True
                return missing, 0
            if end < 0:
                return -1, 0
            after = end + 3
            if self.following.match(self.text, after) or not own:
                return end, 3
            close = close if close >= after else self.find(own, after)
            until = close if close >= 0 else len(self.text)
            another = self.text.find("]]>", after, until)
            section = self.text.find("<![CDATA[", after, until)
            opened += self.text.count("<![CDATA[", position, end)
            is_written_about = opened > kept and not self.boundary.search(self.text, position, max(another, position))
            if another < 0 or (0 <= section < another and not is_written_about):
                return end, 3
            position, kept = after, kept + 1

    def missing_end(self, start: int, end: int, own: str) -> int:
        """Where a section that has lost its end must have ended; -1 when it has not lost it."""
        if self.text.startswith("]]>", end) and self.text.startswith("]]]]><![CDATA[>", end - 2):
            return -1
        position = start
        while own and (position := self.text.find(own, position, end)) >= 0:
            tag_end = self.text.find(">", position, end + 1)
            if tag_end >= 0 and self.after_end.match(self.text, tag_end + 1):
                opened = self.text.find("<![CDATA[", tag_end, end)
                if opened >= 0 or not self.text.startswith("]]>", end):
                    return position
            position += len(own)
        return -1
