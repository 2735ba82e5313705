from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from blog import archives
from blog.head import feed_of, head
from blog.models.reading import reading
from blog.views.queryforms import answer_query_form
from ground.pagecache import kept
from ground.site import site


@kept
def archive(request, of, number=1, **where):
    """The front page and every archive: a page of posts, newest first."""
    if of is archives.front and request.GET and (answer := answer_query_form(request)):
        return answer
    shelf = of(**where)
    if number == 1 and request.path != shelf.url:
        return redirect(shelf.url, permanent=True)
    front = of is archives.front
    order = ["-sticky"] if front else []
    pages = Paginator(shelf.posts.for_lists().order_by(*order, "-publish_at", "-pk"), reading().posts_per_page)
    if number > pages.num_pages:
        raise Http404
    page = pages.page(number)
    numbered = _("Page %d") % number if number > 1 else ""
    titles = [numbered] if front else [shelf.heading, numbered]
    context = head(
        *titles,
        path=page_path(shelf, number),
        description=shelf.description,
        feeds=[] if front else [feed_of(shelf)],
    )
    if front and number == 1 and site().tagline:
        context["page_title"] = f"{site().title} – {site().tagline}"
    context |= {
        "archive": shelf,
        "archive_title": shelf.heading,
        "archive_description": shelf.description,
        "page": page,
        "posts": page.object_list,
        "next_url": page_path(shelf, number + 1) if page.has_next() else "",
        "prev_url": page_path(shelf, number - 1) if page.has_previous() else "",
        **shelf.extra,
    }
    return render(request, "blog/home.html" if front else "blog/archive.html", context)


def page_path(shelf, number):
    return shelf.url if number == 1 else f"{shelf.url}page/{number}/"
