"""The block parser for Markdown, which replaces Python-Markdown's own.

`structure` finds the blocks of a text; `elements` makes elements of them, with raw text that the inline parser then
processes; `footnotes` numbers the footnotes after that. Sources: CommonMark 0.31; GitHub for tables and footnotes; PHP
Markdown Extra for definition lists and attributes.
"""

import re
from xml.etree.ElementTree import Element, ElementTree

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from blog.markup.blocks import extended
from blog.markup.blocks.code import Coder
from blog.markup.blocks.elements import STASH, Elements, unwrap_tight
from blog.markup.blocks.footnotes import add_notes, number_notes
from blog.markup.blocks.structure import Dialect

__all__ = ["Blocks", "Dialect"]

_BEHIND_INLINES_BEFORE_NEWLINES = 15  # Python-Markdown's "inline" is 20, "prettify" 10


class Blocks(Extension):
    """The extension for Python-Markdown; register it before all extensions for inline syntax.

    Sets on the Markdown instance: `references`, `footnotes`, `lines` (element → line of the source), `notices`.
    """

    def __init__(self, dialect: Dialect, *, colours: bool) -> None:
        super().__init__()
        self.dialect = dialect
        self.colours = colours

    def extendMarkdown(self, md: Markdown) -> None:
        for name in ("normalize_whitespace", "html_block"):
            md.preprocessors.deregister(name)
        md.parser = _Parser(md, self.dialect, self.colours)
        md.block_level_elements.append(STASH)
        md.treeprocessors.register(_AfterInlines(md), "blocks", _BEHIND_INLINES_BEFORE_NEWLINES)
        md.postprocessors.register(_Unstash(md), "raw_html", 30)


class _Parser(BlockParser):
    def __init__(self, md: Markdown, dialect: Dialect, colours: bool) -> None:
        super().__init__(md)
        self.dialect = dialect
        self.colours = colours

    def parseDocument(self, lines: list[str]) -> ElementTree:
        structure = extended.structure(self.dialect, lines)
        document = structure.read(lines)
        elements = Elements(self.md, structure, Coder(self.md, self.colours))
        root = Element(self.md.doc_tag)
        elements.fill(root, document)
        notes = {label: Element("li") for label in structure.footnotes}
        for label, node in structure.footnotes.items():
            elements.fill(notes[label], node)
        add_notes(root, notes)
        self.md.references.update(structure.references)
        self.md.footnotes, self.md.footnote_order = notes, []
        self.md.abbreviations = structure.abbreviations
        self.md.lines = elements.lines
        self.md.notices = getattr(self.md, "notices", [])
        self.md.notices += elements.notices
        return ElementTree(root)


class _AfterInlines(Treeprocessor):
    def run(self, root: Element) -> None:
        unwrap_tight(root)
        extended.mark_abbreviations(root, self.md.abbreviations)
        number_notes(root, self.md)


class _Unstash(Postprocessor):
    """Replace the placeholders of raw HTML and code, with the elements around them, by the stashed HTML."""

    PLACE = re.compile(rf"(?:<{STASH}>)?\x02wzxhzdk:([0-9]{{1,9}})\x03(?:</{STASH}>)?")

    def run(self, text: str) -> str:
        stashed = self.md.htmlStash.rawHtmlBlocks

        def html(place: re.Match[str]) -> str:
            number = int(place[1])
            return str(stashed[number]) if number < len(stashed) else ""

        return self.PLACE.sub(html, text)
