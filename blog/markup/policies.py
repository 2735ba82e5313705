"""What may stand in the HTML of a post and of a comment: the tables that both cleaners obey.

An attribute is kept when its tag has it in ATTRIBUTES and its rule in VALUES (if it has one) returns a value.
Nothing here names math, svg, style, script, noscript, template, textarea, select, iframe, object, embed, form,
xmp, plaintext, meta or base, and no policy may: they are how markup changes its meaning after cleaning.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pygments.token import STANDARD_TYPES

SCHEMES = frozenset({"http", "https", "mailto"})
AUTHORS_SCHEMES = SCHEMES | {"geo", "sms", "tel", "xmpp"}  # what a telephone opens

# What a class may begin with: code, footnotes, contents, tasks, what WordPress gives its pictures, our own.
CLASS_PREFIXES = ("language-", "highlight", "lineno", "footnote", "toc", "task", "align", "wp-", "size-", "longrun-")
# Pygments' own names, short as they are, on spans alone.
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


_number = _matching(r"[0-9]{1,4}")
_moment = _matching(r"[0-9A-Za-z :.+\-]{1,40}")

VALUES: Mapping[str, Callable[[str], str | None]] = {
    "align": _matching("left|right|center"),
    "aria-label": _matching(r"[^\n]{1,80}"),
    "class": _classes,
    "colspan": _number,
    "controls": _empty,
    "datetime": _moment,
    "decoding": _matching("async"),
    "dir": _matching("ltr|rtl|auto"),
    "height": _number,
    "id": _matching(r"[^\n]{1,240}"),
    "lang": _matching(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}"),
    "loading": _matching("lazy"),
    "name": _matching(r"[^\n]{1,200}"),
    "open": _empty,
    "preload": _matching("none|metadata"),
    "rel": _relations,
    "reversed": _empty,
    "role": _matching("img"),
    "rowspan": _number,
    "scope": _matching("row|col|rowgroup|colgroup"),
    "span": _number,
    "start": _matching(r"-?[0-9]{1,9}"),
    "type": _matching(r"[1aAiI]|(audio|video)/[a-z0-9.+-]{1,40}"),
    "value": _matching(r"-?[0-9]{1,9}"),
    "width": _number,
}


@dataclass(frozen=True)
class Caps:
    """Where a text stops being a text. Counts; what is over one of them is shown as plain text."""

    characters: int
    seconds: float  # of this thread's own processor time, for the whole way from text to HTML
    block: int  # characters between two blank lines, outside fenced code
    indent: int  # spaces at the start of a line
    brackets: int  # of "[" in a block
    bracket_steps: int  # of characters between brackets, read once for each pair around them
    bracket_run: int  # of "[" side by side
    tag_steps: int  # of characters between angles, read once for each "<" before them
    cells: int  # of a table
    quotes: int  # of ">" at the start of a line
    markers: int  # of list markers at the start of a line
    fences: int  # of lines that open or close code
    tags: int  # in the HTML that goes to the cleaners, and a third as many character references
    depth: int  # of open tags there


@dataclass(frozen=True)
class Policy:
    """Who is writing: the dialect, the allow-list and the caps. There are two, POST and COMMENT."""

    name: str
    tags: frozenset[str]
    attributes: Mapping[str, frozenset[str]]  # "*" is for every tag
    caps: Caps
    schemes: frozenset[str] = SCHEMES
    link_rel: str | None = None  # what every link says, whatever its writer said
    ids: bool = False  # whether a text may have targets for links of its own

    def value(self, tag: str, attribute: str, value: str) -> str | None:
        """The value as it may stand in the page, or None where the attribute has to go."""
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
