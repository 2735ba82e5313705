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
from dataclasses import dataclass
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from blog.markup import reading
from blog.markup.cleaning import clean, legible, seal
from blog.markup.dialects import markdown_of_comments, markdown_of_posts
from blog.markup.effort import SECONDS_A_TAG, Clock, TooMuch, check_text
from blog.markup.finishing import Finished, finish
from blog.markup.more import mark
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.tree import fell, grow

__all__ = ["COMMENT", "POST", "VERSION", "Policy", "Rendered", "clean", "render"]

_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")

VERSION = 2  # rises whenever the same source gives other HTML: `rerender` looks for what is older


@dataclass(frozen=True)
class Rendered:
    """Clean HTML, and what was learned on the way."""

    html: str
    teaser_html: str  # the part before <!--more-->, "" where there is no such mark
    more_text: str  # the words of <!--more these words-->
    more_id: str  # the name of the place where the teaser ended
    toc_html: str  # the contents, "" with fewer than two headings
    summary: str  # plain text, at most 55 words
    plain: str  # the whole text without tags, a line for each block
    words: int  # of Chinese and Japanese, characters
    pictures: tuple[str, ...]  # addresses as they stand in the text
    links: tuple[str, ...]
    truncated_reason: str  # "" or the cap that made it plain text: "characters", "brackets", "time" …


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
    clock = Clock(policy.caps.seconds)
    html = text
    if source_format == "markdown":
        check_text(text, policy.caps)
        html = (markdown_of_posts if policy is POST else markdown_of_comments)(clock).convert(text)
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
    plain = reading.plain(finished.root)
    return Rendered(
        html=html_of(finished.root),
        teaser_html=html_of(finished.teaser),
        more_text=more_text if finished.teaser is not None else "",
        more_id=f"{prefix}more" if finished.teaser is not None else "",
        toc_html=html_of(toc),
        summary=reading.summarize(finished.root),
        plain=plain,
        words=reading.count_words(plain),
        pictures=reading.pictures(finished.root),
        links=reading.links(finished.root),
        truncated_reason=reason,
    )
