"""What stands around every page: the menu and the sidebar, made once for each generation."""

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import ExtractMonth, ExtractYear
from django.urls import reverse
from django.utils import dates, timezone, translation

from blog.models import Category, Post, Reading, Tag
from blog.models.reading import reading
from ground import generation
from ground.site import site

RECENT = 5
CLOUD = 45


@dataclass(frozen=True)
class Link:
    """A line of a menu or a list in the sidebar."""

    title: str
    url: str
    count: int = 0
    depth: int = 0
    date: object = None
    children: tuple = ()


@dataclass(frozen=True)
class Frame:
    """Everything around a page that is the same for all readers: 0 queries while nothing changes."""

    until: object  # the moment at which time alone makes it old: a scheduled post appears
    reading: Reading
    menu: tuple
    recent_posts: tuple
    months: tuple
    categories: tuple
    tags: tuple
    theme_css_url: str

    @property
    def site(self):
        """Also here, because allauth's views put a `site` of their own into their templates."""
        return site()


def frame():
    """The frame of this moment. Whoever first asks after a scheduled post has appeared begins a new generation."""
    kept = frame_of_generation()
    if kept.until and kept.until <= timezone.now():
        generation.changed()
        kept = frame_of_generation()
    return kept


@generation.kept_for_generation
def frame_of_generation():
    settings_of_reading = reading()
    return Frame(
        until=Post.objects.next_change(),
        reading=settings_of_reading,
        menu=menu(),
        recent_posts=recent_posts(),
        months=months(),
        categories=shelves(),
        tags=cloud(),
        theme_css_url=theme_css_url(settings_of_reading),
    )


def menu():
    """The pages as a tree, by their number and title."""
    below = {}
    for page in (
        Post.objects.pages().published().order_by("menu_order", "title", "pk").only("title", "path", "parent_id")
    ):
        below.setdefault(page.parent_id, []).append(page)

    def branch(parent):
        return tuple(Link(page.title, quote(page.path), children=branch(page.pk)) for page in below.get(parent, ()))

    return branch(None)


def recent_posts():
    newest = Post.objects.listed().newest_first().only("title", "summary", "path", "published_on", "visibility")
    return tuple(Link(post.display_title, quote(post.path), date=post.published_on) for post in newest[:RECENT])


def months():
    """The months that have posts, newest first. Grouped by the local date: months by timezone are slow in SQLite."""
    rows = (
        Post.objects.listed()
        .values(year=ExtractYear("published_on"), month=ExtractMonth("published_on"))
        .annotate(count=Count("pk"))
        .order_by("-year", "-month")
    )
    return tuple(
        Link(f"{dates.MONTHS[row['month']]} {row['year']}", f"/{row['year']:04}/{row['month']:02}/", row["count"])
        for row in rows
    )


def shelves():
    """The categories in use, as a tree flattened by name."""
    rows = list(Category.objects.in_use().order_by("route"))
    return tuple(Link(row.name, row.get_absolute_url(), row.posts_count, depth=row.route.count("/")) for row in rows)


def cloud():
    most = Tag.objects.in_use().order_by("-posts_count", "key")[:CLOUD]
    return tuple(
        Link(tag.name, tag.get_absolute_url(), tag.posts_count) for tag in sorted(most, key=lambda tag: tag.key)
    )


def theme_css_url(settings_of_reading):
    return reverse("theme", args=[settings_of_reading.theme_hash]) if settings_of_reading.accent else ""


def context(request):
    """The context processor: `site` and `frame` for every template."""
    return {"site": site(), "frame": frame()}


class LocalTime:
    """Every page in the blog's language and at the blog's hour; UTC stays inside."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        here = site()
        with timezone.override(here.zone), translation.override(here.language or settings.LANGUAGE_CODE):
            return self.get_response(request)
