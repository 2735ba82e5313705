"""A tag that prose only names ("every page needs a <title>") stands there as words.

The cleaners drop some elements with all that they hold, and one that nobody closes holds the rest of the text. So in
Markdown such an opening tag is a tag only if it is closed: for a tag within a line in the same paragraph, for one that
begins raw HTML anywhere behind it.
"""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.htmlparser import HTMLExtractor
from markdown.inlinepatterns import HTML_RE, HtmlInlineProcessor
from markdown.preprocessors import Preprocessor

from blog.markup.cleaning import DROPPED_WITH_CONTENT

# <embed> holds nothing; <plaintext> takes whatever follows for text, and nothing can close it.
_NAMES = "|".join(sorted(DROPPED_WITH_CONTENT - {"embed"} | {"plaintext"}))
_OPENING = re.compile(rf"<({_NAMES})(?=[\s/>])", re.IGNORECASE)
_CLOSING = re.compile(rf"</({_NAMES})(?=[\s/>])", re.IGNORECASE)


class UnclosedTags(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_RawHtml(md), "html_block", 20)
        md.inlinePatterns.register(_TagInALine(HTML_RE, md), "html", 90)


class _RawHtml(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        extractor = _Extractor(self.md)
        text = "\n".join(lines)
        extractor.last_closings = {found[1].lower(): len(text) - found.start() for found in _CLOSING.finditer(text)}
        extractor.feed(text)
        extractor.close()
        return "".join(extractor.cleandoc).split("\n")


class _Extractor(HTMLExtractor):
    last_closings: dict[str, int]  # name → how far from the end of the text it is closed for the last time

    def parse_starttag(self, i: int) -> int:
        opening = _OPENING.match(self.rawdata, i)
        if opening and self.last_closings.get(opening[1].lower(), len(self.rawdata)) >= len(self.rawdata) - i:
            self.handle_data("&lt;" if self.inraw else "<")
            return i + 1
        return super().parse_starttag(i)


class _TagInALine(HtmlInlineProcessor):
    searched, unclosed = "", frozenset()  # the text last looked through, and what is not closed from there on

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str | None, int, int]:
        opening = _OPENING.match(m[1])
        if opening and not self.is_closed(opening[1].lower(), data, m.end()):
            return None, m.start(), m.end()
        return super().handleMatch(m, data)

    def is_closed(self, name: str, data: str, start: int) -> bool:
        """Whether it is closed behind this place; the same text is not read to its end again and again."""
        if self.searched is not data:
            self.searched, self.unclosed = data, frozenset()
        if name in self.unclosed:
            return False
        if any(closing[1].lower() == name for closing in _CLOSING.finditer(data, start)):
            return True
        self.unclosed |= {name}
        return False
