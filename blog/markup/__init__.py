"""Text becomes HTML here, once, when it is saved; nothing else in Longrun makes or cleans HTML.

    rendered = render(text, POST, prefix="p1a2b3-")        what authors write: Markdown, with everything
    rendered = render(text, POST, source_format="html")    what was imported
    rendered = render(text, COMMENT)                       what readers write: a small Markdown without HTML

The way: Markdown → nh3 → bleach, where somebody typed HTML → what we add (levels of headings, names, contents,
figures, tasks) → nh3. Both cleaners obey the tables in `policies`. What an author is not shown as written stands in
`notices`. A reader's answer that is over a cap, or takes longer than its policy allows, is shown as plain text with its
paragraphs and lines; `truncated_reason` says why. `render` raises nothing for any str.

Sources: Python-Markdown and its extensions for the dialect; CommonMark 0.31 for lists and fences; WordPress for
`<!--more-->` and the 55 words of a summary; the HTML standard for what is valid.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from blog.markup import text_extraction
from blog.markup.dom import fell, grow
from blog.markup.flavors import html_of_comment, html_of_post
from blog.markup.iframes import link_frames
from blog.markup.limits import SECONDS_A_TAG, Clock, TooMuch, at_most, check_text
from blog.markup.notices import AS_TYPED, DROPPED, Notice
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.postprocessing import Finished, finish
from blog.markup.read_more import as_unmarked, mark
from blog.markup.removed_html import name_left_out
from blog.markup.sanitizer import clean, legible, seal
from blog.markup.text_direction import set_directions

__all__ = ["COMMENT", "LEFT_OUT", "POST", "VERSION", "Notice", "Policy", "Rendered", "as_typed", "clean", "render"]

_TAG_MAY_BEGIN = re.compile(r"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# Most answers are words and stops, of which Markdown makes paragraphs and lines, and the cleaners nothing else: no line
# that could open a list or a block, no address, nothing that HTML escapes.
_STOPS = r"[,;!?'’“”«»()¡¿…–—%]|-(?=\w)|:(?= )|\.(?!\w)|(?<=\d)[.:](?=\d)|[ ](?=\S)"
_ONLY_WORDS = re.compile(rf"(?!(?s:.*)\.{{9}})(?:[«“¡¿]?[^\W\d_](?:[^\W_]|{_STOPS})*(?:\n|\Z)\n?)+")

VERSION = 6  # rises whenever the same source gives other HTML: `rerender` looks for what is older

LEFT_OUT = frozenset({AS_TYPED, DROPPED})  # kinds of notices: something is not shown as it was meant


@dataclass(frozen=True)
class Rendered:
    """Clean HTML, and what is read in it when somebody asks."""

    html: str
    teaser_html: str  # the part before <!--more-->, "" where there is no such mark
    more_text: str  # the words of <!--more these words-->
    more_id: str  # the name of the place where the teaser ended
    truncated_reason: str  # "" or the cap that made all of it plain text: "characters", "brackets", "time" …
    notices: tuple[Notice, ...]  # what its author must be told of, in the order of the text
    root: Element = field(repr=False, compare=False)
    toc: Element | None = field(repr=False, compare=False)

    @cached_property
    def toc_html(self) -> str:
        """The contents, "" with fewer than two headings."""
        if self.toc is None:
            return ""
        root = Element("root")
        root.append(self.toc)
        return _html_of(root, POST)

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
        """Of Chinese and Japanese, characters."""
        return text_extraction.count_words(self.plain)

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """Addresses as they stand in the text."""
        return text_extraction.pictures(self.root)

    @cached_property
    def links(self) -> tuple[str, ...]:
        return text_extraction.links(self.root)


def render(
    text: str,
    policy: Policy,
    *,
    source_format: str = "markdown",
    prefix: str = "",
    language: str = "",
    smart: bool = True,
    extensions: bool = True,
) -> Rendered:
    """Turn what somebody wrote into what may stand in a page.

    `source_format` is "markdown" or "html" (posts only). Every id in the result begins with `prefix`, which must
    differ between texts that may meet on one page. `language` is the BCP 47 tag of a post's text, by which quotation
    marks are chosen ("": English ones); `smart=False` leaves its signs as they were typed. Without
    `extensions` only CommonMark is read.
    """
    if source_format not in ("markdown", "html") or source_format == "html" and policy is not POST:
        raise ValueError(f"{policy.name} has no source format {source_format!r}")
    text = legible(text, policy)
    try:
        if policy is COMMENT:
            return _described(_comment(text), COMMENT)
        return _post(text, source_format, prefix or "text-", language, smart, extensions)
    except (TooMuch, RecursionError) as trouble:
        reason = "depth" if isinstance(trouble, RecursionError) else str(trouble)
        return _described(_plain(text, source_format), policy, reason=reason, notices=[Notice(0, AS_TYPED, reason)])


def as_typed(text: str, source_format: str = "markdown") -> str:
    """The HTML of a post in which nothing is understood: paragraphs and lines."""
    return _html_of(_plain(legible(text, POST), source_format).root, POST)


def _comment(text: str) -> Finished:
    if _ONLY_WORDS.fullmatch(text):
        return _plain(text, "markdown")
    clock = Clock(COMMENT.caps.seconds)
    check_text(text, COMMENT.caps)
    html = html_of_comment(text)
    clock.look(ahead=html.count("<") * SECONDS_A_TAG)
    tree = grow(clean(html, COMMENT))
    clock.look()
    return finish(tree, COMMENT, prefix="", more="", tasks=True)


def _post(text: str, source_format: str, prefix: str, language: str, smart: bool, extensions: bool) -> Rendered:
    """No clock decides here: the same text gives the same HTML on every machine."""
    at_most("characters", len(text), POST.caps.characters)
    notices: list[Notice] = []
    marked, more, more_text = mark(text, source_format)
    html = marked
    is_markdown = source_format == "markdown"
    if is_markdown:
        html = html_of_post(marked, notices, language=language, smart=smart, extensions=extensions)
        notices = as_unmarked(notices, marked, more)
    html = link_frames(html)
    name_left_out(html, POST, text, notices)
    cleaned = clean(html, POST, notices, typed=not is_markdown or bool(_TAG_MAY_BEGIN.search(text)))
    finished = finish(grow(cleaned), POST, prefix=prefix, more=more, tasks=is_markdown)
    more_id = f"{prefix}more"
    return _described(finished, POST, language=language, more_text=more_text, more_id=more_id, notices=notices)


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


def _described(
    finished: Finished,
    policy: Policy,
    *,
    language: str = "",
    more_text: str = "",
    more_id: str = "",
    reason: str = "",
    notices: Iterable[Notice] = (),
) -> Rendered:
    for part in (finished.root, finished.toc, finished.teaser):
        set_directions(part, language)
    is_cut = finished.teaser is not None
    return Rendered(
        html=_html_of(finished.root, policy),
        teaser_html=_html_of(finished.teaser, policy),
        more_text=more_text if is_cut else "",
        more_id=more_id if is_cut else "",
        truncated_reason=reason,
        notices=tuple(sorted(set(notices))),
        root=finished.root,
        toc=finished.toc,
    )


def _html_of(root: Element | None, policy: Policy) -> str:
    return "" if root is None else seal(fell(root), policy).strip()
