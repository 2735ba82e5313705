"""Where the stand-in provider listens, and what allauth must be told so that every login goes there."""

import os

from tests.ports import free_port


def url():
    """STAND_IN_URL when a server already plays the provider, else a port that is free now."""
    return os.environ.get("STAND_IN_URL") or f"http://127.0.0.1:{free_port()}"


def providers(there):
    """SOCIALACCOUNT_PROVIDERS as `config.environment` makes it, with the stand-in's addresses.

    X has no settings for its addresses: see `adapter.py`.
    """
    app = {"client_id": "longrun", "secret": "known to the stand-in", "key": ""}
    return {
        "google": {
            "APP": app,
            "SCOPE": ["profile", "email"],
            "OAUTH_PKCE_ENABLED": True,
            "AUTHORIZE_URL": f"{there}/google/o/oauth2/v2/auth",
            "ACCESS_TOKEN_URL": f"{there}/google/token",
            "IDENTITY_URL": f"{there}/google/oauth2/v2/userinfo",
            "CERTS_URL": f"{there}/google/certs",
            "ID_TOKEN_ISSUER": f"{there}/google",
        },
        "facebook": {
            "APP": app,
            "FIELDS": ["id", "name", "email", "picture"],
            "AUTHORIZE_URL": f"{there}/facebook/v19.0/dialog/oauth",
            "GRAPH_API_URL": f"{there}/facebook/v19.0",
        },
        "twitter_oauth2": {"APP": app},
        "github": {"APP": app, "GITHUB_URL": f"{there}/github"},
        "openid_connect": {
            "APPS": [
                app
                | {
                    "provider_id": "wordpress-com",
                    "name": "WordPress.com",
                    "settings": {"server_url": f"{there}/wordpress-com"},
                },
                app | {"provider_id": "oidc", "name": "Example ID", "settings": {"server_url": f"{there}/oidc"}},
            ],
            "OAUTH_PKCE_ENABLED": True,
        },
    }


def apps(providers, installed):
    """allauth's apps for the providers, without those that are installed already."""
    wanted = [f"allauth.socialaccount.providers.{name}" for name in providers]
    return [app for app in wanted if app not in installed]
