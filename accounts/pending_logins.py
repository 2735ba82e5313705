"""Logins that were redirected to a provider, by their OAuth `state`.

allauth stores a `state` in the session, for one use. A callback without cookies, or requested twice, finds here where
to redirect to, for a day and across restarts. It does not log anybody in.
"""

from accounts import provider_profile
from accounts.models import LoginState
from accounts.models.login_state import state_hash

MAX_PATH_LENGTH = 2_000  # characters; longer return paths are not stored


def remember(state, known):
    """Store where the login with this `state` started and returns to."""
    known = provider_profile.storable({name: known.get(name) for name in ("process", "next", "data")})
    if len(known["next"] or "") > MAX_PATH_LENGTH:
        known["next"] = None
    LoginState.objects.update_or_create(key=state_hash(state), defaults={"known": known, "is_finished": False})


def mark_finished(request):
    """Mark the login as finished, so that a second request of the callback redirects instead of failing."""
    LoginState.objects.known_as(request.GET.get("state", "")).update(is_finished=True)


def find_login(request):
    """{process, next, data, is_finished} of the `state` in this request; {} if unknown or older than VALID_FOR."""
    row = LoginState.objects.known_as(request.GET.get("state", "")).first()
    return row.known | {"is_finished": row.is_finished} if row else {}
