"""The sitemap: everything that anybody may read without a password.

Each section is split into pages of LINES entries, which an index lists, and is streamed.
"""

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import x_robots_tag
from django.core.paginator import InvalidPage
from django.http import Http404, StreamingHttpResponse
from django.template.loader import render_to_string

from blog.models import Category, Post, Tag
from core.site import absolute_url, site

LINES, CHUNK = 2000, 500


class Posts(Sitemap):
    limit = LINES

    def items(self):
        return Post.objects.posts().open().newest_first().only("kind", "path", "updated_at", "publish_at")

    def lastmod(self, post):
        return post.changed_at

    def get_latest_lastmod(self):
        """From two indexed queries; Django's default would read every post."""
        newest = self.items().order_by("-publish_at", "-pk").first()
        if newest is None:
            return None
        alike = Post.objects.filter(kind=newest.kind, status=Post.Status.PUBLISHED, visibility=Post.Visibility.PUBLIC)
        return max(self.lastmod(newest), alike.order_by("-updated_at", "-pk").only("updated_at")[0].updated_at)


class Pages(Posts):
    def items(self):
        return Post.objects.pages().open().newest_first().only("kind", "path", "updated_at", "publish_at")


class Categories(Sitemap):
    limit = LINES
    of: type[Category] | type[Tag] = Category

    def items(self):
        return self.of.objects.in_use().order_by("key")


class Tags(Categories):
    of = Tag


SITEMAPS = {"posts": Posts, "pages": Pages, "categories": Categories, "tags": Tags}


@x_robots_tag
def sitemap(request, section):
    """One page of a section (`?p=2` is the second)."""
    if section not in SITEMAPS:
        raise Http404
    part = SITEMAPS[section]()
    try:
        page = part.paginator.page(request.GET.get("p", 1))
    except InvalidPage:
        raise Http404 from None
    numbers = list(page.object_list.values_list("pk", flat=True))
    return StreamingHttpResponse(written(part, numbers, site().zone), content_type="application/xml")


def written(part, numbers, zone):
    """Yield the XML in chunks, so that never all rows are in memory and no query stays open meanwhile."""
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        rows = part.items().in_bulk(chunk)
        lines = [line(part, rows[number], zone) for number in chunk if number in rows]
        yield render_to_string("sitemap.xml", {"lines": lines, "begins": start == 0})
    yield render_to_string("sitemap.xml", {"begins": not numbers, "ends": True})


def line(part, item, zone):
    changed = part.lastmod(item).astimezone(zone).date().isoformat() if hasattr(part, "lastmod") else ""
    return {"address": absolute_url(item.get_absolute_url()), "changed": changed}
