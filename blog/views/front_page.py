"""The front page, which has the newest posts or a page of the owner's choice, and what has a path of its own."""

from django.http import Http404
from django.shortcuts import redirect

from blog import archives
from blog.layout import current_layout
from blog.post_queries import post_at
from blog.redirects.query import answer_query_form
from blog.views.lists import list_page, page_path
from blog.views.post import post_page
from core import cache_version, page_cache
from core.page_cache import cache_for_guests


@cache_for_guests
def home(request, number=1, **where):
    """The newest posts, or the page that the owner chose; then the posts have another page, or none."""
    if request.GET and (answer := answer_query_form(request)):
        return answer
    layout = current_layout()
    chosen = post_at(layout.front_path, request.user) if layout.front_path else None
    if chosen is None:
        return list_page(request, archives.front(), number)
    if number != 1:
        return to_page_of_posts(number)
    if request.path != "/":
        return redirect("/", permanent=True)
    page_cache.depends_on(request, cache_version.POSTS, cache_version.conversation(chosen.pk))
    return post_page(request, chosen)


def to_page_of_posts(number):
    """Where "/page/2/" is while the front page has no posts. Not permanent: the owner may choose otherwise."""
    archive = archives.front()
    if archive.path == "/":
        raise Http404
    return redirect(page_path(archive, number))


@cache_for_guests
def by_path(request, path, **where):
    """A post or a page at its permalink. Http404 leads to `redirects.not_found`, which looks for a redirect."""
    asked, layout = f"/{path.strip('/')}/", current_layout()
    if layout.front_path and not where:
        if asked == layout.front_path and not request.GET:
            return redirect("/")
        if layout.posts_path and (number := number_of_page(layout.posts_path, asked)):
            return list_page(request, archives.front(), number)
    post = post_at(asked, request.user)
    if post is None:
        raise Http404
    if not request.path.endswith("/"):
        return redirect(post.get_absolute_url(), permanent=True)
    page_cache.depends_on(request, cache_version.POSTS, cache_version.conversation(post.pk))
    return post_page(request, post)


def number_of_page(posts_path, asked):
    """Which page of the list at `posts_path` is at this path: 1 for "/blog/", 3 for "/blog/page/3/", otherwise None."""
    if asked == posts_path:
        return 1
    rest = asked.removeprefix(f"{posts_path}page/").rstrip("/") if asked.startswith(f"{posts_path}page/") else ""
    return int(rest) if rest.isascii() and rest.isdecimal() and len(rest) < 18 else None
