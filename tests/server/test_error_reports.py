"""Errors reach a Sentry server, and nothing of the people to whom they happen: every byte of what it gets is read."""

import gzip
import json
import logging
import sqlite3
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured

from server import error_reports
from tests.blog_process import wait_for

SECRETS = {
    "email": "ann@people.example",
    "text": "the words of a comment that nobody else may read",
    "cookie": "a-session-of-somebodys",
    "token": "AbCdEf-token-that-decides",
    "query": "what-was-searched-for",
    "header": "Bearer a-token-in-a-header",
    "address": "203.0.113.77",
}


class Ingest(ThreadingHTTPServer):
    """A Sentry server as far as reports need it: keeps what it is sent, headers too."""

    def __init__(self):
        self.got = []
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.dsn = f"http://a0b1c2@127.0.0.1:{self.server_port}/7"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}[self.headers["Content-Encoding"]]
            body = unpack(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.got.append((self.path, str(self.headers) + body.decode()))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words):
            pass

    def reports(self):
        return [json.loads(body.splitlines()[-1]) for _path, body in self.got]

    def assert_nothing_of_anybodys(self, *more):
        for path, body in self.got:
            for secret in [*SECRETS.values(), *more, "@people"]:
                assert secret not in path + body, (secret, body)


@contextmanager
def ingesting():
    with Ingest() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def ingest():
    with ingesting() as server:
        yield server


@pytest.fixture
def reported(ingest):
    """reported(): the reports that have arrived."""
    error_reports.start(ingest.dsn)

    def reported():
        sentry_sdk.flush(10)
        return ingest.reports()

    yield reported
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def fails(request, *_words, **_fields):
    private = request.POST.get("text", "")  # a local variable
    raise ValueError(f"{private} by {SECRETS['email']} with {SECRETS['token']}") from KeyError(SECRETS["text"])


@pytest.mark.django_db
def test_an_error_of_a_page_is_reported_without_anything_of_its_reader(client, ingest, reported, monkeypatch):
    client.raise_request_exception = False
    client.cookies["sessionid"] = SECRETS["cookie"]
    from django.urls import resolve

    match = resolve("/comments/decide/x/")
    path = f"/comments/decide/{SECRETS['token']}/?q={SECRETS['query']}&email={SECRETS['email']}"
    monkeypatch.setattr("django.core.handlers.base.BaseHandler.resolve_request", lambda self, request: (
        setattr(request, "resolver_match", match) or (fails, (), {})
    ))  # fmt: skip
    headers = {"Authorization": SECRETS["header"], "User-Agent": SECRETS["text"], "Referer": SECRETS["query"]}
    fields = {"text": SECRETS["text"], "email": SECRETS["email"]}
    assert client.post(path, fields, headers=headers, REMOTE_ADDR=SECRETS["address"]).status_code == 500
    [report] = reported()
    ingest.assert_nothing_of_anybodys()
    assert [each["type"] for each in report["exception"]["values"]] == ["KeyError", "ValueError"]
    last = report["exception"]["values"][1]["stacktrace"]["frames"][-1]
    assert last["function"] == "fails" and "raise ValueError" in last["context_line"] and "vars" not in last
    assert report["tags"]["path"] == "/comments/decide/…/" and report["tags"]["method"] == "POST"
    assert report["tags"]["view"] == match.view_name and report["release"].startswith("longrun@")
    assert report["logentry"] == {"message": "%s: %s"}
    assert set(report) <= {*error_reports.KEPT, "logentry", "exception", "contexts", "tags"}


def test_what_is_put_into_a_message_or_said_by_other_packages_stays_here(ingest, reported):
    for name, message in (
        ("core.jobs", f"%s failed for {SECRETS['email']}"),
        ("package", SECRETS["text"]),
        ("core", 1),
    ):
        try:
            raise LookupError(SECRETS["text"])
        except LookupError:
            logging.getLogger(name).exception(message, *([SECRETS["text"]] if "%" in str(message) else []))
    logging.getLogger("core").error("no exception: %s", SECRETS["text"])
    logging.getLogger("core").warning("no error: %s", SECRETS["text"])
    assert [report["logentry"]["message"] for report in reported()] == ["%s failed for …@…", "", ""]
    ingest.assert_nothing_of_anybodys()


def test_an_error_that_is_repeated_at_once_is_reported_once(reported):
    error = ValueError("x")
    for _ in range(3):
        logging.getLogger("core").error("again", exc_info=error)
    assert len(reported()) == 1


def test_a_server_that_is_away_holds_nothing_up(reported, ingest):
    ingest.shutdown()
    ingest.server_close()
    logging.getLogger("core").error("nobody hears it", exc_info=ValueError())
    assert reported() == []


def test_a_wrong_address_and_a_missing_package_are_told_in_a_sentence(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN is no address of a Sentry project"):
        error_reports.start("sentry.example.org")
    monkeypatch.setitem(__import__("sys").modules, "sentry_sdk", None)
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN needs the package sentry-sdk"):
        error_reports.start("https://a@sentry.example.org/1")


@pytest.mark.long
@pytest.mark.process
def test_the_web_server_and_the_worker_of_a_real_blog_report(start_blog):
    with ingesting() as ingest:
        blog = start_blog(SENTRY_DSN=ingest.dsn)
        blog.set_up()
        with closing(sqlite3.connect(blog.data / "longrun.sqlite3", timeout=30)) as rows:
            rows.execute("ALTER TABLE comments_comment RENAME TO elsewhere")
            rows.execute("ALTER TABLE comments_pendingnotification RENAME TO elsewhere_too")
            rows.commit()
        assert blog.get("/comments/feed/") == 503

        def loggers():
            return {report["logger"] for report in ingest.reports()}

        wait_for(lambda: {"django.request", "core.jobs"} <= loggers(), "no report", blog)
        ingest.assert_nothing_of_anybodys()
        assert all(each["value"] == "" for report in ingest.reports() for each in report["exception"]["values"])
