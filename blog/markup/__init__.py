"""Renders the text of posts and comments to HTML, once, when it is saved. Only this package makes and sanitizes it.

    rendered = render(text, POST, prefix="p1a2b3-")        posts: Markdown with all extensions and HTML
    rendered = render(text, POST, source_format="html")    imported posts
    rendered = render(text, COMMENT)                       comments: a small Markdown without HTML
    rendered = render(text, COMMENT, source_format="html") imported comments: text with a few tags

The steps: Markdown → nh3 → bleach, if somebody typed HTML → postprocessing (heading levels, ids, table of contents,
figures, task lists) → nh3. Both sanitizers use the allow-lists in `policies`. `notices` list what an author typed that
is not shown as meant. A comment that exceeds a limit or the time of its policy is shown as plain text with its
paragraphs and lines; `truncated_reason` names the limit. `render` raises nothing for any str as text.

Sources: Python-Markdown and its extensions for the syntax; CommonMark 0.31 for lists and fences; WordPress for
`<!--more-->` and the 55 words of a summary; the HTML standard for what is valid.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from blog.markup import text_extraction
from blog.markup.comment_html import html_of_foreign_comment
from blog.markup.dom import free_tree, parse_html
from blog.markup.flavors import html_of_comment, html_of_post
from blog.markup.iframes import link_frames
from blog.markup.limits import SECONDS_A_TAG, Clock, TooMuch, at_most, check_text
from blog.markup.notices import AS_TYPED, DROPPED, Notice
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.postprocessing import Finished, finish
from blog.markup.read_more import as_unmarked, mark
from blog.markup.removed_html import report_removed
from blog.markup.sanitizer import clean, nh3_clean, strip_control_characters
from blog.markup.text_direction import set_directions

__all__ = ["COMMENT", "LEFT_OUT", "POST", "VERSION", "Notice", "Policy", "Rendered", "as_typed", "clean", "render"]

_TAG_MAY_BEGIN = re.compile(r"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# Most comments are only words and punctuation, which Markdown turns into paragraphs and line breaks and the sanitizers
# leave unchanged: no line that could begin a list or a block, no URL, nothing to escape. They skip both.
_STOPS = r"[,;!?'’“”«»()¡¿…–—%]|-(?=\w)|:(?= )|\.(?!\w)|(?<=\d)[.:](?=\d)|[ ](?=\S)"
_ONLY_WORDS = re.compile(rf"(?!(?s:.*)\.{{9}})(?:[«“¡¿]?[^\W\d_](?:[^\W_]|{_STOPS})*(?:\n|\Z)\n?)+")

_MARKED_UP = re.compile(r"[<&]|https?:|www\.", re.IGNORECASE)  # in an imported comment: tags, entities, URLs

VERSION = 6  # increase it when the same source gives other HTML: `rerender` finds what has an older version

LONGEST_FOREIGN_COMMENT = 70_000  # characters

LEFT_OUT = frozenset({AS_TYPED, DROPPED})  # kinds of notices about content that is not shown as meant


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
        """The number of words; in Chinese and Japanese each character counts as one."""
        return text_extraction.count_words(self.plain)

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The URLs of images, as in the text."""
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
    """Render the text of a post or comment to sanitized HTML.

    `source_format` is "markdown" or "html" (ValueError otherwise). Every id in the result begins with
    `prefix`, which must differ between texts that may appear on the same page. `language` is the BCP 47 tag of a
    post's text and selects the quotation marks ("": English); `smart=False` turns smart punctuation off. Without
    `extensions` the syntax is plain CommonMark.
    """
    if source_format not in ("markdown", "html"):
        raise ValueError(f"there is no source format {source_format!r}")
    text = strip_control_characters(text, policy)
    try:
        if policy is COMMENT:
            return _described(_foreign_comment(text) if source_format == "html" else _comment(text), COMMENT)
        return _post(text, source_format, prefix or "text-", language, smart, extensions)
    except (TooMuch, RecursionError) as trouble:
        reason = "depth" if isinstance(trouble, RecursionError) else str(trouble)
        return _described(_plain(text, source_format), policy, reason=reason, notices=[Notice(0, AS_TYPED, reason)])


def as_typed(text: str, source_format: str = "markdown") -> str:
    """The HTML of a post as plain text: paragraphs and line breaks, no markup."""
    return _html_of(_plain(strip_control_characters(text, POST), source_format).root, POST)


def _comment(text: str) -> Finished:
    if _ONLY_WORDS.fullmatch(text):
        return _plain(text, "markdown")
    clock = Clock(COMMENT.caps.seconds)
    check_text(text, COMMENT.caps)
    html = html_of_comment(text)
    clock.look(ahead=html.count("<") * SECONDS_A_TAG)
    tree = parse_html(clean(html, COMMENT))
    clock.look()
    return finish(tree, COMMENT, prefix="", more="", tasks=True)


def _foreign_comment(text: str) -> Finished:
    """An imported comment. It may be longer than what readers can post: WordPress's column has 65,535 bytes."""
    at_most("characters", len(text), LONGEST_FOREIGN_COMMENT)
    if not _MARKED_UP.search(text):
        return _plain(text, "markdown")
    html = html_of_foreign_comment(text)
    at_most("tags", html.count("<"), COMMENT.caps.tags)
    return finish(parse_html(clean(html, COMMENT)), COMMENT, prefix="", more="", tasks=False)


def _post(text: str, source_format: str, prefix: str, language: str, smart: bool, extensions: bool) -> Rendered:
    """There is no time limit here, so that the same text gives the same HTML on every machine."""
    at_most("characters", len(text), POST.caps.characters)
    notices: list[Notice] = []
    marked, more, more_text = mark(text, source_format)
    html = marked
    is_markdown = source_format == "markdown"
    if is_markdown:
        html = html_of_post(marked, notices, language=language, smart=smart, extensions=extensions)
        notices = as_unmarked(notices, marked, more)
    html = link_frames(html)
    report_removed(html, POST, text, notices)
    cleaned = clean(html, POST, notices, typed=not is_markdown or bool(_TAG_MAY_BEGIN.search(text)))
    finished = finish(parse_html(cleaned), POST, prefix=prefix, more=more, tasks=is_markdown)
    more_id = f"{prefix}more"
    return _described(finished, POST, language=language, more_text=more_text, more_id=more_id, notices=notices)


def _plain(text: str, source_format: str) -> Finished:
    """The text as plain text: paragraphs and line breaks, no markup."""
    if source_format == "html":
        text = _SPACES.sub(" ", strip_control_characters(unescape(_ANY_TAG.sub(" ", text)), POST)).strip()
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
    return "" if root is None else nh3_clean(free_tree(root), policy).strip()
