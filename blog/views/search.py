from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog import search as index
from blog.page_metadata import head
from core import page_cache, rate_limits
from core.page_cache import cache_for_guests
from core.request import client_network
from core.site import absolute_url
from core.text import tidy_line

PER_PAGE = 20


@cache_for_guests
@require_safe
def search(request):
    """Posts, pages and comments that contain all words of `q`, best match first, paginated."""
    query = tidy_line(request.GET.get("q", ""))[: index.tokens.LONGEST_QUERY]
    context = head(_("Search Results for “%s”") % query if query else _("Search"), path="/search/", indexed=False)
    if query and (wait := rate_limits.hit("search", client_network(request))):
        return rate_limits.too_many_requests(
            render(request, "blog/search.html", context | {"query": query, "wait": wait}), wait
        )
    found = index.find(query, request.user)
    pages = Paginator(found, PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context |= {
        "query": query,
        "results": page.object_list,
        "count": len(found),
        "only_newest": found.more,
        "next_url": results_url(query, page.next_page_number()) if page.has_next() else "",
        "prev_url": results_url(query, page.previous_page_number()) if page.has_previous() else "",
    }
    return page_cache.not_indexed(render(request, "blog/search.html", context))


def results_url(query, number):
    return f"/search/?{urlencode({'q': query, 'page': number})}"


@require_safe
def search_by_path(request, query):
    """WordPress's URL `/search/words/`."""
    return redirect(f"/search/?{urlencode({'q': query})}", permanent=True)


@cache_for_guests
def opensearch(request):
    """The OpenSearch 1.1 description, with which browsers can add this blog as a search engine."""
    return render(
        request,
        "opensearch.xml",
        {"search_url": absolute_url("/search/")},
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )
