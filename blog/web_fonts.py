"""The font families that come with Longrun (static/vendor/fonts/), each loaded only where an owner chose it.

Two files a style: Latin, and extended Latin for pages that need it; other scripts are set in the fonts of the reader's
machine. `font-display: optional` with a preload: a page is shown in the font, or, where that does not arrive at once,
without it; nothing on it moves.
"""

from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# As Fontsource, whose files these are, divides its fonts.
RANGES = {
    "latin-ext": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}
FALLBACKS = {  # as in tokens.css
    "serif": 'Charter,"Bitstream Charter","Sitka Text","Iowan Old Style",Palatino,P052,"URW Palladio L",Cambria,'
    '"Noto Serif",serif',
    "sans": 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif',
}
SYSTEM = {"serif": FALLBACKS["serif"], "sans": "var(--sans)"}


@dataclass(frozen=True)
class WebFont:
    name: str  # in ReadingSettings, and of its files
    family: str
    version: str  # of the Fontsource package
    weights: str
    fallback: str  # the system's fonts for other scripts, a key of FALLBACKS

    def file(self, subset, style):
        return f"vendor/fonts/{self.name}-{self.version}/{self.name}-{subset}-wght-{style}.woff2"

    @property
    def stack(self):
        return f'"{self.family}",{FALLBACKS[self.fallback]}'

    @property
    def tokens(self):
        """A sans serif is the interface's font as well."""
        return f"--sans:{self.stack};--serif:var(--sans)" if self.fallback == "sans" else f"--serif:{self.stack}"

    @property
    def preloaded(self):
        """The URL of the file that every page needs."""
        return static(self.file("latin", "normal"))

    @property
    def faces(self):
        """Its @font-face rules."""
        return "".join(
            f'@font-face{{font-family:"{self.family}";font-style:{style};font-weight:{self.weights};'
            f'font-display:optional;src:url({static(self.file(subset, style))}) format("woff2");unicode-range:{span}}}'
            for style in ("normal", "italic")
            for subset, span in RANGES.items()
        )


FONTS = {
    font.name: font
    for font in (
        WebFont("literata", "Literata", "5.3.0", "200 900", "serif"),
        WebFont("newsreader", "Newsreader", "5.3.0", "200 800", "serif"),
        WebFont("source-serif-4", "Source Serif 4", "5.3.1", "200 900", "serif"),
        WebFont("atkinson-hyperlegible-next", "Atkinson Hyperlegible Next", "5.3.0", "200 800", "sans"),
        WebFont("figtree", "Figtree", "5.3.0", "300 900", "sans"),
        WebFont("inter", "Inter", "5.3.0", "100 900", "sans"),
    )
}
CHOICES = [
    ("", _("As the theme has it")),
    ("serif", _("Serif")),
    ("sans", _("Sans-serif")),
    *((font.name, font.family) for font in FONTS.values()),
]
HEADINGS = ":where(html:not(.at-desk)) :is(.masthead__title,h1,h2,h3,h4)"


def chosen(*names):
    """The fonts with these names, each once; names of the system's fonts are none."""
    return [FONTS[name] for name in dict.fromkeys(names) if name in FONTS]


def css(text, headings):
    """The rules for the chosen names of the texts' and the headings' font. The desk keeps its own fonts."""
    rules = [font.faces for font in chosen(text, headings)]
    if text in FONTS:
        rules.append(f":root:not(.at-desk){{{FONTS[text].tokens}}}")
    if headings:
        stack = FONTS[headings].stack if headings in FONTS else SYSTEM.get(headings, "inherit")
        rules.append(f"{HEADINGS}{{font-family:{stack}}}")
    return "".join(rules)
