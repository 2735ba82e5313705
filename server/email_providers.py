"""Email by a provider's API instead of SMTP: environment variables translated into Anymail's settings."""

from dataclasses import dataclass
from email.utils import parseaddr
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

SECONDS = 20  # timeout of a request to the provider
USER = "longrun"  # HTTP basic auth user of the webhook; EMAIL_WEBHOOK_SECRET is the password


@dataclass(frozen=True)
class Provider:
    """`key`, `secret`, `domain` and `signing_key` are Anymail's names of the settings; "" if it has none."""

    label: str
    key: str
    secret: str = ""
    domain: str = ""
    signing_key: str = ""
    must_sign: bool = False  # Anymail rejects its reports without EMAIL_WEBHOOK_SIGNING_KEY


PROVIDERS = {
    "brevo": Provider("Brevo", "BREVO_API_KEY"),
    "mailersend": Provider(
        "MailerSend", "MAILERSEND_API_TOKEN", signing_key="MAILERSEND_SIGNING_SECRET", must_sign=True
    ),
    "mailgun": Provider(
        "Mailgun",
        "MAILGUN_API_KEY",
        domain="MAILGUN_SENDER_DOMAIN",
        signing_key="MAILGUN_WEBHOOK_SIGNING_KEY",
        must_sign=True,
    ),
    "mailjet": Provider("Mailjet", "MAILJET_API_KEY", secret="MAILJET_SECRET_KEY"),
    "postmark": Provider("Postmark", "POSTMARK_SERVER_TOKEN"),
    "resend": Provider("Resend", "RESEND_API_KEY"),
    "sparkpost": Provider("SparkPost", "SPARKPOST_API_KEY"),
}


def mail_provider():
    """The settings (EMAIL_PROVIDER, ANYMAIL); ("", {}) without a provider. Raises ImproperlyConfigured."""
    name = env("EMAIL_PROVIDER").strip().lower()
    given = {
        "key": env("EMAIL_API_KEY"),
        "secret": env("EMAIL_API_SECRET"),
        "domain": env("EMAIL_SENDER_DOMAIN"),
        "signing_key": env("EMAIL_WEBHOOK_SIGNING_KEY"),
    }
    url, events = env("EMAIL_API_URL"), env("EMAIL_WEBHOOK_SECRET")
    if not name:
        return "", {}
    validate_settings(name, given, events)
    provider = PROVIDERS[name]
    found = {getattr(provider, part): value for part, value in given.items() if value and getattr(provider, part)}
    if url:
        found[f"{name.upper()}_API_URL"] = url
    if events:
        found["WEBHOOK_SECRET"] = f"{USER}:{events}"
    return name, found | {"REQUESTS_TIMEOUT": SECONDS}


def validate_settings(name, given, events):
    if name not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise ImproperlyConfigured(
            f"EMAIL_PROVIDER is {name!r}: choose one of {known}, or EMAIL_HOST for any SMTP server."
        )
    if env("EMAIL_HOST"):
        raise ImproperlyConfigured(f"EMAIL_PROVIDER is {name} and EMAIL_HOST is set as well: keep one of them.")
    provider = PROVIDERS[name]
    if not given["key"]:
        raise ImproperlyConfigured(f"EMAIL_PROVIDER is {name}, but EMAIL_API_KEY ({provider.label}'s key) is missing.")
    if provider.secret and not given["secret"]:
        raise ImproperlyConfigured(f"{provider.label} has two keys: EMAIL_API_SECRET is missing.")
    if events and provider.must_sign and not given["signing_key"]:
        raise ImproperlyConfigured(
            f"{provider.label} signs what it reports: EMAIL_WEBHOOK_SECRET needs EMAIL_WEBHOOK_SIGNING_KEY beside it."
        )
    if ":" in events:
        raise ImproperlyConfigured("EMAIL_WEBHOOK_SECRET holds a colon: choose letters and digits alone.")
    if find_spec("anymail") is None:
        raise ImproperlyConfigured(
            f"EMAIL_PROVIDER is {name}, but django-anymail is not installed: make setup does it."
        )


def default_from_email(default):
    """DEFAULT_FROM_EMAIL or the default. Raises ImproperlyConfigured if it contains no email address."""
    given = env("DEFAULT_FROM_EMAIL", default)
    name, at, host = parseaddr(given)[1].partition("@")
    if not (name and at and host) or len(given.splitlines()) > 1:
        raise ImproperlyConfigured(
            f"DEFAULT_FROM_EMAIL is {given!r}: give an address, such as Ada runs <blog@example.org>."
        )
    return given
