"""The browsers in which a user is logged in."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.timezone import now


def open_sessions(person):
    """The user's sessions that have not expired, oldest first."""
    alive = Session.objects.filter(expire_date__gt=now()).values("session_key")
    return UserSession.objects.filter(user=person, session_key__in=alive).order_by("created_at", "pk")


@transaction.atomic
def end(sessions):
    """End these sessions. Returns them as a list, with their former values."""
    ended = list(sessions)
    for session in ended:
        session.end()
    return ended
