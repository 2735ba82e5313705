"""Merging two accounts of one person, who must have logged in to both.

`accounts` merges the accounts, but must not depend on `comments`; so this view is here, where both can be called.
"""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import ProtectedError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import merge_accounts
from comments.models import Comment, Message, Person
from core import cache_version


@never_cache
@login_required
@reauthentication_required(app="allauth.socialaccount")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_merge(request):
    """Show the other account and what will happen to it (GET); merge the two (POST)."""
    other = merge_accounts.offered_account(request)
    if other is None:
        messages.warning(request, _("That took too long. Press the service's button once more."))
        return redirect("socialaccount_connections")
    if request.method != "POST":
        number = Comment.objects.filter(person__account=other).count()
        context = {"other": other, "number": number, "page_title": _("Merge your accounts")}
        return render(request, "comments/merge_accounts.html", context)
    if request.POST.get("do") == "join":
        try:
            with transaction.atomic():
                merge_comments(request.user, other)
                merge_accounts.merge(request.user, other)
                cache_version.invalidate(cache_version.EVERYTHING)
            messages.success(request, _("The accounts were merged."))
        except ProtectedError:
            messages.error(request, _("The other account has written posts here, so it stays. Nothing was changed."))
    merge_accounts.cancel_offer(request)
    return redirect("socialaccount_connections")


def merge_comments(user, other):
    """Move the comments and messages of `other` to `user`. A block is kept; a friend's trust is not transferred."""
    theirs = Person.objects.filter(account=other).first()
    if theirs is None:
        return
    mine = Person.objects.of_account(user)
    Comment.objects.filter(person=theirs).update(person=mine)
    Message.objects.filter(person=theirs).update(person=mine)
    if theirs.trust == Person.Trust.BLOCKED:
        mine.trust = Person.Trust.BLOCKED
        mine.save(update_fields=["trust"])
