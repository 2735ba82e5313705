"""Lists as CommonMark writers type them, rewritten into the lists that Python-Markdown knows.

Python-Markdown wants an empty line before a list, four spaces for each level and "1." with a dot. Texts from
other systems have none of it: there a list may follow a line of text, what belongs to an item stands below its
first word, and "1)" counts. The rules are those of CommonMark 0.31, sections 4.5 (code fences), 5.1 (quotes),
5.2 (list items) and 5.3 (lists). Raw HTML, code and whatever stands outside lists stay as they are.

The lines come with tabs expanded (Python-Markdown has done that before it asks us).
"""

import re
from dataclasses import dataclass

_MARKER = re.compile(r"(?P<mark>[-*+]|(?P<number>[0-9]{1,9})[.)])(?P<gap> +|$)(?P<rest>.*)")
_RULE = re.compile(r"(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,}) *(?P<info>.*)")
_HEADING = re.compile(r"#{1,6}(?: |$)")
_QUOTE = re.compile(r" {0,3}> ?")
_VERBATIM = re.compile(r"<(?P<name>pre|script|style|textarea)\b|<!--", re.IGNORECASE)
_OPTION = re.compile(r"""(?:hl_lines|linenums|title)=(?:"[^"]*"|'[^']*')""")
_LANGUAGE = re.compile(r"\.?([\w#+-][\w#.+-]*)")
_LEVEL = 4
_NO_ITEM = 1_000_000


def for_python_markdown(lines: list[str]) -> list[str]:
    """The same text, its lists spelled as Python-Markdown reads them."""
    return _Rewriting().run(lines)


@dataclass
class _Item:
    content: int  # the column where what belongs to the item begins
    ordered: bool


class _Rewriting:
    """One walk over the lines, with the items that are open."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.items: list[_Item] = []
        self.paragraph = False  # the line before is text that this one may go on with
        self.first_words = False  # … and that text began on its item's own line
        self.after_block = False  # the line before ended code, a quote or raw HTML
        self.block_depth = 0  # of the item that opens the lines since the last empty one; _NO_ITEM if none does

    def run(self, lines: list[str]) -> list[str]:
        at = 0
        while at < len(lines):
            at = self.take(lines, at)
        return self.out

    def take(self, lines: list[str], at: int) -> int:
        """Deal with the line at this place (and with its block, if it opens one); say where to go on."""
        line = lines[at].rstrip(" ") if not lines[at].strip() else lines[at]
        text = line.lstrip(" ")
        if not text:
            self.out.append("")
            self.paragraph = False
            return at + 1
        indent = len(line) - len(text)
        marker = None if _RULE.match(text) else _MARKER.match(text)
        if self.goes_on(indent, text, marker):
            self.write(line if not self.items else self.margin() + text)
            return at + 1
        if self.after_block:
            self.gap()
        closed = self.close(indent)
        inner = indent - self.column()
        if inner >= _LEVEL:  # code by indentation, a footnote's or a definition's second line
            self.put(text, inner, paragraph=False)
            return at + 1
        if marker and self.may_begin(marker, closed):
            return self.begin_item(lines, at, indent, marker, closed)
        return self.take_block(lines, at, text, inner, marker, closed)

    def goes_on(self, indent: int, text: str, marker: re.Match | None) -> bool:
        """Whether the line continues the paragraph before it, however little it is indented."""
        if not self.paragraph:
            return False
        inner = indent - self.column()
        return inner >= _LEVEL or not (marker or _begins_a_block(text))

    def close(self, indent: int) -> _Item | None:
        """Close the items that a line at this column does not belong to; the outermost of them, if any."""
        closed = None
        while self.items and indent < self.items[-1].content:
            closed = self.items.pop()
        if closed:
            self.paragraph = False
        return closed

    def may_begin(self, marker: re.Match, closed: _Item | None) -> bool:
        """In the middle of a paragraph only an item with words in it, and of numbers only a 1, begins a list."""
        if not self.paragraph or closed:
            return True
        return bool(marker["rest"]) and (marker["number"] is None or int(marker["number"]) == 1)

    def begin_item(self, lines: list[str], at: int, indent: int, marker: re.Match, closed: _Item | None) -> int:
        ordered = marker["number"] is not None
        sibling = closed is not None and closed.ordered == ordered and self.block_depth <= len(self.items)
        if not sibling and not (self.items and self.first_words and self.paragraph):
            self.gap()
        while True:
            # "-" alone in its line would underline a heading, "*" would be emphasis
            mark = f"{marker['number']}." if marker["number"] else "+"
            width = len(marker["gap"]) if marker["rest"] and len(marker["gap"]) <= _LEVEL else 1
            margin, depth = self.margin(), len(self.items)
            self.items.append(_Item(indent + len(marker["mark"]) + width, marker["number"] is not None))
            rest = marker["rest"]
            indent = self.column()
            marker = None if _RULE.match(rest) else _MARKER.match(rest)
            fence = _opening(rest)
            self.write(f"{margin}{mark} {'' if marker or fence else rest}", item_at=depth)
            if fence:
                return self.copy_fence(lines, at, 0, fence)
            if not marker:
                break
        self.paragraph = self.first_words = bool(rest) and not _HEADING.match(rest)
        self.after_block = False
        return at + 1

    def take_block(
        self, lines: list[str], at: int, text: str, inner: int, marker: re.Match | None, closed: _Item | None
    ) -> int:
        if closed or self.items and _begins_a_block(text):
            self.gap()
        if fence := _opening(text):
            return self.copy_fence(lines, at, inner, fence)
        if raw := _VERBATIM.match(text):
            end = f"</{raw['name']}" if raw["name"] else "-->"
            return self.copy_until(lines, at, end)
        if text.startswith(">"):
            return self.copy_quote(lines, at)
        if marker and self.items:  # no item here, but Python-Markdown would make it one
            place = marker.end("mark") - 1 if marker["number"] else 0
            text = f"{text[:place]}\\{text[place:]}"
        self.put(text, inner if not self.items else 0, paragraph=not (_RULE.match(text) or _HEADING.match(text)))
        return at + 1

    def copy_fence(self, lines: list[str], at: int, inner: int, fence: re.Match) -> int:
        """Code goes with its item, and its own indentation with it; code that nobody closed, we close."""
        column = self.column() + inner
        closing = re.compile(rf" *{re.escape(fence['fence'][0])}{{{len(fence['fence'])},}} *$")
        self.put(f"{fence['fence']}{_header(fence['info'])}", paragraph=False)
        for following in range(at + 1, len(lines)):
            line = lines[following]
            code = line[min(column, len(line) - len(line.lstrip(" "))) :]
            if closing.match(code) and len(code) - len(code.lstrip(" ")) < _LEVEL:
                break
            self.write(f"{self.margin()}{code}" if code else "")
        else:
            following = len(lines)
            while not self.out[-1]:
                self.out.pop()
        self.put(fence["fence"], paragraph=False)
        self.after_block = True
        return following + 1

    def copy_until(self, lines: list[str], at: int, end: str) -> int:
        column = self.column()
        for following in range(at, len(lines)):
            line = lines[following]
            self.put(line[min(column, len(line) - len(line.lstrip(" "))) :], paragraph=False)
            if end in line.lower():
                break
        self.after_block = True
        return following + 1

    def copy_quote(self, lines: list[str], at: int) -> int:
        """A quote is a text of its own, with lists of its own."""
        column = self.column()
        quoted = []
        for line in lines[at:]:
            held = line[min(column, len(line) - len(line.lstrip(" "))) :]
            opening = _QUOTE.match(held)
            if not opening:
                break
            quoted.append(held[opening.end() :])
        inside = _Rewriting()
        for line in inside.run(quoted):
            self.put(f"> {line}" if line else ">", paragraph=inside.paragraph)
        self.after_block = True
        return at + len(quoted)

    def column(self) -> int:
        return self.items[-1].content if self.items else 0

    def margin(self) -> str:
        return " " * (_LEVEL * len(self.items))

    def put(self, text: str, inner: int = 0, *, paragraph: bool) -> None:
        self.write(f"{self.margin()}{' ' * inner}{text}")
        self.first_words = self.after_block = False
        self.paragraph = paragraph

    def write(self, line: str, *, item_at: int = _NO_ITEM) -> None:
        if not self.out or not self.out[-1]:
            self.block_depth = item_at
        self.out.append(line)

    def gap(self) -> None:
        if self.out and self.out[-1]:
            self.out.append("")


def _begins_a_block(text: str) -> bool:
    return bool(
        text.startswith(">") or _HEADING.match(text) or _RULE.match(text) or _opening(text) or _VERBATIM.match(text)
    )


def _opening(text: str) -> re.Match | None:
    fence = _FENCE.match(text)
    if fence and fence["fence"].startswith("`") and "`" in fence["info"]:
        return None  # that is code within a line
    return fence


def _header(info: str) -> str:
    """The language and the options that are known here; a header of any other shape would leave no code at all."""
    words = info.strip().strip("{}").strip()
    language = _LANGUAGE.match(words)
    return " ".join([language[1] if language else "", *_OPTION.findall(info)]).rstrip()
