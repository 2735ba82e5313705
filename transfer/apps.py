from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Import and export; demo content."""

    name = "transfer"
    default_auto_field = "django.db.models.BigAutoField"
