from django.http import Http404
from django.shortcuts import redirect
from django.template.defaultfilters import linebreaks_filter
from django.utils.translation import gettext as _

from blog import archives
from blog.layout import layout_for
from blog.models.reading_settings import ReadingSettings, reading
from blog.page_metadata import feed_of, front_title, head, podcast_feed_of
from blog.page_response import render_page
from blog.post_queries import posts_in_order
from blog.post_rendering import render_cards, render_list, render_titles
from core import page_cache, row_ids
from core.page_cache import cache_for_guests

FrontPosts = ReadingSettings.FrontPosts


@cache_for_guests
def archive(request, of, number=1, **where):
    """An archive of posts, newest first."""
    return list_page(request, of(**where), number, of=of)


def list_page(request, archive, number, *, of=archives.front):
    """One page of the posts of an archive; of the blog's own list, if the archive is that of the front page."""
    if number == 1 and request.path != archive.path:
        return redirect(archive.url, permanent=True)
    front = of is archives.front
    size = reading().posts_on_front_page if front else reading().posts_per_page
    start = (number - 1) * size
    if not 0 <= start <= row_ids.LARGEST:
        raise Http404
    numbers = archive.numbers(start, start + size + 1)  # one more shows whether there is a next page
    if number != 1 and not numbers:
        raise Http404
    numbered = _("Page %d") % number if number > 1 else ""
    indexed = number == 1 or of is not archives.day  # the same posts stand on the pages of all the other archives
    at_home = front and archive.path == "/"
    titles = [numbered] if at_home else [archive.heading, numbered]
    theme = layout_for(request).theme
    context = head(
        *titles,
        path=page_path(archive, number),
        description=archive.description,
        feeds=[] if front else feeds_of(archive),
        indexed=indexed,
    )
    if at_home and number == 1:
        context["page_title"] = front_title()
    context |= {
        "at_home": at_home,
        "archive_label": archive.label,
        "archive_name": archive.title,
        "archive_description": linebreaks_filter(archive.description) if archive.description else "",
        "podcast_url": archive.podcast.feed_path if archive.podcast else "",
        **posts_shown(posts_in_order(numbers[:size]), reading().front_posts if front else FrontPosts.EXCERPTS, theme),
        "next_url": page_path(archive, number + 1) if len(numbers) > size else "",
        "prev_url": page_path(archive, number - 1) if number > 1 else "",
    }
    response = render_page(request, "blog/home.html" if front else "blog/archive.html", context)
    return response if indexed else page_cache.not_indexed(response)


def posts_shown(posts, how, theme):
    """The posts, rendered as FrontPosts says; and what is to be known around them. Some themes show no whole posts."""
    if how == FrontPosts.CARDS:
        return {"posts": render_cards(posts), "cards": bool(posts)}
    if how == FrontPosts.TITLES:
        return {"posts": render_titles(posts), "titles": bool(posts)}
    excerpt = how == FrontPosts.EXCERPTS or theme.excerpts
    return {"posts": render_list(posts, excerpt=excerpt, pictures=theme.pictures)}


def feeds_of(archive):
    """The feeds that the head of an archive's pages names."""
    return [feed_of(archive), *([podcast_feed_of(archive.podcast)] if archive.podcast else [])]


def page_path(archive, number):
    return archive.url if number == 1 else f"{archive.url}page/{number}/"
