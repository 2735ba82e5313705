"""A client as it is after its user has typed their password once more."""

from allauth.account.internal.flows.login import record_authentication
from django.test import RequestFactory


def proved(client, user):
    request = RequestFactory().get("/")
    request.session, request.user = client.session, user
    record_authentication(request, user, method="password", reauthenticated=True)
    request.session.save()
    return client
