"""Logins that have left for a service, known by the `state` that travels with them.

allauth keeps what belongs to a `state` in the session, for one use. A browser that comes back without its cookies, or
opens the way back twice, is led on by a row, for a day and over restarts. Nobody is logged in by it.
"""

from accounts import provider_profile
from accounts.models import LoginState
from accounts.models.login_state import state_hash

MAX_PATH_LENGTH = 2_000  # characters of a path to lead back to


def remember(state, known):
    """Where the login with this `state` began and shall end."""
    known = provider_profile.storable({name: known.get(name) for name in ("process", "next", "data")})
    if len(known["next"] or "") > MAX_PATH_LENGTH:
        known["next"] = None
    LoginState.objects.update_or_create(key=state_hash(state), defaults={"known": known, "is_finished": False})


def mark_finished(request):
    """The service has said who it is; the same way back may be opened once more."""
    LoginState.objects.known_as(request.GET.get("state", "")).update(is_finished=True)


def find_login(request):
    """What is known of the login that this request wants to finish; {} of none, and after a day."""
    row = LoginState.objects.known_as(request.GET.get("state", "")).first()
    return row.known | {"is_finished": row.is_finished} if row else {}
