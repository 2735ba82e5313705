from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        # Imported for what they register (docs/architecture.md lists it).
        from core import deploy_checks, email_log, mail  # noqa: F401
