"""The feed of a category that is a podcast: RSS with what Apple Podcasts and the Podcast Index ask for.

Apple: help pages "Podcast RSS feed requirements" and "A podcaster's guide to RSS". Podcast Index: the namespace at
podcastindex.org. An episode is a public post with a recording of one's own in a format that Apple takes; its first one
is the enclosure.
"""

from django.http import Http404
from django.urls import reverse
from django.utils.feedgenerator import Enclosure

from blog.conditional_get import conditional_page
from blog.feeds.chapters import chapters_of
from blog.feeds.posts import ArchiveFeed, Rss
from blog.models import Media, Post
from blog.models.podcast import COVER_FORMATS, COVER_SIDES
from core import page_cache
from core.page_cache import cache_for_guests
from core.site import absolute_url

MOST_EPISODES = 500
ITUNES, PODCAST = "http://www.itunes.com/dtds/podcast-1.0.dtd", "https://podcastindex.org/namespace/1.0"
# The media types that Apple names for each format.
TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/x-m4a",
    "mp4": "video/mp4",
    "m4v": "video/x-m4v",
    "mov": "video/quicktime",
}


class PodcastRss(Rss):
    def rss_attributes(self):
        return super().rss_attributes() | {"xmlns:itunes": ITUNES, "xmlns:podcast": PODCAST}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        podcast = self.feed["podcast"]
        add_all(
            handler,
            [
                ("itunes:author", podcast.author, {}),
                ("itunes:type", "serial" if podcast.serial else "episodic", {}),
                ("itunes:explicit", said(podcast.explicit), {}),
                ("podcast:guid", str(podcast.guid), {}),
                ("podcast:medium", "podcast", {}),
                (
                    "podcast:locked",
                    "yes" if podcast.locked else "no",
                    {"owner": podcast.email} if podcast.email else {},
                ),
            ],
        )
        if podcast.cover:
            add_all(handler, [("itunes:image", "", {"href": absolute_url(podcast.cover.get_absolute_url())})])
        if podcast.email:
            handler.startElement("itunes:owner", {})
            add_all(handler, [("itunes:name", podcast.author, {}), ("itunes:email", podcast.email, {})])
            handler.endElement("itunes:owner")
        category, _colon, below = podcast.apple_category.partition(": ")
        handler.startElement("itunes:category", {"text": category})
        if below:
            add_all(handler, [("itunes:category", "", {"text": below})])
        handler.endElement("itunes:category")

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        add_all(handler, item["podcast_elements"])


def add_all(handler, elements):
    for name, content, attributes in elements:
        handler.addQuickElement(name, content, attributes)


def said(yes):
    return "true" if yes else "false"


class PodcastFeed(ArchiveFeed):
    def __init__(self):
        super().__init__(PodcastRss)

    def get_object(self, request, **where):
        archive = super().get_object(request, **where)
        if archive.podcast is None:
            raise Http404
        self.language = archive.podcast.language
        return archive

    def title(self, archive):
        return archive.podcast.title

    def description(self, archive):
        return archive.podcast.description

    def feed_extra_kwargs(self, archive):
        return {"podcast": archive.podcast}

    def newest(self, archive):
        played = Media.objects.filter(format__in=TYPES, uses__post__visibility=Post.Visibility.PUBLIC)
        episodes = archive.posts.open().filter(pk__in=played.values("uses__post"))
        return list(episodes.for_lists().select_related("series").newest_first()[:MOST_EPISODES])

    def items(self, archive):
        return [post for post in super().items(archive) if self.recording(post)]

    def recording(self, post):
        return next((media for media in self.played.get(post.pk, ()) if media.format in TYPES), None)

    def item_title(self, post):
        return str(post)

    def item_link(self, post):
        return absolute_url(post.get_absolute_url())

    def item_enclosures(self, post):
        media = self.recording(post)
        return [Enclosure(absolute_url(media.get_absolute_url()), str(media.size), TYPES[media.format])]

    def item_extra_kwargs(self, post):
        return super().item_extra_kwargs(post) | {"podcast_elements": list(elements_of(post, self.recording(post)))}


def elements_of(post, media):
    """What the feed says of an episode besides RSS's own elements."""
    yield "itunes:title", str(post), {}
    yield "itunes:author", post.author.name, {}
    yield "itunes:episodeType", "full", {}
    if media.seconds:
        yield "itunes:duration", str(media.seconds), {}
    if post.series_id and post.series_number:
        yield "itunes:episode", str(post.series_number), {}
    if post.featured and is_cover(post.featured):
        yield "itunes:image", "", {"href": absolute_url(post.featured.get_absolute_url())}
    if chapters_of(post.html):
        chapters = absolute_url(reverse("chapters", args=[post.pk]))
        yield "podcast:chapters", "", {"url": chapters, "type": "application/json+chapters"}


def is_cover(media):
    """Whether a picture has the format and size that Apple takes."""
    least, most = COVER_SIDES
    return media.format in COVER_FORMATS and media.width == media.height and least <= media.width <= most


@cache_for_guests
@conditional_page
def podcast_feed(request, **where):
    return page_cache.not_indexed(PodcastFeed()(request, **where))
