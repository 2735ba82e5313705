from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """What readers answer, and what becomes of it."""

    name = "comments"

    def ready(self):
        from comments import renewal  # noqa: F401  (its look at the start announces itself)
