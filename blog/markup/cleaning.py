"""Two cleaners with one allow-list: nh3, which is maintained, before and behind bleach, which no longer is.

The first pass drops what a script or a style sheet holds (bleach would keep it as text) and hands bleach a tidy
tree; the last word is nh3's. Cleaning what is clean changes nothing.
"""

import re

import bleach
import nh3

from blog.markup.effort import check_html
from blog.markup.policies import Policy

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
# They turn the direction of what stands after them: in an answer, of other people's words.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def legible(text: str, policy: Policy) -> str:
    """The text without what no page may hold, with newlines as newlines. Always before cleaning, never after."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _ILLEGIBLE.sub("", text)
    return text if policy.ids else _OVERRIDES.sub("", text)


def clean(html: str, policy: Policy) -> str:
    """Only what the policy allows, well-formed and legible.

    A character reference (`&#1;`) brings back what no page may hold: the first pass has resolved it, and what is
    taken out then is looked at by both cleaners afterwards ("java&#1;script:" must not become a scheme here).

    Raises TooMuch for what would keep one of the two busy.
    """
    html = legible(html, policy)
    check_html(html, policy.caps)
    html = legible(seal(html, policy), policy)
    check_html(html, policy.caps)
    return seal(_bleached(html, policy), policy)


def seal(html: str, policy: Policy) -> str:
    """nh3's pass alone: for HTML that is clean and to which we have added something of our own."""
    return nh3.clean(
        html,
        tags=set(policy.tags),
        clean_content_tags=set(DROPPED_WITH_CONTENT - policy.tags),
        attributes={tag: set(names) for tag, names in policy.attributes.items()},
        attribute_filter=policy.value,
        url_schemes=set(policy.schemes),
        link_rel=policy.link_rel,
        strip_comments=True,
    )


def _bleached(html: str, policy: Policy) -> str:
    def allowed(tag: str, name: str, value: str) -> bool:
        return policy.value(tag, name, value) is not None

    cleaner = bleach.Cleaner(
        tags=policy.tags, attributes=allowed, protocols=policy.schemes, strip=True, strip_comments=True
    )
    return cleaner.clean(html)
