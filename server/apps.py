from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from config.environment import make_database_private


class ServerConfig(AppConfig):
    """Running a blog: web server, worker, backups, first set-up. It has no models and may import every other app."""

    name = "server"

    def ready(self):
        connection_created.connect(make_database_private)
        if settings.SENTRY_DSN:
            from server import error_reports

            error_reports.start(settings.SENTRY_DSN)
