"""Our own pictures in a page: each in the width that fits, with its size said so that nothing jumps.

Knows addresses and HTML alone. Pixels are the work of `blog.media.encoding`, which only an upload imports.
"""

import re
from html import unescape

from django.template.loader import render_to_string

SIZES = "(min-width: 48rem) 42rem, 100vw"

_ADDRESS = re.compile(r"/media/([0-9a-f]{32})/")
# Only for HTML that our cleaners have written: quoted attributes, no "<" in text.
_IMG = re.compile(r'<img((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_KEPT = ("class", "dir", "id", "lang", "title")


def names_in(html):
    """The names of all our files whose addresses stand in `html`."""
    return set(_ADDRESS.findall(html))


def dress(html, files):
    """Every <img> of cleaned `html` that shows one of our pictures (`files`, by name) as a <picture> in its widths."""

    def dressed(img):
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(img[1])}
        name = _ADDRESS.search(attributes.get("src", ""))
        media = files.get(name[1]) if name else None
        if media is None:
            return img[0]
        kept = {key: attributes[key] for key in _KEPT if key in attributes}
        return str(as_picture(media, alt=attributes.get("alt", ""), kept=kept))

    return _IMG.sub(dressed, html)


def as_picture(media, *, alt="", sizes=SIZES, kept=None, lazy=True):
    """The <picture> of a picture. What a post says about it goes before what the library knows."""
    context = {"media": media, "alt": alt or media.alt, "sizes": sizes, "kept": kept or {}, "lazy": lazy}
    return render_to_string("blog/_picture.html", context)
