from datetime import timedelta
from hashlib import sha256

from django.db import models
from django.utils import timezone

VALID_FOR = timedelta(days=1)


class LoginStates(models.QuerySet):
    def fresh(self):
        return self.filter(created_at__gt=timezone.now() - VALID_FOR)

    def known_as(self, state):
        return self.fresh().filter(key=state_hash(state))


class LoginState(models.Model):
    """A login that was redirected to a provider, and where it returns to. The key is the hash of its OAuth `state`."""

    key = models.CharField(max_length=64, primary_key=True)
    known = models.JSONField(default=dict)  # process, next and data of allauth's state
    is_finished = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = LoginStates.as_manager()

    def __str__(self):
        return self.key


def state_hash(state):
    return sha256(state.encode(errors="replace")).hexdigest()
