"""Checks of other servers: Redis, the mail server or provider, the login providers, and what their clocks say.

Each is asked for a few seconds at most.
"""

import re
import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.core import mail as django_mail

from accounts.login_providers import ABSENT, SERVICES, check_settings
from core import email_log, smtp_errors
from core.models import Email
from server.doctor.problem import Problem

SECONDS = 4  # without an answer
WRONG = timedelta(minutes=5)
DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?: [+-]\d{4}| [A-Z]{1,4})?")


def redis():
    if not settings.CACHE_URL:
        return "not used (CACHE_URL)"
    place = urlsplit(settings.CACHE_URL)
    place = f"{place.hostname}:{place.port or 6379}" if place.hostname else place.path
    try:
        from core import shared_cache  # needs redis, an optional dependency

        shared_cache.connect(settings.CACHE_URL).ping()
    except Exception as error:
        raise Problem(
            f"{place} does not answer ({smtp_errors.one_line(error)}): no page is cached, and each process counts "
            "rate limits alone.",
            "Start it (`systemctl start redis-server`), or correct CACHE_URL; one machine alone needs no Redis.",
        ) from None
    return f"{place} answers"


def emails():
    """The email log: what waits, and whether any was accepted lately."""
    waiting = Email.objects.waiting().count()
    if not is_mail_configured():
        return f"not configured (EMAIL_HOST or EMAIL_PROVIDER): nothing is sent, {waiting} emails wait"
    if trouble := email_log.find_delivery_problem():
        raise Problem(
            f"{waiting} emails wait, and none was accepted for days. {trouble.error}".rstrip(),
            "docs/operations.md, “Mail does not arrive”.",
        )
    lost = Email.objects.filter(state__in=[Email.State.REFUSED, Email.State.BOUNCED, Email.State.FAILED]).count()
    return f"{waiting} emails wait, {lost} could not be delivered"


def mail():
    """Connect to the mail server, and log in there; or connect to the provider."""
    if bool(settings.EMAIL_HOST_USER) != bool(settings.EMAIL_HOST_PASSWORD):
        there, missing = ("EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD")
        if not settings.EMAIL_HOST_USER:
            there, missing = missing, there
        raise Problem(f"{there} is set, and {missing} is not: the mail server refuses us.", f"Set {missing}.")
    if not is_mail_configured():
        return "not configured (EMAIL_HOST or EMAIL_PROVIDER): nothing is sent"
    try:
        if settings.EMAIL_PROVIDER:
            provider_head()
        else:
            server = django_mail.get_connection(timeout=SECONDS)
            server.open()
            server.close()
    except Exception as error:
        raise Problem(
            f"{mail_place()} cannot be used: {smtp_errors.classify(error).message}",
            "docs/operations.md, “Mail does not arrive”. Emails wait meanwhile, none is lost.",
        ) from None
    return f"{mail_place()} answers"


def is_mail_configured():
    return bool(settings.EMAIL_HOST or settings.EMAIL_PROVIDER)


def mail_place():
    return settings.EMAIL_PROVIDER or f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def provider_head():
    """The response of the provider's API to HEAD: whatever its status, it answers, and has a clock."""
    server = django_mail.get_connection(timeout=SECONDS)
    server.open()
    try:
        return server.session.head(server.api_url, timeout=SECONDS)
    finally:
        server.close()


def logins():
    """The keys of login providers: an id without its secret makes no button, and nobody is told."""
    findings = [check_settings(service) for service in SERVICES]
    if trouble := [found for found in findings if found.is_trouble]:
        raise Problem(
            " ".join(f"{found.service.name}: {found.why}" for found in trouble),
            "docs/login.md says where the keys come from; `manage.py check_login` asks the providers.",
        )
    ready = [found.service.name for found in findings if found.state != ABSENT]
    return f"readers can log in with {', '.join(ready)}" if ready else "none configured: readers comment as guests"


def time():
    """Compare this machine's clock with those of the mail server and the login providers."""
    places = clocks()
    with ThreadPoolExecutor(max(len(places), 1), thread_name_prefix="doctor") as threads:
        told = dict(zip(places, threads.map(difference, places.values()), strict=True))
    told = {place: beside for place, beside in told.items() if beside is not None}
    wrong = {place: beside for place, beside in told.items() if abs(beside) > WRONG}
    if wrong:
        told = ", ".join(
            f"{abs(beside).total_seconds() / 60:.0f} minutes {'ahead of' if beside > timedelta() else 'behind'} {place}"
            for place, beside in wrong.items()
        )
        raise Problem(
            f"this machine's clock is {told}.",
            "Set it (`timedatectl set-ntp true`): logins and links in emails depend on it.",
        )
    return f"as {', '.join(told)} says" if told else "nobody to compare the clock with"


def difference(ask):
    """How far this machine's clock is ahead of what `ask()` returns; None if nobody answers with a time."""
    try:
        there = ask()
    except Exception:  # that it does not answer is another finding
        return None
    return there and datetime.now(UTC) - there


def clocks():
    """{place: function that returns its time as a datetime, or None}; the functions make no query."""
    found = {}
    if settings.EMAIL_PROVIDER:
        found[settings.EMAIL_PROVIDER] = lambda: parse_date(provider_head().headers.get("Date", ""))
    elif settings.EMAIL_HOST:
        found[mail_place()] = greeting_time
    for service in SERVICES:
        if service.is_begun and not service.missing and (provider := service.provider):
            url = provider.app.settings.get("server_url") or provider.get_oauth2_adapter(None).access_token_url
            found[service.name] = partial(time_of_url, url)
    return found


def greeting_time():
    """Many mail servers greet with their time: `220 mx.example.org ESMTP Exim 4.96 Mon, 23 Nov 2026 04:18:47 +0000`."""
    kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
    with kind(timeout=SECONDS) as server:
        _code, greeting = server.connect(settings.EMAIL_HOST, settings.EMAIL_PORT)
    return parse_date(greeting.decode("ascii", "replace"))


def time_of_url(url):
    with get_adapter().get_requests_session() as session:
        return parse_date(session.head(url, timeout=SECONDS).headers.get("Date", ""))


def parse_date(text):
    """The first date of the email format in a text, in UTC unless it says otherwise; None if there is none."""
    found = DATE.search(text)
    if not found:
        return None
    there = parsedate_to_datetime(found[0])
    return there if there.tzinfo else there.replace(tzinfo=UTC)
