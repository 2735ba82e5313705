from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """What readers answer, and what becomes of it."""

    name = "comments"

    def ready(self):
        from comments import letters, models  # noqa: F401  (their daily work announces itself)
