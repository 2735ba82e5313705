"""Pictures of the media library in a page: <picture> elements with several widths and a stated size, so that the layout
does not shift while they load.

Handles only URLs and HTML. Pixels are processed by `blog.media.encoding`, which only uploads import.
"""

import re
from dataclasses import dataclass
from html import unescape

from django.template.loader import render_to_string

from blog import gallery_shapes
from blog.markup.galleries import GALLERY

SIZES = "(min-width: 48rem) 42rem, 100vw"

_ADDRESS = re.compile(r"/media/([0-9a-f]{32})/")
# Only for HTML that our sanitizer has written: quoted attributes, no "<" in text.
_IMG = re.compile(r'<img((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
_SHOWN = re.compile(rf'(?:<source type="image/webp" srcset="([^"]*)"\s+sizes="[^"]*">)?{_IMG.pattern}')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_FOCUS = re.compile(r"\bfocus-[xy][0-9]{1,3}\b")
_KEPT = ("class", "dir", "id", "lang", "title")
SMALLEST = 100  # pixels; a picture of known size that is smaller on both sides is taken for an emoji or a badge


@dataclass(frozen=True)
class ShownPicture:
    """A picture as the stored HTML of a post shows it; width and height are in pixels, 0 if unknown."""

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0
    srcset: str = ""
    focus_class: str = ""

    @property
    def widths(self):
        """For `_picture.html`: whether there are several widths."""
        return bool(self.srcset)

    def get_absolute_url(self):
        return self.url


def pictures_in(html):
    """Each picture of a post's stored HTML as a ShownPicture, without emojis and badges."""
    for found in _SHOWN.finditer(html):
        facts = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[2])}
        width, height = (int(facts[side]) if facts.get(side, "").isdecimal() else 0 for side in ("width", "height"))
        is_small = width and height and max(width, height) < SMALLEST
        if facts.get("src") and not is_small:
            focus = " ".join(_FOCUS.findall(facts.get("class", "")))
            yield ShownPicture(facts["src"], facts.get("alt", ""), width, height, unescape(found[1] or ""), focus)


def names_in(html):
    """The names of all library files whose URLs occur in `html`."""
    return set(_ADDRESS.findall(html))


def add_srcset(html, files):
    """Replace every <img> of sanitized `html` that shows one of `files` (by name) with a <picture> in several
    widths. Those in a gallery are smaller, and get a class for their shape."""
    if GALLERY not in html:
        return with_sizes(html, files, SIZES)
    sizes = (SIZES, gallery_shapes.SIZES)
    parts = [
        with_sizes(part, files, sizes[place % 2]) for place, part in enumerate(gallery_shapes.split_galleries(html))
    ]
    return gallery_shapes.add_shapes("".join(parts))


def with_sizes(html, files, sizes):

    def dressed(img):
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(img[1])}
        name = _ADDRESS.search(attributes.get("src", ""))
        media = files.get(name[1]) if name else None
        if media is None:
            return img[0]
        kept = {key: attributes[key] for key in _KEPT if key in attributes}
        return str(as_picture(media, alt=attributes.get("alt", ""), sizes=sizes, kept=kept))

    return _IMG.sub(dressed, html)


def as_picture(media, *, alt="", sizes=SIZES, kept=None, lazy=True):
    """The <picture> of a library picture, with classes for its focus point. The post's own alternative text takes
    precedence over the library's."""
    kept = kept or {}
    if media.focus_class:
        kept = kept | {"class": " ".join(filter(None, (kept.get("class"), media.focus_class)))}
    context = {"media": media, "alt": alt or media.alt, "sizes": sizes, "kept": kept, "lazy": lazy}
    return render_to_string("blog/_picture.html", context)
