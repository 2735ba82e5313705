"""The browsers in which a user is logged in."""

from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.timezone import now

IN_DATABASE = "django.contrib.sessions.backends.db"


def open_sessions(person):
    """The user's sessions that have not expired, oldest first."""
    known = UserSession.objects.filter(user=person)
    return known.filter(session_key__in=alive(known)).order_by("created_at", "pk")


def alive(known):
    """The keys of sessions that have not expired: a query, or, where they are not in the database, a few questions."""
    if settings.SESSION_ENGINE == IN_DATABASE:
        return Session.objects.filter(expire_date__gt=now()).values("session_key")
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    return [key for key in known.values_list("session_key", flat=True) if store.exists(key)]


@transaction.atomic
def end(sessions):
    """End these sessions. Returns them as a list, with their former values."""
    ended = list(sessions)
    for session in ended:
        session.end()
    return ended
