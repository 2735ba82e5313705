"""The first page of the desk: what is being written, what comes by itself, what was published last."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.desk import chart
from blog.desk.guard import at_the_desk
from blog.models import Post

SHOWN = 5


@at_the_desk()
@require_safe
def desk(request):
    mine = Post.objects.editable_by(request.user)
    writes = request.user.has_perm("blog.write")
    context = {
        "writes": writes,
        "drafts": mine.drafts().for_desk()[:SHOWN] if writes else (),
        "scheduled": mine.scheduled().order_by("publish_at")[:SHOWN] if writes else (),
        "published": mine.pile("published").newest_first()[:SHOWN] if writes else (),
        "views": chart.views(request.user) if writes else None,
    }
    return render(request, "desk/dashboard.html", context)
