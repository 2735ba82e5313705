"""The shapes of the pictures in a gallery: a style sheet makes rows of equal height from them, without scripts.

Works on HTML that our sanitizer has written, as `blog.responsive_images` does.
"""

import re

from blog.markup.galleries import GALLERY

NARROWEST, WIDEST = 4, 30  # width beside height, in tenths: what is beyond is cut by the page, not by the viewer
SIZES = "(min-width: 48rem) 21rem, 50vw"

_DIR = '(?: dir="(?:ltr|rtl)")?'
_GALLERY = re.compile(rf'(<div class="{GALLERY}"{_DIR}>)(.*?)(</div>)', re.DOTALL)
_FIGURE = re.compile(rf"<figure({_DIR})>(.*?)</figure>", re.DOTALL)
_IMG = re.compile(r"<img\b[^>]*>")
_SIDE = {side: re.compile(rf'\s{side}="([1-9][0-9]{{0,4}})"') for side in ("width", "height")}


def add_shapes(html: str) -> str:
    """Sanitized HTML with a class for the shape of each picture in its galleries."""

    def shaped(figure: re.Match[str]) -> str:
        image = _IMG.search(figure[2])
        sides = [pattern.search(image[0]) for pattern in _SIDE.values()] if image else []
        width, height = (int(side[1]) if side else 0 for side in sides) if sides else (0, 0)
        ratio = round(10 * width / height) if width and height else 15
        return f'<figure class="longrun-r{min(max(ratio, NARROWEST), WIDEST)}"{figure[1]}>{figure[2]}</figure>'

    return _GALLERY.sub(lambda found: found[1] + _FIGURE.sub(shaped, found[2]) + found[3], html)


def split_galleries(html: str) -> list[str]:
    """The HTML, split: what is inside of a gallery is every second part, beginning with the second."""
    split = _GALLERY.split(html)
    joined = [split[0]]
    for opening, inside, closing, behind in zip(*[iter(split[1:])] * 4, strict=True):
        joined[-1] += opening
        joined += [inside, closing + behind]
    return joined
