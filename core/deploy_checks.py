"""System checks of `manage.py check --deploy`: rate limits, and the webhook for bounced email."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_rate_limits(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.LONGRUN_LIMITS:
        return []
    return [
        Warning(
            "LONGRUN_LIMITS is off: there are no rate limits.",
            hint="That is for benchmarks. Remove LONGRUN_LIMITS=off from the environment of a public blog.",
            id="core.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_bounce_webhook(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.EMAIL_PROVIDER or "WEBHOOK_SECRET" in settings.ANYMAIL:
        return []
    return [
        Warning(
            f"EMAIL_PROVIDER is {settings.EMAIL_PROVIDER}, but it cannot report what bounces: no EMAIL_WEBHOOK_SECRET.",
            hint="Choose a secret and tell the provider the address that docs/mail.md gives.",
            id="core.W002",
        )
    ]
