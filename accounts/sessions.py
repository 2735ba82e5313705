"""Where somebody is logged in, for themselves and for the owner."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.timezone import now


def open_sessions(person):
    """Their sessions that have not ended, the oldest first."""
    alive = Session.objects.filter(expire_date__gt=now()).values("session_key")
    return UserSession.objects.filter(user=person, session_key__in=alive).order_by("created_at", "pk")


@transaction.atomic
def end(sessions):
    """End these; what was ended, as they were."""
    ended = list(sessions)
    for session in ended:
        session.end()
    return ended
