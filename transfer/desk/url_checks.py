"""The desk's page that asks this blog for the addresses of the old one, and lists those that do not answer."""

import secrets

from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from blog.desk.access import at_the_desk
from blog.models import Redirect
from blog.models.redirect import key_of
from transfer import jobs, uploads
from transfer.desk.received_files import LISTS, receive_whole
from transfer.desk.requests import DeskRequest
from transfer.models import UrlCheck, UrlMiss

PER_PAGE = 50
LONGEST_TEXT = 2_000_000  # characters that can be pasted


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def url_check(request: DeskRequest) -> HttpResponse:
    if request.method == "POST":
        act(request)
        return redirect("desk_url_check")
    check = UrlCheck.objects.first()
    misses = check.misses.all() if check else UrlMiss.objects.none()
    page = Paginator(misses, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    keys = {miss.pk: key_of(miss.path.partition("?")[0]) for miss in page.object_list}
    asked = [key for key in keys.values() if "\x00" not in key]  # PostgreSQL refuses it
    now = set(Redirect.objects.filter(key__in=asked).values_list("key", flat=True))
    context = {
        "check": check,
        "page": page,
        "redirected": {pk for pk, key in keys.items() if key in now},
        "misses": page.paginator.count,
        "accept": ",".join(LISTS.endings),
        "has_file": bool(check and uploads.files(check.upload)),
    }
    return render(request, "desk/import/url_check.html", context)


def act(request: DeskRequest) -> None:
    action, text = request.POST.get("action"), request.POST.get("addresses", "").strip()
    newest = UrlCheck.objects.first()
    if action == "stop":
        UrlCheck.objects.filter(state=UrlCheck.State.RUNNING).update(state=UrlCheck.State.CANCELLED)
        messages.success(request, _("Stopped."))
    elif action == "again" and newest and uploads.files(newest.upload):
        begin(request.user, newest.upload)
    elif action == "check" and text and "file" not in request.FILES:
        if len(text) > LONGEST_TEXT:
            messages.error(request, _("This is too long to paste. Upload it as a file."))
            return
        key = secrets.token_hex(16)
        uploads.store_whole(key, ContentFile(text.encode("utf-8", "replace"), name="addresses.txt"), LISTS)
        begin(request.user, key)
    elif action == "check":
        receive_whole(request, LISTS, lambda key: begin(request.user, key))


def begin(user: User, key: str) -> UrlCheck:
    """Start a check; one that runs is stopped."""
    UrlCheck.objects.filter(state=UrlCheck.State.RUNNING).update(state=UrlCheck.State.CANCELLED)
    source = ", ".join(path.name for path in uploads.files(key))[:300]
    check = UrlCheck.objects.create(upload=key, source=source, by=user)
    jobs.ask_old_urls.enqueue(check.pk)
    return check


@at_the_desk("blog.change_settings")
@require_safe
def url_check_progress(request: DeskRequest) -> HttpResponse:
    check = UrlCheck.objects.first()
    if check is None:
        return JsonResponse({"active": False})
    facts = {"phase": str(check.pk), "done": check.position, "total": check.total}
    return JsonResponse(facts | {"active": check.is_active})
