from django.apps import AppConfig


class Config(AppConfig):
    """The app without models that knows every other one: settings, addresses, set-up, commands."""

    name = "config"
