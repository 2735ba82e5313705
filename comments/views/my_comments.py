"""A reader's own comments: list, export as JSON, erase or anonymize."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import ProtectedError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from comments import privacy
from comments.models import Comment, Message, ModerationAction
from comments.notifications import subscriptions

PER_PAGE = 50


@never_cache
@login_required
@require_safe
def list_comments(request):
    """The user's comments, newest first. Spam looks like a held comment, as it does below the post."""
    comments = own_comments(request.user).select_related("post").newest_first()
    page = Paginator(comments.defer("post__source", "post__html", "post__plain"), PER_PAGE)
    context = {"page": page.get_page(request.GET.get("page")), "page_title": _("Your comments")}
    return render(request, "comments/my_comments.html", context)


@never_cache
@login_required
@require_safe
def export(request):
    """Everything stored about the user's comments, messages and subscriptions, as JSON."""
    user = request.user
    told = {
        "name": user.name,
        "email": user.email,
        "website": user.website,
        "exported_at": timezone.now().isoformat(),
        "comments": privacy.exported(Comment.objects.written_by(user)),
        "messages": privacy.exported_messages(Message.objects.written_by(user)),
        "subscriptions": subscriptions.exported(*subscriptions.addresses_of(user)),
    }
    return JsonResponse(
        told,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers={"Content-Disposition": 'attachment; filename="my-comments.json"'},
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request):
    """Erase or anonymize the user's comments, and delete the account if requested."""
    if request.method == "POST":
        return delete_data(request)
    number = Comment.objects.written_by(request.user).count()
    return render(request, "comments/delete_data.html", {"number": number, "page_title": _("Delete my data")})


@reauthentication_required
def delete_data(request):
    how, whole = request.POST.get("how"), "account" in request.POST
    if how not in (privacy.ERASE, privacy.ANONYMISE):
        messages.warning(request, _("Please choose what should happen to your comments. Nothing was changed."))
        return redirect("delete_my_data")
    try:
        number = forget_all(request.user, how, whole)
    except ProtectedError:
        messages.error(request, _("You have written posts here, so the account stays. Nothing was changed."))
        return redirect("delete_my_data")
    except request.user.LastOwner:
        messages.error(request, _("A blog needs an owner, and there is no other one. Nothing was changed."))
        return redirect("delete_my_data")
    messages.success(
        request,
        ngettext("Personal data was removed from %d comment.", "Personal data was removed from %d comments.", number)
        % number,
    )
    if whole:
        logout(request)
        return redirect("home")
    return redirect("my_comments")


@transaction.atomic
def forget_all(user, how, whole):
    number = privacy.forget(Comment.objects.written_by(user), how, maker=ModerationAction.Maker.WRITER)
    addresses = subscriptions.addresses_of(user)
    theirs = Message.objects.written_by(user) | Message.objects.of_address(*addresses)
    privacy.forget_messages(theirs, maker=ModerationAction.Maker.WRITER)
    subscriptions.forget(*addresses)
    privacy.forget_addresses(*addresses)
    if whole:
        user.may_become(None, active=False)
        user.delete()
    return number


def own_comments(user):
    """The user's own comments, without those in the trash."""
    return Comment.objects.written_by(user).filter(Comment.objects.seen_by(user))
