from django.apps import AppConfig


class Blog(AppConfig):
    """What the author writes, and where it lives."""

    name = "blog"

    def ready(self):
        from blog import announce  # noqa: F401  (its work each minute announces itself)
