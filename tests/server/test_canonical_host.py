"""One blog, one address."""

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse

from server.canonical_host import CanonicalHostMiddleware


def test_an_unknown_host_is_turned_away_and_not_told_anything(client, blog):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.parametrize(
    ("path", "host"),
    [("/", "evil.example"), ("/desk/", "evil.example:8000"), ("/feed/", "a b"), ("/a%00b/", ""), ("/?q=a%00b", "")],
)
def test_what_is_turned_away_runs_nothing_and_is_what_it_says(client, blog, path, host):
    answer = client.get(path, headers={"Host": host} if host else {})
    assert answer.status_code == 400
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "text/plain"


def test_machines_may_ask_for_health_under_any_name(client, db):
    assert client.get("/health/", headers={"Host": "10.1.2.3:8000"}).content == b"ok\n"


def test_health_asks_the_database_itself(client, db):
    def gone(execute, sql, *others):
        if sql == "SELECT 1":
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *others)

    with connection.execute_wrapper(gone):
        answer = client.get("/health/")
    assert (answer.status_code, answer.content) == (503, b"database unreachable\n")


@pytest.mark.parametrize("path", ["/", "/2020/01/01/run/?p=1", "/feed/"])
def test_other_names_lead_to_the_one_address(rf, settings, path):
    settings.LONGRUN_ALSO_HOSTS = ["www.runs.example"]
    settings.ALLOWED_HOSTS = ["www.runs.example"]
    settings.LONGRUN_URL = "https://runs.example"
    answer = CanonicalHostMiddleware(None)(rf.get(path, headers={"Host": "www.runs.example"}))
    assert (answer.status_code, answer["Location"]) == (301, f"https://runs.example{path}")
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("home", "host", "answered"),
    [
        ("runs.example", "runs.example", 200),
        ("runs.example", "runs.example:443", 200),
        ("runs.example", "RUNS.example:8000", 200),
        ("runs.example:8443", "runs.example", 200),
        ("runs.example:8443", "runs.example:9", 200),
        ("[::1]:8000", "[::1]:9000", 200),
        ("runs.example", "runs.example:8001", 301),
        ("runs.example", "www.runs.example", 301),
        ("runs.example", "www.runs.example:443", 301),
        ("runs.example", "old.example:81", 301),
        ("runs.example", "old.example:82", 301),
        ("runs.example", "evil.example:443", 400),
        ("runs.example", "runs.example.evil.example:443", 400),
    ],
)
def test_its_name_is_served_at_any_port_and_other_names_redirect_at_any(rf, settings, home, host, answered):
    settings.LONGRUN_URL, settings.LONGRUN_HOST = f"https://{home}", home
    settings.LONGRUN_ALSO_HOSTS = ["www.runs.example", "old.example:81", "runs.example:8001"]
    settings.ALLOWED_HOSTS = ["runs.example", "[::1]", "www.runs.example", "old.example"]
    seen = []

    def get_response(request):
        seen.append(request.get_host())
        return HttpResponse()

    answer = CanonicalHostMiddleware(get_response)(rf.get("/a/?p=1", headers={"Host": host}))
    assert answer.status_code == answered
    assert seen == ([home] if answered == 200 else []), "and what is served sees one host"
    assert answer.headers.get("Location") == (f"https://{home}/a/?p=1" if answered == 301 else None)


def test_absolute_addresses_ignore_what_a_proxy_or_a_visitor_says(client, make_post):
    make_post()
    lies = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/evil", "Forwarded": "host=evil.example"}
    for path in ("/", "/feed/", "/sitemap.xml", "/sitemap-posts.xml", "/robots.txt"):
        assert b"evil" not in client.get(path, headers=lies).getvalue()
