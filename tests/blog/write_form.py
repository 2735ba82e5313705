"""The form of the write page, for tests that send it."""

from blog.models import Post

LONG = "Nine miles, and the tenth for the dog. 🐕 Ü\n\n    indented\n" * 150


def fields(**typed):
    """What a browser sends from a write page that nobody has touched, and what was typed."""
    return {
        "title": "",
        "source": "",
        "excerpt": "",
        "slug": "",
        "format": "standard",
        "visibility": "public",
        "status": "draft",
        "comments_open": "on",
        "action": "save",
    } | typed


def newest(post):
    return Post.objects.get(pk=post.pk).newest_revision.pk


def given_back(answer):
    """The text on the page that says that a login has ended."""
    return next(value for name, label, value in answer.context["texts"] if name == "source")
