from django.apps import AppConfig


class Moving(AppConfig):
    """Moving house: other systems' files in, ours out, and a demo blog to look around in."""

    name = "moving"
