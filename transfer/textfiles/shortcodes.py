"""Texts for Hugo in which it finds no shortcode, and the way back."""

import re

SHORTCODE = re.compile(r"\{\{(?:<(.*?)>|%(.*?)%)\}\}|\{\{(?=[<%])", re.S)
ESCAPED = re.compile(r"\{\{(?:</\*(.*?)\*/>|%/\*(.*?)\*/%)\}\}|\{&#123;(?=[<%])", re.S)


def without_shortcodes(source: str) -> str:
    """A text in which Hugo finds no shortcode: what looks like one is shown as it stands.

    `{{< x >}}` becomes `{{</* x */>}}`, which Hugo prints as `{{< x >}}`; one that never ends gets an entity.
    `with_shortcodes` turns both back.
    """
    return SHORTCODE.sub(lambda found: braces(found, "/*", "*/") or "{&#123;", source)


def with_shortcodes(text: str) -> str:
    """The text of `without_shortcodes` as it was."""
    return ESCAPED.sub(lambda found: braces(found, "", "") or "{{", text)


def braces(found: re.Match[str], before: str, after: str) -> str:
    """A shortcode with other text around its inside; "" if nothing is inside because it never ends."""
    for inside, left, right in ((found[1], "<", ">"), (found[2], "%", "%")):
        if inside is not None:
            return "{{" + left + before + inside + after + right + "}}"
    return ""
