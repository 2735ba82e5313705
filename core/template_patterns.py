"""Templates as patterns: fast rendering of what pages repeat, such as a post in a list or a comment.

A template that prints the values of one object, and asks of them no more than whether they are there, is rendered once
for each shape (which values are there, and the flags), with placeholders. The pattern is cached, and so rendering is a
single string formatting. A pattern holds nothing of the object for which it was made.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, TypeAlias

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

MAX_PATTERNS = 512  # of a few kB each: 2 MiB at most
PLACEHOLDER = re.compile("\x02([a-z_]+)\x03")

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
    return mark_safe(join.join([render_pattern(template, name, values).strip("\n") for values in objects]))


def printed(value: str) -> str:
    return value if isinstance(value, SafeString) else escape(value)


@lru_cache(maxsize=MAX_PATTERNS)
def pattern_for(template: str, name: str, shape: Shape, language: str | None) -> str:
    """The template rendered for a shape, as a pattern for `%`. With the name "" its values belong to no object."""
    values = dict(part if isinstance(part, tuple) else (part, f"\x02{part}\x03") for part in shape)
    rendered = render_to_string(template, {name: values} if name else values)
    return PLACEHOLDER.sub(r"%(\1)s", rendered.replace("%", "%%"))
