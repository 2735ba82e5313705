"""The picture card of a post without a picture, for social cards: title, blog and author in the blog's colours.

It is drawn by blog.media.card_drawing in a child process when somebody asks for it, and kept as a file in the data
folder, named by a hash of everything it shows: another title, name or colour is another file and another URL.
"""

import base64
import hashlib
import json
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.urls import reverse

from blog.contrast import DARKEST, LIGHTEST, with_lightness
from blog.models import Icon
from blog.models.reading_settings import reading
from blog.themes import theme_named
from core import child_process
from core.site import absolute_url, site

VERSION = 1  # of the drawing; a new one makes new cards
SIZE = (1200, 630)
ICON = 180
MOST = 2_000  # cards that are kept; at 30 kB each that is 60 MB
SECONDS, MEMORY = 30, 512 * 1024 * 1024  # limits of the child process
# --paper, --ink, --ink-soft, --rule and --accent-own of each theme's tokens.css, in light and dark
COLOURS = {
    "": (
        ("#fcfaf5", "#25221d", "#625b50", "#ded7c8", "#3a5f2c"),
        ("#1e1c19", "#e6e0d4", "#aca494", "#3d3931", "#a5c88f"),
    ),
    "magazine": (
        ("#ffffff", "#17191c", "#5a5e64", "#dddcd8", "#9c2b1f"),
        ("#17191c", "#e9e7e3", "#a9adb3", "#363a40", "#f0a898"),
    ),
    "notebook": (
        ("#ffffff", "#1a2126", "#4f5a63", "#d9e0e3", "#1d5f80"),
        ("#1c2226", "#e4e8ea", "#a8b1b8", "#333b41", "#8fc6e4"),
    ),
    "portfolio": (
        ("#f7f7f5", "#151515", "#57575a", "#d8d8d3", "#34342f"),
        ("#121212", "#e9e8e4", "#a6a5a1", "#32312f", "#d5d3cb"),
    ),
}


def colours():
    """The colours of the blog's theme and its accent: light, unless the blog is always dark."""
    is_dark = reading().scheme == reading().Scheme.DARK
    shown = dict(
        zip(
            ("paper", "ink", "soft", "rule", "accent"), COLOURS[theme_named(reading().theme).name][is_dark], strict=True
        )
    )
    if reading().accent:
        limits = {"least": LIGHTEST} if is_dark else {"most": DARKEST}
        shown["accent"] = with_lightness(reading().accent.lower(), **limits)
    return shown


def words_of(post):
    return {"title": str(post), "blog": site().title, "author": post.author.name}


def card_digest(post):
    """32 hexadecimal digits that change with whatever the card shows."""
    shown = [VERSION, words_of(post), colours(), reading().icon]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]


def url_of(post):
    return absolute_url(reverse("picture_card", args=[post.pk, card_digest(post)]))


def png_of(post):
    """The card as PNG. Raises child_process.LimitExceeded if it cannot be drawn now."""
    kept = cards_folder() / f"{card_digest(post)}.png"
    with suppress(OSError):
        return kept.read_bytes()
    with TemporaryDirectory() as made:
        path = Path(made, "card.png")
        icon = Icon.objects.filter(size=ICON).first() if reading().icon else None
        arguments = words_of(post) | {
            "path": str(path),
            "colours": colours(),
            "icon": base64.b64encode(bytes(icon.png)).decode() if icon else "",
        }
        child_process.call("blog.media.card_drawing.draw", arguments, seconds=SECONDS, memory=MEMORY)
        png = path.read_bytes()
    with suppress(OSError):  # a full or read-only disk: it is drawn again
        keep(kept, png)
    return png


def cards_folder():
    return settings.LONGRUN_DATA / "cards"


def keep(path, png):
    """Store a card, complete or not at all, and delete the oldest beyond MOST."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}")
    part.write_bytes(png)
    part.replace(path)
    cards = sorted(path.parent.glob("*.png"), key=lambda card: card.stat().st_mtime)
    for card in cards[:-MOST]:
        card.unlink(missing_ok=True)
