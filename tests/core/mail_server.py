"""A real SMTP server for tests, and its inbox."""

from contextlib import contextmanager

import pytest

from tests.core import smtp


@pytest.fixture
def inbox():
    return smtp.Inbox()


@pytest.fixture
def mail_server(settings, inbox):
    """Start a server and point the settings at it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = "127.0.0.1", False, 5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "blog@blog.example"
    settings.LONGRUN_URL = "https://blog.example"

    @contextmanager
    def start(**options):
        server = smtp.Server(inbox, **options)
        server.start()
        settings.EMAIL_PORT = server.port
        try:
            yield server
        finally:
            server.stop()

    return start
