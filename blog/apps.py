from django.apps import AppConfig


class Blog(AppConfig):
    """What the author writes, and where it lives."""

    name = "blog"
