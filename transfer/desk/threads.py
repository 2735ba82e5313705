"""The desk's page for threads of a comment system that have no post here: each is assigned by hand."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.models import Post
from core.row_ids import row_id
from core.site import site_locale
from core.text import isolated
from transfer import jobs
from transfer.desk.requests import DeskRequest
from transfer.importing.assign_thread import (
    AT_ONCE,
    WaitingThread,
    assign,
    bring_comments,
    posts_meant,
    waiting_threads,
)
from transfer.models import ImportRun

THREADS = 50  # on a page
RECENT = 50


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_threads(request: DeskRequest, pk: int) -> HttpResponse:
    """The threads without a post. POST: assign one to the post of an address, a title or a button."""
    run = get_object_or_404(ImportRun, pk=pk)
    threads = waiting_threads(run.origin)
    page = Paginator(threads, THREADS).get_page(request.GET.get("page"))
    context = {"run": run, "page": page, "recent": recent_posts()}
    if request.method != "POST":
        return render(request, "desk/import/threads.html", context)
    thread = next((each for each in threads if each.pk == row_id(request.POST.get("thread"))), None)
    if thread is None or run.is_active:
        messages.error(request, _("This was changed meanwhile. Look at it once more."))
        return redirect("desk_import_threads", pk=run.pk)
    words = request.POST.get("choice") or request.POST.get("post", "")
    found = posts_meant(words)
    if len(found) == 1:
        bring(request, thread, found[0])
        return redirect("desk_import_threads", pk=run.pk)
    context |= {"asked": thread, "words": request.POST.get("post", "")[:1200], "candidates": found}
    return render(request, "desk/import/threads.html", context, status=422)


def bring(request: DeskRequest, thread: WaitingThread, post: Post) -> None:
    """The comments come at once, or by a job if they are many."""
    if thread.number > AT_ONCE:
        with transaction.atomic():
            for ref in assign(thread, post):
                jobs.bring_thread.enqueue(ref.pk)
        messages.success(request, _("The comments are being brought below “%s”.") % isolated(post.display_title))
        return
    with site_locale():
        number = sum(bring_comments(ref, post) for ref in thread.refs)
    said = ngettext(
        "%(number)d comment is below “%(post)s” now.", "%(number)d comments are below “%(post)s” now.", number
    )
    messages.success(request, said % {"number": number, "post": isolated(post.display_title)})


def recent_posts() -> QuerySet[Post]:
    found: QuerySet[Post] = Post.objects.published().newest_first().only("title", "summary", "path")
    return found[:RECENT]
