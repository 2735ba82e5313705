"""Markup compared without regard to white space: a template may break a line wherever HTML has white space."""

import re


def squeeze(html):
    """`html` with each run of white space as one space, and none at the inner or outer edge of a tag."""
    html = html.decode() if isinstance(html, bytes) else html
    return re.sub(r" ?([<>]) ?", r"\1", re.sub(r"\s+", " ", html))
