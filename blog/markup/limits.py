"""Limits on the cost of rendering a comment: counts and a time limit.

The counts reject text that is known to be slow before it is parsed; the time limit, checked between the steps, stops
other slow text. It is this thread's CPU time, so that the result does not depend on the load of the machine. Posts have
no time limit: their parsers take linear time.
"""

import re
from collections.abc import Iterator
from time import thread_time

from blog.markup.policies import Caps

SECONDS_A_TAG = 50e-6  # time per tag in bleach, which cannot be interrupted


class TextTooComplex(Exception):
    """The text exceeds a limit; the argument is its name."""


class Clock:
    def __init__(self, seconds: float) -> None:
        self.end = thread_time() + seconds

    def check(self, ahead: float = 0) -> None:
        """Raise TextTooComplex if the time is over, or would be after a step of `ahead` seconds."""
        if thread_time() + ahead > self.end:
            raise TextTooComplex("time")


_BLANK = re.compile(r"\n[ \t]*\n")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})", re.MULTILINE)
_QUOTES = re.compile(r"^[ \t]*((?:>[ \t]*)+)", re.MULTILINE)
_MARKERS = re.compile(r"^[ \t>]*((?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)+)", re.MULTILINE)
_TICKS = re.compile(r"`+")
_BRACKETS = re.compile(r"\[+")
_TAG_MAY_BEGIN = re.compile(r"<[a-zA-Z/!?]")
_DOTS = re.compile(r"[._]+")
_BRACKET = re.compile(r"[\[\]]")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def check_text(text: str, caps: Caps) -> None:
    """Raise TextTooComplex for Markdown that would take long: the parser needs quadratic time or recursion for what is
    counted here."""
    at_most("characters", len(text), caps.characters)
    at_most("fences", len(_FENCE.findall(text)), caps.fences)
    text = "\n".join(_lines_outside_code(text))
    at_most("quotes", max((run.count(">") for run in _QUOTES.findall(text)), default=0), caps.quotes)
    at_most("markers", max((len(run.split()) for run in _MARKERS.findall(text)), default=0), caps.markers)
    at_most("indent", _longest(_INDENT, text), caps.indent)
    at_most("brackets", _longest(_BRACKETS, text), caps.bracket_run)
    at_most("dots", _longest(_DOTS, text), 200)  # matching an email address backtracks from each of them
    at_most("tags", _tag_steps(text), caps.tag_steps)
    for block in _BLANK.split(text):
        at_most("block", len(block), caps.block)
        at_most("brackets", block.count("["), caps.brackets)
        at_most("brackets", _bracket_steps(block), caps.bracket_steps)
        at_most("cells", _cells(block), caps.cells)
        if block.count("`") > 200:  # for each length of run the rest of the block is searched
            at_most("ticks", len(set(map(len, _TICKS.findall(block)))), 12)


def _lines_outside_code(text: str) -> Iterator[str]:
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" \t>`~"):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield line


def _bracket_steps(block: str) -> int:
    """How many characters the parser reads to find the "]" of every "["."""
    steps, open_at = 0, []
    for bracket in _BRACKET.finditer(block):
        if bracket[0] == "[":
            open_at.append(bracket.start())
        elif open_at:
            steps += bracket.start() - open_at.pop()
    return steps + sum(len(block) - start for start in open_at)


def _tag_steps(text: str) -> int:
    """How many characters the parser reads to find the ">" of every "<" that may begin a tag."""
    steps, closed_at = 0, -1
    for opening in _TAG_MAY_BEGIN.finditer(text):
        if closed_at < opening.start():
            closed_at = text.find(">", opening.start())
            closed_at = len(text) if closed_at < 0 else closed_at
        steps += closed_at - opening.start()
    return steps


def _cells(block: str) -> int:
    """How many cells the block has if it is a table: every row is filled up to the length of the first."""
    first, _, rest = block.partition("\n")
    return first.count("|") * (rest.count("\n") + 1)


def _longest(pattern: re.Pattern[str], text: str) -> int:
    return max(map(len, pattern.findall(text)), default=0)


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ALONE = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY_THE_NEXT = frozenset("p li dt dd tr td th thead tbody tfoot option rp rt colgroup caption".split())
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())


def check_html(html: str, caps: Caps) -> None:
    """Raise TextTooComplex for HTML that grows while it is parsed.

    A formatting element that is never closed is opened again in every block after it (HTML standard, "reconstruct
    the active formatting elements"): a thousand of them and a thousand paragraphs make a million elements.
    """
    at_most("characters", len(html), 8 * caps.characters)
    tags = depth = open_formatting = grown = 0
    for slash, name in _TAG.findall(html):
        tags += 1
        name = name.lower()
        if name in _ALONE or name in _CLOSED_BY_THE_NEXT:
            grown += open_formatting
        elif slash:
            depth = max(0, depth - 1)
            open_formatting = max(0, open_formatting - (name in _FORMATTING))
        else:
            depth += 1
            open_formatting += name in _FORMATTING
            grown += open_formatting
        at_most("depth", depth, caps.depth)
    at_most("tags", tags, caps.tags)
    at_most("entities", html.count("&"), caps.tags // 3)
    at_most("tags", grown, 4 * caps.tags)


def at_most(what: str, count: int, cap: int) -> None:
    if count > cap:
        raise TextTooComplex(what)
