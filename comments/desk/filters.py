"""The lists of comments by state, the actions offered in each, and the redirect to the list after an action."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from comments.models import Comment, Message, ModerationAction
from core import cache_version
from core.cache_version import cached_per_version
from core.pagination import COUNTED
from core.row_ids import row_id, row_ids

STATUSES = {
    "pending": gettext_lazy("Pending"),
    "approved": gettext_lazy("Approved"),
    "spam": gettext_lazy("Spam"),
    "trash": gettext_lazy("Trash"),
    "mine": gettext_lazy("Mine"),
    "reported": gettext_lazy("Reported"),
}
ACTIONS = {
    "approve": gettext_lazy("Approve"),
    "unapprove": gettext_lazy("Unapprove"),
    "spam": gettext_lazy("Spam"),
    "trash": gettext_lazy("Trash"),
    "restore": gettext_lazy("Restore"),
    "keep": gettext_lazy("Keep"),
    "later": gettext_lazy("Later"),
}
# The actions offered in each list, the most common first.
ACTIONS_BY_STATUS = {
    "pending": ["approve", "spam", "trash"],
    "approved": ["trash", "spam", "unapprove"],
    "spam": ["restore", "approve", "trash"],
    "trash": ["restore", "spam"],
    "mine": ["trash", "restore"],
    "reported": ["keep", "trash", "spam"],
}
# Keyboard shortcuts as in WordPress; those for navigation are in static/js/desk/comment-shortcuts.js.
KEYS = {"approve": "a", "unapprove": "u", "spam": "s", "trash": "d"}
RETURN_PAGES = {
    "history": "desk_history",
    "clusters": "desk_clusters",
    "likely-spam": "desk_likely_spam",
    "first-comments": "desk_first_comments",
}


def comments_with_status(status, user):
    if status == "mine":
        return Comment.objects.written_by(user)
    if status == "reported":
        return Comment.objects.reported()
    return Comment.objects.filter(state=status)


def status_counts(user, words, status):
    """{list: its length}: of the list that is shown exactly, of the others for `shown_count`."""
    comments = Comment.objects.matching(words)
    counts = comments.counts() if words else Comment.objects.counts_up_to(COUNTED)
    reported = comments.reported().count() if words else Comment.objects.count_reported()
    counts |= {"mine": comments.written_by(user).count(), "reported": reported}
    if counts[status] > COUNTED and not words:
        approved = status == Comment.State.APPROVED
        counts[status] = count_approved() if approved else comments_with_status(status, user).count()
    return counts


@cached_per_version(cache_version.POSTS, cache_version.COMMENTS)
def count_approved():
    """The exact length of the longest list: counting an index grows with the blog."""
    return Comment.objects.approved().count()


def moment(text):
    """The aware datetime in ISO 8601 at which a page was made, as its form sent it; None if it is invalid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if timezone.is_naive(found) else found


def undoable_action(text):
    """The ModerationAction with this id that is not undone, or None."""
    number = row_id(text)
    return ModerationAction.objects.standing().filter(pk=number).first() if number else None


def status_of(request):
    status = request.POST.get("status") or request.GET.get("status") or ""
    return status if status in STATUSES else "pending"


def list_url(status, **query):
    path = reverse("desk_comments") if status == Comment.State.PENDING else reverse("desk_comments_in", args=[status])
    query = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{query}" if query else path


def return_url(request, decision=None, *, after=None, at=None, **late):
    """The URL to return to after an action. `then` in the form names the page (review, history, commenter …); without
    it, it is a list. `late` has the query parameters about a conflict (`conflicts.conflict_from_query`)."""
    then, decided = request.POST.get("then", ""), decision.pk if decision else None
    if then == "messages":
        state = request.POST.get("status", "")
        place = {"q": request.POST.get("q", ""), "page": list_position(request)["page"], "decided": decided}
        return messages_url(state, **place, **late)
    if then == "review":
        return review_url(after=after, at=at, decided=decided, **late)
    person = row_ids([request.POST.get("who", "")])
    if then == "person" and person:
        place = {"page": list_position(request)["page"], "decided": decided} | late
        query = urlencode({name: value for name, value in place.items() if value})
        return f"{reverse('desk_commenter', args=person)}?{query}{f'#comment-{at or after}' if at or after else ''}"
    if then in RETURN_PAGES:
        place = {"by": request.POST.get("by", "")[:9], "page": list_position(request)["page"]}
        query = urlencode({name: value for name, value in place.items() if value})
        return reverse(RETURN_PAGES[then]) + (f"?{query}" if query else "")
    place = list_position(request, after) | {"decided": decided} | late
    anchor = f"#comment-{at}" if at else "#decided" if after and (decided or late) else ""
    back_status = request.POST.get("back_status", "")
    return list_url(back_status if back_status in STATUSES else status_of(request), **place) + anchor


def list_position(request, after=None):
    """The query parameters that restore the list: search, page, and selection unless the action was about that."""
    numbers = [] if "all" in request.POST else row_ids(request.POST.getlist("comment"))
    page = row_ids([request.POST.get("page", "")])
    return {
        "q": request.POST.get("back_q", request.POST.get("q", "")),
        "page": page[0] if page and page[0] > 1 else None,
        "ticked": ",".join(str(number) for number in numbers if number != after),
        "after": after,
    }


def selected_ids(request, comments):
    """The ids that `ticked` in the query string selects: a comma-separated list, or "page" for the whole page."""
    words = request.GET.get("ticked", "")
    return {comment.pk for comment in comments} if words == "page" else set(row_ids(words.split(",")))


def notice_position(request, comments, *, newest_first):
    """The id of the comment before which the notice about the last action is shown, where its comment was in the list;
    0 for the end of the page, None for no notice."""
    number = next(iter(row_ids([request.GET.get("after", "")])), 0)
    last = Comment.objects.filter(pk=number).values_list("posted_at", "pk").first()
    if not last or not {"decided", "conflict"} & set(request.GET):
        return None
    for comment in comments:
        at = (comment.posted_at, comment.pk)
        if at < last if newest_first else at > last:
            return comment.pk
    return 0


def messages_url(state, **query):
    """The URL of the list of messages in a state; of the new ones for any other word."""
    others = state in Message.State.values and state != Message.State.NEW
    path = reverse("desk_messages_in", args=[state]) if others else reverse("desk_messages")
    query = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{query}" if query else path


def review_url(**query):
    query = urlencode({name: value for name, value in query.items() if value})
    return f"{reverse('desk_review')}{f'?{query}' if query else ''}"


def undone_reply_text(request, comment):
    """The text of the user's undone reply to this comment, whose id is `again` in the query string; else ""."""
    number = row_id(request.GET.get("again"))
    if number is None:
        return ""
    answer = Comment.objects.trashed().written_by(request.user).filter(pk=number, parent=comment).first()
    return answer.text if answer else ""
