"""The picture that stands for a page where somebody links to it, and what a feed has to hear or to see.

Of a post that not everybody may read nothing is named here.
"""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

from django.urls import reverse

from blog.models.media import FORMATS, Media
from blog.models.reading_settings import reading
from core.site import absolute_url

LARGE = (600, 315)  # pixels; what is smaller stands beside the words of a card, not above them
SMALLEST = 100  # of pictures that say their size: what is smaller on both sides is a smiley or a badge
ICON = 512
PLAYED = {"mp3", "m4a", "mp4"}

_IMG = re.compile(r'<img((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')  # as our cleaners write it
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_PLAYED = re.compile(r'="/media/([0-9a-f]{32})/[^"/]*\.(?:mp3|m4a|mp4)["#]')


@dataclass(frozen=True)
class Picture:
    """A picture with its full address; sizes are 0 where nobody knows them."""

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
        """As Open Graph and X name it."""
        said = {"og:image": self.url, "og:image:alt": self.alt}
        if self.width and self.height:
            said |= {"og:image:width": self.width, "og:image:height": self.height}
        said["twitter:card"] = "summary_large_image" if self.is_large else "summary"
        return {name: value for name, value in said.items() if value}


def of_media(media):
    return Picture(absolute_url(media.get_absolute_url()), media.alt, media.width, media.height, type_of(media))


def of_post(post):
    """The picture that its author chose, else the first in its text, else None."""
    if post.featured:
        return of_media(post.featured)
    page = absolute_url(post.get_absolute_url())
    for img in _IMG.finditer(post.html):
        facts = {name: unescape(value) for name, value in _ATTRIBUTE.findall(img[1])}
        width, height = (int(facts[side]) if facts.get(side, "").isdecimal() else 0 for side in ("width", "height"))
        if not facts.get("src") or (width and height and max(width, height) < SMALLEST):
            continue
        try:
            return Picture(urljoin(page, facts["src"]), facts.get("alt", ""), width, height)
        except ValueError:  # no address
            continue
    return None


def of_public_post(post):
    """The same, as far as everybody may see it."""
    return of_post(post) if post.is_public and post.visibility == post.Visibility.PUBLIC else None


def of_blog():
    """The picture at the head of every page, else the icon, else None."""
    settings = reading()
    if settings.header_picture:
        return of_media(settings.header_picture)
    if settings.icon:
        return Picture(absolute_url(reverse("icon", args=[settings.icon, ICON])), "", ICON, ICON)
    return None


def played_in(posts):
    """{number of a post: the uploaded sounds and films of it, as they come}, in one query where there are any."""
    named = {post.pk: list(dict.fromkeys(_PLAYED.findall(post.html))) for post in posts if "/media/" in post.html}
    names = {name for found in named.values() for name in found}
    files = {file.name: file for file in Media.objects.filter(name__in=names, format__in=PLAYED)} if names else {}
    return {pk: [files[name] for name in found if name in files] for pk, found in named.items()}


def type_of(media):
    return FORMATS[media.format][1]
