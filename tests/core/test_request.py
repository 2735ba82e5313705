import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from core.request import client_address, client_network, network_prefix, same_origin

SITE = "https://blog.example"


@pytest.fixture(autouse=True)
def at_home(settings):
    settings.LONGRUN_URL = SITE
    settings.TRUSTED_PROXY_COUNT = 0


@same_origin
def comment(request):
    return HttpResponse("held" if request.unproven_origin else "welcome")


LET_IN = [
    ({"sec-fetch-site": "same-origin"}, "welcome"),
    ({"sec-fetch-site": "same-origin", "cookie": "sessionid=1"}, "welcome"),
    ({"origin": SITE, "cookie": "sessionid=1"}, "welcome"),
    ({"origin": SITE + ":443"}, "welcome"),
    ({"origin": "https://BLOG.example"}, "welcome"),
    ({"referer": SITE + "/2010/09/09/hello/"}, "welcome"),
    ({"referer": SITE}, "welcome"),
    ({}, "held"),
]
KEPT_OUT = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site", "origin": SITE, "referer": SITE},
    {"origin": "https://evil.example", "referer": SITE + "/"},
    {"origin": "null"},
    {"origin": "http://blog.example"},
    {"origin": "https://blog.example:8443"},
    {"origin": "https://blog.example.evil.example"},
    {"origin": "https://evilblog.example"},
    {"origin": "https://blog.example@evil.example"},
    {"origin": "https://[nonsense"},
    {"origin": "https://blog.example:99999"},
    {"referer": "https://evil.example/" + SITE},
    {"referer": "android-app://com.example"},
    {"cookie": "sessionid=1"},
    {"cookie": "anything=at-all"},
]


@pytest.mark.parametrize(("headers", "answer"), LET_IN)
def test_our_own_forms_come_in(rf, headers, answer):
    assert comment(rf.post("/", headers=headers)).content.decode() == answer


@pytest.mark.parametrize("headers", KEPT_OUT)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_peoples_forms_stay_out(rf, headers, method):
    with pytest.raises(PermissionDenied, match="another website"):
        comment(getattr(rf, method)("/", headers=headers))


@pytest.mark.parametrize("headers", KEPT_OUT)
def test_reading_is_open_to_everybody(rf, headers):
    assert comment(rf.get("/", headers=headers)).content == b"welcome"


def test_a_view_may_refuse_in_its_own_way(rf):
    @same_origin(refused=lambda request: HttpResponse("your text is kept", status=403))
    def view(request):
        return HttpResponse("welcome")

    answer = view(rf.post("/", headers={"origin": "https://evil.example"}))
    assert (answer.status_code, answer.content) == (403, b"your text is kept")
    assert view(rf.post("/", headers={"origin": SITE})).content == b"welcome"


def test_the_view_needs_no_token_and_can_be_listed(rf):
    assert comment.same_origin
    check = CsrfViewMiddleware(lambda request: HttpResponse())
    assert check.process_view(rf.post("/"), comment, (), {}) is None


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "found"),
    [
        (0, None, "198.51.100.7", "198.51.100.7"),
        (0, "203.0.113.9", "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9", "127.0.0.1", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "127.0.0.1", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 192.0.2.1", "127.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7", "198.51.100.7"),
        (1, None, "198.51.100.7", "198.51.100.7"),
        (1, "", "198.51.100.7", "198.51.100.7"),
        (1, "nonsense' OR 1=1", "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9:4711", "127.0.0.1", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "127.0.0.1", "2001:db8::1"),
        (1, "2001:DB8:0:0::1", "127.0.0.1", "2001:db8::1"),
        (0, None, "::ffff:198.51.100.7", "198.51.100.7"),
        (0, None, "fe80::1%eth0", "fe80::1"),
        (0, None, "", ""),
        (1, "203.0.113.9", "", "203.0.113.9"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxies_saw(rf, settings, proxies, forwarded, remote, found):
    settings.TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR=remote)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(request) == found


@pytest.mark.parametrize(
    ("one", "other", "neighbours"),
    [
        ("198.51.100.7", "198.51.100.250", True),
        ("198.51.100.7", "198.51.101.7", False),
        ("2001:db8:1:2::3", "2001:db8:1:ffff::", True),
        ("2001:db8:1::", "2001:db8:2::", False),
        ("198.51.100.7", "::ffff:198.51.100.9", True),
        ("", "", True),
        ("", "0.0.0.0", False),
    ],
)
def test_neighbours_share_a_network_and_strangers_do_not(rf, one, other, neighbours):
    places = [client_network(rf.get("/", REMOTE_ADDR=place)) for place in (one, other)]
    assert (places[0] == places[1]) is neighbours


def test_a_network_cannot_be_guessed_without_the_key(rf, settings):
    request = rf.get("/", REMOTE_ADDR="198.51.100.7")
    before = client_network(request)
    assert len(before) == 32
    assert "198" not in before
    settings.SECRET_KEY = "another key"
    assert client_network(request) != before


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:7:ffff::2", "2001:db8:7::/48"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_network_of_a_client_is_its_prefix(address, prefix):
    assert network_prefix({"REMOTE_ADDR": address}) == prefix
