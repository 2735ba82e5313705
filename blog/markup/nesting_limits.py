"""Limits the nesting of a post's HTML, tag by tag, and how much it grows while it is parsed.

A formatting element that is never closed is opened again in every block after it (HTML standard, "reconstruct the
active formatting elements"): a thousand of them and a thousand paragraphs make a million elements. A tag over a limit
is escaped, with its closing tag; the rest of the text is rendered normally.
"""

import re

from blog.markup.notices import AS_TYPED, Notice

DEEPEST = 300  # nested elements; browsers allow 512
MOST_FORMATTING = 12  # formatting elements that are open at one place
MOST_REOPENED = 20_000  # formatting elements opened again by the parser

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ALONE = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY_THE_NEXT = frozenset("p li dt dd tr td th thead tbody tfoot option rp rt colgroup caption".split())
_WITHIN_LINES = frozenset(
    """abbr bdi bdo br cite del dfn img ins kbd label mark q ruby samp source span sub sup time var wbr""".split()
)  # these end no formatting element, so none is opened again after them
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())


def bounded(html: str, notices: list[Notice]) -> str:
    """The HTML with every tag over a limit escaped, and a notice for each of their names. One pass, deterministic."""
    walk = _Walk(notices)
    return _TAG.sub(walk.take, html)


class _Walk:
    def __init__(self, notices: list[Notice]) -> None:
        self.notices = notices
        self.depth = self.reopened = 0
        self.formatting: list[str] = []  # the open ones, outermost first
        self.escaped: list[str] = []  # escaped opening tags whose closing tag has not come yet
        self.told: set[str] = set()

    def take(self, tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if tag[1]:
            return self.close(name, tag[0])
        return self.open(name, tag[0])

    def open(self, name: str, tag: str) -> str:
        before = ""
        if self.formatting and self.reopened > MOST_REOPENED:
            before = "".join(f"</{each}>" for each in reversed(self.formatting))
            self.depth -= len(self.formatting)
            self.formatting.clear()
        if name not in _WITHIN_LINES and name not in _FORMATTING:
            self.reopened += len(self.formatting)
        if name in _ALONE or name in _CLOSED_BY_THE_NEXT:
            return before + tag
        is_formatting = name in _FORMATTING
        full = len(self.formatting) >= MOST_FORMATTING or self.reopened > MOST_REOPENED
        if self.depth >= DEEPEST or is_formatting and full:
            self.escaped.append(name)
            if name not in self.told:
                self.told.add(name)
                self.notices.append(Notice(0, AS_TYPED, f"<{name}>"))
            return f"{before}&lt;{tag[1:]}"
        self.depth += 1
        if is_formatting:
            self.formatting.append(name)
        return before + tag

    def close(self, name: str, tag: str) -> str:
        if self.escaped and self.escaped[-1] == name:
            self.escaped.pop()
            return f"&lt;{tag[1:]}"
        if name in _CLOSED_BY_THE_NEXT:
            return tag
        self.depth = max(0, self.depth - 1)
        if name in self.formatting:
            self.formatting.reverse()
            self.formatting.remove(name)
            self.formatting.reverse()
        return tag
