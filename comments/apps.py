from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Comments, their moderation and the notifications about them."""

    name = "comments"

    def ready(self):
        # Imported for what they register (docs/architecture.md lists it).
        from comments.moderation import automatic_hold  # noqa: F401
        from comments.notifications import daily_digest, new_posts, owner_digest, replies  # noqa: F401
        from comments.spam import training  # noqa: F401
