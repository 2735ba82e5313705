from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """What readers answer, and what becomes of it."""

    name = "comments"

    def ready(self):
        from comments import dailies, digest, lessons, mailings, renewal, telling  # noqa: F401  (what they do announces itself)
