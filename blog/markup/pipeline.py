"""The steps from a text to sanitized HTML; `blog.markup` loads this module with the first text."""

import re
from collections.abc import Iterable
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from blog.markup import mathml
from blog.markup.comment_html import html_of_foreign_comment
from blog.markup.dom import parse_html
from blog.markup.flavors import html_of_comment, html_of_post
from blog.markup.iframes import link_frames
from blog.markup.limits import SECONDS_A_TAG, Clock, TextTooComplex, at_most, check_text
from blog.markup.notices import AS_TYPED, Notice
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.postprocessing import Finished, finish
from blog.markup.read_more import as_unmarked, mark
from blog.markup.removed_html import report_removed
from blog.markup.render_result import Rendered
from blog.markup.sanitizer import clean, strip_control_characters, tree_html
from blog.markup.text_direction import set_directions

_TAG_MAY_BEGIN = re.compile(r"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# Most comments are only words and punctuation, which Markdown turns into paragraphs and line breaks and the sanitizers
# leave unchanged: no line that could begin a list or a block, no URL, nothing to escape. They skip both.
_STOPS = r"[,;!?'’“”«»()¡¿…–—%]|-(?=\w)|:(?= )|\.(?!\w)|(?<=\d)[.:](?=\d)|[ ](?=\S)"
_ONLY_WORDS = re.compile(rf"(?!(?s:.*)\.{{9}})(?:[«“¡¿]?[^\W\d_](?:[^\W_]|{_STOPS})*(?:\n|\Z)\n?)+")

_MARKED_UP = re.compile(r"[<&]|https?:|www\.", re.IGNORECASE)  # in an imported comment: tags, entities, URLs

LONGEST_FOREIGN_COMMENT = 70_000  # characters


def render(
    text: str,
    policy: Policy,
    *,
    source_format: str,
    prefix: str,
    language: str,
    smart: bool,
    extensions: bool,
    extended: bool,
) -> Rendered:
    """What `blog.markup.render` promises."""
    if source_format not in ("markdown", "html"):
        raise ValueError(f"there is no source format {source_format!r}")
    text = strip_control_characters(text, policy)
    try:
        if policy is COMMENT:
            return _described(_foreign_comment(text) if source_format == "html" else _comment(text), COMMENT)
        syntax = {"smart": smart, "extensions": extensions, "extended": extended}
        return _post(text, source_format, prefix or "text-", language, syntax)
    except (TextTooComplex, RecursionError) as trouble:
        reason = "depth" if isinstance(trouble, RecursionError) else str(trouble)
        return _described(_plain(text, source_format), policy, reason=reason, notices=[Notice(0, AS_TYPED, reason)])


def as_typed(text: str, source_format: str = "markdown") -> str:
    """The HTML of a post as plain text: paragraphs and line breaks, no markup."""
    return tree_html(_plain(strip_control_characters(text, POST), source_format).root, POST)


def _comment(text: str) -> Finished:
    if _ONLY_WORDS.fullmatch(text):
        return _plain(text, "markdown")
    clock = Clock(COMMENT.caps.seconds)
    check_text(text, COMMENT.caps)
    html = html_of_comment(text)
    clock.check(ahead=html.count("<") * SECONDS_A_TAG)
    tree = parse_html(clean(html, COMMENT))
    clock.check()
    return finish(tree, COMMENT, prefix="", more="", tasks=True)


def _foreign_comment(text: str) -> Finished:
    """An imported comment. It may be longer than what readers can post: WordPress's column has 65,535 bytes."""
    at_most("characters", len(text), LONGEST_FOREIGN_COMMENT)
    if not _MARKED_UP.search(text):
        return _plain(text, "markdown")
    html = html_of_foreign_comment(text)
    at_most("tags", html.count("<"), COMMENT.caps.tags)
    return finish(parse_html(clean(html, COMMENT)), COMMENT, prefix="", more="", tasks=False)


def _post(text: str, source_format: str, prefix: str, language: str, syntax: dict[str, bool]) -> Rendered:
    """There is no time limit here, so that the same text gives the same HTML on every machine."""
    at_most("characters", len(text), POST.caps.characters)
    notices: list[Notice] = []
    marked, more, more_text = mark(text, source_format)
    html = marked
    is_markdown = source_format == "markdown"
    if is_markdown:
        html = html_of_post(marked, notices, language=language, **syntax)
        notices = as_unmarked(notices, marked, more)
    html = link_frames(html)
    report_removed(html, POST, text, notices)
    cleaned = clean(html, POST, notices, typed=not is_markdown or bool(_TAG_MAY_BEGIN.search(text)))
    finished = finish(parse_html(cleaned), POST, prefix=prefix, more=more, tasks=is_markdown)
    more_id = f"{prefix}more"
    rendered = _described(finished, POST, language=language, more_text=more_text, more_id=more_id, notices=notices)
    return mathml.typeset(rendered) if is_markdown and syntax["extended"] else rendered


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
        html=tree_html(finished.root, policy),
        teaser_html=tree_html(finished.teaser, policy),
        more_text=more_text if is_cut else "",
        more_id=more_id if is_cut else "",
        truncated_reason=reason,
        notices=tuple(sorted(set(notices))),
        root=finished.root,
        toc=finished.toc,
    )
