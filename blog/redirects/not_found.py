"""The 404 handler: looks for a redirect, a corrected path or suggestions first."""

import re
from urllib.parse import quote, urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponseGone, HttpResponseNotFound, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.translation import gettext as _

from blog.layout import current_layout
from blog.models import Post, Redirect
from blog.models.redirect import key_of
from blog.page_metadata import head
from blog.post_queries import post_at
from blog.redirects import not_found_log
from blog.redirects.probes import PROBES
from blog.slugs import slugify
from core import cache_version, page_cache, rate_limits
from core.request import client_network, network_prefix

SUGGESTIONS = 5
TAIL = re.compile(r"(?<=/)(?:feed/(?:[a-z0-9]+/)?|(?:comment-)?page[-/][0-9]+/)$")
# The spellings of a picture in one of WordPress's sizes, or changed by its editor.
SIZED = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-rotated|-e\d{10,13})(?=\.[a-z]{3,4}$)", re.IGNORECASE)
waits = rate_limits.KnownWaits()  # of networks that have had their suggestions
DATED = re.compile(r"^/(\d{4})/(\d{1,2})/(?:(\d{1,2})/)?(.+)$")


def not_found(request, exception=None):
    """A 301 to the current URL, a 410 if the page was deleted, otherwise a 404 with suggestions."""
    if request.method in {"GET", "HEAD"}:
        redirects = Redirect.objects.at_all(former_paths(request.path))
        if target := meant(request) or slashed(request) or moved(request, redirects):
            return HttpResponsePermanentRedirect(target + what_waits(request, target))
        if gone(request, redirects):
            page = render(request, "410.html", head(_("Gone"), path=request.path, indexed=False))
            return HttpResponseGone(page.content)
    request.is_expected_error = True  # the desk has a log of them; robots would fill the other one
    not_found_log.note(request)
    suggestions = suggested(request.path) if may_have_suggestions(request) else []
    if not suggestions and not page_cache.changes_pages(request.META.get("HTTP_COOKIE", "")):
        current_layout()  # a scheduled post that has become public changes the page
        if request.path in PROBES:
            page_cache.cache_also(request)
        return HttpResponseNotFound(page_for_guests())
    context = head(_("Page not found"), path=None, indexed=False)
    return render(request, "404.html", context | {"suggestions": suggestions}, status=404)


@cache_version.cached_per_version(cache_version.POSTS)
def page_for_guests():
    """The 404 page without suggestions, the same for all guests: robots ask for many paths that never existed."""
    request = HttpRequest()
    request.method, request.path, request.user = "GET", "", AnonymousUser()
    return render_to_string("404.html", head(_("Page not found"), path=None, indexed=False), request)


def may_have_suggestions(request):
    """Finding suggestions reads all slugs, so scanners get none, and others a number of them an hour."""
    network = network_prefix(request.META)
    if waits.is_waiting(network) or not_found_log.is_noise(request.path):
        return False
    wait = rate_limits.hit_all(("suggestions", client_network(request)), ("suggestions_site", ""))
    waits.add(network, wait)
    return not wait


def what_waits(request, target):
    """The query that brings back a reader's unsent text (`draft`), to be kept by the redirect."""
    draft = request.GET.get("draft")
    return f"?{urlencode({'draft': draft})}" if draft and not {"?", "#"} & set(target) else ""


def meant(request):
    """The corrected path of a post: lower case, two-digit month and day, without trailing punctuation. None if there is
    none."""
    typed = key_of(request.path)
    if match := DATED.match(typed):
        year, month, day, rest = match.groups()
        typed = "/".join(["", year, f"{int(month):02}", *([f"{int(day):02}"] if day else []), rest])
    path = f"{typed}/" if typed != "/" else "/"
    if path == f"/{request.path.strip('/')}/" or len(path) > 1024 or "\x00" in path:  # the view has looked there
        return None
    return quote(path) if post_at(path, request.user) else None


def slashed(request):
    """An archive, a feed or a desk page with its trailing slash; archives also in lower case. None if there is none."""
    if request.path.startswith("//") or "\x00" in request.path:  # a protocol-relative URL would lead to another host
        return None
    with_slash = f"{request.path.rstrip('/')}/"
    for path in dict.fromkeys((with_slash, f"{key_of(request.path)}/")):
        if path != request.path and is_there(path, only_archives=path != with_slash):
            asked = request.META.get("QUERY_STRING")
            return quote(path) + (f"?{asked}" if asked else "")
    return None


def is_there(path, only_archives=False):
    """Whether a view other than that of posts handles this path; for an archive, whether it exists.

    Only archives are looked up in lower case, because tokens (in secret links and email links) are case-sensitive.
    """
    try:
        match = resolve(path)
        if find := match.kwargs.get("of"):
            find(**{name: said for name, said in match.kwargs.items() if name not in ("of", "number", "form")})
    except Http404:
        return False
    return bool(find) if only_archives else match.url_name != "post"


def former_paths(path):
    """The paths at which a redirect may stand for this one: itself, without a suffix such as /feed/ or /page/2/, or a
    picture in its original size."""
    sized = [SIZED.sub("", path), SIZED.sub("-scaled", path)] if SIZED.search(path) else []
    return [path, TAIL.sub("", path), *sized]


def moved(request, redirects):
    """The current URL of a former path. A suffix such as /feed/ or /page/2/ is kept."""
    path = request.path
    old = redirects.get(key_of(path))
    tail = "" if old else (TAIL.search(path) or [""])[0]
    if tail:
        old = redirects.get(key_of(path.removesuffix(tail)))
    elif not old and SIZED.search(path):
        old = redirects.get(key_of(SIZED.sub("", path))) or redirects.get(key_of(SIZED.sub("-scaled", path)))
    target = old.leads_to(request.user) if old else None
    if not target or tail and not target.endswith("/"):
        return None
    return f"{target}{tail}" if f"{target}{tail}" != quote(path) else None


def gone(request, redirects):
    old = redirects.get(key_of(request.path))
    return bool(old and old.was_public)


def suggested(path):
    """Up to five public posts whose slug begins with the last segment of `path`, otherwise those that contain its
    longest word."""
    last = slugify(path.rstrip("/").rpartition("/")[2])
    if len(last) < 3:
        return []
    open_posts = Post.objects.open().newest_first().only("title", "summary", "path", "visibility")
    found = list(open_posts.filter(slug__startswith=last)[:SUGGESTIONS])
    if not found:
        longest = max(last.split("-"), key=len)
        found = list(open_posts.filter(slug__contains=longest)[:SUGGESTIONS]) if len(longest) > 3 else []
    return [{"title": post.display_title, "url": post.get_absolute_url()} for post in found]
