"""The result of rendering a text."""

from dataclasses import dataclass, field
from functools import cached_property
from xml.etree.ElementTree import Element

from blog.markup import text_extraction
from blog.markup.notices import Notice
from blog.markup.policies import POST


@dataclass(frozen=True)
class Rendered:
    """Sanitized HTML; what is derived from it is computed on first access."""

    html: str
    teaser_html: str  # the part before <!--more-->; "" without one
    more_text: str  # the link text of <!--more link text-->
    more_id: str  # the id of the element where the teaser ends
    truncated_reason: str  # "", or the limit because of which all is plain text: "characters", "brackets", "time" …
    notices: tuple[Notice, ...]  # for the author, in the order of the text
    root: Element = field(repr=False, compare=False)
    toc: Element | None = field(repr=False, compare=False)

    @cached_property
    def toc_html(self) -> str:
        """The table of contents; "" with fewer than two headings."""
        if self.toc is None:
            return ""
        from blog.markup.sanitizer import tree_html  # it is loaded with the first text

        root = Element("root")
        root.append(self.toc)
        return tree_html(root, POST)

    @cached_property
    def summary(self) -> str:
        """Plain text, at most 55 words."""
        return text_extraction.summarize(self.root)

    @cached_property
    def plain(self) -> str:
        """The whole text without tags, a line for each block."""
        return text_extraction.plain(self.root)

    @cached_property
    def words(self) -> int:
        """The number of words; in Chinese and Japanese each character counts as one."""
        return text_extraction.count_words(self.plain)

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The URLs of images, as in the text."""
        return text_extraction.pictures(self.root)

    @cached_property
    def links(self) -> tuple[str, ...]:
        return text_extraction.links(self.root)
