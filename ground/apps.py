from django.apps import AppConfig


class GroundConfig(AppConfig):
    name = "ground"

    def ready(self):
        from ground import checks, ledger, mail  # noqa: F401  (checks and sweeps announce themselves)
