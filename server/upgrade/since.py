"""What came to a blog since a moment, in words: before a rollback takes it away."""

from blog.models import Media, Post
from comments.models import Comment


def describe(moment):
    """Lines that name the posts, and count the comments and files, that were made or changed after `moment`."""
    posts = Post.objects.filter(updated_at__gt=moment).order_by("updated_at", "pk")
    lines = [f"Posts and pages written or changed since then: {posts.count()}"]
    lines += [f"  {post.title or post.path or post.pk}" for post in posts[:50]]
    lines.append(f"Comments since then: {Comment.objects.filter(posted_at__gt=moment).count()}")
    lines.append(f"Files since then: {Media.objects.filter(created_at__gt=moment).count()}")
    return "\n".join(lines)
