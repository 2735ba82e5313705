"""Draws the picture card of a post: title, blog and author in the blog's colours, 1200 × 630 pixels, as PNG.

A text is drawn in the first font that has a glyph for each of its characters: the vendored ones (Latin, Greek,
Cyrillic, Hebrew, Arabic), then those of the machine. Without one, emoji are left out, and then the text; where that is
the title, the blog's mark takes its place, so that no card shows boxes. Imports Pillow: blog.picture_cards calls it in
a child process.
"""

import base64
import io
import re
import unicodedata
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from core.images import decode

WIDTH, HEIGHT = 1200, 630
MARGIN = 84
BAR = 20  # width of the accent's bar at the side where lines begin
ROOM = 330  # height of the title
SIZES = (96, 88, 80, 72, 64, 56, 48)  # of the title's type; the first that fits
FOOT = 548  # baseline of blog and author
VENDOR = Path(__file__).resolve().parents[2] / "static/vendor"
NOTO = VENDOR / "noto-fonts-20201225"
FIRST = tuple(NOTO / f"{name}-Bold.ttf" for name in ("NotoSerif", "NotoSerifHebrew", "NotoNaskhArabic"))
PLAIN = VENDOR / "dejavu-fonts-2.37/DejaVuSans.ttf"  # has all five scripts, so also texts that mix them
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts")
MOST_FONTS = 400  # of the machine that are looked at
NO_CHARACTER = "\U0010ffff"  # no font has a glyph for it
EMOJI = ("So", "Sk", "Cn", "Co", "Cs")  # categories of characters that may be left out

# A line may break at spaces, and beside ideographs and kana, though not before closing punctuation.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff10-\uff9f\U00020000-\U0003ffff"
_CLOSING = "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff09\u300d\u300f\u3011\u30fc\u3041\u3043\u3063\u3083\u3085\u3087"
_PIECE = re.compile(rf"\s+|[{_IDEOGRAPH}][{_CLOSING}]*|[^\s{_IDEOGRAPH}]+")
_JOINERS = re.compile(r"(?:(?<=\s)|^)[\u200d\ufe0f]+|[\u200d\ufe0f]+(?=\s|$)")  # what is left of emoji
_CLUSTER = re.compile(r".[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u200d\ufe0f]*", re.DOTALL)


def draw(path, title, blog, author, colours, icon=""):
    """Writes the card as PNG to `path`. `colours`: paper, ink, soft, accent and rule as "#rrggbb"; `icon`: a PNG in
    base64, or "". Returns which of the texts were drawn, {"title": …, "blog": …, "author": …}."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), colours["paper"])
    pen = ImageDraw.Draw(canvas)
    mark = decode(io.BytesIO(base64.b64decode(icon)), ["png"]).convert("RGBA") if icon else None
    set_title = typeset(title, FIRST)
    is_rtl = direction_of(set_title[0] if set_title else blog) == "rtl"
    place = Side(pen, is_rtl)
    place.bar(colours["accent"])
    if set_title:
        draw_title(place, *set_title, colours["ink"])
    else:
        place_mark(canvas, mark, colours)
    start = 0
    if mark and set_title:
        small = mark.resize((56, 56), Image.Resampling.LANCZOS)
        canvas.paste(small, (WIDTH - MARGIN - 56 if is_rtl else MARGIN, FOOT - 42), small)
        start = 76
    set_author = typeset(author, (PLAIN,))
    width = 0
    if set_author:
        face = font_at(set_author[1], 28)
        words = shortened(set_author[0], face, 400)
        width = measured(words, face) + 40
        place.write(words, face, FOOT, colours["soft"], at_end=True)
    set_blog = typeset(blog, FIRST)
    if set_blog or set_author:
        pen.line([(MARGIN, 478), (WIDTH - MARGIN, 478)], colours["rule"], 2)
    if set_blog:
        face = font_at(set_blog[1], 34)
        words = shortened(set_blog[0], face, WIDTH - 2 * MARGIN - start - width)
        place.write(words, face, FOOT, colours["accent"], start=start)
    canvas.save(path, "PNG", optimize=True)
    return {"title": bool(set_title), "blog": bool(set_blog), "author": bool(set_author)}


class Side:
    """Where lines begin and end: left and right, the other way round on a card that is read from right to left."""

    def __init__(self, pen, is_rtl):
        self.pen, self.is_rtl = pen, is_rtl

    def bar(self, colour):
        left = WIDTH - BAR if self.is_rtl else 0
        self.pen.rectangle((left, 0, left + BAR - 1, HEIGHT), colour)

    def write(self, line, face, baseline, colour, *, start=0, at_end=False):
        is_right = self.is_rtl != at_end
        x = WIDTH - MARGIN - start if is_right else MARGIN + start
        self.pen.text((x, baseline), line, colour, face, anchor="rs" if is_right else "ls", **shaping(line))


def draw_title(place, title, font, colour):
    lines, size = fitted(title, font)
    face = font_at(font, size)
    ascent, leading = face.getmetrics()[0], leading_of(face)
    top = MARGIN + max(0, (ROOM - leading * len(lines)) // 2)
    for number, line in enumerate(lines):
        place.write(line, face, top + number * leading + ascent * leading // sum(face.getmetrics()), colour)


def place_mark(canvas, mark, colours):
    """The site icon, else Longrun's mark in the accent, in the middle."""
    side = 260
    if mark is None:
        mark = Image.new("RGBA", (512, 512))
        pen = ImageDraw.Draw(mark)
        pen.rounded_rectangle((0, 0, 511, 511), 80, colours["accent"])
        for top, right in ((112, 384), (195, 384), (278, 288)):
            pen.rectangle((128, top, right, top + 40), colours["paper"])
        pen.polygon([(320, 288), (392, 288), (392, 400)], colours["paper"])
    mark = mark.resize((side, side), Image.Resampling.LANCZOS)
    canvas.paste(mark, ((WIDTH - side) // 2, MARGIN + (ROOM - side) // 2), mark)


# Which font, and which words


def typeset(text, first):
    """(what of the text is drawn, the font's file), or None if no font has its characters. `first`: preferred fonts."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    bare = "".join(each for each in text if unicodedata.category(each) not in EMOJI)
    bare = " ".join(_JOINERS.sub("", bare).split())
    for fonts in ((*first, PLAIN), installed_fonts):
        for words in dict.fromkeys((text, bare)):
            if not words or (is_shaped(words) and not features.check("raqm")):
                continue
            for font in fonts() if callable(fonts) else fonts:
                if covers(font, words):
                    return words, font
    return None


def is_shaped(text):
    """Whether its letters change by their neighbours, or run from right to left: that takes Raqm (HarfBuzz)."""
    directions, categories = map(unicodedata.bidirectional, text), map(unicodedata.category, text)
    return not {"R", "AL", "AN"}.isdisjoint(directions) or not {"Mn", "Mc"}.isdisjoint(categories)


@cache
def installed_fonts():
    """The font files of the machine, those with a regular face of Noto first, as it has most scripts."""
    folders = [Path(folder) for folder in FOLDERS] + [Path.home() / ".local/share/fonts"]
    found = [file for folder in folders for file in folder.rglob("*.[tTo][tT][fcFC]")]
    found.sort(key=lambda file: ("Noto" not in file.name, "Regular" not in file.name, file.name))
    return tuple(found[:MOST_FONTS])


@cache
def font_at(path, size):
    return ImageFont.truetype(path, size)


def covers(path, text):
    """Whether the font has a glyph for each character: one that it lacks looks as one that no font has."""
    try:
        face = ImageFont.truetype(path, 32, layout_engine=ImageFont.Layout.BASIC)
        missing = glyph(face, NO_CHARACTER)
        wanted = {each for each in text if not (each.isspace() or each == "\ufe0f")}
        return all(glyph(face, each) != missing for each in wanted if unicodedata.category(each) != "Cf")
    except (OSError, ValueError):  # a damaged font, or one of bitmaps in another size
        return False


def glyph(face, character):
    canvas = Image.new("L", (72, 72))
    ImageDraw.Draw(canvas).text((16, 8), character, 255, face)
    return canvas.tobytes()


def direction_of(text):
    """ "rtl" or "ltr", by the first letter that has one."""
    for each in text:
        if (way := unicodedata.bidirectional(each)) in ("L", "R", "AL"):
            return "ltr" if way == "L" else "rtl"
    return "ltr"


# Lines


def shaping(line):
    return {"direction": direction_of(line)} if features.check("raqm") else {}


def measured(line, face):
    return face.getlength(line, **shaping(line))


def leading_of(face):
    return round(0.92 * sum(face.getmetrics()))


def fitted(title, font):
    """(lines, size): the largest of SIZES at which the title fits, with lines of about the same length."""
    width = WIDTH - 2 * MARGIN
    for size in SIZES:
        face = font_at(font, size)
        lines = wrapped(title, face, width)
        longest = max(measured(word, face) for word in re.split(rf"[\s{_IDEOGRAPH}]+", title))
        if len(lines) * leading_of(face) <= ROOM and longest <= width:
            return balanced(title, face, lines, width), size
    most = max(1, ROOM // leading_of(face))
    if len(lines) > most:
        lines = [*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), face, width)]
    return lines, size


def balanced(title, face, lines, width):
    """The title in as few lines, the longest as short as possible."""
    least = width * (len(lines) - 1) // len(lines)
    while width - least > 8:
        middle = (least + width) // 2
        if len(tried := wrapped(title, face, middle)) <= len(lines):
            lines, width = tried, middle
        else:
            least = middle
    return lines


def wrapped(text, face, width):
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if measured((line + piece).strip(), face) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip())
        line = piece.lstrip()
        while measured(line, face) > width:  # a word that is longer than a line
            clusters = _CLUSTER.findall(line)
            count = len(clusters) - 1
            while count > 1 and measured("".join(clusters[:count]), face) > width:
                count -= 1
            lines.append("".join(clusters[:count]))
            line = "".join(clusters[count:])
    return [*lines, line.strip()] if line.strip() else lines


def shortened(line, face, width):
    if measured(line, face) <= width:
        return line
    clusters = _CLUSTER.findall(line)
    while len(clusters) > 1 and measured("".join(clusters).rstrip() + "…", face) > width:
        clusters.pop()
    return "".join(clusters).rstrip() + "…"
