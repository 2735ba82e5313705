"""Feeds of the blog and of every archive: RSS 2.0, Atom and JSON Feed 1.1, the same posts in three forms."""

import json
import re
from datetime import UTC, datetime
from html import escape

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.translation import gettext as _

from blog.fresh import fresh
from blog.models import Post
from blog.models.reading import reading
from ground.pagecache import kept
from ground.site import absolute, site
from ground.words import tidy

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
TAG = re.compile(r'<[a-z](?:[^>"]|"[^"]*")*>')
ADDRESSES = re.compile(r'(?<=\s)(src|href|poster|srcset)="([^"]*)"')


class Steady:
    """A feed without entries says the same each time, and not that it was made just now."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else NEVER


class Rss(Steady, Rss201rev2Feed):
    """RSS 2.0 with the whole text, the comment count and the feed of the answers, as WordPress gives them."""

    def rss_attributes(self):
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/",
            "xmlns:wfw": "http://wellformedweb.org/CommentAPI/",
        }

    def add_item_elements(self, handler, item):
        item = item | {"description": in_html(item["description"])}
        super().add_item_elements(Untitled(handler) if not item["title"] else handler, item)
        for name in ("content:encoded", "wfw:commentRss", "slash:comments"):
            if (value := item.get(name)) not in (None, ""):
                handler.addQuickElement(name, str(value))


class Untitled:
    """A handler that writes no empty title: a note has none, and RSS wants none where there is a description."""

    def __init__(self, handler):
        self.handler = handler

    def addQuickElement(self, name, contents=None, attrs=None):
        if contents or name != "title":
            self.handler.addQuickElement(name, contents, attrs)

    def __getattr__(self, name):
        return getattr(self.handler, name)


class Atom(Steady, Atom1Feed):
    """Atom 1.0; the whole text stands in `content`, the excerpt in `summary`."""

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item | {"description": in_html(item["description"])})
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
        }
        return {name: value for name, value in entry.items() if value}


def in_html(text):
    """Plain words for a place where readers expect HTML, and take "<title>" for a tag."""
    return escape(text or "", quote=False)


FORMS = {"": Rss, "rss": Rss, "rss2": Rss, "rdf": Rss, "atom": Atom, "json": Json}


class ArchiveFeed(Feed):
    """The newest posts of an archive. Addresses come from the site's own, never from the request."""

    def __init__(self, form):
        self.feed_type = form

    def get_object(self, request, *, of, form="", **where):
        self.path = request.path
        return of(**where)

    def title(self, archive):
        return site().title if archive.path == "/" else f"{site().title} » {archive.title}"

    def link(self, archive):
        return absolute(archive.url)

    def feed_url(self, archive):
        return absolute(self.path)

    def description(self, archive):
        return archive.description

    def items(self, archive):
        newest = archive.posts.for_lists().newest_first()
        return newest[: reading().feed_items]

    def item_title(self, post):
        return post.display_title if post.title else ""

    def item_link(self, post):
        return post.open_link or absolute(post.get_absolute_url())

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
        return max(post.updated_at, post.publish_at)

    def item_categories(self, post):
        return [term.name for term in [*post.categories.all(), *post.tags.all()]]

    def item_comments(self, post):
        return absolute(f"{post.get_absolute_url()}#comments")

    def item_extra_kwargs(self, post):
        whole = reading().feed_full and post.visibility == Post.Visibility.PUBLIC
        return {
            "content:encoded": with_absolute_links(post.html) if whole else "",
            "wfw:commentRss": absolute(f"{post.get_absolute_url()}feed/"),
            "slash:comments": post.comment_count,
            "permalink": absolute(post.get_absolute_url()),
            "external_url": post.open_link,
        }


def with_absolute_links(html):
    """A reader of feeds does not know where our own pictures and pages live. The HTML is ours: always double quotes."""
    return TAG.sub(lambda tag: ADDRESSES.sub(with_our_host, tag[0]), tidy(html))


def with_our_host(said):
    ours = r"(^|,\s*)/(?!/)" if said[1] == "srcset" else r"(^)/(?!/)"
    addresses = re.sub(ours, lambda start: start[1] + absolute("/"), said[2])
    return f'{said[1]}="{addresses}"'


@kept
@fresh
def feed(request, **where):
    form = where.get("form", "")
    if form not in FORMS:
        raise Http404
    return ArchiveFeed(FORMS[form])(request, **where)
