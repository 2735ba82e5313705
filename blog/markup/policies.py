"""What HTML posts and comments may contain: the allow-lists for both sanitizers.

An attribute is kept if the policy's `attributes` have it for its tag and its rule in VALUES, if any, returns a value.
No policy may allow math, svg, style, script, noscript, template, textarea, select, iframe, object, embed, form, xmp,
plaintext, meta or base: with them, HTML can be parsed differently after sanitizing (mutation XSS).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pygments.token import STANDARD_TYPES

SCHEMES = frozenset({"http", "https", "mailto"})
AUTHORS_SCHEMES = SCHEMES | {"geo", "sms", "tel", "xmpp"}  # for apps on a phone

# Allowed prefixes of class names: code, footnotes, table of contents, task lists, WordPress's images, our own.
CLASS_PREFIXES = ("language-", "highlight", "lineno", "footnote", "toc", "task", "align", "wp-", "size-", "longrun-")
# Pygments' class names; allowed on spans only.
CODE_CLASSES = frozenset(STANDARD_TYPES.values()) - {""} | {"hll", "normal", "special", "filename"}
LINK_RELATIONS = frozenset("author external license me nofollow noopener noreferrer sponsored tag ugc".split())


def _matching(pattern: str) -> Callable[[str], str | None]:
    shape = re.compile(pattern)
    return lambda value: value if shape.fullmatch(value) else None


@lru_cache(maxsize=4096)
def _classes(value: str) -> str | None:
    kept = [name for name in value.split() if name.startswith(CLASS_PREFIXES)]
    return " ".join(dict.fromkeys(kept)) or None


@lru_cache(maxsize=4096)
def _classes_of_code(value: str) -> str | None:
    kept = [name for name in value.split() if name.startswith(CLASS_PREFIXES) or name in CODE_CLASSES]
    return " ".join(dict.fromkeys(kept)) or None


def _relations(value: str) -> str | None:
    kept = [word for word in value.lower().split() if word in LINK_RELATIONS]
    return " ".join(dict.fromkeys(kept)) or None


def _empty(value: str) -> str:
    return ""


_NOT_IN_SCHEMES = re.compile(r"[^a-z0-9+.\-]")


def _address(value: str) -> str | None:
    """An address without a scheme, or with one of ours, whatever signs stand in it that somebody could overlook."""
    before, colon, _rest = re.split("[/?#]", value, maxsplit=1)[0].partition(":")
    scheme = _NOT_IN_SCHEMES.sub("", before.lower())
    return value if not colon or scheme in AUTHORS_SCHEMES or not scheme[:1].isalpha() else None


_number = _matching(r"[0-9]{1,4}")
_moment = _matching(r"[0-9A-Za-z :.+\-]{1,40}")

VALUES: Mapping[str, Callable[[str], str | None]] = {
    "align": _matching("left|right|center"),
    "aria-label": _matching(r"[^\n]{1,80}"),
    "cite": _address,  # to nh3 it is a word like any other
    "class": _classes,
    "colspan": _number,
    "controls": _empty,
    "datetime": _moment,
    "decoding": _matching("async"),
    "dir": _matching("ltr|rtl|auto"),
    "height": _number,
    "href": _address,
    "id": _matching(r"[^\n]{1,240}"),
    "lang": _matching(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}"),
    "loading": _matching("lazy"),
    "name": _matching(r"[^\n]{1,200}"),
    "open": _empty,
    "poster": _address,
    "preload": _matching("none|metadata"),
    "rel": _relations,
    "reversed": _empty,
    "role": _matching("img"),
    "rowspan": _number,
    "scope": _matching("row|col|rowgroup|colgroup"),
    "span": _number,
    "src": _address,
    "start": _matching(r"-?[0-9]{1,9}"),
    "type": _matching(r"[1aAiI]|(audio|video)/[a-z0-9.+-]{1,40}"),
    "value": _matching(r"-?[0-9]{1,9}"),
    "width": _number,
}


@dataclass(frozen=True)
class Caps:
    """Limits of a text; one that exceeds any of them is shown as plain text."""

    characters: int
    seconds: float  # CPU time of the thread, for rendering from text to HTML
    block: int  # characters between two blank lines, outside fenced code
    indent: int  # spaces at the start of a line
    brackets: int  # "[" in a block
    bracket_steps: int  # characters read to find the "]" of every "[" in a block
    bracket_run: int  # "[" in a row
    tag_steps: int  # characters read to find the ">" of every "<"
    cells: int  # of a table
    quotes: int  # ">" at the start of a line
    markers: int  # list markers at the start of a line
    fences: int  # lines that open or close code
    tags: int  # in the HTML before sanitizing; a third as many character references are allowed
    depth: int  # open tags in that HTML


@dataclass(frozen=True)
class Policy:
    """What a kind of text may contain: the allow-list and the limits. There are two, POST and COMMENT."""

    name: str
    tags: frozenset[str]
    attributes: Mapping[str, frozenset[str]]  # "*" is for every tag
    caps: Caps
    schemes: frozenset[str] = SCHEMES
    link_rel: str | None = None  # the `rel` of every link, whatever was typed
    ids: bool = False  # whether elements may have an id

    def value(self, tag: str, attribute: str, value: str) -> str | None:
        """The allowed value of an attribute, or None if the attribute is removed."""
        if self.link_rel and (tag, attribute) == ("a", "rel"):
            return self.link_rel
        common = self.attributes.get("*", frozenset())
        if attribute not in common and attribute not in self.attributes.get(tag, frozenset()):
            return None
        rule = _classes_of_code if (tag, attribute) == ("span", "class") else VALUES.get(attribute)
        return rule(value) if rule else value


def _table(text: str) -> dict[str, frozenset[str]]:
    rows = (line.partition(":") for line in text.strip().splitlines())
    return {tag.strip(): frozenset(attributes.split()) for tag, _, attributes in rows}


POST = Policy(
    name="post",
    tags=frozenset(
        """a abbr audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
        figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small source
        span strong sub summary sup table tbody td tfoot th thead time tr u ul var video wbr""".split()
    ),
    attributes=_table(
        """
        *: class dir id lang title
        a: href name rel
        audio: controls preload src
        blockquote: cite
        col: span
        colgroup: span
        del: cite datetime
        details: open
        img: alt decoding height loading src width
        ins: cite datetime
        li: value
        ol: reversed start type
        q: cite
        source: src type
        span: aria-label role
        td: align colspan rowspan
        th: align colspan rowspan scope
        time: datetime
        video: controls height poster preload src width
        """
    ),
    ids=True,
    schemes=AUTHORS_SCHEMES,
    caps=Caps(
        characters=1_000_000,
        seconds=1.6,
        block=60_000,
        indent=200,
        brackets=5_000,
        bracket_steps=400_000,
        bracket_run=40,
        tag_steps=3_000_000,
        cells=20_000,
        quotes=20,
        markers=20,
        fences=2_000,
        tags=60_000,
        depth=200,
    ),
)

COMMENT = Policy(
    name="comment",
    tags=frozenset("a blockquote br code em li ol p pre strong ul".split()),
    attributes=_table(
        """
        *: dir
        a: href
        code: class
        ol: start
        """
    ),
    link_rel="nofollow ugc noopener",
    caps=Caps(
        characters=10_000,
        seconds=0.25,
        block=10_000,
        indent=60,
        brackets=60,
        bracket_steps=60_000,
        bracket_run=20,
        tag_steps=10_000 * 10_000,
        cells=10_000,
        quotes=8,
        markers=8,
        fences=40,
        tags=9_000,
        depth=60,
    ),
)
