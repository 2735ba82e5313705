"""The review page: held comments one at a time, questions first (comments.moderation.triage)."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from comments.desk.conflicts import conflict_from_query
from comments.desk.filters import undoable_action, undone_reply_text
from comments.desk.forms import ReplyForm
from comments.desk.presence import others_reviewing
from comments.desk.review_session import decided_count
from comments.models import Comment, DiscussionSettings
from comments.moderation import triage
from comments.moderation.triage import before, behind
from core.row_ids import row_id


@at_the_desk("comments.moderate")
@require_safe
def review(request):
    """`?at=` shows that comment, `?after=` the one following it; the first if there is none or it is not held."""
    waiting = triage.waiting()
    comments = waiting.select_related("post", "person", "parent")
    comments = comments.defer("post__source", "post__html", "post__teaser_html", "post__plain", "parent__html")
    comment = chosen_comment(comments, request) or comments.first()
    context = {
        "comment": comment,
        "left": triage.count_due(),
        "decided": decided_count(request),
        "decision": undoable_action(request.GET.get("decided", "")),
        "conflict": conflict_from_query(request),
        "others": others_reviewing(request.user),
        "discussion": DiscussionSettings.now(),
        "later": 0 if comment else Comment.objects.pending().count(),
    }
    if comment:
        context["place"] = waiting.filter(before(comment)).count() + 1
        context["previous"] = waiting.filter(before(comment)).reverse().values_list("pk").first()
        context["next"] = waiting.filter(behind(comment)).values_list("pk").first()
        context["answered_at"] = place_of(comment)
        context["replying"] = "reply" in request.GET
        again = {"text": undone_reply_text(request, comment)}
        context["form"] = ReplyForm(comment=comment, user=request.user, focused=context["replying"], initial=again)
    return render(request, "desk/comments/review.html", context)


def place_of(comment):
    """The URL of the place in the post where it will appear: at its approved parent, else at the comments."""
    if comment.parent and comment.parent.is_approved:
        return comment.parent.get_absolute_url()
    return f"{comment.post.get_absolute_url()}#comments"


def chosen_comment(comments, request):
    if at := row_id(request.GET.get("at")):
        return comments.filter(pk=at).first() or following(comments, at)
    return following(comments, row_id(request.GET.get("after")))


def following(comments, pk):
    last = pk and triage.in_order(Comment.objects.filter(pk=pk)).first()
    return comments.filter(behind(last)).first() if last else None
