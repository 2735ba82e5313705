"""The owner's own CSS for readers' pages: what may be in it, as tinycss2 reads it (CSS Syntax Level 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.site import absolute_url

LONGEST = 65_536  # characters
DEEPEST = 20  # blocks, brackets and functions in one another
MOST_PROBLEMS = 10  # told at once
# The functions that load what a string in them names. They hold no other functions than those of the second line, whose
# result cannot be an address: `image-set(var(--x))` would load whatever --x is.
LOADING = frozenset("url src image image-set -webkit-image-set cross-fade -webkit-cross-fade".split())
HARMLESS = LOADING | frozenset("calc type rgb rgba hsl hsla oklch oklab color color-mix light-dark".split())
END = "longrun-end-of-the-style-sheet"  # what is left open swallows it


def valid_css(text: str) -> None:
    """Raises ValidationError with a sentence for each of the first problems, which names the line."""
    if problems := problems_of(text):
        raise ValidationError(problems[:MOST_PROBLEMS])


def problems_of(text: str) -> list[str]:
    """Sentences about what cannot be used, in the order of the lines; none for CSS that can be. Unknown properties and
    selectors are no problem: browsers skip them."""
    if len(text) > LONGEST:
        return [_("This has %(now)d characters; at most %(most)d are possible.") % {"now": len(text), "most": LONGEST}]
    for number, line in enumerate(text.splitlines(), start=1):
        if "</" in line or "<style" in line.lower() or "<script" in line.lower():
            return [line_says(number, _("This is HTML. Write the CSS alone, without <style> around it."))]
    import tinycss2  # few requests need it

    tokens = tinycss2.parse_component_value_list(f"{text}\n@{END};")
    found = [*walked(tokens)]
    if any(number == 0 for number, _sentence in found):
        return [sentence for number, sentence in found if number == 0]
    if not is_closed(tokens):
        found.append((line_of_open(tokens), _("What begins here is not closed.")))
    elif not found:
        found += broken(tinycss2.parse_stylesheet(tokens, skip_comments=True, skip_whitespace=True))
    last = text.count("\n") + 1  # what is missing at the end is found on the line after it
    return [line_says(min(number, last), sentence) for number, sentence in sorted(dict.fromkeys(found))]


def line_says(number: int, sentence: str) -> str:
    return _("Line %(line)d: %(sentence)s") % {"line": number, "sentence": sentence}


def walked(tokens: list[Any]) -> Iterator[tuple[int, str]]:
    """(line, sentence) for each wrong address and broken token; line 0 for what is too deep to be read."""
    waiting = [(token, 1, False) for token in reversed(tokens)]
    while waiting:
        token, depth, loads = waiting.pop()
        line = token.source_line
        if depth > DEEPEST:
            yield 0, line_says(line, _("More than %d blocks or brackets stand in one another.") % DEEPEST)
            return
        if token.type == "error":
            yield line, sentence_of(token)
        elif token.type == "at-keyword" and token.lower_value == "import":
            yield line, _("@import loads another style sheet. Write its rules here instead.")
        elif token.type == "url" or token.type == "string" and loads:
            if is_foreign(token.value):
                yield (
                    line,
                    _(
                        "“%s” is no address of this blog. Upload the file in Media, and write the address that begins "
                        "with /media/."
                    )
                    % shortened(token.value),
                )
        elif token.type == "function" and loads and not is_harmless(token.lower_name):
            yield line, _("%s() cannot stand where an address does. Write the address itself.") % token.lower_name
        inner = getattr(token, "arguments", None) or getattr(token, "content", None) or ()
        loads = token.lower_name in LOADING if token.type == "function" else loads
        waiting += [(each, depth + 1, loads) for each in reversed(inner)]


def is_harmless(name: str) -> bool:
    return name in HARMLESS or name.endswith("-gradient")


def is_foreign(address: str) -> bool:
    """Whether it may lead to another host. Browsers remove spaces and control characters, and take a backslash for a
    slash."""
    plain = "".join(letter for letter in address if letter > " ").replace("\\", "/").lower()
    if plain.startswith(("#", "data:image/", absolute_url("/").lower())):
        return False
    return not plain.startswith("/") or plain.startswith("//")


def shortened(address: str) -> str:
    return address if len(address) <= 60 else f"{address[:60]}…"


def sentence_of(error: Any) -> str:
    """What a ParseError of tinycss2 says, in words."""
    if error.kind in ("}", ")", "]"):
        return _("This %s closes nothing.") % error.kind
    if error.kind in ("bad-string", "eof-in-string"):
        return _("A text in quotation marks does not end on its line.")
    if error.kind in ("bad-url", "eof-in-url"):
        return _('This url( is broken. Write url("/media/…"), with quotation marks.')
    return _("A property is written as “name: value;”, a rule as “selector { … }”.")


def is_closed(tokens: list[Any]) -> bool:
    """Whether all blocks, brackets and comments end, so that the end of the style sheet stands outside of them."""
    return len(tokens) > 1 and getattr(tokens[-2], "value", "") == END


def line_of_open(tokens: list[Any]) -> int:
    """The line on which the innermost block that is not closed begins, or the comment."""
    last, line = tokens[-1], tokens[-1].source_line
    while inner := getattr(last, "arguments", None) or getattr(last, "content", None):
        last = inner[-1]
        if hasattr(last, "arguments") or hasattr(last, "content") or last.type == "comment":
            line = last.source_line
    return int(line)


def broken(rules: list[Any]) -> Iterator[tuple[int, str]]:
    """(line, sentence) for each rule and declaration that browsers would skip, since it has no form."""
    import tinycss2

    for rule in rules:
        if rule.type == "error":
            yield rule.source_line, sentence_of(rule)
        elif content := getattr(rule, "content", None):
            inner = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
            yield from broken(inner)
