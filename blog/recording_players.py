"""Players for the library's own sounds and films: a link to one alone in a paragraph becomes a player, with its length
and a link to download it. Nothing is loaded before a reader presses play but what tells the length.

Works on HTML that our sanitizer has written, as `blog.responsive_images` does; the player is a template.
"""

import re
from html import unescape

from django.template.loader import render_to_string

SOUNDS, FILMS = frozenset({"mp3", "m4a"}), frozenset({"mp4", "webm", "mov", "m4v"})
_ALONE = re.compile(
    r'<p(?: dir="[a-z]+")?><a href="(/media/([0-9a-f]{32})/[^"#?]+)"(?: title="([^"]*)")?>([^<]*)</a></p>'
)


def add_players(html, files):
    """Replace every paragraph of sanitized `html` that holds nothing but a link to a sound or film among `files` (by
    name)."""

    def dressed(paragraph):
        media = files.get(paragraph[2])
        if media is None or media.format not in SOUNDS | FILMS or paragraph[1] != media.get_absolute_url():
            return paragraph[0]
        context = {
            "media": media,
            "is_film": media.format in FILMS,
            "words": unescape(paragraph[4]),
            "length": clock(media.seconds) if media.seconds else "",
        }
        return render_to_string("blog/_recording.html", context).strip()

    return _ALONE.sub(dressed, html) if '><a href="/media/' in html else html


def clock(seconds):
    """ "3:05", "1:02:03"."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
