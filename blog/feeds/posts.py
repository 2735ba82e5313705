"""Feeds of the blog and of every archive, as RSS 2.0, Atom and JSON Feed 1.1."""

import json
from datetime import UTC, datetime
from html import escape

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.translation import gettext as _

from blog import archives, social_cards
from blog.conditional_get import conditional_page
from blog.models import Post
from blog.models.reading_settings import reading
from core import page_cache
from core.page_cache import cache_for_guests
from core.site import absolute_url, site

MEDIA = "http://search.yahoo.com/mrss/"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Steady:
    """Gives a feed without entries a fixed date instead of the current time, so that its ETag stays the same."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else NEVER


class Rss(Steady, Rss201rev2Feed):
    """RSS 2.0 with the full text, the number of comments and the URL of the comments feed, as in WordPress."""

    def rss_attributes(self):
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/",
            "xmlns:wfw": "http://wellformedweb.org/CommentAPI/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:media": MEDIA,
        }

    def add_item_elements(self, handler, item):
        # RSS allows one enclosure for each item; the other files are linked in the text.
        item = item | {"description": in_html(item["description"]), "enclosures": item["enclosures"][:1]}
        super().add_item_elements(Untitled(handler) if not item["title"] else handler, item)
        add_picture(handler, item)
        for name in ("content:encoded", "wfw:commentRss", "slash:comments", "dc:language"):
            if (value := item.get(name)) not in (None, ""):
                handler.addQuickElement(name, str(value))


class Untitled:
    """A handler that writes no empty <title>: notes have none, and RSS does not require one if there is a
    description."""

    def __init__(self, handler):
        self.handler = handler

    def addQuickElement(self, name, contents=None, attrs=None):
        if contents or name != "title":
            self.handler.addQuickElement(name, contents, attrs)

    def __getattr__(self, name):
        return getattr(self.handler, name)


class Atom(Steady, Atom1Feed):
    """Atom 1.0 with the full text in `content` and the excerpt in `summary`."""

    def root_attributes(self):
        return super().root_attributes() | {"xmlns:media": MEDIA}

    def item_attributes(self, item):
        said = super().item_attributes(item)
        return said | ({"xml:lang": item["dc:language"]} if item.get("dc:language") else {})

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item | {"description": in_html(item["description"])})
        add_picture(handler, item)
        if item.get("content:encoded"):
            handler.addQuickElement("content", item["content:encoded"], {"type": "html"})


class Json(SyndicationFeed):
    """JSON Feed 1.1 (jsonfeed.org)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        outfile.write(json.dumps(self.document(), ensure_ascii=False, indent=1).encode(encoding))

    def document(self):
        return {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "items": [self.entry(item) for item in self.items],
        }

    def entry(self, item):
        entry = {
            "id": item["unique_id"],
            "url": item.get("permalink") or item["link"],
            "external_url": item.get("external_url"),
            "title": item["title"],
            "content_html": item.get("content:encoded") or in_html(item["description"]),
            "summary": item["description"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": [{"name": item["author_name"]}],
            "tags": list(item["categories"]),
            "language": item.get("dc:language"),
            "image": item["picture"].url if item.get("picture") else "",
            "attachments": [attached(enclosure) for enclosure in item["enclosures"]],
        }
        return {name: value for name, value in entry.items() if value}


def add_picture(handler, item):
    """Add the featured picture as Media RSS, because the enclosure is for audio and video."""
    picture = item.get("picture")
    if not picture:
        return
    facts = {"url": picture.url, "medium": "image", "type": picture.mime_type}
    facts |= {"width": str(picture.width), "height": str(picture.height)}
    handler.startElement("media:content", facts)
    if picture.alt:
        handler.addQuickElement("media:description", picture.alt, {"type": "plain"})
    handler.endElement("media:content")


def attached(enclosure):
    return {"url": enclosure.url, "mime_type": enclosure.mime_type, "size_in_bytes": int(enclosure.length)}


def in_html(text):
    """Plain text, escaped for elements that feed readers parse as HTML."""
    return escape(text or "", quote=False)


FORMS = {"": Rss, "rss": Rss, "rss2": Rss, "rdf": Rss, "atom": Atom, "json": Json}


class ArchiveFeed(Feed):
    """The newest posts of an archive. URLs begin with LONGRUN_URL, never with the request's host."""

    def __init__(self, form):
        self.feed_type = form

    def get_object(self, request, *, of, form="", **where):
        self.path, self.is_whole_blog = request.path, of is archives.front
        return of(**where)

    def title(self, archive):
        return site().title if self.is_whole_blog else f"{site().title} » {archive.title}"

    def link(self, archive):
        return absolute_url("/" if self.is_whole_blog else archive.url)

    def feed_url(self, archive):
        return absolute_url(self.path)

    def description(self, archive):
        return archive.description

    def items(self, archive):
        newest = self.newest(archive)
        self.played = social_cards.played_in(post for post in newest if post.visibility == Post.Visibility.PUBLIC)
        return newest

    def newest(self, archive):
        return list(archive.posts_in_feed.for_lists().select_related("series").newest_first()[: reading().feed_items])

    def item_title(self, post):
        return post.display_title if post.title else ""

    def item_link(self, post):
        return post.open_link or absolute_url(post.get_absolute_url())

    def item_guid(self, post):
        return post.guid

    item_guid_is_permalink = False

    def item_description(self, post):
        if post.visibility == Post.Visibility.PASSWORD:
            return _("This content is password-protected. Read it at its page.")
        return post.description

    def item_author_name(self, post):
        return post.author.name

    def item_pubdate(self, post):
        return post.publish_at

    def item_updateddate(self, post):
        return post.changed_at

    def item_categories(self, post):
        terms = [*post.categories.all(), *post.tags.all(), *([post.series] if post.series_id else [])]
        return [term.name for term in terms]

    def item_comments(self, post):
        return absolute_url(f"{post.get_absolute_url()}#comments")

    def item_enclosures(self, post):
        return [
            Enclosure(absolute_url(media.get_absolute_url()), str(media.size), social_cards.type_of(media))
            for media in self.played.get(post.pk, ())
        ]

    def item_extra_kwargs(self, post):
        is_open = post.visibility == Post.Visibility.PUBLIC
        whole = reading().feed_full and is_open
        return {
            "content:encoded": text_of(post) if whole else "",
            "wfw:commentRss": absolute_url(f"{post.get_absolute_url()}feed/"),
            "slash:comments": post.comment_count,
            "permalink": absolute_url(post.get_absolute_url()),
            "external_url": post.open_link,
            "dc:language": post.language,
            "picture": social_cards.of_media(post.featured) if post.featured and is_open else None,
        }


def text_of(post):
    """The full text; if the post has a language, in an element with the `lang` attribute."""
    body = post.feed_body
    return render_to_string("blog/_in_feed.html", {"post": post, "body": body}).strip() if post.language else body


@cache_for_guests
@conditional_page
def feed(request, **where):
    form = where.get("form", "")
    if form not in FORMS:
        raise Http404
    response = ArchiveFeed(FORMS[form])(request, **where)
    return response if where["of"] is archives.front else page_cache.not_indexed(response)
