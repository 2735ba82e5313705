"""Searches the blog's posts, to link to them while writing."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog import search
from blog.desk.access import at_the_desk
from blog.models import Post
from core import dates
from core.text import tidy_line

OFFERED = 12
TITLES = 1_000  # newest posts whose titles are read; the search index knows the words of all, so costs stay the same


@at_the_desk("blog.write")
@require_safe
def links(request):
    """Posts and pages with `q` in their titles (of the newest, any part of a word), then those that the search finds;
    without `q` the newest. JSON for the dialog of the write page, an HTML page without scripts."""
    words = tidy_line(request.GET.get("q", ""))[: search.tokens.LONGEST_QUERY]
    found = [as_link(post) for post in fitting(words, request.user)]
    if request.accepts("text/html"):
        return render(request, "desk/links.html", {"words": words, "links": found})
    return JsonResponse({"links": found})


def fitting(words, user):
    seen = Post.objects.visible_to(user).exclude(path=None).defer("source", "plain", "html", "teaser_html")
    if not words:
        return list(seen.newest_first()[:OFFERED])
    recent = seen.order_by("-pk").values("pk")[:TITLES]
    titled = list(seen.filter(pk__in=recent).titled(words).newest_first()[:OFFERED])
    if len(titled) == OFFERED:
        return titled
    best = search.find(words, user).posts(3 * OFFERED)
    there = seen.in_bulk(best)
    return list(dict.fromkeys([*titled, *(there[pk] for pk in best if pk in there)]))[:OFFERED]


def as_link(post):
    words = str(post).replace("[", "(").replace("]", ")")
    return {
        "title": str(post),
        "url": post.get_absolute_url(),
        "markdown": f"[{words}]({post.get_absolute_url()})",
        "when": dates.short_day(post.publish_at),
        "state": "" if post.is_public else str(post.get_status_display()),
    }
