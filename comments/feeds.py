"""Comment feeds for the whole blog and for single posts, in RSS 2.0, Atom and JSON Feed, newest first."""

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from blog.absolute_urls import in_full
from blog.conditional_get import conditional_page
from blog.feeds.posts import FORMS
from blog.models import Post
from blog.models.reading_settings import reading
from comments.models import Comment
from core import page_cache
from core.page_cache import cache_for_guests
from core.site import absolute_url, site
from core.text import tidy


class CommentFeed(Feed):
    """The base of both comment feeds."""

    item_guid_is_permalink = False

    def __init__(self, form):
        self.feed_type = FORMS[form]

    def __call__(self, request, *args, **kwargs):
        self.path = request.path
        return super().__call__(request, *args, **kwargs)

    def feed_url(self, _thing=None):
        return absolute_url(self.path)

    def newest(self, comments):
        comments = comments.select_related("post").defer("post__source", "post__html", "post__plain")
        return comments.newest_first()[: reading().feed_items]

    def item_link(self, comment):
        return absolute_url(comment.get_absolute_url())

    def item_guid(self, comment):
        return absolute_url(comment.get_absolute_url())

    def item_author_name(self, comment):
        return comment.writer

    def item_pubdate(self, comment):
        return comment.posted_at

    def item_updateddate(self, comment):
        return comment.edited_at or comment.posted_at

    def item_description(self, comment):
        return comment.text

    def item_extra_kwargs(self, comment):
        return {"content:encoded": in_full(tidy(comment.html), absolute_url(comment.post.get_absolute_url()))}


class BlogComments(CommentFeed):
    """The newest comments on public posts."""

    def title(self):
        return _("Comments for %s") % site().title

    def link(self):
        return absolute_url("/")

    def description(self):
        return site().tagline or self.title()

    def items(self):
        return self.newest(Comment.objects.public())

    def item_title(self, comment):
        return _("Comment on %(title)s by %(name)s") % {"title": comment.post, "name": comment.writer}


class PostComments(CommentFeed):
    """The newest comments on one post; without items if the post is password-protected."""

    def get_object(self, request, path):
        return get_object_or_404(Post.objects.published(), path=f"/{path.strip('/')}/")

    def title(self, post):
        if self.is_closed(post):
            return _("Protected Comments: %s") % post.display_title
        return _("Comments on: %s") % post

    def link(self, post):
        return absolute_url(post.get_absolute_url())

    def description(self, post):
        if self.is_closed(post):
            return _("This post is password-protected. Read its comments at its page.")
        return post.description

    def items(self, post):
        return [] if self.is_closed(post) else self.newest(Comment.objects.on(post).approved())

    def item_title(self, comment):
        return _("By: %s") % comment.writer

    def is_closed(self, post):
        return post.visibility == Post.Visibility.PASSWORD


@cache_for_guests
@conditional_page
def blog_comments(request, form=""):
    return feed_in(form, BlogComments)(request)


@cache_for_guests
@conditional_page
def post_comments(request, path, form=""):
    return page_cache.not_indexed(feed_in(form, PostComments)(request, path=path))


def feed_in(form, kind):
    if (form or "") not in FORMS:
        raise Http404
    return kind(form or "")
