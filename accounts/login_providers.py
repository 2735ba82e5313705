"""The providers at which readers log in: environment variables, set-up steps, and checks of the configuration.

Keys are only in the environment. Nothing here shows or stores one.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.site import absolute_url

SECONDS = 10
ABSENT, HALF, MISTYPED, UNREACHABLE, UNKNOWN, READY = "absent", "half", "mistyped", "unreachable", "unknown", "ready"


@dataclass(frozen=True)
class Service:
    """A provider. `shape` is a regular expression for its client ids, as far as it documents them."""

    id: str
    name: str
    prefix: str
    console: str
    steps: tuple
    shape: str = r"\S+"
    more: tuple = field(default=())  # environment variables in addition to id and secret

    @property
    def variables(self):
        return [f"{self.prefix}_CLIENT_ID", f"{self.prefix}_CLIENT_SECRET", *self.more]

    @property
    def missing(self):
        return [name for name in self.variables if name not in settings.LOGIN_VARIABLES]

    @property
    def is_begun(self):
        return len(self.missing) < len(self.variables)

    @property
    def callback(self):
        """The callback URL to register at the provider. Written out: it has no view before it is configured."""
        place = f"oidc/{self.id}" if self.id in ("wordpress-com", "oidc") else self.id
        return absolute_url(f"/accounts/{place}/login/callback/")

    @property
    def provider(self):
        """allauth's provider object, or None while it is not configured."""
        found = get_adapter().list_providers(None)
        return next((provider for provider in found if provider.sub_id == self.id), None)


SERVICES = [
    Service(
        "github",
        "GitHub",
        "GITHUB",
        "https://github.com/settings/developers",
        (
            gettext_lazy("Choose OAuth Apps, New OAuth App; give it the name and the address of your blog."),
            gettext_lazy("Paste the address below as the Authorization callback URL, and register."),
            gettext_lazy("Copy the Client ID, press Generate a new client secret, and copy that."),
        ),
        shape=r"(Ov|Iv)?[0-9A-Za-z.]{16,}",
    ),
    Service(
        "google",
        "Google",
        "GOOGLE",
        "https://console.cloud.google.com/auth/clients",
        (
            gettext_lazy("Make a project if you have none; under Branding say the name of the blog and your address."),
            gettext_lazy("Under Clients choose Create client, Web application."),
            gettext_lazy("Paste the address below under Authorized redirect URIs, press Create, copy both keys."),
            gettext_lazy("Under Audience press Publish app; name and email need no review."),
        ),
        shape=r"[0-9]+-[0-9a-z]+\.apps\.googleusercontent\.com",
    ),
    Service(
        "facebook",
        "Facebook",
        "FACEBOOK",
        "https://developers.facebook.com/apps/",
        (
            gettext_lazy("Create an app with Facebook Login; under its settings allow email and public_profile."),
            gettext_lazy("Paste the address below under Valid OAuth Redirect URIs; it must begin with https."),
            gettext_lazy("Under App settings, Basic, copy the App ID and the App secret."),
            gettext_lazy("Switch the app to Live; Facebook wants the address of a page about privacy for it."),
        ),
        shape=r"[0-9]{8,20}",
    ),
    Service(
        "twitter_oauth2",
        "X",
        "X",
        "https://developer.x.com/en/portal/dashboard",
        (
            gettext_lazy("In a project with an app open User authentication settings and choose Web App."),
            gettext_lazy("Paste the address below as the Callback URI; the website is your blog."),
            gettext_lazy("Copy the OAuth 2.0 Client ID and Client Secret, not the API key."),
        ),
    ),
    Service(
        "wordpress-com",
        "WordPress.com",
        "WORDPRESS_COM",
        "https://developer.wordpress.com/apps/",
        (
            gettext_lazy("Choose Create New Application; the type is Web."),
            gettext_lazy("Paste the address below as the Redirect URL, and create."),
            gettext_lazy("Copy the Client ID and the Client Secret."),
        ),
        shape=r"[0-9]+",
    ),
    Service(
        "oidc",
        "OpenID Connect",
        "OIDC",
        "",
        (
            gettext_lazy("At your own server (Keycloak, Authentik, GitLab …) make a confidential client."),
            gettext_lazy("Paste the address below as its redirect address; the flow is the authorization code."),
            gettext_lazy("The issuer is the address before /.well-known/openid-configuration."),
        ),
        more=("OIDC_ISSUER",),
    ),
]


@dataclass(frozen=True)
class Finding:
    """The state of a provider, and a sentence for the owner."""

    service: Service
    state: str
    why: str

    @property
    def is_trouble(self):
        return self.state not in (ABSENT, READY)


def check_settings(service):
    """Check a provider's settings without contacting it."""
    if not service.is_begun:
        return Finding(service, ABSENT, _("Not configured."))
    if missing := service.missing:
        why = _("%(names)s is missing: without it there is no button.") % {"names": ", ".join(missing)}
        return Finding(service, HALF, why)
    provider = service.provider
    if provider is None or not re.fullmatch(service.shape, provider.app.client_id):
        why = _("%(name)s_CLIENT_ID does not look like an id of %(service)s: is it cut short, or another key?")
        return Finding(service, MISTYPED, why % {"name": service.prefix, "service": service.name})
    if re.search(r"[\s\"'<>]", provider.app.secret):
        why = _("%(name)s_CLIENT_SECRET holds a space or a quotation mark that belongs to no key.")
        return Finding(service, MISTYPED, why % {"name": service.prefix})
    return Finding(service, READY, _("Configured: the button stands below every post."))


def check_provider(service):
    """Check the settings, then whether the provider responds and accepts the keys, by an invalid authorization code."""
    found = check_settings(service)
    if found.state != READY:
        return found
    try:
        answer = probe(service.provider, service.callback)
    except (OSError, LookupError, TypeError, ValueError, AttributeError) as trouble:
        host = urlsplit(service.provider.app.settings.get("server_url", "")).hostname or service.name
        why = _("%(host)s does not answer as it should (%(kind)s). Is the machine online, and the address right?")
        return Finding(service, UNREACHABLE, why % {"host": host, "kind": type(trouble).__name__})
    if answer.status_code >= 500:
        why = _("%(service)s answers with an error of its own (%(status)s). Try again later.")
        return Finding(service, UNREACHABLE, why % {"service": service.name, "status": answer.status_code})
    if rejects_client(answer):
        why = _("%(service)s does not know these keys: is one of them mistyped, cut short or withdrawn?")
        return Finding(service, UNKNOWN, why % {"service": service.name})
    return Finding(service, READY, _("%(service)s answers and knows these keys.") % {"service": service.name})


def probe(provider, callback):
    """The provider's response to a token request with an invalid authorization code."""
    adapter, app = provider.get_oauth2_adapter(None), provider.app
    said = {
        "grant_type": "authorization_code",
        "code": "longrun-check",
        "code_verifier": "longrun-check-" * 4,
        "redirect_uri": callback,
        "client_id": app.client_id,
    }
    if not adapter.basic_auth:
        said["client_secret"] = app.secret
    with get_adapter().get_requests_session() as session:
        return session.post(
            adapter.access_token_url,
            data=said,
            auth=(app.client_id, app.secret) if adapter.basic_auth else None,
            headers={"Accept": "application/json"},
            timeout=SECONDS,
        )


def rejects_client(answer):
    """Whether the response rejects the client rather than the code; providers word this differently."""
    words = answer.text[:5000].lower()
    if any(word in words for word in ("invalid_grant", "bad_verification_code")):
        return False
    strangers = ("invalid_client", "unauthorized_client", "incorrect_client_credentials", "error validating")
    return answer.status_code in (401, 403, 404) or any(word in words for word in strangers)
