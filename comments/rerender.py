"""Comments whose HTML an older Longrun made."""

from blog import markup
from comments.models import Comment
from core.jobs import at_start, job
from core.rerender import renew


@job(queue="long")
def rerender_comments():
    renew(old_comments())


@at_start
def look_for_old_comments():
    if old_comments().exists():
        rerender_comments.enqueue()


def old_comments():
    return Comment.objects.filter(html_version__lt=markup.VERSION).order_by("pk")
