"""The desk's pages that turn HTML into Markdown: one post, or all."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from blog.desk.access import at_the_desk
from blog.desk.revisions import editable
from blog.models import Post
from blog.text_diff import side_by_side
from transfer import jobs, markdown_conversion
from transfer.desk.requests import DeskRequest
from transfer.models import ConvertedPost, MarkdownConversion

Step, State, Result = MarkdownConversion.Step, MarkdownConversion.State, ConvertedPost.Result
PER_PAGE = 50


@at_the_desk("blog.write")
@require_http_methods(["GET", "HEAD", "POST"])
def post_markdown(request: DeskRequest, pk: int) -> HttpResponse:
    """What would change if the post's text became Markdown, and the button that does it, or undoes it."""
    post = editable(request, pk)
    if request.method == "POST":
        return act_on_post(request, post)
    if post.source_format != "html":
        return render(
            request, "desk/markdown/post.html", {"post": post, "done": markdown_conversion.newest_turned(post)}
        )
    trial = markdown_conversion.trial_of(post)
    differences = [(_("The text as it is shown"), side_by_side(trial.before, trial.after))]
    context = {
        "post": post,
        "trial": trial,
        "differences": differences if trial.before != trial.after else [],
        "before_label": _("HTML"),
        "after_label": _("Markdown"),
    }
    return render(request, "desk/markdown/post.html", context)


def act_on_post(request: DeskRequest, post: Post) -> HttpResponse:
    action, line = request.POST.get("action"), markdown_conversion.newest_turned(post)
    try:
        if action == "turn" and post.source_format == "html":
            markdown_conversion.turn_one(post, request.user)
            messages.success(request, _("The text is Markdown now. The HTML is kept as a revision."))
        elif action == "undo" and line:
            markdown_conversion.turn_back(line, request.user)
            messages.success(request, _("The text is HTML again."))
        else:
            messages.error(request, _("This was changed meanwhile. Look at it once more."))
    except markdown_conversion.Changed as trouble:
        messages.error(request, str(trouble))
    return redirect("desk_post_markdown", pk=post.pk)


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def markdown(request: DeskRequest) -> HttpResponse:
    """All posts whose text is HTML: try them, turn those that show the same, undo it."""
    conversion = MarkdownConversion.objects.filter(total__gt=1).first() or MarkdownConversion.objects.first()
    if request.method == "POST":
        act(request, conversion)
        return redirect("desk_markdown")
    lines = (
        conversion.posts.select_related("post").order_by("-reason", "pk")
        if conversion
        else ConvertedPost.objects.none()
    )
    counted = dict(lines.order_by().values_list("result").annotate(Count("pk")))
    context = {
        "number": len(markdown_conversion.candidates()),
        "conversion": conversion,
        "counted": [(label, counted[value]) for value, label in Result.choices if value in counted],
        "can": counted.get(Result.CAN, 0),
        "turned": counted.get(Result.TURNED, 0),
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "desk/markdown/all.html", context)


def act(request: DeskRequest, conversion: MarkdownConversion | None) -> None:
    """Two presses are one: a conversion that runs is left alone."""
    action = request.POST.get("action")
    if action == "stop":
        MarkdownConversion.objects.filter(state=State.RUNNING).update(state=State.CANCELLED)
        messages.success(request, _("Stopped."))
        return
    if MarkdownConversion.objects.filter(state=State.RUNNING).exists():
        return
    if action == "try":
        conversion = MarkdownConversion.objects.create(by=request.user, total=len(markdown_conversion.candidates()))
    elif action in (Step.TURN, Step.UNDO) and conversion:
        facts = {"step": action, "state": State.RUNNING, "position": 0, "by": request.user}
        MarkdownConversion.objects.filter(pk=conversion.pk).update(**facts)
    else:
        messages.error(request, _("This was changed meanwhile. Look at it once more."))
        return
    jobs.convert_texts.enqueue(conversion.pk)


@at_the_desk("blog.change_settings")
@require_safe
def markdown_progress(request: DeskRequest) -> HttpResponse:
    found = MarkdownConversion.objects.filter(state=State.RUNNING).first()
    if found is None:
        return JsonResponse({"active": False})
    return JsonResponse({"phase": found.step, "done": found.position, "total": found.total, "active": True})
