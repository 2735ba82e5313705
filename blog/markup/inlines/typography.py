"""Applies smart punctuation to the tokens of one block."""

from collections.abc import Iterator
from typing import Any

from blog.markup.inlines.smart import changes
from blog.markup.inlines.tokens import Address, Break, Close, Code, Fixed, Leaf, Open, Run, Tag

_A_WORD = "\ufffc"  # placeholder for code, URLs and images
_NOT_A_SIGN = str.maketrans("\"'-.", "\u2063" * 4)  # hides escaped characters, which must not change
_LINE_TAGS = frozenset({"br", "div", "hr", "li", "p", "td", "tr"})
_CODE_TAGS = frozenset({"code", "kbd", "pre", "samp", "tt", "var"})


def smarten(tokens: list[Any], language: str) -> None:
    """Change the text tokens in place; the text of all tokens is joined first, so that context crosses elements."""
    seen: list[str] = []
    places: list[tuple[int, int]] = []  # (start in the joined text, token index) of changeable text
    length = 0
    for index, (token, changeable) in enumerate(_with_state(tokens)):
        part = _part(token)
        if type(token) is str and changeable:
            places.append((length, index))
        elif type(token) is str:
            part = _A_WORD
        seen.append(part)
        length += len(part)
    _apply(tokens, places, list(changes("".join(seen), language)))


def _with_state(tokens: list[Any]) -> Iterator[tuple[Any, bool]]:
    """(token, whether it is outside of images and raw code elements) for each token."""
    open_tokens: list[Open] = []
    pictures = code = 0
    for token in tokens:
        kind = type(token)
        if kind is Open:
            open_tokens.append(token)
            pictures += token.tag == "img"
        elif kind is Close:
            pictures -= open_tokens.pop().tag == "img"
        elif kind is Tag and token.name in _CODE_TAGS:
            code = max(0, code + (-1 if token.closing else 1))
        yield token, not pictures and not code


def _part(token: object) -> str:
    match token:
        case Fixed():
            return token.translate(_NOT_A_SIGN)
        case str():
            return token
        case Break():
            return "\n"
        case Tag():
            return "\n" if token.name in _LINE_TAGS else ""
        case Run():
            return token.sign if token.left else ""
        case Code() | Address() | Leaf():
            return _A_WORD
        case Open():
            return _A_WORD if token.tag == "img" else ""
    return ""


def _apply(tokens: list[Any], places: list[tuple[int, int]], changed: list[tuple[int, int, str]]) -> None:
    at = 0
    for begin, index in places:
        words, end = tokens[index], begin + len(tokens[index])
        parts: list[str] = []
        done = begin
        while at < len(changed) and changed[at][0] < end:
            start, stop, new = changed[at]
            if start >= done and stop <= end:  # skip characters that span two tokens
                parts += words[done - begin : start - begin], new
                done = stop
            at += 1
        if parts:
            tokens[index] = "".join(parts) + words[done - begin :]
