"""Maps of the library's own tracks: a link to a GPX file alone in a paragraph becomes a map, drawn here, with distance,
climb and a profile. No reader's browser asks a map service.

Works on HTML that our sanitizer has written, as `blog.recording_players` does; the map is a template.
"""

import json
import re
from html import unescape

from django.template.loader import render_to_string

from blog.track_figures import EDGE, TRACK_FACTS
from core.media_storage import media_storage

_ALONE = re.compile(
    r'<p(?: dir="[a-z]+")?><a href="(/media/([0-9a-f]{32})/[^"#?]+\.gpx)"(?: title="([^"]*)")?>([^<]*)</a></p>'
)
_FIGURE = re.compile(r'<figure class="longrun-track">.*?<figcaption[^>]*>(.*?)</figcaption>\s*</figure>', re.DOTALL)


def add_maps(html, files):
    """Replace every paragraph of sanitized `html` that holds nothing but a link to a track among `files` (by name)."""

    def dressed(paragraph):
        media = files.get(paragraph[2])
        if media is None or media.format != "gpx" or paragraph[1] != media.get_absolute_url():
            return paragraph[0]
        facts = track_facts(media)
        if not facts:
            return paragraph[0]
        low, (metres, units) = facts["map"]["height"] - EDGE, facts["map"]["scale"]
        label = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
        context = {
            "media": media,
            "words": unescape(paragraph[4]),
            "track": facts,
            "kilometres": facts["distance"] / 1000,
            "climb": facts["climb"],
            "scale": {"from": EDGE, "to": round(EDGE + units, 1), "at": low, "above": low - 6, "label": label},
        }
        return render_to_string("blog/_track.html", context).strip()

    return _ALONE.sub(dressed, html) if ".gpx" in html else html


def track_facts(media):
    """What the map of a track is drawn from; None while there is nothing of it for readers."""
    try:
        return json.loads(b"".join(media_storage().read(f"{media.folder}/{TRACK_FACTS}")))
    except FileNotFoundError:
        return None


def as_text(html):
    """The HTML with each map as a paragraph with what is written below it, for feeds and emails."""
    return _FIGURE.sub(r"<p>\1</p>", html) if 'class="longrun-track"' in html else html
