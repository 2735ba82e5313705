"""All posts as a list of titles by year and month: on one page, or in a large blog a year a page."""

from datetime import date
from itertools import groupby

from django.http import Http404
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from blog.layout import current_layout
from blog.models import Post
from blog.page_metadata import head
from blog.page_response import render_page
from blog.post_queries import post_at
from blog.post_rendering import render_days
from blog.views.front_page import by_path
from core import row_ids
from core.page_cache import cache_for_guests

AT_ONCE = 500  # titles on a page
PATH = "/archives/"
PRINTED = ("title", "language", "summary", "path", "published_on", "visibility", "kind")


@cache_for_guests
def archive_index(request, year=None, number=1):
    """A page of the owner's at this path, from before Longrun had this list, is shown in its place."""
    if year is None and post_at(PATH, request.user):
        return by_path(request, PATH)
    years = months_by_year(current_layout().months)
    newest, is_small = max(years, default=None), sum(map(count_of, years.values())) <= AT_ONCE
    if year is not None and (year not in years or number < 1 or (number - 1) * AT_ONCE > row_ids.LARGEST):
        raise Http404
    if year is not None and number == 1 and (is_small or year == newest):
        return redirect(PATH)
    shown = sorted(years, reverse=True) if is_small else [year or newest]
    posts = titles_of(shown, (number - 1) * AT_ONCE) if shown else []
    if number != 1 and not posts:
        raise Http404
    at_front = year is None
    path = path_of(None if at_front else year, number)
    more = len(posts) > AT_ONCE
    context = head(
        _("Archives"), *([] if at_front else [str(year)]), *([_("Page %d") % number] if number > 1 else []), path=path
    )
    context |= {
        "years": "" if is_small else render_to_string("blog/_years.html", {"years": links(years, newest, shown[0])}),
        "list": render_to_string("blog/_archive_index.html", {"years": by_year(posts[:AT_ONCE], years)})
        if posts
        else "",
        "next_url": path_of(shown[0], number + 1) if more else "",
        "prev_url": path_of(None if number == 2 and year == newest else year, number - 1) if number > 1 else "",
    }
    return render_page(request, "blog/archive_index.html", context)


def path_of(year, number=1):
    above = f"{PATH}{year:04}/" if year else PATH
    return above if number == 1 else f"{above}page/{number}/"


def months_by_year(links):
    """{year: {month: its link in the sidebar, which counts its posts}}"""
    years = {}
    for link in links:
        year, month = map(int, link.url.strip("/").split("/"))
        years.setdefault(year, {})[month] = link
    return years


def count_of(months):
    return sum(link.count for link in months.values())


def titles_of(years, start):
    """The posts of these years, which follow one another, newest first, and one more than a page has."""
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    posts = Post.objects.listed().filter(published_on__range=(first, last))
    return list(posts.order_by("-published_on", "-publish_at", "-pk").only(*PRINTED)[start : start + AT_ONCE + 1])


def links(years, newest, current):
    return [
        {"name": str(year), "url": path_of(None if year == newest else year), "count": count_of(months),
         "is_current": year == current}
        for year, months in sorted(years.items(), reverse=True)
    ]  # fmt: skip


def by_year(posts, years):
    """[{name, url, months: [{link, days}]}] of posts that are sorted by date."""
    found = []
    for (year, month), some in groupby(posts, key=lambda post: (post.published_on.year, post.published_on.month)):
        if not found or found[-1]["name"] != str(year):
            found.append({"name": str(year), "url": f"/{year:04}/", "months": []})
        link = years.get(year, {}).get(month)
        found[-1]["months"].append({"link": link, "days": render_days(some)})
    return found
