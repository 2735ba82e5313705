from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """What readers answer, and what becomes of it."""

    name = "comments"
