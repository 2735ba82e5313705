"""What surrounds every page: head, menu, sidebar and footer, built once for each cache version."""

import heapq
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property

from blog.models import Category, Media, MenuLink, Post, ReadingSettings, Tag
from blog.models.reading_settings import reading
from blog.page_metadata import blog_feeds
from blog.post_counts import post_counts
from blog.themes import PAPERBACK, THEMES, theme_named
from core import cache_version, dates, languages, page_cache
from core.cookies import SESSION
from core.site import site
from core.template_patterns import Skeleton, pattern_of

DEFAULT_THEME = "paperback"  # the name of the default theme in URLs
CSS_DRAFT = "css_draft"  # in the session of whoever is trying own CSS


@dataclass(frozen=True)
class Link:
    """An entry of a menu or of a list in the sidebar."""

    title: str
    url: str
    count: int = 0
    depth: int = 0
    date: object = None
    language: str = ""
    children: tuple = ()

    @property
    def direction(self):
        return languages.direction(self.language)

    @property
    def values(self):
        """For a pattern (core.template_patterns)."""
        count = str(self.count) if self.count else ""
        return {"title": self.title, "url": self.url, "count": count, "depth": str(self.depth)}


@dataclass(frozen=True)
class Layout:
    """Everything around a page that is the same for all readers. Cached: no queries until something changes."""

    until: object  # when the next scheduled post becomes public and makes it stale
    reading: ReadingSettings
    menu: tuple
    recent_posts: tuple
    months: tuple
    front_categories: tuple  # pks of the categories on the front page; () for all posts
    sticky: tuple  # pks of the sticky posts on the front page
    categories: tuple
    tags: tuple
    theme_css_url: str
    privacy_url: str = ""
    front_path: str = ""  # of the page that is the front page; "" where that has the newest posts
    posts_path: str = "/"  # of the list of posts; "" where there is none
    posts_title: str = ""  # of the page in whose place that list is
    own_css_url: str = ""
    has_focus_points: bool = False  # whether a picture is cropped around another point than its middle
    is_css_draft: bool = False  # its own CSS is one that is only tried, by whoever sees this page
    is_preview: bool = False

    @property
    def theme(self):
        return theme_named(self.reading.theme)

    @property
    def preview_name(self):
        """What `?theme=` says for this theme."""
        return self.theme.name or DEFAULT_THEME

    @property
    def first_months(self):
        return self.months[: self.reading.lines("archives")]

    @property
    def earlier_months(self):
        return self.months[self.reading.lines("archives") :]

    def part(self, template, **said):
        """A rendered part of the page, cached by the template and the values in `said`. It may depend on nothing else,
        such as the request or its user."""

        def render():
            return render_to_string(template, {"layout": self, "site": self.site, **said})

        # Templates may be edited during development.
        return render() if settings.DEBUG else self.parts.get((template, *said.values()), render)

    def page(self, template, context, path):
        """The page at `path` for guests, of whom it has nothing. It is rendered once for each shape of the context
        (template_patterns.Skeleton), which holds texts, dictionaries and lists of them, and flags."""
        skeleton = Skeleton(context)
        here = self.place_in_menu(path)

        def render():
            around = {"layout": self, "site": self.site, "here": path if here else ""}
            return pattern_of(render_to_string(template, skeleton.context | around))

        # Templates may be edited during development.
        pattern = render() if settings.DEBUG else self.parts.get((template, here, skeleton.shape), render)
        return skeleton.fill(pattern)

    @cached_property
    def parts(self):
        return cache_version.Results(cache_version.POSTS)

    @cached_property
    def open_posts(self):
        """The number of posts that the sitemap lists."""
        return Post.objects.posts().open().count()

    @cached_property
    def menu_urls(self):
        return {link.url for entry in self.menu for link in (entry, *entry.children)}

    def masthead(self, path):
        """The header of a page at `path`, with the current menu entry marked."""
        return self.part("_masthead.html", here=self.place_in_menu(path))

    def place_in_menu(self, path):
        here = quote(path or "")
        return here if here in self.menu_urls else ""

    @property
    def feeds(self):
        return blog_feeds()

    @property
    def site(self):
        """Also here, because allauth's views put a `site` of their own into the template context."""
        return site()


def current_layout():
    """The current layout. The first call after a scheduled post became public invalidates the cache version."""
    kept = build_layout()
    if kept.until and kept.until <= timezone.now():
        cache_version.invalidate(cache_version.POSTS, cache_version.COUNTS)
        kept = build_layout()
    return kept


def layout_for(request):
    """The current layout; with `?theme=`, the same in another theme, for whoever may change it. Pages for guests are
    cached without that parameter."""
    layout, asked = current_layout(), request.GET.get("theme")
    theme = PAPERBACK if asked == DEFAULT_THEME else THEMES.get(asked or None)
    if theme is None or not request.user.has_perm("blog.change_settings"):
        return layout
    reading_then = copy(layout.reading)
    reading_then.theme = theme.name
    return replace(layout, reading=reading_then, is_preview=True)


@page_cache.register_expiry
def next_scheduled_post():
    return current_layout().until


@cache_version.cached_per_version(cache_version.POSTS)
def build_layout():
    settings_of_reading = reading()
    on_front_page = front_categories(settings_of_reading.front_categories)
    front_page, posts_page = chosen_pages(settings_of_reading)
    front_path = front_page.path if front_page else ""
    return Layout(
        until=post_counts().until,
        reading=settings_of_reading,
        menu=menu(front_path),
        recent_posts=recent_posts(settings_of_reading.lines("posts")),
        months=months(),
        front_categories=on_front_page,
        sticky=sticky(on_front_page),
        categories=category_links(),
        tags=tag_cloud(settings_of_reading.lines("tags")),
        theme_css_url=theme_css_url(settings_of_reading),
        privacy_url=privacy_url(settings_of_reading),
        front_path=front_path,
        posts_path=(posts_page.path if posts_page else "") if front_page else "/",
        posts_title=posts_page.display_title if front_page and posts_page else "",
        own_css_url=own_css_url(settings_of_reading),
        has_focus_points=Media.objects.off_middle().exists(),
    )


def chosen_pages(settings_of_reading):
    """(the page that is the front page, the page of the posts): each None while it is not public."""
    chosen = (settings_of_reading.front_page_id, settings_of_reading.posts_page_id)
    if not any(chosen):
        return None, None
    pages = Post.objects.pages().published().only("path", "title", "summary", "visibility")
    found = pages.in_bulk([pk for pk in chosen if pk])
    return found.get(chosen[0]), found.get(chosen[1])


def menu(front_path=""):
    """The pages as a tree, by their order and title; the owner's links are sorted into the top level."""
    below = {}
    pages = Post.objects.pages().published().order_by("menu_order", "title", "pk")
    for page in pages.only("title", "path", "parent_id", "menu_order"):
        below.setdefault(page.parent_id, []).append(page)

    def branch(parent):
        return tuple(
            Link(page.title, "/" if page.path == front_path else quote(page.path), children=branch(page.pk))
            for page in below.get(parent, ())
        )

    top = [(page.menu_order, link) for page, link in zip(below.get(None, ()), branch(None), strict=True)]
    top += [(link.number, Link(link.title, link.url)) for link in MenuLink.objects.all()]
    return tuple(link for _number, link in sorted(top, key=lambda entry: entry[0]))


def front_categories(chosen):
    """The pks of the chosen categories and of those below them; () if none is chosen or left."""
    routes = dict(Category.objects.values_list("pk", "route")) if chosen else {}
    tops = [routes[pk] for pk in chosen if pk in routes]
    return tuple(pk for pk, route in routes.items() if any(f"{route}/".startswith(f"{top}/") for top in tops))


def sticky(categories=()):
    """The pks of the sticky posts in lists, newest first, as far as they are in these categories. An index has the
    sticky ones alone."""
    found = Post.objects.filter(sticky=True)
    found = (found.in_categories(categories) if categories else found).newest_first()
    found = found.only("kind", "status", "visibility", "publish_at")
    return tuple(post.pk for post in found if post.is_listed)


def recent_posts(most):
    newest = Post.objects.listed().newest_first()
    newest = newest.only("title", "language", "summary", "path", "published_on", "visibility")
    return tuple(
        Link(post.display_title, quote(post.path), date=post.published_on, language=post.language)
        for post in newest[:most]
    )


def months():
    """The months that have posts, newest first."""
    counts, language = post_counts().months, translation.get_language()
    return tuple(
        Link(name_of_month(month, language), f"/{month // 100:04}/{month % 100:02}/", counts[month])
        for month in sorted(counts, reverse=True)
    )


@lru_cache(maxsize=4096)
def name_of_month(month, _language):
    """The month, of year × 100 + month, in the active language."""
    return dates.month(date(month // 100, month % 100, 1))


def category_links():
    """The categories in use and their ancestors: a flattened tree, sorted by name."""
    counts = post_counts().categories
    rows = {tuple(row.route.split("/")): row for row in Category.objects.only("name", "route")}
    used = {way[:deep] for way, row in rows.items() if row.pk in counts for deep in range(1, len(way) + 1)}
    return tuple(
        Link(row.name, row.get_absolute_url(), counts.get(row.pk, 0), depth=len(way) - 1)
        for way, row in sorted(rows.items())
        if way in used
    )


def tag_cloud(most):
    """The tags with the most posts, sorted by name."""
    counts = post_counts().tags
    fewest = min(heapq.nlargest(most, counts.values()), default=0)
    found = Tag.objects.filter(pk__in=[pk for pk, count in counts.items() if count >= fewest])
    biggest = heapq.nsmallest(most, found, key=lambda tag: (-counts[tag.pk], tag.key))
    return tuple(
        Link(tag.name, tag.get_absolute_url(), counts[tag.pk]) for tag in sorted(biggest, key=lambda tag: tag.key)
    )


def theme_css_url(settings_of_reading):
    return reverse("theme", args=[settings_of_reading.theme_hash]) if settings_of_reading.theme_css else ""


def own_css_url(settings_of_reading):
    return reverse("own_css", args=[settings_of_reading.own_css_hash]) if settings_of_reading.own_css else ""


def privacy_url(settings_of_reading):
    """The URL of the privacy page, or "" while it is not public."""
    if not settings_of_reading.privacy_page_id:
        return ""
    page = Post.objects.open().filter(pk=settings_of_reading.privacy_page_id)
    path = page.values_list("path", flat=True).first()
    return quote(path) if path else ""


def context(request):
    """The context processor: `site` and `layout` for every template."""
    return {"site": site(), "layout": with_css_draft(request, layout_for(request))}


def with_css_draft(request, layout):
    """The layout, with the style sheet that the user is trying if they are (blog.desk.own_css)."""
    if SESSION.name in request.COOKIES and request.session.get(CSS_DRAFT):
        return replace(layout, own_css_url=reverse("desk_own_css_draft"), is_css_draft=True)
    return layout


class SiteLocaleMiddleware:
    """Middleware: activates the interface's language and the blog's time zone for each request. Times are stored in
    UTC."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        here = site()
        at_desk = request.path.startswith(("/desk/", "/setup/"))
        language = (languages.desk_interface if at_desk else languages.interface)(here.language)
        with timezone.override(here.zone), translation.override(language):
            return self.get_response(request)
