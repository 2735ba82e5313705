from django.apps import AppConfig


class GroundConfig(AppConfig):
    name = "ground"

    def ready(self):
        from ground import checks, mail  # noqa: F401  (checks and the mail's sweep announce themselves)
