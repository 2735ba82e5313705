"""The sitemap: everything that anybody may read without a password.

Each section is split into pages of LINES entries, which an index lists, and is streamed.
"""

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import x_robots_tag
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, StreamingHttpResponse
from django.template.loader import render_to_string

from blog.layout import current_layout
from blog.models import Category, Post, Series, Tag
from core.pagination import CountedPaginator
from core.site import absolute_url, site

LINES, CHUNK = 1000, 500


class Posts(Sitemap):
    limit = LINES

    def items(self):
        return Post.objects.posts().open().newest_first().only("kind", "path", "updated_at", "publish_at")

    @property
    def paginator(self):
        return CountedPaginator(self.items(), self.limit, current_layout().open_posts)

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

    @property
    def paginator(self):
        return Paginator(self.items(), self.limit)


class Categories(Sitemap):
    limit = LINES
    of: type[Category] | type[Tag] | type[Series] = Category

    def items(self):
        return self.of.objects.in_use().order_by("key")


class Tags(Categories):
    of = Tag


class AllSeries(Categories):
    of = Series


SITEMAPS = {"posts": Posts, "pages": Pages, "categories": Categories, "tags": Tags, "series": AllSeries}


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
    return StreamingHttpResponse(written(part, list(page.object_list), site().zone), content_type="application/xml")


def written(part, rows, zone):
    """Yield the XML in chunks; no query stays open meanwhile."""
    for start in range(0, len(rows), CHUNK):
        lines = [line(part, row, zone) for row in rows[start : start + CHUNK]]
        yield render_to_string("sitemap.xml", {"lines": lines, "begins": start == 0})
    yield render_to_string("sitemap.xml", {"begins": not rows, "ends": True})


def line(part, item, zone):
    changed = part.lastmod(item).astimezone(zone).date().isoformat() if hasattr(part, "lastmod") else ""
    path = "/" if item.path == current_layout().front_path else item.get_absolute_url()
    return {"address": absolute_url(path), "changed": changed}
