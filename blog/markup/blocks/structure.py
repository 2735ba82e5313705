"""Finds the blocks of a text: CommonMark 0.31, "A parsing strategy", phase 1, with GitHub's tables and footnotes and
the definition lists of PHP Markdown Extra.

One pass over the lines. Each line is first matched against the open containers (quotes, items, footnotes, definitions);
the rest of it begins new blocks by the rules for its first character (RULES), or continues the open leaf.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blog.markup.blocks import html
from blog.markup.blocks.lines import TAB, indentation, without_columns
from blog.markup.blocks.tables import alignments, cells
from blog.markup.link_references import definition_at, normal_label

DEEPEST = 180  # nested elements; markers beyond that are text
CELLS = 100_000  # of a table; a larger one is shown as typed


@dataclass(frozen=True)
class Dialect:
    """Which syntax is enabled besides paragraphs, quotes, lists and code."""

    documents: bool = True  # headings, rules, raw HTML, references
    extensions: bool = True  # tables, footnotes, definition lists, attribute lists
    extended: bool = False  # callouts, abbreviations, blocks of math: `blog.markup.blocks.extended`
    lazy_quotes: bool = True  # a line without ">" continues the paragraph of a quote
    counted_items: bool = False  # a number that is not the same or the next one begins a new list


@dataclass(slots=True, eq=False)
class Node:
    kind: str
    start: int  # the first line, and the last that is not blank (`end`), from 1
    end: int
    children: list["Node"] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    width: int = 0  # of a container, the columns before its content; of a fence, its indentation
    mark: str = ""  # of a list, the bullet or what follows the number; of a fence, the fence; of a footnote, its label
    level: int = 0  # of a heading; the first number of a list
    last: int = 0  # of a list, the number of the last item
    until: re.Pattern[str] | str | None = None  # what ends an HTML block


Rule = Callable[["Structure", int, str], str]  # gets indentation and text; returns NOTHING, CONTAINER or LEAF
NOTHING, CONTAINER, LEAF = "", "container", "leaf"

_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*$")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_MARKER = re.compile(r"(?:[-+*]|([0-9]{1,9})([.)]))(?=[ \t]|$)")
_FOOTNOTE = re.compile(r"\[\^([^\[\]\n]{1,999})\]:[ \t]*")
_DEFINITION = re.compile(r":[ \t]+(?=[^ \t])")


class Structure:
    def __init__(self, dialect: Dialect, more_rules: "Mapping[str, tuple[Rule, ...]]" = MappingProxyType({})) -> None:
        """`more_rules` are tried before those for the same first character in RULES."""
        self.dialect = dialect
        self.rules = RULES | {sign: (*rules, *RULES.get(sign, ())) for sign, rules in more_rules.items()}
        self.document = Node("document", 1, 1)
        self.open = [self.document]  # the open containers, outermost first
        self.depth = 0  # number of nested elements that they make
        self.leaf: Node | None = None
        self.footnotes: dict[str, Node] = {}
        self.references: dict[str, tuple[str, str]] = {}
        self.abbreviations: dict[str, str] = {}
        self.last_math = 0  # the last line that may end a block of math
        self.closed: dict[str, int] = {}  # dropped element → last line outside of code that closes it
        self.as_typed: list[tuple[int, str]] = []  # (line, kind) of what exceeds a limit

    def read(self, lines: list[str]) -> Node:
        if lines and not lines[-1]:  # after the final newline
            lines = lines[:-1]
        self.closings = html.last_closings(lines) if self.dialect.documents else {}
        for self.number, line in enumerate(lines, start=1):
            self.take(line)
        self.matched = 0
        self.settle()
        return self.document

    def take(self, line: str) -> None:
        self.rest, self.column = line, 0
        self.opened = False  # whether this line has begun a container
        self.matched = self.match_containers() if line else self.match_empty_line()
        self.whole = self.matched == len(self.open)
        if self.leaf and self.whole and self.leaf.kind in VERBATIM and VERBATIM[self.leaf.kind](self, self.leaf):
            return
        while True:
            indent, text = indentation(self.rest, self.column)
            if not text:
                self.settle()
                return
            if indent >= TAB:
                if not self.in_paragraph():
                    self.begin("code").lines.append(without_columns(self.rest, self.column, TAB))
                    return
                break
            outcome = NOTHING
            for rule in self.rules.get(text[0], ()):
                if outcome := rule(self, indent, text):
                    break
            if outcome == LEAF:
                return
            if outcome == NOTHING:
                break
        self.take_words(text)

    def match_empty_line(self) -> int:
        """`match_containers` for an empty line, which ends quotes, and an item that has no content yet."""
        for index, container in enumerate(self.open):
            if container.kind == "quote":
                return index
        return len(self.open) - (len(self.open) > 1 and not self.open[-1].children)

    def match_containers(self) -> int:
        """How many of the open containers the line belongs to. Removes their markers from `self.rest`."""
        for index in range(1, len(self.open)):
            container = self.open[index]
            indent, text = indentation(self.rest, self.column)
            if container.kind == "quote":
                if indent >= TAB or not text.startswith(">"):
                    return index
                self.cut_quote_mark(indent, text)
                container.end = self.number
            elif not text:
                if not container.children:
                    return index
                self.cut(min(indent, container.width))
            elif indent < container.width:
                return index
            else:
                # The lines of a definition may be indented by four columns, whatever the width of its marker.
                self.cut(TAB if container.kind == "definition" and indent >= TAB else container.width)
        return len(self.open)

    def cut(self, columns: int) -> None:
        if columns:
            self.rest = without_columns(self.rest, self.column, columns)
            self.column += columns

    def cut_quote_mark(self, indent: int, text: str) -> None:
        self.rest, self.column = text[1:], self.column + indent + 1
        if self.rest[:1] in (" ", "\t"):
            self.cut(1)

    def in_paragraph(self) -> bool:
        """Whether text in this line would continue an open paragraph."""
        if not self.leaf or self.leaf.kind != "paragraph" or self.opened:
            return False
        if self.whole or self.dialect.lazy_quotes:
            return True
        return all(container.kind != "quote" for container in self.open[self.matched :])

    def interrupts(self) -> bool:
        """Whether a block that begins here would interrupt a paragraph of the same container."""
        return self.whole and not self.opened and self.leaf is not None and self.leaf.kind == "paragraph"

    def take_words(self, text: str) -> None:
        leaf = self.leaf
        if text.startswith("</"):
            self.closed |= html.last_closings([text], self.number)
        goes_on = self.in_paragraph() or leaf and leaf.kind == "table" and self.whole and not self.opened
        if leaf and goes_on:
            leaf.lines.append(text)
            leaf.end = self.number
        else:
            self.begin("paragraph").lines.append(text)

    def begin(self, kind: str) -> Node:
        """Open a leaf in the innermost container that the line belongs to."""
        self.settle()
        self.leaf = Node(kind, self.number, self.number)
        self.open[-1].children.append(self.leaf)
        return self.leaf

    def enter(self, container: Node, parent: Node, elements: int = 1) -> str:
        parent.children.append(container)
        self.open.append(container)
        self.depth += elements
        self.matched = len(self.open)
        self.opened = True
        return CONTAINER

    def is_too_deep(self) -> bool:
        """Whether a container that begins here would exceed DEEPEST; its marker is text then."""
        if self.depth < DEEPEST:
            return False
        if not self.as_typed or self.as_typed[-1][0] != self.number:
            self.as_typed.append((self.number, "nesting"))
        return True

    def settle(self) -> None:
        """Close the leaf and the containers that the line does not belong to."""
        self.close_leaf()
        while len(self.open) > max(self.matched, 1):
            container = self.open.pop()
            self.depth -= 2 if container.kind in ("item", "definition") else 1
            if container.children:
                container.end = max(container.end, container.children[-1].end)
            if container.kind in ("item", "definition"):
                self.open[-1].children[-1].end = container.end
        if self.matched == 0 and self.document.children:
            self.document.end = self.document.children[-1].end

    def close_leaf(self) -> None:
        leaf, self.leaf = self.leaf, None
        if leaf is None:
            return
        if leaf.kind == "paragraph" and self.dialect.documents and leaf.lines[0].startswith("["):
            self.take_references(leaf)
        elif leaf.kind == "code":
            while leaf.lines and not leaf.lines[-1].strip(" \t"):
                leaf.lines.pop()
        elif leaf.kind == "table" and _size(leaf) > CELLS:
            leaf.kind = "paragraph"
            self.as_typed.append((leaf.start, "table"))

    def take_references(self, leaf: Node) -> None:
        """Move link reference definitions at the start of the paragraph to `references`; drop it if nothing is left."""
        text, start = "\n".join(leaf.lines), 0
        while start < len(text) and (found := definition_at(text, start)):
            if self.dialect.extensions and found.label.startswith("^"):
                break  # a second footnote with the same label
            self.references.setdefault(normal_label(found.label), (found.address, found.title))
            start = found.end
        if start >= len(text):
            leaf.kind, leaf.lines = "gone", []
        elif start:
            leaf.start += text.count("\n", 0, start)
            leaf.lines = text[start:].split("\n")

    # Continuing the open leaf; these return whether the line belongs to it.

    def goes_on_as_code(self, leaf: Node) -> bool:
        indent, text = indentation(self.rest, self.column)
        if text and indent < TAB:
            return False
        leaf.lines.append(without_columns(self.rest, self.column, min(indent, TAB)))
        leaf.end = self.number if text else leaf.end
        return True

    def goes_on_as_fence(self, leaf: Node) -> bool:
        indent, text = indentation(self.rest, self.column)
        leaf.end = self.number
        if indent < TAB and text.startswith(leaf.mark) and not text.strip(leaf.mark[0]).strip(" \t"):
            self.leaf = None
        else:
            leaf.lines.append(without_columns(self.rest, self.column, min(indent, leaf.width)))
        return True

    def goes_on_as_math(self, leaf: Node) -> bool:
        leaf.end = self.number
        if self.rest.strip(" \t") == "$$":
            self.leaf = None
        else:
            leaf.lines.append(self.rest)
        return True

    def goes_on_as_html(self, leaf: Node) -> bool:
        if leaf.until is html.UNTIL_BLANK and not self.rest.strip(" \t"):
            return False
        leaf.lines.append(self.rest)
        leaf.end = self.number
        self.closed |= html.last_closings([self.rest], self.number)
        if leaf.until is not html.UNTIL_BLANK and html.ends(self.rest, leaf.until):
            self.leaf = None
        return True

    # The rules: each begins one kind of block.

    def begin_quote(self, indent: int, text: str) -> str:
        if self.is_too_deep():
            return NOTHING
        self.settle()
        self.cut_quote_mark(indent, text)
        return self.enter(Node("quote", self.number, self.number), self.open[-1])

    def begin_heading(self, indent: int, text: str) -> str:
        found = _HEADING.match(text) if self.dialect.documents else None
        if not found:
            return NOTHING
        heading = self.begin("heading")
        heading.level = len(found[1])
        heading.lines.append(text[found.end() :].strip(" \t"))
        self.leaf = None
        return LEAF

    def begin_fence(self, indent: int, text: str) -> str:
        found = _FENCE.match(text)
        if not found:
            return NOTHING
        fence = self.begin("fence")
        fence.width, fence.mark = indent, found[1] or found[3]
        fence.lines.append((found[2] or found[4] or "").strip(" \t"))
        return LEAF

    def begin_html(self, indent: int, text: str) -> str:
        found = html.opening(text, self.in_paragraph()) if self.dialect.documents else None
        if not found or found[0] in html.DROPPED_OR_COMMENT and self.closings.get(found[0], 0) < self.number:
            return NOTHING
        leaf = self.begin("html")
        leaf.until = found[1]
        self.goes_on_as_html(leaf)
        return LEAF

    def underline_heading(self, indent: int, text: str) -> str:
        found = _UNDERLINE.match(text) if self.dialect.documents and self.interrupts() else None
        leaf = self.leaf
        if not found or leaf is None:
            return NOTHING
        self.close_leaf()
        if leaf.kind == "gone":
            return NOTHING
        leaf.kind, leaf.level, leaf.end = "heading", 1 if found[1][0] == "=" else 2, self.number
        leaf.lines[-1] = leaf.lines[-1].rstrip(" \t")
        return LEAF

    def begin_rule(self, indent: int, text: str) -> str:
        if not self.dialect.documents or not _is_rule(text):
            return NOTHING
        self.begin("rule")
        self.leaf = None
        return LEAF

    def begin_item(self, indent: int, text: str) -> str:
        found = _MARKER.match(text)
        if not found or _is_rule(text):
            return NOTHING
        number, mark = int(found[1] or 1), found[2] or found[0]
        behind = text[found.end() :]
        if self.interrupts() and (number != 1 or not behind.strip(" \t")) or self.is_too_deep():
            return NOTHING
        self.settle()
        column = self.column + indent + found.end()
        blanks, words = indentation(behind, column)
        padding = blanks if words and blanks <= TAB else 1
        self.rest, self.column = without_columns(behind, column, padding), column + padding
        return self.enter(
            Node("item", self.number, self.number, width=indent + found.end() + padding),
            self.list_for(mark, number),
            elements=2,
        )

    def list_for(self, mark: str, number: int) -> Node:
        siblings = self.open[-1].children
        found = siblings[-1] if siblings and siblings[-1].kind == "list" and siblings[-1].mark == mark else None
        if found and self.dialect.counted_items and mark in ".)" and number - found.last not in (0, 1):
            found = None
        if not found:
            found = Node("list", self.number, self.number, mark=mark, level=number)
            siblings.append(found)
        found.last = number
        return found

    def begin_footnote(self, indent: int, text: str) -> str:
        found = _FOOTNOTE.match(text) if self.dialect.extensions else None
        label = normal_label(found[1]) if found else ""
        if not found or not label or label in self.footnotes or self.is_too_deep():
            return NOTHING
        self.settle()
        self.rest, self.column = text[found.end() :], self.column + indent + found.end()
        self.open[-1].children.append(Node("gone", self.number, self.number))
        self.footnotes[label] = Node("footnote", self.number, self.number, width=TAB, mark=found[1].strip())
        return self.enter(self.footnotes[label], Node("notes", 0, 0))

    def begin_definition(self, indent: int, text: str) -> str:
        found = _DEFINITION.match(text) if self.dialect.extensions and not self.opened else None
        if not found or self.is_too_deep():
            return NOTHING
        siblings = self.open[self.matched - 1].children
        if not siblings or siblings[-1].kind not in ("paragraph", "definitions"):
            return NOTHING
        self.settle()
        above = siblings[-1]
        if above.kind == "paragraph":
            siblings.pop()
            if not siblings or siblings[-1].kind != "definitions":
                siblings.append(Node("definitions", above.start, above.end))
            terms = enumerate(above.lines, start=above.start)
            siblings[-1].children += [Node("term", number, number, lines=[line]) for number, line in terms]
        elif above.kind != "definitions":
            return NOTHING
        self.rest, self.column = text[found.end() :], self.column + indent + found.end()
        width = min(indent + found.end(), TAB)
        return self.enter(Node("definition", self.number, self.number, width=width), siblings[-1], elements=2)

    def begin_table(self, indent: int, text: str) -> str:
        columns = alignments(text) if self.dialect.extensions and self.interrupts() else None
        leaf = self.leaf
        if not columns or leaf is None or "|" not in leaf.lines[-1] or len(cells(leaf.lines[-1])) != len(columns):
            return NOTHING
        head = leaf.lines.pop()
        if leaf.lines:
            leaf.end -= 1
        else:
            self.open[-1].children.pop()
            self.leaf = None
        table = self.begin("table")
        table.start, table.lines = self.number - 1, [head, text]
        return LEAF


def code_lines(text: str) -> set[int]:
    """The numbers, from 1, of the lines of a post's text that are code or fences."""
    structure = Structure(Dialect())
    waiting = [structure.read(text.split("\n")), *structure.footnotes.values()]
    found: set[int] = set()
    while waiting:
        node = waiting.pop()
        waiting += node.children
        if node.kind in ("code", "fence"):
            found.update(range(node.start, node.end + 1))
    return found


def _is_rule(text: str) -> bool:
    return text.rstrip(" \t")[-1] == text[0] and _RULE.match(text) is not None


def _size(table: Node) -> int:
    return len(table.lines) * len(cells(table.lines[0]))


VERBATIM: dict[str, Callable[[Structure, Node], bool]] = {
    "code": Structure.goes_on_as_code,
    "fence": Structure.goes_on_as_fence,
    "html": Structure.goes_on_as_html,
    "math": Structure.goes_on_as_math,
}
RULES: dict[str, tuple[Rule, ...]] = {
    ">": (Structure.begin_quote,),
    "#": (Structure.begin_heading,),
    "`": (Structure.begin_fence,),
    "~": (Structure.begin_fence,),
    "<": (Structure.begin_html,),
    "=": (Structure.underline_heading,),
    "-": (Structure.begin_table, Structure.underline_heading, Structure.begin_rule, Structure.begin_item),
    "*": (Structure.begin_rule, Structure.begin_item),
    "_": (Structure.begin_rule,),
    "+": (Structure.begin_item,),
    "[": (Structure.begin_footnote,),
    ":": (Structure.begin_table, Structure.begin_definition),
    "|": (Structure.begin_table,),
    **dict.fromkeys("0123456789", (Structure.begin_item,)),
}
