"""One blog, one address."""

import pytest
from django.db import OperationalError, connection

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


def test_absolute_addresses_ignore_what_a_proxy_or_a_visitor_says(client, make_post):
    make_post()
    lies = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/evil", "Forwarded": "host=evil.example"}
    for path in ("/", "/feed/", "/sitemap.xml", "/sitemap-posts.xml", "/robots.txt"):
        assert b"evil" not in client.get(path, headers=lies).getvalue()
