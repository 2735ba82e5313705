"""Templates as patterns: fast rendering of what pages repeat, such as a post in a list or a comment.

A template that prints the values of one object, and asks of them no more than whether they are there, is rendered once
for each shape (which values are there, and the flags), with placeholders. The pattern is cached, and so rendering is a
single string formatting. A pattern holds nothing of the object for which it was made.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, TypeAlias

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

MAX_PATTERNS = 512  # of a few kB each: 2 MiB at most
SECRET = secrets.token_hex(8)  # so that nothing that somebody has written is a placeholder
PLACEHOLDER = re.compile(f"\x02{SECRET}([a-z0-9_.:]+)\x03")

Values: TypeAlias = Mapping[str, str | None]
Shape: TypeAlias = tuple[str | tuple[str, Any], ...]  # the names of the values that are there, and (name, flag)


def render_pattern(template: str, name: str, values: Values, **flags: Any) -> SafeString:
    """The template, rendered with one object, whose name there is `name`.

    What `values` has is printed: escaped, unless it is marked as safe; "" and None are not there. Flags are for what
    has few values: there is a pattern for each of their combinations.
    """
    if settings.DEBUG:  # templates may have been edited
        pattern_for.cache_clear()
    there = {key: value for key, value in values.items() if value}
    shape = (*there, *[flag for flag in flags.items() if flag[1]])
    pattern = pattern_for(template, name, shape, get_language())
    return mark_safe(pattern % {key: printed(value) for key, value in there.items()})


def render_patterns(
    template: str, name: str, objects: Iterable[Mapping[str, str | None]], join: str = ""
) -> SafeString:
    """The template rendered for each of the objects, one after the other."""
    return joined([render_pattern(template, name, values).strip("\n") for values in objects], join)


def joined(rendered: Iterable[str], join: str = "") -> SafeString:
    return mark_safe(join.join(rendered))


def printed(value: str) -> str:
    return value if isinstance(value, SafeString) else escape(value)


@lru_cache(maxsize=MAX_PATTERNS)
def pattern_for(template: str, name: str, shape: Shape, language: str | None) -> str:
    """The template rendered for a shape, as a pattern for `%`. With the name "" its values belong to no object."""
    values = dict(part if isinstance(part, tuple) else (part, placeholder(part)) for part in shape)
    return pattern_of(render_to_string(template, {name: values} if name else values))


def placeholder(name: str) -> str:
    return f"\x02{SECRET}{name}\x03"


def pattern_of(rendered: str) -> str:
    """What was rendered with placeholders, as a pattern for `%`."""
    return PLACEHOLDER.sub(r"%(\1)s", rendered.replace("%", "%%"))


class Skeleton:
    """The context of a page with a placeholder for each of its texts: `context`, to render the pattern; `shape`, which
    is equal for all pages with the same pattern; and the `texts` to fill in. Dictionaries and lists stay as they are,
    but for the texts in them."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.texts: dict[str, str] = {}
        self.places: list[tuple[str, Any]] = []
        self.context = {name: self.placed(name, value) for name, value in context.items()}
        self.shape = tuple(self.places)

    def placed(self, place: str, value: Any) -> Any:
        if isinstance(value, str) and value:
            self.texts[place] = printed(value)
            self.places.append((place, str))
            return placeholder(place)
        if isinstance(value, Mapping):
            return {name: self.placed(f"{place}.{name}", each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.placed(f"{place}.{number}", each) for number, each in enumerate(value)]
        self.places.append((place, value))
        return value

    def fill(self, pattern: str) -> SafeString:
        return mark_safe(pattern % self.texts)
