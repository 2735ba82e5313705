"""Commenters and their trust: unknown, known, friend or blocked. Trust belongs to an account or a signed browser, never
to a typed email address. Also the pages for personal data requests by email address."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from comments import privacy
from comments.desk import review_session
from comments.desk.conflicts import changed_since, conflict_from_query
from comments.desk.filters import messages_url, return_url, undoable_action
from comments.models import Block, Comment, Message, ModerationAction, Person
from comments.moderation import rule_preview
from comments.notifications import replies, subscriptions
from core import anchored_messages
from core.email_addresses import normalize_email
from core.row_ids import row_ids

PER_PAGE = 30
SHOWN = 10  # messages on the page of a commenter
NETWORK_DAYS = ("0", "1", "7", "30")
STANDINGS = {"unknown": "unknown", "known": "known", "friends": "friend", "blocked": "blocked"}
KINDS = {
    "unknown": gettext_lazy("Unknown"),
    "known": gettext_lazy("Known"),
    "friends": gettext_lazy("Friends"),
    "blocked": gettext_lazy("Blocked"),
}
MEANING = {
    Person.Trust.UNKNOWN: gettext_lazy("The rules decide; after one approved comment the commenter is known."),
    Person.Trust.KNOWN: gettext_lazy("Counts as having a previously approved comment."),
    Person.Trust.FRIEND: gettext_lazy("Always approved: no rule is checked."),
    Person.Trust.BLOCKED: gettext_lazy("Everything they write is marked as spam."),
}

NEWEST_NAME = Comment.objects.filter(person=OuterRef("pk")).newest_first().values("name")[:1]
NEWEST_SENDER = Message.objects.filter(person=OuterRef("pk")).newest_first().values("name")[:1]


@at_the_desk("comments.moderate")
@require_safe
def commenter_list(request):
    """The commenters of one kind, latest comment first; `q` searches names and the accounts' addresses."""
    kind = request.GET.get("kind", "known")
    kind = kind if kind in KINDS else "known"
    found = Person.objects.listed(STANDINGS[kind]).annotate(
        last_name=Coalesce(Subquery(NEWEST_NAME), Subquery(NEWEST_SENDER))
    )
    found = found.select_related("account")
    words = request.GET.get("q", "").strip()[:200]
    if words:
        found = found.filter(
            Q(last_name__icontains=words) | Q(account__name__icontains=words) | Q(account__email__icontains=words)
        )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "kind": kind,
        "kinds": list(KINDS.items()),
        "q": words,
        "page": page,
    }
    return render(request, "desk/comments/commenters.html", context)


@at_the_desk("comments.moderate")
@require_safe
def commenter_detail(request, pk):
    """One commenter's comments, with buttons to set the trust."""
    who = get_object_or_404(Person.objects.select_related("account"), pk=pk)
    comments = who.comments.select_related("post").newest_first().defer("post__source", "post__html", "post__plain")
    page = Paginator(comments, PER_PAGE).get_page(request.GET.get("page"))
    decision, late = undoable_action(request.GET.get("decided", "")), conflict_from_query(request)
    numbers, said = {comment.pk for comment in page}, anchored_messages.messages_by_fragment(request)
    for comment in page:
        comment.said, comment.person = said.get(f"comment-{comment.pk}"), who
    first = next(iter(decision.comment_ids), None) if decision else None
    last = rule_preview.last_comments()
    by_address, by_network = rule_preview.matched_by_block(who, last)
    sent = list(who.messages.newest_first()[:SHOWN])
    context = {
        "name": name_of(who, [*page, *sent]),
        "sent": [(message, messages_url(message.state, q=message.email)) for message in sent],
        "last": len(last),
        "by_address": by_address,
        "by_network": by_network,
        "who": who,
        "message_anchors": {f"comment-{number}" for number in numbers},
        "decided_at": first if first in numbers else None,
        "conflict": late,
        "conflict_at": late["comment"].pk if late and late["comment"].pk in numbers else None,
        "past": who.past(),
        "counts": who.comments.all().counts(),
        "blocks": Block.objects.standing().filter(person=who),
        "trusts": [(value, label, MEANING[value]) for value, label in Person.Trust.choices],
        "page": page,
        "decision": decision,
    }
    return render(request, "desk/comments/commenter.html", context)


def name_of(who, written):
    """The name of an account, else that of their newest comment or message, else an address that is blocked."""
    if who.account:
        return who.account.name
    return next((each.writer for each in written), who.blocked_address)


@at_the_desk("comments.moderate")
@require_safe
def block_preview(request, pk):
    """Other people's recent comments that this commenter's blocks would have held or marked as spam.

    `decided` is the id of the ModerationAction to undo."""
    who = get_object_or_404(Person.objects.select_related("account"), pk=pk)
    last = rule_preview.last_comments()
    comments = rule_preview.matched_by_active_blocks(who, last)
    decision = undoable_action(request.GET.get("decided", ""))
    context = {
        "who": who,
        "last": len(last),
        "comments": comments,
        "bad": rule_preview.count_rejected(comments),
        "decision": decision if decision and decision.trust_given == (pk, Person.Trust.BLOCKED) else None,
    }
    return render(request, "desk/comments/block_preview.html", context)


@at_the_desk("comments.moderate")
@require_POST
def set_trust(request, pk):
    """Set the trust. `trust` is the kind, in lists followed by the id of the comment beside the button ("friend 12");
    the review sends that id as `comment`. That comment is moderated in the same action. Redirects to the page with the
    button."""
    who = get_object_or_404(Person, pk=pk)
    wanted, _space, beside = request.POST.get("trust", "").partition(" ")
    days = int(request.POST.get("network", "0")) if request.POST.get("network") in NETWORK_DAYS else 0
    number = next(iter(row_ids([beside or request.POST.get("comment", "")])), None)
    from_a_page = bool(request.POST.get("then") or "status" in request.POST)
    page_of_them = reverse("desk_commenter", args=[pk])
    with transaction.atomic():
        shown = who.comments.filter(pk=number).select_for_update()
        if number and (late := changed_since(request, shown)):
            wished = "approve" if wanted == Person.Trust.FRIEND else "spam"
            return redirect(return_url(request, after=number, conflict=late[0].pk, wanted=wished))
        if request.POST.get("trusted", who.trust) != who.trust:
            said = _("Somebody else has changed this commenter in the meantime: %s. Nothing was changed.")
            messages.info(request, said % who.get_trust_display())
            return redirect(page_of_them)
        known = wanted in Person.Trust.values
        decision = who.set_trust(wanted, request.user, network_days=days, beside=shown) if known else None
    review_session.count(request, len(decision.items) if decision else 0)
    if from_a_page:
        return redirect(return_url(request, decision, after=number))
    return redirect(f"{page_of_them}{f'?decided={decision.pk}' if decision else ''}")


@at_the_desk("blog.change_settings")
@require_safe
def personal_data(request):
    """The comments, messages and subscriptions of an email address, to be exported or deleted at somebody's request.

    Anybody can type an address. So the export has what the account wrote that confirmed it, and of others only what the
    owner selects, without user agent and network.
    """
    email = request.GET.get("email", "").strip()[:254]
    comments, subscribed = comments_under(email), subscriptions.exported(email)
    sent = Message.objects.of_address(email)
    writers = commenters_under(comments, email)
    if email and request.GET.get("as") == "json":
        told = {"email": email, "exported_at": timezone.now().isoformat()}
        theirs = [who.pk for who in writers if who.is_proved]
        selected = row_ids(request.GET.getlist("person"))
        selected = [who.pk for who in writers if who.pk in selected and not who.is_proved]
        told["comments"] = privacy.exported(comments.filter(person__in=theirs))
        told["comments"] += privacy.exported(comments.filter(person__in=selected), facts=False)
        if "none" in request.GET.getlist("person"):
            told["comments"] += privacy.exported(comments.filter(person=None), facts=False)
        told["messages"] = privacy.exported_messages(sent.filter(person__in=theirs))
        if "messages" in request.GET.getlist("person"):
            told["messages"] += privacy.exported_messages(sent.exclude(person__in=theirs), facts=False)
        told["subscriptions"] = subscribed
        return JsonResponse(told, headers={"Content-Disposition": 'attachment; filename="comments.json"'})
    context = {
        "email": email,
        "writers": writers,
        "unknown": comments.filter(person=None).count(),
        "sent": sent.count(),
        "subscriptions": subscribed,
        "comments": comments.select_related("post").newest_first()[:PER_PAGE],
    }
    return render(request, "desk/comments/personal_data.html", context | {"count": comments.count()})


@at_the_desk("blog.change_settings")
@require_POST
def erase_personal_data(request):
    email, how = request.POST.get("email", "").strip(), request.POST.get("how")
    if how in (privacy.ERASE, privacy.ANONYMISE):
        number = privacy.forget(comments_under(email), how, by=request.user)
        number_deleted = privacy.forget_messages(
            Message.objects.of_address(email), by=request.user, maker=ModerationAction.Maker.MODERATOR
        )
        subscriptions.forget(email)
        privacy.forget_addresses(email)
        messages.success(
            request,
            ngettext(
                "Personal data was removed from %d comment.", "Personal data was removed from %d comments.", number
            )
            % number,
        )
        if number_deleted:
            said = ngettext("%d message was deleted.", "%d messages were deleted.", number_deleted)
            messages.success(request, said % number_deleted)
    return redirect(f"{reverse('desk_personal_data')}?{urlencode({'email': email})}")


def commenters_under(comments, email):
    """The persons who commented under an address, with `number`, `newest_name` and `is_proved`: whether their account
    has confirmed the address."""
    writers = list(
        Person.objects.filter(pk__in=comments.exclude(person=None).values("person"))
        .select_related("account")
        .prefetch_related("account__emailaddress_set")
        .annotate(number=Count("comments", filter=Q(comments__in=comments)))
        .order_by("pk")[:PER_PAGE]
    )
    names = dict(comments.order_by("posted_at", "pk").values_list("person", "name"))
    for who in writers:
        who.newest_name = names.get(who.pk, "")
        who.is_proved = bool(who.account) and normalize_email(email) in replies.confirmed_addresses(who.account)
    return writers


def comments_under(email):
    if not email:
        return Comment.objects.none()
    return Comment.objects.matching(f"email:{email}")
