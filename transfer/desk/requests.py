"""The type of a request at the desk, for mypy."""

from django.http import HttpRequest

from accounts.models import User


class DeskRequest(HttpRequest):
    """A request that `at_the_desk` has let pass: its user is logged in."""

    user: User
