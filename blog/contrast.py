"""Whether an accent colour is readable: the contrast ratio of WCAG 2, and what tokens.css makes of the colour.

There an accent keeps its hue and gets a lightness that suits the background (in OKLCH, the cylindrical form of Björn
Ottosson's OKLab).
"""

import math
from dataclasses import dataclass

DARKEST, LIGHTEST = 0.48, 0.78  # --accent-most on light paper, --accent-least on dark paper
ENOUGH = 4.5  # of WCAG 2, level AA, for text


@dataclass(frozen=True)
class ContrastCheck:
    """A colour on one of the backgrounds: as chosen, and as shown."""

    chosen: str
    paper: str
    shown: str

    @property
    def contrast(self):
        return contrast(self.chosen, self.paper)

    @property
    def contrast_shown(self):
        return contrast(self.shown, self.paper)

    @property
    def is_readable(self):
        return self.contrast >= ENOUGH

    @property
    def is_changed(self):
        return self.shown != self.chosen


def check_contrast(colour, light_paper, dark_paper):
    """(on the light background, on the dark background)."""
    colour = colour.lower()
    return (
        ContrastCheck(colour, light_paper, with_lightness(colour, most=DARKEST)),
        ContrastCheck(colour, dark_paper, with_lightness(colour, least=LIGHTEST)),
    )


def contrast(one, other):
    dark, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour):
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def with_lightness(colour, *, least=0.0, most=1.0):
    """The colour itself if its lightness is in the range, otherwise at the nearest lightness in it; outside of sRGB the
    chroma is reduced."""
    lightness, a, b = oklab(colour)
    wanted = min(max(lightness, least), most)
    if wanted == lightness:
        return colour
    for twentieth in range(20, -1, -1):
        parts = from_oklab(wanted, a * twentieth / 20, b * twentieth / 20)
        if all(-0.0001 <= part <= 1.0001 for part in parts):
            break
    return "#" + "".join(f"{round(255 * gamma(min(max(part, 0), 1))):02x}" for part in parts)


def gamma(part):
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def oklab(colour):
    red, green, blue = linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def from_oklab(lightness, a, b):
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
