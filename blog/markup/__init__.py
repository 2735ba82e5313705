"""Text becomes HTML here, once, when it is saved; nothing else in Longrun makes or cleans HTML.

    rendered = render(text, POST, prefix="p1a2b3-")        what authors write: Markdown, with everything
    rendered = render(text, POST, source_format="html")    what was imported
    rendered = render(text, COMMENT)                       what readers write: a small Markdown without HTML

The way: caps → Markdown → nh3 → bleach → what we add (levels of headings, names, contents, figures, tasks) → nh3.
Both cleaners obey the tables in `policies`. A text that is over a cap, or takes longer than its policy allows, is
shown as plain text with its paragraphs and lines; `truncated_reason` says why. `render` raises nothing for any str.

Sources: Python-Markdown and its extensions for the dialect; CommonMark 0.31 for lists and fences; WordPress for
`<!--more-->` and the 55 words of a summary; the HTML standard for what is valid.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from blog.markup import reading
from blog.markup.cleaning import clean, legible, seal
from blog.markup.dialects import html_of_comment, html_of_post
from blog.markup.effort import SECONDS_A_TAG, Clock, TooMuch, check_text
from blog.markup.finishing import Finished, finish
from blog.markup.more import mark
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.tree import fell, grow

__all__ = ["COMMENT", "POST", "VERSION", "Policy", "Rendered", "clean", "render"]

_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# Most answers are words and stops, of which Markdown makes paragraphs and lines, and the cleaners nothing else: no line
# that could open a list or a block, no address, nothing that HTML escapes.
_STOPS = r"[,;!?'’“”«»()¡¿…–—%]|-(?=\w)|:(?= )|\.(?!\w)|(?<=\d)[.:](?=\d)|[ ](?=\S)"
_ONLY_WORDS = re.compile(rf"(?!(?s:.*)\.{{9}})(?:[«“¡¿]?[^\W\d_](?:[^\W_]|{_STOPS})*(?:\n|\Z)\n?)+")

VERSION = 3  # rises whenever the same source gives other HTML: `rerender` looks for what is older


@dataclass(frozen=True)
class Rendered:
    """Clean HTML, and what is read in it when somebody asks."""

    html: str
    teaser_html: str  # the part before <!--more-->, "" where there is no such mark
    more_text: str  # the words of <!--more these words-->
    more_id: str  # the name of the place where the teaser ended
    toc_html: str  # the contents, "" with fewer than two headings
    truncated_reason: str  # "" or the cap that made it plain text: "characters", "brackets", "time" …
    root: Element = field(repr=False, compare=False)

    @cached_property
    def summary(self) -> str:
        """Plain text, at most 55 words."""
        return reading.summarize(self.root)

    @cached_property
    def plain(self) -> str:
        """The whole text without tags, a line for each block."""
        return reading.plain(self.root)

    @cached_property
    def words(self) -> int:
        """Of Chinese and Japanese, characters."""
        return reading.count_words(self.plain)

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """Addresses as they stand in the text."""
        return reading.pictures(self.root)

    @cached_property
    def links(self) -> tuple[str, ...]:
        return reading.links(self.root)


def render(text: str, policy: Policy, *, source_format: str = "markdown", prefix: str = "") -> Rendered:
    """Turn what somebody wrote into what may stand in a page.

    `source_format` is "markdown" or "html" (posts only). Every id in the result begins with `prefix`, which must
    differ between texts that may meet on one page.
    """
    if source_format not in ("markdown", "html") or source_format == "html" and policy is not POST:
        raise ValueError(f"{policy.name} has no source format {source_format!r}")
    prefix = prefix or "text-"
    text = legible(text, policy)
    more = more_text = reason = ""
    if policy is POST:
        text, more, more_text = mark(text, source_format)
    try:
        finished = _finished(text, policy, source_format, prefix, more)
    except (TooMuch, RecursionError) as trouble:
        reason = "depth" if isinstance(trouble, RecursionError) else str(trouble)
        finished = _plain(text.replace(more, ""), source_format)
    return _described(finished, policy, more_text, prefix, reason)


def _finished(text: str, policy: Policy, source_format: str, prefix: str, more: str) -> Finished:
    if policy is COMMENT and _ONLY_WORDS.fullmatch(text):
        return _plain(text, source_format)
    clock = Clock(policy.caps.seconds)
    html = text
    if source_format == "markdown":
        check_text(text, policy.caps)
        html = (html_of_post if policy is POST else html_of_comment)(text, clock)
    clock.look(ahead=html.count("<") * SECONDS_A_TAG)
    tree = grow(clean(html, policy))
    clock.look()
    return finish(tree, policy, prefix=prefix, more=more, tasks=source_format == "markdown")


def _plain(text: str, source_format: str) -> Finished:
    """The text as it was typed, in paragraphs and lines, with nothing understood."""
    if source_format == "html":
        text = _SPACES.sub(" ", legible(unescape(_ANY_TAG.sub(" ", text)), POST)).strip()
    root = Element("root")
    for part in _BLANK_LINES.split(text.strip("\n")):
        first, *others = part.split("\n")
        paragraph = SubElement(root, "p")
        paragraph.text, paragraph.tail = first, "\n"
        for line in others:
            SubElement(paragraph, "br").tail = f"\n{line}"
    return Finished(root, None, None)


def _described(finished: Finished, policy: Policy, more_text: str, prefix: str, reason: str) -> Rendered:
    def html_of(root: Element | None) -> str:
        return "" if root is None else seal(fell(root), policy).strip()

    toc = None
    if finished.toc is not None:
        toc = Element("root")
        toc.append(finished.toc)
    return Rendered(
        html=html_of(finished.root),
        teaser_html=html_of(finished.teaser),
        more_text=more_text if finished.teaser is not None else "",
        more_id=f"{prefix}more" if finished.teaser is not None else "",
        toc_html=html_of(toc),
        truncated_reason=reason,
        root=finished.root,
    )
