"""What the doctor says of other servers: real ones in this process, whose clocks and tempers the tests choose."""

from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from socketserver import ThreadingTCPServer

import pytest
from django.utils import timezone

from accounts import login_providers
from core import email_log
from core.models import Email
from server.doctor import other_servers
from server.doctor.problem import Problem
from tests.ports import free_port
from tests.server.test_doctor import Greeting, Late, serving


class Punctual(Greeting):
    """A mail server whose clock is right."""

    ahead = timedelta()


@pytest.fixture(autouse=True)
def without_servers(settings):
    settings.CACHE_URL = settings.EMAIL_HOST = settings.EMAIL_PROVIDER = ""
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_SSL = settings.EMAIL_USE_TLS = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.LOGIN_VARIABLES = set()
    return settings


def problem(check):
    with pytest.raises(Problem) as found:
        check()
    return f"{found.value.text} {found.value.todo}"


def test_what_is_not_used_is_no_problem(db):
    assert other_servers.redis() == "not used (CACHE_URL)"
    assert other_servers.mail() == "not configured (EMAIL_HOST or EMAIL_PROVIDER): nothing is sent"
    assert other_servers.emails().endswith("nothing is sent, 0 emails wait")
    assert other_servers.logins() == "none configured: readers comment as guests"
    assert other_servers.time() == "nobody to compare the clock with"


def test_a_redis_answers_or_its_place_is_named_without_the_password(settings, redis_server):
    settings.CACHE_URL = redis_server.url
    assert other_servers.redis() == f"127.0.0.1:{redis_server.port} answers"
    settings.CACHE_URL = f"redis://:hush@127.0.0.1:{free_port()}/0"
    found = problem(other_servers.redis)
    assert "does not answer" in found and "systemctl start redis-server" in found and "hush" not in found
    settings.CACHE_URL = "unix:///nowhere/redis.sock"
    assert problem(other_servers.redis).startswith("/nowhere/redis.sock does not answer")


def test_a_mail_server_answers_or_what_is_wrong_is_named(settings):
    with serving(ThreadingTCPServer, Punctual) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        assert other_servers.mail() == f"127.0.0.1:{port} answers"
    settings.EMAIL_PORT = free_port()
    assert "cannot be used" in problem(other_servers.mail)
    settings.EMAIL_HOST_USER = "ada"
    assert "EMAIL_HOST_USER is set, and EMAIL_HOST_PASSWORD is not" in problem(other_servers.mail)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "", "hush"
    found = problem(other_servers.mail)
    assert "EMAIL_HOST_PASSWORD is set, and EMAIL_HOST_USER is not" in found and "hush" not in found


@pytest.fixture
def postmark(settings):
    """`postmark(port)` sends by that provider's API at this port."""

    def use(port):
        settings.EMAIL_PROVIDER, settings.EMAIL_BACKEND = "postmark", "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "POSTMARK_API_URL": f"http://127.0.0.1:{port}/"}

    return use


def test_an_email_provider_answers_whatever_it_says_and_has_a_clock(postmark):
    with serving(ThreadingHTTPServer, Late) as port:
        postmark(port)
        assert other_servers.mail() == "postmark answers"
        found = problem(other_servers.time)
    assert "12 minutes ahead of postmark" in found and "timedatectl" in found
    postmark(free_port())
    assert problem(other_servers.mail).startswith("postmark cannot be used")
    assert other_servers.time() == "nobody to compare the clock with", "that it is away is another finding"


def test_emails_that_wait_and_those_that_are_lost_are_counted(settings, db, monkeypatch):
    settings.EMAIL_HOST = "127.0.0.1"
    for state in (Email.State.BOUNCED, Email.State.REFUSED, Email.State.SENT):
        Email.objects.create(to="ann@example.org", subject="s", text="t", state=state)
    Email.objects.create(to="ann@example.org", subject="s", text="t")
    assert other_servers.emails() == "1 emails wait, 2 could not be delivered"


def test_mail_that_nobody_has_taken_for_days_is_a_problem(settings, db):
    settings.EMAIL_HOST = "127.0.0.1"
    Email.objects.create(to="ann@example.org", subject="s", text="t", tries=9, last_error="550 not today")
    Email.objects.update(created_at=timezone.now() - timedelta(days=9))
    assert email_log.find_delivery_problem(), "the log itself finds none"
    assert problem(other_servers.emails).startswith("1 emails wait, and none was accepted for days.")


def test_clocks_are_compared_with_the_mail_server_and_a_login_provider(settings, monkeypatch):
    settings.EMAIL_HOST = "127.0.0.1"
    with serving(ThreadingTCPServer, Punctual) as port:
        settings.EMAIL_PORT = port
        assert other_servers.time() == f"as 127.0.0.1:{port} says"
    with serving(ThreadingTCPServer, Greeting) as port, serving(ThreadingHTTPServer, Late) as web:
        settings.EMAIL_PORT = port
        address = settings.STAND_IN_URL = f"http://127.0.0.1:{web}"
        monkeypatch.setattr(
            other_servers, "clocks", lambda clocks=other_servers.clocks:
            clocks() | {"OpenID Connect": partial(other_servers.time_of_url, address)},
        )  # fmt: skip
        found = problem(other_servers.time)
    assert f"12 minutes behind 127.0.0.1:{port}" in found and "12 minutes ahead of OpenID Connect" in found


def test_the_clocks_of_configured_providers_are_asked(settings, db):
    settings.LOGIN_VARIABLES = {"GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GOOGLE_CLIENT_ID"}
    assert list(other_servers.clocks()) == ["GitHub"], "one without its secret has no button, and is not asked"


def test_login_keys_that_lack_something_are_named(settings):
    settings.LOGIN_VARIABLES = {"GITHUB_CLIENT_ID"}
    found = problem(other_servers.logins)
    assert "GitHub: GITHUB_CLIENT_SECRET is missing" in found and "check_login" in found


def test_providers_that_are_ready_are_listed(monkeypatch):
    ready = [login_providers.Finding(service, login_providers.READY, "") for service in login_providers.SERVICES[:2]]
    findings = {found.service.id: found for found in ready}
    monkeypatch.setattr(
        other_servers,
        "check_settings",
        lambda service: findings.get(service.id, login_providers.Finding(service, login_providers.ABSENT, "")),
    )
    assert other_servers.logins() == "readers can log in with GitHub, Google"


@pytest.mark.parametrize(
    "text, found",
    [
        ("220 mx ESMTP Exim Mon, 23 Nov 2026 04:18:47 +0000", datetime(2026, 11, 23, 4, 18, 47, tzinfo=UTC)),
        ("23 Nov 2026 05:18:47 +0100", datetime(2026, 11, 23, 4, 18, 47, tzinfo=UTC)),
        ("23 Nov 2026 04:18:47", datetime(2026, 11, 23, 4, 18, 47, tzinfo=UTC)),
        ("220 mx.example.org ESMTP ready", None),
    ],
)
def test_the_date_of_a_greeting_is_found(text, found):
    assert other_servers.parse_date(text) == found
