from django.apps import AppConfig


class Blog(AppConfig):
    """Posts, pages, categories, tags, media, search, feeds and redirects."""

    name = "blog"
