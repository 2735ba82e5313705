"""A blog in a form that can be compared: every row that an export can carry, without numbers that differ by chance."""

from blog.models import Category, Post, Tag
from comments.models import Comment


def blog(*, spam=False, passwords=False):
    """{kind: sorted list of rows} of the blog in this database.

    Left out by default is what a WordPress export cannot carry: spam, and posts with a password (they become private).
    """
    posts = {}
    for post in Post.objects.all().order_by("pk"):
        visibility = post.visibility if passwords or post.visibility != "password" else "private"
        posts[post.pk] = {
            "kind": post.kind, "status": post.status, "visibility": visibility, "format": post.format,
            "title": post.title, "slug": post.slug, "path": post.path, "guid": post.guid, "source": post.source,
            "source_format": post.source_format, "excerpt": post.excerpt, "publish_at": post.publish_at,
            "published_on": post.published_on, "sticky": post.sticky, "comments_open": post.comments_open,
            "menu_order": post.menu_order, "parent": post.parent_id, "count": post.comment_count,
            "updated_at": post.updated_at.replace(microsecond=0), "language": post.language,
            "categories": sorted(each.route for each in post.categories.all()),
            "tags": sorted(each.slug for each in post.tags.all()), "html": post.html,
        }  # fmt: skip
        if posts[post.pk]["publish_at"]:
            posts[post.pk]["publish_at"] = post.publish_at.replace(microsecond=0)
    states = ["approved", "pending", "trash", *(["spam"] if spam else [])]
    comments = {
        comment.pk: {
            "post": comment.post_id, "parent": comment.parent_id, "thread": comment.thread_id, "state": comment.state,
            "kind": comment.kind, "text": comment.text, "html": comment.html, "name": comment.name,
            "email": comment.email, "url": comment.url, "posted_at": comment.posted_at.replace(microsecond=0),
            "source_format": comment.source_format,
        }
        for comment in Comment.objects.filter(state__in=states).order_by("pk")
    }  # fmt: skip
    return {
        "posts": posts,
        "comments": comments,
        "categories": sorted(Category.objects.values_list("route", "name", "description")),
        "tags": sorted(Tag.objects.values_list("slug", "name", "description")),
    }
