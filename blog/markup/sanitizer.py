"""Sanitizes HTML with two libraries and one allow-list: nh3, which is maintained, before and after bleach, which is
no longer: BLEACH switches it off, and no test depends on it (tests/blog/test_markup_without_bleach.py).

The first pass of nh3 removes scripts and style sheets with their content (bleach would keep it as text) and makes the
HTML well-formed for bleach; the last pass is nh3's too. Sanitizing is idempotent.
"""

import re
from collections.abc import Callable
from itertools import islice
from xml.etree.ElementTree import Element

import nh3

from blog.markup.dom import VOID, free_tree
from blog.markup.limits import check_html
from blog.markup.nesting_limits import bounded
from blog.markup.notices import Notice
from blog.markup.policies import POST, Policy

BLEACH = True  # False: nh3 alone, and bleach need not be installed

DROPPED_WITH_CONTENT = frozenset(
    """embed head iframe math noembed noframes noscript object script select style svg template textarea title
    xmp""".split()
)

# Characters that are parse errors everywhere in HTML: controls, lone surrogates, noncharacters.
_ILLEGIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(17))
    + "]"
)
_ESCAPES = ("&amp;", "&lt;", "&gt;", "&nbsp;")
_LONE_AMPERSAND = re.compile(r"&(?![a-zA-Z0-9#])")
# Every parser takes one of the newlines away, so each pass would leave one less.
_PRE_BEGINS_EMPTY = re.compile(r"(<pre(?: [^<>]*)?>)\n+")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")  # in the output of nh3
_PRIVATE = range(0xE000, 0xF900)  # Unicode's private use area
# Output of nh3 in which bleach has nothing to find: elements that every parser nests in the same way and that run
# nothing, absolute URLs, no character in an attribute's value that could end it.
_VALUE, _URL = r"[^\"'`<>&]*+", r"https?://(?:[^\"'`<>&\s]|&amp;)*+"
_ATTRIBUTE = rf""" (?:(?:href|src)="{_URL}"|(?:align|alt|class|dir|height|id|lang|rel|title|width)="{_VALUE}")"""
_ELEMENTS = """a b blockquote br cite code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li
    mark ol p q s samp small span strong sub sup u ul var""".split()
PLAIN = re.compile(
    rf"(?:[^<>&]++|&(?:amp|lt|gt|nbsp);|</(?:{'|'.join(_ELEMENTS)})>|<(?:{'|'.join(_ELEMENTS)})(?:{_ATTRIBUTE})*+>)*+"
)
# Bidirectional controls: in a comment they could reverse the text of other people after it.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def strip_control_characters(text: str, policy: Policy) -> str:
    r"""The text without characters that HTML forbids, with all line ends as \n. Comments also lose bidirectional
    controls. Call it before sanitizing, never after: removing characters could create markup."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")  # U+FEFF: byte order mark of a file
    text = _ILLEGIBLE.sub("", text)
    return text if policy.ids else _OVERRIDES.sub("", text)


def clean(html: str, policy: Policy, notices: list[Notice] | None = None, *, typed: bool = True) -> str:
    """The HTML with only what the policy allows, well-formed and without forbidden characters.

    A character reference (`&#1;`) can stand for a forbidden character. The first pass resolves references; then the
    characters are removed, and sanitizing follows once more ("java&#1;script:" must not become a URL scheme).

    `typed`: whether somebody typed a tag in it. If all tags come from our Markdown, or are so plain that bleach would
    change nothing, bleach is skipped, because it takes as long per tag as all other steps together.

    In a post, tags over a limit are escaped (`nesting_limits`) and added to `notices`; in a comment TextTooComplex is
    raised.
    """
    html = _LONE_AMPERSAND.sub("&amp;", strip_control_characters(html, policy))
    html = strip_control_characters(nh3_clean(_bounded(html, policy, notices), policy), policy)
    if typed:
        html = _bounded(html, policy, notices)
        html = nh3_clean(html if PLAIN.fullmatch(html) else _bleached_once(html, policy), policy)
    return html


def _bounded(html: str, policy: Policy, notices: list[Notice] | None) -> str:
    if policy is POST:
        return bounded(html, [] if notices is None else notices)
    check_html(html, policy.caps)
    return html


def nh3_clean(html: str, policy: Policy) -> str:
    """Sanitize with nh3 only: for sanitized HTML that we have changed since."""
    html, back = _escapes_as_signs(html)
    cleaned = nh3.clean(
        html,
        tags=set(policy.tags),
        clean_content_tags=set(DROPPED_WITH_CONTENT - policy.tags),
        attributes={tag: set(names) for tag, names in policy.attributes.items()},
        attribute_filter=policy.value,
        url_schemes=set(policy.schemes),
        link_rel=policy.link_rel,
        strip_comments=True,
    )
    return back(_PRE_BEGINS_EMPTY.sub(r"\1", cleaned) if "<pre" in cleaned else cleaned)


def tree_html(root: Element | None, policy: Policy) -> str:
    """The tree as HTML, sanitized with nh3."""
    return "" if root is None else nh3_clean(free_tree(root), policy).strip()


def _escapes_as_signs(html: str) -> tuple[str, Callable[[str], str]]:
    """Replaces each of _ESCAPES by a private use character; returns the HTML and a function that restores them.

    For speed: a character reference costs a parser as much as a tag, a plain character nothing.
    """
    signs = _unused_characters(html, len(_ESCAPES))
    if "&" not in html or len(signs) < len(_ESCAPES):
        return html, str
    pairs = list(zip(_ESCAPES, signs, strict=False))
    for escape, sign in pairs:
        html = html.replace(escape, sign)

    def back(cleaned: str) -> str:
        for escape, sign in pairs:
            cleaned = cleaned.replace(sign, escape)
        return cleaned

    return html, back


def _unused_characters(html: str, count: int) -> list[str]:
    used = set(html)
    return list(islice((sign for sign in map(chr, _PRIVATE) if sign not in used), count))


def _bleached_once(html: str, policy: Policy) -> str:
    """Sanitize with bleach, equal top-level elements only once: a text may have 75,000 equal headings."""
    pieces = _pieces(html)
    distinct = list(dict.fromkeys(pieces))
    signs = _unused_characters(html, 1)
    if len(distinct) == len(pieces) or not signs:
        return _bleached(html, policy)
    cleaned = _bleached(signs[0].join(distinct), policy).split(signs[0])
    if len(cleaned) != len(distinct):
        return _bleached(html, policy)
    again = dict(zip(distinct, cleaned, strict=True))
    return "".join([again[piece] for piece in pieces])


def _pieces(html: str) -> list[str]:
    """Splits the HTML into top-level elements, each with the text that follows it."""
    cuts, depth = [0], 0
    for tag in _TAG.finditer(html):
        if tag[1]:
            depth -= 1
            continue
        if depth == 0:
            cuts.append(tag.start())
        depth += tag[2] not in VOID
    return [html[start:end] for start, end in zip(cuts, [*cuts[1:], len(html)], strict=True)]


def _bleached(html: str, policy: Policy) -> str:
    if not BLEACH:
        return html
    import bleach

    def allowed(tag: str, name: str, value: str) -> bool:
        return policy.value(tag, name, value) is not None

    cleaner = bleach.Cleaner(
        tags=policy.tags, attributes=allowed, protocols=policy.schemes, strip=True, strip_comments=True
    )
    html, back = _escapes_as_signs(html)
    return back(cleaner.clean(html))
