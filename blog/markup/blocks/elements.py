"""Turns the blocks found by `structure` into elements: inline text is left raw, HTML and code go to Python-Markdown's
stash."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.util import AtomicString

from blog.markup import attributes
from blog.markup.blocks import extended, html
from blog.markup.blocks.code import Coder
from blog.markup.blocks.structure import Node, Structure
from blog.markup.blocks.tables import alignments, cells
from blog.markup.inlines.extended import DISPLAY
from blog.markup.notices import AS_TYPED, Notice

STASH = "stash"  # an element around a placeholder; both are replaced by the stashed HTML
BLANKS = " \t"
TIGHT = "tight"  # a paragraph of a tight list item; it is unwrapped after inline parsing

_CLOSING_SIGNS = re.compile(r"(?:^|[ \t])#+$")


class Elements:
    """Makes the elements of one text. `lines`: element → line of the source, from 1, where its text begins."""

    def __init__(self, md: Markdown, structure: Structure, coder: Coder) -> None:
        self.md = md
        self.structure = structure
        self.coder = coder
        self.lines: dict[Element, int] = {}
        self.notices: list[Notice] = [Notice(line, AS_TYPED, what) for line, what in structure.as_typed]

    def fill(self, parent: Element, node: Node, tight: bool = False) -> None:
        for child in node.children:
            match child.kind:
                case "paragraph":
                    self.add_paragraph(parent, child, tight)
                case "list":
                    self.add_list(parent, child)
                case "quote":
                    title = extended.take_callout(child) if self.structure.dialect.extended else None
                    if title:
                        self.add_callout(parent, child, *title)
                    else:
                        self.fill(SubElement(parent, "blockquote"), child)
                case "math":
                    self.add_math(parent, child.lines)
                case "heading":
                    self.add_heading(parent, child)
                case "rule":
                    SubElement(parent, "hr")
                case "code":
                    self.stash(parent, self.coder.html(child.lines))
                case "fence" if child.start == child.end and child.lines[0]:  # "```text" as the last line
                    self.leaf(parent, TIGHT if tight else "p", child.mark + child.lines[0], child.start)
                case "fence" if self.structure.dialect.extended and child.lines[0] == "math":
                    self.add_math(parent, child.lines[1:])
                case "fence":
                    self.stash(parent, self.coder.html(child.lines[1:], child.lines[0]))
                case "html":
                    self.add_html(parent, child)
                case "table":
                    self.add_table(parent, child)
                case "definitions":
                    self.add_definitions(parent, child)

    def leaf(self, parent: Element, tag: str, words: str, line: int) -> Element:
        element = SubElement(parent, tag)
        element.text = words
        self.lines[element] = line
        return element

    def stash(self, parent: Element, finished: str) -> None:
        SubElement(parent, STASH).text = AtomicString(self.md.htmlStash.store(finished))

    def add_paragraph(self, parent: Element, node: Node, tight: bool) -> None:
        lines = node.lines
        given: dict[str, str] = {}
        if len(lines) > 1:
            words, given = self.without_attributes(f" {lines[-1].rstrip(BLANKS)}")
            lines = lines[:-1] if given and not words else lines
        element = self.leaf(parent, TIGHT if tight else "p", "\n".join(lines).rstrip(BLANKS), node.start)
        if lines is not node.lines:
            attributes.put(parent if tight else element, given)

    def add_heading(self, parent: Element, node: Node) -> None:
        words, given = self.without_attributes("\n".join(node.lines))
        if node.start == node.end:
            words = _CLOSING_SIGNS.sub("", words).rstrip(BLANKS)
        attributes.put(self.leaf(parent, f"h{node.level}", words, node.start), given)

    def without_attributes(self, words: str) -> tuple[str, dict[str, str]]:
        """The text of a heading, term or cell without the braces at its end, and the attributes in them."""
        start = words.rfind("{") if words.endswith("}") and self.structure.dialect.extensions else 0
        found = attributes.braces_at(words, start) if start > 0 and words[start - 1] in BLANKS else None
        if not found or found[1] < len(words):
            return words, {}
        return words[:start].rstrip(BLANKS), found[0]

    def add_list(self, parent: Element, node: Node) -> None:
        ordered = node.mark in (".", ")")
        made = SubElement(parent, "ol" if ordered else "ul")
        if ordered and node.level != 1:
            made.set("start", str(node.level))
        tight = not _has_gaps(node) and not any(map(_has_gaps, node.children))
        for item in node.children:
            self.fill(SubElement(made, "li"), item, tight)

    def add_definitions(self, parent: Element, node: Node) -> None:
        made = SubElement(parent, "dl")
        previous: Node | None = None
        for part in node.children:
            if part.kind == "term":
                words, given = self.without_attributes(part.lines[0].strip(BLANKS))
                attributes.put(self.leaf(made, "dt", words, part.start), given)
            else:
                loose = previous is None or part.start > previous.end + 1 or _has_gaps(part)
                self.fill(SubElement(made, "dd"), part, not loose)
            previous = part

    def add_html(self, parent: Element, node: Node) -> None:
        behind = frozenset(name for name, line in self.structure.closed.items() if line > node.end)
        raw, told = html.legible_tags("\n".join(node.lines), behind)
        self.notices += [Notice(node.start + line, kind, what) for line, kind, what in told]
        self.stash(parent, raw)

    def add_callout(self, parent: Element, node: Node, kind: str, title: str, line: int) -> None:
        box = SubElement(parent, "div", {"class": f"longrun-callout longrun-callout--{kind}"})
        heading = SubElement(box, "p", {"class": "longrun-callout__title"})
        self.leaf(heading, "strong", title, line)
        self.fill(box, node)

    def add_math(self, parent: Element, lines: list[str]) -> None:
        formula = SubElement(SubElement(parent, "p"), "span", {"class": DISPLAY})
        formula.text = AtomicString("\n".join(lines).strip().replace("&", "&amp;"))

    def add_table(self, parent: Element, node: Node) -> None:
        columns = alignments(node.lines[1]) or []
        table = SubElement(parent, "table")
        self.add_row(SubElement(table, "thead"), "th", columns, node.lines[0], node.start)
        body = SubElement(table, "tbody") if len(node.lines) > 2 else table
        for number, line in enumerate(node.lines[2:], start=node.start + 2):
            self.add_row(body, "td", columns, line, number)

    def add_row(self, parent: Element, tag: str, columns: list[str], line: str, number: int) -> None:
        row = SubElement(parent, "tr")
        found = cells(line, len(columns))
        missing = [""] * (len(columns) - len(found))
        for index, words in enumerate(found + missing):
            words, given = self.without_attributes(words)
            cell = self.leaf(row, tag, words, number)
            if index < len(columns) and columns[index]:
                cell.set("align", columns[index])
            attributes.put(cell, given)


def unwrap_tight(root: Element) -> None:
    """Replace the TIGHT elements by their content."""
    for holder in list(root.iter()):
        if any(child.tag == TIGHT for child in holder):
            _unwrap_children(holder)


def _unwrap_children(holder: Element) -> None:
    children = list(holder)
    holder[:] = []
    last: Element | None = None

    def add_text(text: str | None) -> None:
        if not text:
            return
        if last is None:
            holder.text = (holder.text or "") + text
        else:
            last.tail = (last.tail or "") + text

    for child in children:
        inside = [child]
        if child.tag == TIGHT:
            add_text(child.text)
            inside = list(child)
        for element in inside:
            holder.append(element)
            last = element
        if child.tag == TIGHT:
            add_text(child.tail)


def _has_gaps(node: Node) -> bool:
    """Whether there is a blank line between two blocks of the container, or between two items of the list."""
    return any(second.start > first.end + 1 for first, second in zip(node.children, node.children[1:], strict=False))
