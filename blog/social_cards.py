"""The picture of a page for social cards (Open Graph, X), and the audio and video files for feeds.

Metadata uses `of_public_post`, which returns nothing for a post that not everybody may read.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from django.urls import reverse

from blog import picture_cards
from blog.models.media import FORMATS, Media
from blog.models.reading_settings import reading
from blog.recording_players import FILMS, SOUNDS
from blog.responsive_images import pictures_in
from core.site import absolute_url, site

LARGE = (600, 315)  # pixels; smaller pictures get the small card, with the picture beside the text
ICON = 512
PLAYED = SOUNDS | FILMS

_PLAYED = re.compile(r'="/media/([0-9a-f]{32})/[^"/]*\.(?:mp3|m4a|mp4|m4v|mov|webm)["#]')


@dataclass(frozen=True)
class Picture:
    """A picture with its absolute URL; width and height are in pixels, 0 if unknown."""

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0
    mime_type: str = ""

    @property
    def is_large(self):
        return self.width >= LARGE[0] and self.height >= LARGE[1]

    @property
    def properties(self):
        """As Open Graph and X meta properties."""
        said = {"og:image": self.url, "og:image:alt": self.alt}
        if self.width and self.height:
            said |= {"og:image:width": self.width, "og:image:height": self.height}
        said["twitter:card"] = "summary_large_image" if self.is_large else "summary"
        return {name: value for name, value in said.items() if value}


def of_media(media):
    return Picture(absolute_url(media.get_absolute_url()), media.alt, media.width, media.height, type_of(media))


def of_post(post):
    """The featured picture, otherwise the first picture in the text, otherwise None."""
    if post.featured:
        return of_media(post.featured)
    page = absolute_url(post.get_absolute_url())
    for shown in pictures_in(post.html):
        try:
            return Picture(urljoin(page, shown.url), shown.alt, shown.width, shown.height)
        except ValueError:  # not a URL
            continue
    return None


def of_public_post(post):
    """The same, or None if the post is not public."""
    return of_post(post) if post.is_open else None


def of_page(post):
    """The same, or the picture card that is drawn for a public post without a picture."""
    return of_public_post(post) or (drawn_for(post) if post.is_open and post.pk else None)


def drawn_for(post):
    width, height = picture_cards.SIZE
    return Picture(picture_cards.url_of(post), f"{post} – {site().title}", width, height, "image/png")


def of_blog():
    """The header picture, otherwise the site icon, otherwise None."""
    settings = reading()
    if settings.header_picture:
        return of_media(settings.header_picture)
    if settings.icon:
        return Picture(absolute_url(reverse("icon", args=[settings.icon, ICON])), "", ICON, ICON)
    return None


def played_in(posts):
    """{post's pk: its uploaded audio and video files, in order}, in at most one query."""
    named = {post.pk: list(dict.fromkeys(_PLAYED.findall(post.html))) for post in posts if "/media/" in post.html}
    names = {name for found in named.values() for name in found}
    files = {file.name: file for file in Media.objects.filter(name__in=names, format__in=PLAYED)} if names else {}
    return {pk: [files[name] for name in found if name in files] for pk, found in named.items()}


def type_of(media):
    return FORMATS[media.format][1]
