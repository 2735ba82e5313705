"""Paragraphs and line breaks as wpautop makes them: a blank line ends a paragraph, a newline is a <br>.

Source: WordPress's documentation of `wpautop`. The text is cut at blank lines, before each opening tag of a block and
after each closing one. What stands in such a piece is a paragraph, unless a block other than <blockquote> opens it:
`<li>text` and `<div>text` stay without <p>, the second paragraph in a <li> gets one. <pre> is left alone.
"""

import re

from transfer.wordpress.text.scanner import VOID, Node, Tag, Text, Token

BLOCKS = frozenset(
    """table thead tfoot caption col colgroup tbody tr td th div dl dd dt ul ol li pre form map area blockquote address
    style p h1 h2 h3 h4 h5 h6 hr fieldset legend section article aside hgroup header footer nav figure figcaption
    details menu summary main center xmp""".split()
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_BREAK = Tag("br")
_OUTER = " \t\n\r\f\v"


def paragraphs(tokens: list[Token]) -> list[Token]:
    """The tokens with those of <p> and <br> added."""
    pieces = _Pieces()
    for token in tokens:
        pieces.take(token)
    pieces.end()
    return pieces.done


class _Pieces:
    def __init__(self) -> None:
        self.done: list[Token] = []
        self.opening: Tag | None = None  # the block tag at the start of the piece
        self.inside: list[Token] = []
        self.pre = 0  # open <pre>

    def take(self, token: Token) -> None:
        if isinstance(token, Tag) and token.name in ("pre", "xmp"):
            self.take_pre(token)
        elif self.pre:
            self.done.append(token)
        elif isinstance(token, Text) and not token.literal:
            first, *others = _BLANK_LINE.split(token.value)
            self.inside.append(Text(first))
            for part in others:
                self.end()
                self.inside.append(Text(part))
        elif isinstance(token, Node) and token.block:
            self.end()
            self.done += [token, Text("\n")]
        elif isinstance(token, Tag) and token.name == "br" and self._is_second_break():
            self.inside.pop()
            self.end()
        elif isinstance(token, Tag) and token.name in BLOCKS:
            self.take_block(token)
        else:
            self.inside.append(token)

    def take_pre(self, token: Tag) -> None:
        if not self.pre:
            self.end()
        self.done.append(token)
        self.pre = max(0, self.pre + (-1 if token.closes else 1))

    def take_block(self, token: Tag) -> None:
        if token.closes:
            self.end(token)
            return
        self.end()
        if token.name in VOID:
            self.done.append(token)
        else:
            self.opening = token

    def _is_second_break(self) -> bool:
        """Whether the piece ends with a <br>; white space after it is taken out."""
        while self.inside and isinstance(self.inside[-1], Text) and not self.inside[-1].value.strip(_OUTER):
            self.inside.pop()
        return bool(self.inside) and _is_break(self.inside[-1])

    def end(self, closing: Tag | None = None) -> None:
        """Write the piece, with the closing tag at its end."""
        opening, (before, inside, behind) = self.opening, _apart(self.inside)
        self.opening, self.inside = None, []
        is_paragraph = opening is None or opening.name == "p"
        paragraph = Tag("p") if opening is None or opening.name != "p" else opening
        if opening is not None and not is_paragraph:
            self.done.append(opening)
        self.done += before
        if inside and (is_paragraph or opening is not None and opening.name == "blockquote"):
            self.done += [paragraph, *_with_breaks(inside), Tag("p", closes=True)]
        else:
            self.done += _with_breaks(inside)
        self.done += behind
        if closing is not None and closing.name != "p":
            self.done.append(closing)
        if closing is not None or inside or before:
            self.done.append(Text("\n"))


def _is_break(token: Token) -> bool:
    return isinstance(token, Tag) and token.name == "br"


def _trimmed(kept: list[Token]) -> list[Token]:
    """Without white space at both ends of the text."""
    if kept and isinstance(first := kept[0], Text) and not first.literal:
        kept[0] = Text(first.value.lstrip(_OUTER))
    if kept and isinstance(last := kept[-1], Text) and not last.literal:
        kept[-1] = Text(last.value.rstrip(_OUTER))
    return kept


def _apart(tokens: list[Token]) -> tuple[list[Token], list[Token], list[Token]]:
    """(`<!--more-->` at the start, the rest without white space around it, the same at the end).

    The mark makes no paragraph and no line of its own.
    """
    start, end = 0, len(tokens)
    while start < end and (_is_idle(tokens[start]) or _is_mark(tokens[start])):
        start += 1
    while end > start and (_is_idle(tokens[end - 1]) or _is_mark(tokens[end - 1])):
        end -= 1
    before, behind = list(filter(_is_mark, tokens[:start])), list(filter(_is_mark, tokens[end:]))
    return before, _trimmed(tokens[start:end]), behind


def _is_mark(token: Token) -> bool:
    return isinstance(token, Node) and token.ignored


def _is_idle(token: Token) -> bool:
    return _is_break(token) or isinstance(token, Text) and not token.literal and not token.value.strip(_OUTER)


def _with_breaks(tokens: list[Token]) -> list[Token]:
    done: list[Token] = []
    after_break = False  # a typed <br> and nothing since: the newline behind it makes no second one
    for token in tokens:
        if not isinstance(token, Text) or token.literal:
            done.append(token)
            after_break = _is_break(token)
            continue
        first, *others = token.value.split("\n")
        first = first.rstrip(_OUTER) if others else first
        if first:
            done.append(Text(first))
            after_break = False
        last = len(others) - 1
        for number, line in enumerate(others):
            line = line.lstrip(_OUTER) if number == last else line.strip(_OUTER)
            done += [Text(f"\n{line}")] if after_break else [_BREAK, Text(f"\n{line}")]
            after_break = False
    return done
