"""The metadata in a page's head: title, canonical URL, feeds, JSON-LD, and Open Graph and X cards."""

from django.conf import settings
from django.utils.translation import gettext as _

from blog import social_cards
from core import languages
from core.site import absolute_url, site


def head(*titles, path, description="", feeds=(), kind="website", picture=None, indexed=True, language="", times=()):
    """The template context of the head. `titles` are joined with the site's title: "Post – Site". `path` None: a page
    without an address of its own, such as an error.

    `picture` is a social_cards.Picture; `times` are the publication and modification times of an article.
    """
    picture = picture or social_cards.of_blog()
    named = [*(title for title in titles if title), site().title]
    return {
        "page_title": " – ".join(str(title) for title in named),
        "description": description,
        "canonical": absolute_url(path) if path else "",
        "feeds": feeds,
        "indexed": indexed,
        "og": {
            "og:type": kind,
            "og:title": str(named[0]),
            "og:description": description,
            **({"og:url": absolute_url(path)} if path else {}),
            "og:site_name": site().title,
            **({"og:locale": locale} if (locale := languages.locale(language or site().language)) else {}),
            **(picture.properties if picture else {"twitter:card": "summary"}),
            **dict(zip(("article:published_time", "article:modified_time"), times, strict=False)),
        },
    }


def front_title():
    """The title of the front page."""
    return " – ".join(words for words in (site().title, site().tagline) if words)


def blog_feeds():
    name = site().title
    return [
        {"title": _("%s » Feed") % name, "url": "/feed/", "type": "application/rss+xml"},
        {"title": _("%s » Atom Feed") % name, "url": "/feed/atom/", "type": "application/atom+xml"},
        {"title": _("%s » JSON Feed") % name, "url": "/feed/json/", "type": "application/feed+json"},
        {"title": _("%s » Comments Feed") % name, "url": "/comments/feed/", "type": "application/rss+xml"},
    ]


def feed_of(archive):
    title = _("%(site)s » %(archive)s Feed") % {"site": site().title, "archive": archive.title}
    return {"title": title, "url": f"{archive.url}feed/", "type": "application/rss+xml"}


def podcast_feed_of(podcast):
    title = _("%(site)s » %(archive)s Feed") % {"site": site().title, "archive": podcast.title}
    return {"title": title, "url": podcast.feed_path, "type": "application/rss+xml"}


def comments_feed_of(post):
    title = _("%(site)s » %(post)s Comments Feed") % {"site": site().title, "post": post}
    return {"title": title, "url": f"{post.get_absolute_url()}feed/", "type": "application/rss+xml"}


def blog_posting(post):
    """The post as schema.org's BlogPosting, for JSON-LD."""
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": str(post)[:110],
        "url": absolute_url(post.get_absolute_url()),
        "mainEntityOfPage": absolute_url(post.get_absolute_url()),
        "datePublished": post.publish_at.isoformat(),
        "dateModified": post.changed_at.isoformat(),
        "author": {"@type": "Person", "name": post.author.name},
        "publisher": {"@type": "Organization", "name": site().title, "url": settings.LONGRUN_URL},
        "description": post.description,
        "inLanguage": post.language_written,
        "wordCount": post.words,
        "commentCount": post.comment_count,
        "keywords": [tag.name for tag in post.shown_tags],
    }
    if author_url := post.author.get_absolute_url():
        data["author"]["url"] = absolute_url(author_url)
    if picture := social_cards.of_public_post(post):
        data["image"] = picture.url
    return data
