"""The blog's own adapter, on a machine without an Internet: the providers' hosts are at the stand-in."""

from allauth.socialaccount.providers.twitter_oauth2.views import TwitterOAuth2Adapter
from django.conf import settings
from requests.adapters import HTTPAdapter

from accounts.adapters import SocialAdapter

# X has no setting for its addresses. The token and the profile are asked at its own host and led home below.
TwitterOAuth2Adapter.authorize_url = f"{settings.STAND_IN_URL}/x/i/oauth2/authorize"
AT_HOME = {"https://api.x.com/": f"{settings.STAND_IN_URL}/x/"}


class StandInAdapter(SocialAdapter):
    def get_requests_session(self):
        session = super().get_requests_session()
        session.mount("https://", NowhereElse())
        session.mount("http://", NowhereElse())
        session.trust_env = False
        return session


class NowhereElse(HTTPAdapter):
    """Sends what is meant for X to the stand-in, and fails the test that asks any other host."""

    def send(self, request, **kwargs):
        for there, here in AT_HOME.items():
            if request.url.startswith(there):
                request.url = here + request.url.removeprefix(there)
        assert request.url.startswith(settings.STAND_IN_URL), f"The tests may not ask {request.url}."
        return super().send(request, **kwargs)
