"""Two cleaners with one allow-list: nh3, which is maintained, before and behind bleach, which no longer is.

The first pass drops what a script or a style sheet holds (bleach would keep it as text) and hands bleach a tidy
tree; the last word is nh3's. Cleaning what is clean changes nothing.
"""

import re
from collections.abc import Callable
from itertools import islice

import bleach
import nh3

from blog.markup.dom import ALONE
from blog.markup.limits import check_html
from blog.markup.nesting_limits import bounded
from blog.markup.notices import Notice
from blog.markup.policies import POST, Policy

DROPPED_WITH_CONTENT = frozenset(
    """embed head iframe math noembed noframes noscript object script select style svg template textarea title
    xmp""".split()
)

# What HTML calls a parse error wherever it stands: controls, lone surrogates, noncharacters.
_ILLEGIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(17))
    + "]"
)
_ESCAPES = ("&amp;", "&lt;", "&gt;", "&nbsp;")
_LONE_AMPERSAND = re.compile(r"&(?![a-zA-Z0-9#])")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")  # in what nh3 has written
_PRIVATE = range(0xE000, 0xF900)  # characters without a meaning of their own
# They turn the direction of what stands after them: in an answer, of other people's words.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def legible(text: str, policy: Policy) -> str:
    """The text without what no page may hold, with newlines as newlines. Always before cleaning, never after."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")  # a file may begin with its mark
    text = _ILLEGIBLE.sub("", text)
    return text if policy.ids else _OVERRIDES.sub("", text)


def clean(html: str, policy: Policy, notices: list[Notice] | None = None, *, typed: bool = True) -> str:
    """Only what the policy allows, well-formed and legible.

    A character reference (`&#1;`) brings back what no page may hold: the first pass has resolved it, and what is
    taken out then is looked at by both cleaners afterwards ("java&#1;script:" must not become a scheme here).

    `typed` says whether a tag in it was typed by somebody. Where our Markdown alone has written all of them bleach is
    not asked: it takes as long for a tag as the whole rest of the way.

    An author's HTML is bounded tag by tag, and `notices` told of it; for a reader's TooMuch is raised.
    """
    html = _LONE_AMPERSAND.sub("&amp;", legible(html, policy))
    html = legible(seal(_bounded(html, policy, notices), policy), policy)
    if typed:
        html = seal(_bleached_once(_bounded(html, policy, notices), policy), policy)
    return html


def _bounded(html: str, policy: Policy, notices: list[Notice] | None) -> str:
    if policy is POST:
        return bounded(html, [] if notices is None else notices)
    check_html(html, policy.caps)
    return html


def seal(html: str, policy: Policy) -> str:
    """nh3's pass alone: for HTML that is clean and to which we have added something of our own."""
    html, back = _escapes_as_signs(html)
    return back(
        nh3.clean(
            html,
            tags=set(policy.tags),
            clean_content_tags=set(DROPPED_WITH_CONTENT - policy.tags),
            attributes={tag: set(names) for tag, names in policy.attributes.items()},
            attribute_filter=policy.value,
            url_schemes=set(policy.schemes),
            link_rel=policy.link_rel,
            strip_comments=True,
        )
    )


def _escapes_as_signs(html: str) -> tuple[str, Callable[[str], str]]:
    """What is escaped, as one character each, and the way back: parsers take it for the text that it is at once.

    A character reference costs them as much as a tag; these need no look, whatever stands around them.
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
    """bleach's pass over clean HTML, in which pieces that are equal are read once: 75,000 headings may be."""
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
    """Each element that stands in no other, with the text behind it."""
    cuts, depth = [0], 0
    for tag in _TAG.finditer(html):
        if tag[1]:
            depth -= 1
            continue
        if depth == 0:
            cuts.append(tag.start())
        depth += tag[2] not in ALONE
    return [html[start:end] for start, end in zip(cuts, [*cuts[1:], len(html)], strict=True)]


def _bleached(html: str, policy: Policy) -> str:
    def allowed(tag: str, name: str, value: str) -> bool:
        return policy.value(tag, name, value) is not None

    cleaner = bleach.Cleaner(
        tags=policy.tags, attributes=allowed, protocols=policy.schemes, strip=True, strip_comments=True
    )
    html, back = _escapes_as_signs(html)
    return back(cleaner.clean(html))
