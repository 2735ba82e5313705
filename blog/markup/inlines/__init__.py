"""The inline parser: emphasis, links, code, raw HTML and line breaks, as in CommonMark 0.31.

`InlineParser` replaces Python-Markdown's inline patterns: it turns the raw text of every block into elements.
scanner → flat list of tokens → smart punctuation → building → elements.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from blog.markup.blocks.footnotes import add_notes
from blog.markup.inlines.building import Builder, TooDeep
from blog.markup.inlines.extended import DEEPEST_NOTES
from blog.markup.inlines.scanner import Dialect, Scanner
from blog.markup.inlines.tags import left_over
from blog.markup.inlines.typography import smarten
from blog.markup.notices import AS_TYPED, Notice
from blog.markup.policies import POST, Policy


class Inlines(Extension):
    """The extension for Python-Markdown that replaces its inline patterns."""

    def __init__(
        self,
        policy: Policy,
        *,
        language: str = "",
        smart: bool = False,
        extensions: bool = True,
        extended: bool = False,
    ) -> None:
        super().__init__()
        options = {
            "policy": policy,
            "language": language,
            "smart": smart,
            "extensions": extensions,
            "extended": extended,
        }
        self.options: dict[str, Any] = options

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(InlineParser(md, **self.options), "inline", 20)


class InlineParser(Treeprocessor):
    def __init__(
        self, md: Markdown, *, policy: Policy, language: str, smart: bool, extensions: bool, extended: bool
    ) -> None:
        super().__init__(md)
        self.policy, self.language, self.smart = policy, language, smart
        self.extensions, self.extended = extensions, extended

    def run(self, root: Element) -> None:
        """Replace the raw text of every block in `root` by elements."""
        blocks = list(_blocks(root))
        dialect = Dialect(
            policy=self.policy,
            extensions=self.extensions,
            extended=self.extended,
            references=self.md.references,
            footnotes=self.md.footnotes,
            elsewhere=left_over(self.texts_with_tags(blocks)) if self.policy is POST else frozenset(),
        )
        for element in blocks:
            self.fill(element, dialect)
        self.fill_inline_notes(root, dialect)

    def fill_inline_notes(self, root: Element, dialect: Dialect) -> None:
        """Make footnotes of the texts of `^[…]`, which may hold such texts themselves."""
        made = 0
        for depth in range(1, DEEPEST_NOTES + 1):
            found = list(dialect.inline_notes.items())[made:]
            made += len(found)
            inside = replace(dialect, takes_notes=depth < DEEPEST_NOTES)
            for label, words in found:
                note = Element("li")
                paragraph = SubElement(note, "p")
                paragraph.text = words
                add_notes(root, {label: note}, has_box=bool(self.md.footnotes))
                self.md.footnotes[label] = note
                self.md.lines[paragraph] = dialect.note_lines[label]
                self.fill(paragraph, inside)

    def texts_with_tags(self, blocks: list[Element]) -> Iterator[str]:
        """The text of the blocks and the raw HTML, without code."""
        yield from (element.text or "" for element in blocks)
        yield from (html for html in self.md.htmlStash.rawHtmlBlocks if not html.startswith(("<div class=", "<pre")))

    def fill(self, element: Element, dialect: Dialect) -> None:
        typed, element.text = element.text or "", None
        line = self.md.lines.get(element, 0)
        scanner, known = Scanner(typed, dialect), len(dialect.inline_notes)
        tokens = scanner.tokens()
        if len(dialect.inline_notes) > known:
            for label in list(dialect.inline_notes)[known:]:
                dialect.note_lines[label] = line and line + dialect.note_lines[label]
        notices = [Notice(line and line + below, kind, what) for below, kind, what in scanner.notices]
        if self.smart:
            smarten(tokens, self.language)
        # Children that a block already has (lists in an item) stay after its text.
        inside = Element(element.tag)
        try:
            Builder(inside, self.md.htmlStash.store, for_readers=dialect.for_readers).build(tokens)
        except TooDeep:
            inside = Element(element.tag)
            inside.text = scanner.text.replace("&", "&amp;")
            notices = [Notice(line, AS_TYPED, "block")]
        element.text = inside.text
        element[:0] = inside
        self.md.notices += notices


def _blocks(root: Element) -> Iterator[Element]:
    return (
        element
        for element in root.iter()
        if element.text and not isinstance(element.text, AtomicString) and element.text.strip()
    )
