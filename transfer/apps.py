from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Import and export; demo content."""

    name = "transfer"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Imported for what it registers (docs/architecture.md lists it).
        from transfer.importing import erasure  # noqa: F401
