"""Autosave: the script of the write page sends the text while it is typed, and the write page offers it again."""

import re

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import JsonResponse
from django.http.request import QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import SECRET, at_the_desk
from blog.desk.forms import LONGEST_TEXT, WriteForm, guid_of
from blog.desk.unsaved_changes import differs
from blog.models import Autosave, Post
from blog.models.autosave import TEXTS
from core.row_ids import row_id

LONGEST_REST = 100_000  # characters of all fields except the texts
MOST_OFFERED = 20
HEX = re.compile("[0-9a-f]{32}")
HANDLES = {"action", "mark", "base_revision", "tab", "count", "seen", "who", "same", "over", "wanted", "place"}
PLACE = re.compile("(?:post-(?P<pk>[0-9]{1,18})|new-(?P<mark>[0-9a-f]{32}))")


@at_the_desk("blog.write")
@require_POST
def keep(request, pk=None):
    """Autosave a form. The JSON response has the number of the last change that is stored; only then may the page say
    so.

    `who` is the user who opened the form: after a login as somebody else the text is not stored for the new user.
    """
    if request.POST.get("who") != str(request.user.pk):
        return JsonResponse({"error": "who"}, status=409)
    tab, count, mark = request.POST.get("tab", ""), row_id(request.POST.get("count")), form_mark(request)
    if not HEX.fullmatch(tab) or count is None or not (pk or mark):
        return JsonResponse({"error": "form"}, status=400)
    fields, base = rest(request.POST), row_id(request.POST.get("base_revision"))
    texts = {name: request.POST.get(name, "") for name in TEXTS}
    if max(map(len, texts.values())) > LONGEST_TEXT or len(str(fields)) > LONGEST_REST:
        return JsonResponse({"error": "size"}, status=413)
    with transaction.atomic():
        post = post_of(request, pk, mark)
        if request.POST.get("same"):  # undone by hand: the form is the same as the saved post again
            Autosave.objects.undo(request.user, tab, count, post=post, mark=mark)
        else:
            Autosave.objects.keep(
                request.user, tab, count, post=post, mark=mark, seen=key(request.POST.get("seen")),
                fields=fields, base_revision=base, kind=kind_of(request), **texts,
            )  # fmt: skip
    newest = post.newest_revision if post else None
    is_stale = bool(newest and base and newest.pk != base)
    return JsonResponse({"revision": count, "saved_at": timezone.now(), "is_stale": is_stale})


@at_the_desk("blog.write")
@require_POST
def discard(request, pk):
    """Delete an autosave, unless it has changed since the page offered it."""
    row = get_object_or_404(Autosave.objects.filter(by=request.user), pk=pk)
    if (row.tab, row.count) == key(request.POST.get("seen")):
        row.delete()
    return redirect("desk_post", pk=row.post_id) if row.post_id else redirect("write")


@at_the_desk("blog.write")
@require_POST
def compare(request):
    """JSON for the script, before it offers text stored in the browser: whether the server has all of it.

    Only finished autosaves count. An unfinished one may be newer than the page, so that the page does not offer it.
    """
    place = PLACE.fullmatch(request.POST.get("place", ""))
    tab, count = key_of(request.POST)
    if not place or not tab or request.POST.get("who") != str(request.user.pk):
        return JsonResponse({"error": "form"}, status=400)
    pk, mark = place["pk"], place["mark"] or ""
    posts = Post.objects.editable_by(request.user)
    post = posts.filter(pk=pk).first() if pk else posts.filter(guid=guid_of(mark)).first()
    if pk and post is None:
        return JsonResponse({"is_saved": False})
    row = Autosave.objects.filter(by=request.user, post=post, mark="" if post else mark).first()
    is_done = bool(row) and row.is_done and row.holds(tab, count)
    is_saved = is_done or not differs(request.POST, post, request.user, changed_in(request.POST))
    return JsonResponse({"is_saved": is_saved})


@cache_control(private=True, no_store=True)
@require_safe
def token(request):
    """JSON for the script, after a login in another tab: the current user and CSRF token."""
    return JsonResponse({"who": str(request.user.pk or ""), "token": get_token(request)})


@at_the_desk("blog.write")
@require_safe
def signed_in(request):
    """The page after a login in another tab; the write page then continues to save."""
    return render(request, "desk/signed_in.html")


# For the write page


def restored_form(request, post):
    """(form, row) filled with the autosave that the URL names; otherwise (unchanged form, None)."""
    rows = Autosave.objects.waiting().filter(by=request.user)
    if post.pk:
        row = rows.filter(post=post).first() if request.GET.get("use") == "autosave" else None
    else:
        row = rows.filter(post=None, mark=mark).first() if (mark := form_mark(request)) else None
    form = WriteForm(instance=post, user=request.user)
    if row:
        form.show(data_of(row))
    elif not post.pk and form_mark(request):
        form.initial["mark"] = form_mark(request)
    return form, row


def autosave_context(request, form, row=None):
    """The template context for autosaving and for the autosaves on offer; `row` is the one that the form shows."""
    mine, post = Autosave.objects.filter(by=request.user), form.instance
    tab, count = (row.tab, row.count) if row else last_key(request.POST)
    waiting = mine.waiting().filter(post=post) if post.pk else mine.waiting()
    offered = [each for each in waiting[:MOST_OFFERED] if each.tab != tab and has_unsaved_text(each, request.user)]
    if post.pk:
        offered = [each for each in offered if not each.lies_among_the_revisions()]
    return {
        "autosaved": row,
        "kept": mine.filter(post=post if post.pk else None, mark="" if post.pk else form["mark"].value() or "").first(),
        "offered": offered,
        "formerly": post.guid.rpartition(":")[2] if post.pk else "",
        "seen": f"{tab}:{count}" if tab else "",
    }


def is_saved(form, by):
    """Call this when a form has been saved as its post."""
    (tab, count), mark = key_of(form.data), form.data.get("mark", "")
    Autosave.objects.is_saved(by, form.instance, mark=mark, tab=tab, count=count, seen=key(form.data.get("seen")))


def saved_post(request):
    """The post that was already saved from the new form with the `mark` in the URL, or None."""
    mark = form_mark(request)
    return Post.objects.editable_by(request.user).filter(guid=guid_of(mark)).first() if mark else None


# Reading the request


def post_of(request, pk, mark):
    """The post that is edited, or None while it is new. Raises Http404 or PermissionDenied."""
    posts = Post.objects.editable_by(request.user)
    post = get_object_or_404(posts, pk=pk) if pk else posts.filter(guid=guid_of(mark)).first()
    if post and not request.user.has_perm("blog.edit_post", post):
        raise PermissionDenied
    return post


def form_mark(request):
    mark = request.POST.get("mark") or request.GET.get("mark", "")
    return mark if HEX.fullmatch(mark) else ""


def rest(sent):
    """All fields except the texts, passwords and the form's own control fields."""
    return {
        name: values
        for name, values in sent.lists()
        if name not in TEXTS and name not in HANDLES and not any(secret in name for secret in SECRET)
    }


def changed_in(sent):
    """The names of the fields that were changed, according to the script; None if unknown."""
    names = sent.get("changed")
    return None if names is None else set(names.split())


def has_unsaved_text(row, by):
    data = data_of(row)
    return differs(data, row.post, by, changed_in(data))


def data_of(row):
    data = QueryDict(mutable=True)
    for name, values in row.fields.items():
        data.setlist(name, values)
    data.update({name: getattr(row, name) for name in TEXTS})
    data.update({"base_revision": row.base_revision or "", "mark": row.mark})
    return data


def kind_of(request):
    return Post.Kind.PAGE if request.GET.get("kind") == Post.Kind.PAGE else Post.Kind.POST


def last_key(sent):
    """(tab, number of the last change) of a submitted form, or of the autosave that it shows."""
    return key_of(sent) if sent.get("tab") else key(sent.get("seen"))


def key_of(sent):
    return key(f"{sent.get('tab')}:{sent.get('count')}")


def key(text):
    """ "tab:count" as (tab, count); ("", 0) if invalid."""
    tab, _colon, count = (text or "").partition(":")
    return (tab, row_id(count) or 0) if HEX.fullmatch(tab) else ("", 0)
