"""What search engines are told of: everything that anybody may read without a password."""

from django.contrib.sitemaps import Sitemap

from blog.models import Category, Post, Tag


class Posts(Sitemap):
    limit = 2000

    def items(self):
        return Post.objects.posts().open().newest_first().only("path", "updated_at", "publish_at")

    def lastmod(self, post):
        return max(post.updated_at, post.publish_at)


class Pages(Posts):
    def items(self):
        return Post.objects.pages().open().order_by("path").only("path", "updated_at", "publish_at")


class Categories(Sitemap):
    limit = 2000
    of = Category

    def items(self):
        return self.of.objects.in_use().order_by("key")


class Tags(Categories):
    of = Tag


SITEMAPS = {"posts": Posts, "pages": Pages, "categories": Categories, "tags": Tags}
