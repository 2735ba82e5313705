"""Telling the world of new posts, once. Becoming public needs no job; this looks each minute for what the world has not
been told of, so that nothing is missed when the machine was off."""

from django.utils import timezone

from blog.models import Post
from ground.jobs import minutely


@minutely
def announce():
    """Marks every public post that nobody has been told of. Bears being run twice."""
    due = Post.objects.to_announce().values_list("pk", flat=True)
    Post.objects.filter(pk__in=list(due)).update(announced_at=timezone.now(), was_public=True)
