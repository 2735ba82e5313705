"""The messages of contact forms, by state, with search; decisions about one or the selected ones."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from comments.desk.commenters import NETWORK_DAYS
from comments.desk.conflicts import change_message, changed_since, ids_with_version, skipped_message
from comments.desk.filters import messages_url, return_url, undoable_action
from comments.models import DiscussionSettings, Message, ModerationAction, Person
from core.row_ids import row_id, row_ids

PER_PAGE = 30
State = Message.State
What = ModerationAction.What
# {action: (label of its button, the decision)}
ACTIONS = {
    "done": (_("Done"), What.DONE),
    "accept": (_("Not spam"), What.ACCEPT),
    "reopen": (_("Not done"), What.REOPEN),
    "spam": (_("Spam"), What.SPAM),
    "trash": (_("Trash"), What.TRASH),
    "restore": (_("Restore"), What.RESTORE),
}
ACTIONS_BY_STATE = {
    State.NEW: ("done", "spam", "trash"),
    State.DONE: ("reopen", "spam", "trash"),
    State.PENDING: ("accept", "spam", "trash"),
    State.SPAM: ("accept", "trash"),
    State.TRASH: ("restore",),
}
# The states in which there is nothing left to do for an action.
MOOT = {
    "done": (State.DONE,),
    "accept": (State.NEW, State.DONE),
    "reopen": (State.NEW,),
    "spam": (State.SPAM,),
    "trash": (State.TRASH,),
    "restore": tuple(state for state in State if state != State.TRASH),
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
    """The messages in one state, newest first. `decided` is the id of the ModerationAction to undo."""
    words = request.GET.get("q", "").strip()[:200]
    matching = Message.objects.matching(words)
    counts = matching.counts()
    found = matching.in_state(state).select_related("post", "person").newest_first()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    decision = undoable_action(request.GET.get("decided", ""))
    context = {
        "state": state,
        "q": words,
        "states": [(each.value, each.label, counts[each], messages_url(each, q=words)) for each in State],
        "page": page,
        "actions": [(action, ACTIONS[action][0]) for action in ACTIONS_BY_STATE[state]],
        "select_all": request.GET.get("ticked") == "page",
        "empty": EMPTY[state],
        "decision": decision,
        "conflict": conflict_about_message(request),
        "discussion": DiscussionSettings.now(),
    }
    return render(request, "desk/comments/messages.html", context)


@at_the_desk("comments.moderate")
@require_POST
def decide_messages(request):
    """Apply an action: `one` is a button beside a message ("spam 12", "block 12"), `all` a button for the selected ones
    (`message`). What somebody has moderated since the page was made stays as it is, and that is said."""
    state = request.POST.get("status", "")
    state = State(state) if state in State.values else State.NEW
    one, _space, number = request.POST.get("one", "").partition(" ")
    numbers = row_ids([number] if one else request.POST.getlist("message")[:PER_PAGE])
    action, decision = one or request.POST.get("all", ""), None
    with transaction.atomic():
        found = Message.objects.filter(pk__in=numbers)
        # A block is about all messages of its sender: they are locked in one order.
        alike = Message.objects.of_address(*found.values_list("email", flat=True)) if one == "block" else found
        locked = alike.select_for_update(of=("self",)).order_by("pk")
        changed = changed_since(request, [message for message in locked if message.pk in numbers])
        as_shown = Q(state=state) | Q(pk__in=ids_with_version(request))
        chosen = found.filter(as_shown).exclude(pk__in=[message.pk for message in changed])
        if action in ACTIONS_BY_STATE[state]:
            decision = chosen.decide(ACTIONS[action][1], by=request.user)
        elif one == "block" and state != State.TRASH:
            decision = block_sender(request, chosen.select_related("person__account").first())
    late = {"conflict": changed[0].pk, "wanted": one} if changed and one else {}
    if not numbers:
        messages.info(request, _("No message was selected, so nothing was changed."))
    elif changed and not one:
        messages.info(request, skipped_message(changed, request.user))
    elif decision is None and not changed:
        messages.info(request, _("Somebody has already decided about this; nothing was changed."))
    return redirect(return_url(request, decision, **late))


def conflict_about_message(request):
    """The context of the notice about a decision that came too late, or None; the query is as that about comments."""
    number, action = row_id(request.GET.get("conflict")), request.GET.get("wanted", "")
    label = _("Block") if action == "block" else ACTIONS.get(action, ("", None))[0]
    message = Message.objects.filter(pk=number).select_related("person").first() if label and number else None
    return message and {
        "comment": message,
        "said": change_message(message, request.user),
        "action": "" if is_moot(action, message) else action,
        "label": gettext("%s anyway") % label,
    }


def is_moot(action, message):
    """Whether the message is already as the action would leave it."""
    if action == "block":
        return bool(message.person and message.person.trust == Person.Trust.BLOCKED)
    return message.state in MOOT[action]


def block_sender(request, message):
    """Block the sender of a message, unless that is the moderator; their network as the list beside the button says."""
    if message is None or message.person and message.person.account_id == request.user.pk:
        return None
    days = request.POST.get(f"network-{message.pk}", "0")
    return message.block_sender(request.user, network_days=int(days) if days in NETWORK_DAYS else 0)
