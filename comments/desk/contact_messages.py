"""The messages of contact forms, by state, with search; decisions about one or the selected ones, and their undo."""

from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from comments.models import Message
from comments.spam import training
from core.row_ids import row_ids

PER_PAGE = 30
State = Message.State
# {action: (label of its button, state to which it moves, what was done)}; "" is the former state.
ACTIONS = {
    "done": (_("Done"), State.DONE, _("Done")),
    "accept": (_("Not spam"), State.NEW, _("Not spam")),
    "reopen": (_("Not done"), State.NEW, _("Not done")),
    "spam": (_("Spam"), State.SPAM, _("Marked as spam")),
    "trash": (_("Trash"), State.TRASH, _("Moved to the trash")),
    "restore": (_("Restore"), "", _("Restored")),
}
ACTIONS_BY_STATE = {
    State.NEW: ("done", "spam", "trash"),
    State.DONE: ("reopen", "spam", "trash"),
    State.PENDING: ("accept", "spam", "trash"),
    State.SPAM: ("accept", "trash"),
    State.TRASH: ("restore",),
}
EMPTY = {
    State.NEW: _("No new messages. What readers send by the contact form of a page appears here."),
    State.DONE: _("Nothing here. Press Done at a message that you have answered."),
    State.PENDING: _("No message is held. What may be spam is held here with the reason, and not emailed to you."),
    State.SPAM: _("No spam. What is marked as spam stays here for 30 days, in case of a mistake."),
    State.TRASH: _("The trash is empty."),
}


@at_the_desk("comments.moderate")
@require_safe
def message_list(request, state=State.NEW):
    """The messages in one state, newest first. `decided` and `ids` say what was done last, for its undo."""
    words = request.GET.get("q", "").strip()[:200]
    messages = Message.objects.matching(words)
    counts = messages.counts()
    found = messages.in_state(state).select_related("post", "person").newest_first()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "state": state,
        "q": words,
        "states": [(each.value, each.label, counts[each], list_url(each, q=words)) for each in State],
        "page": page,
        "actions": [(action, ACTIONS[action][0]) for action in ACTIONS_BY_STATE[state]],
        "select_all": request.GET.get("ticked") == "page",
        "empty": EMPTY[state],
        "done": last_decision(request),
    }
    return render(request, "desk/comments/messages.html", context)


def last_decision(request):
    """What was done last and can be undone: {"action", "said", "numbers"}; None if nothing."""
    action = request.GET.get("decided", "")
    numbers = row_ids(request.GET.get("ids", "").split("-")[:PER_PAGE])
    if action not in ACTIONS or not ACTIONS[action][1]:
        return None
    still = Message.objects.in_state(ACTIONS[action][1]).filter(pk__in=numbers).exclude(former_state="")
    numbers = list(still.order_by("pk").values_list("pk", flat=True))
    return {"action": action, "said": ACTIONS[action][2], "numbers": numbers} if numbers else None


@at_the_desk("comments.moderate")
@require_POST
def decide_messages(request):
    """Apply an action: `one` is a button beside a message ("spam 12"), `all` a button for the selected ones
    (`message`), `undo` the action to be undone for them. What has left the state of the list stays as it is."""
    state = request.POST.get("status", "")
    state = State(state) if state in State.values else State.NEW
    one, _space, number = request.POST.get("one", "").partition(" ")
    chosen = Message.objects.filter(pk__in=row_ids([number] if one else request.POST.getlist("message")[:PER_PAGE]))
    action, undone = one or request.POST.get("all", ""), request.POST.get("undo", "")
    changed, decided = [], {}
    with transaction.atomic():
        if undone in ACTIONS and ACTIONS[undone][1]:
            changed = chosen.in_state(ACTIONS[undone][1]).exclude(former_state="").move("", decided=False)
        elif action in ACTIONS_BY_STATE[state]:
            changed = chosen.in_state(state).move(ACTIONS[action][1])
            decided = {"decided": action, "ids": "-".join(str(message.pk) for message in changed)}
        training.learn_messages(changed)
    return redirect(list_url(state, q=request.POST.get("q", ""), page=request.POST.get("page", ""), **decided))


def list_url(state, **query):
    path = reverse("desk_messages") if state == State.NEW else reverse("desk_messages_in", args=[state])
    query = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{query}" if query else path
