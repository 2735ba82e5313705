"""The public URLs, as on WordPress.com. `by_path` comes last: whatever matches nothing else is a page, a post or a
former path."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import path, re_path, register_converter
from django.views.generic import RedirectView

from blog import archives, views, visits
from blog.feeds.chapters import chapters
from blog.feeds.podcast import podcast_feed
from blog.feeds.posts import feed
from blog.feeds.sitemaps import SITEMAPS, sitemap
from blog.media import serving
from core.page_cache import cache_for_guests


class Slug:
    """A slug in any script; the view checks whether it exists."""

    regex = "[^/]+"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class Route(Slug):
    """Slugs joined by slashes: "sport/running"."""

    regex = r"[^/]+(?:/[^/]+)*?"


class Year(Slug):
    regex = "[0-9]{4}"
    to_python = int

    def to_url(self, value):
        return f"{int(value):04}"


class Month(Year):
    regex = "[0-9]{1,2}"

    def to_url(self, value):
        return f"{int(value):02}"


register_converter(Slug, "term")
register_converter(Route, "route")
register_converter(Year, "year")
register_converter(Month, "two")


def archive_patterns(route, of, name, view=views.archive):
    """The URLs of an archive, its further pages, and its feeds."""
    given = {"of": of}
    return [
        path(f"{route}page/<int:number>/", view, given, name=f"{name}_page"),
        path(f"{route}feed/", feed, given, name=f"{name}_feed"),
        path(f"{route}feed/<slug:form>/", feed, given, name=f"{name}_feed_form"),
        path(route, view, given, name=name),
    ]


def permanent_redirect(target):
    return RedirectView.as_view(url=target, permanent=True)


sitemap_index = cache_for_guests(sitemap_views.index)

urlpatterns = [
    *archive_patterns("", archives.front, "home", views.home),
    path("category/<route:route>/feed/podcast/", podcast_feed, {"of": archives.category}, name="podcast_feed"),
    *archive_patterns("category/<route:route>/", archives.category, "category"),
    *archive_patterns("tag/<term:slug>/", archives.tag, "tag"),
    *archive_patterns("series/<term:slug>/", archives.series, "series"),
    *archive_patterns("author/<term:handle>/", archives.author, "author"),
    *archive_patterns("<year:year>/", archives.day, "year"),
    *archive_patterns("<year:year>/<two:month>/", archives.day, "month"),
    *archive_patterns("<year:year>/<two:month>/<two:day>/", archives.day, "day"),
    path("archives/", views.archive_index, name="archives"),
    path("archives/<year:year>/", views.archive_index, name="archives_year"),
    path("archives/<year:year>/page/<int:number>/", views.archive_index, name="archives_year_page"),
    path("secret/<slug:token>/", views.secret, name="secret"),
    path("posts/<int:pk>/unlock/", views.unlock, name="unlock"),
    path("posts/<int:pk>/chapters.json", chapters, name="chapters"),
    path("media/<slug:name>/<str:file>", serving.media, name="media"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("search/", views.search, name="search"),
    path("search/<path:query>/", views.search_by_path, name="search_by_path"),
    path("opensearch.xml", views.opensearch, name="opensearch"),
    path("theme-<slug:digest>.css", views.theme, name="theme"),
    path("own-<slug:digest>.css", views.own_css, name="own_css"),
    path("icon-<slug:digest>-<int:size>.png", views.icon, name="icon"),
    path("link-picture-<slug:digest>.webp", views.link_picture, name="link_picture"),
    path("card-<int:pk>-<slug:digest>.png", views.picture_card, name="picture_card"),
    path("favicon.ico", views.icon_by_custom, {"size": 32}, name="favicon"),
    path("apple-touch-icon.png", views.icon_by_custom, {"size": 180}, name="touch_icon"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap_index, {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap"}, name="sitemaps"),
    path("sitemap-<section>.xml", cache_for_guests(sitemap), name="sitemap"),
    # Other paths that feed readers and old bookmarks use.
    re_path(r"^(?:rss/?|feed\.xml|rss\.xml|index\.xml|wp-rss2?\.php|feed)$", permanent_redirect("/feed/")),
    re_path(r"^(?:atom/?|atom\.xml|wp-atom\.php)$", permanent_redirect("/feed/atom/")),
    path("feed.json", permanent_redirect("/feed/json/")),
    path("wp-commentsrss2.php", permanent_redirect("/comments/feed/")),
    path("wp-sitemap.xml", permanent_redirect("/sitemap.xml")),
]

by_path = [re_path(r"^(?P<path>.+?)/?$", views.by_path, name="post")]
