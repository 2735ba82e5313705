"""Claiming earlier guest comments: an account is offered those written under its email address, and never gets them
without asking.

Only confirmed addresses count (by a login provider or by email), and only comments that belong to no account. The name
typed at the time stays, because replies may refer to it.
"""

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comments.models import Comment, Person
from core import cache_version
from core.email_addresses import normalize_email
from core.row_ids import row_ids

SHOWN = 50
SESSION_KEY = "earlier_comments"
HOUR = 3600


def claimable(user):
    """The comments under one of the user's confirmed addresses that belong to no account and no blocked person."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    alike = Q(pk__in=[])
    for address in addresses:
        alike |= Q(email__iexact=address)
    nobodys = Q(person=None) | Q(person__account=None) & ~Q(person__trust=Person.Trust.BLOCKED)
    seen = Comment.objects.filter(kind=Comment.Kind.COMMENT, state__in=[Comment.State.APPROVED, Comment.State.PENDING])
    # PostgreSQL's iexact matches gmaıl.com (dotless i) with gmail.com, which is another address; so compare again here.
    theirs = {normalize_email(address) for address in addresses}
    rows = seen.filter(alike).filter(nobodys).values_list("pk", "email")
    return Comment.objects.filter(pk__in=[pk for pk, email in rows if normalize_email(email) in theirs])


def claimable_count(request):
    """How many comments can be claimed, counted once an hour, for the comment form; 0 once the user has decided."""
    if SESSION_KEY in request.session:
        return request.session[SESSION_KEY]
    # Cached, not stored in the session: viewing a post must not write a session.
    return cache.get_or_set(f"{SESSION_KEY}:{request.user.pk}", lambda: claimable(request.user).count(), HOUR)


def claim(user, numbers):
    """Assign those of these comments that are claimable to the account; returns how many."""
    with transaction.atomic():
        offered = list(claimable(user).filter(pk__in=numbers).values_list("pk", flat=True))
        Comment.objects.filter(pk__in=offered).update(person=Person.objects.of_account(user))
        cache_version.invalidate(cache_version.EVERYTHING)
    return len(offered)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def earlier_comments(request):
    """List the claimable comments (GET); claim the selected ones or decline (POST)."""
    if request.method == "POST":
        request.session[SESSION_KEY] = 0
        if request.POST.get("do") == "take":
            taken = claim(request.user, row_ids(request.POST.getlist("comment")))
            told = ngettext("%d comment is yours now.", "%d comments are yours now.", taken)
            messages.success(request, told % taken)
        return redirect("account")
    comments = claimable(request.user).select_related("post").newest_first()
    context = {"comments": comments[:SHOWN], "page_title": _("Earlier comments")}
    return render(request, "comments/claim.html", context)
