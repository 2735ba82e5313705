"""The outermost layers of a request as WSGI, in this process: methods, the log, the counters, and all of them."""

import json
import logging
import sys
from types import SimpleNamespace

import pytest

from core import refusals
from core.models import Email, Worker
from core.page_cache import FROM_CACHE
from server import metrics, request_log
from server.request_log import Metrics, RequestLog
from server.request_methods import RequestMethods
from tests.core import work

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def environ(path="/", method="GET", **more):
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "192.0.2.7"} | more


def answering(status):
    def application(environ, start_response):
        start_response(status, [])
        return [b"page"]

    return application


def ask(application, request):
    begun = []
    body = application(request, lambda status, headers, *more: begun.append((status, dict(headers))))
    return (*begun[-1], b"".join(body))


# Methods


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_methods_that_pages_have_are_passed_on(method):
    status, _headers, body = ask(RequestMethods(answering("200 OK")), environ(method=method))
    assert (status, body) == ("200 OK", b"page")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "PROPFIND", "NONSENSE"])
def test_methods_that_no_page_has_are_refused_without_asking_it(method):
    status, headers, body = ask(RequestMethods(answering("200 OK")), environ(method=method))
    assert status.startswith("405") and body == b"" and headers["Content-Length"] == "0"
    assert headers["Allow"] == "GET, HEAD, POST, OPTIONS" and headers["Cache-Control"] == "private, no-store"


def test_options_names_the_methods():
    status, headers, body = ask(RequestMethods(answering("200 OK")), environ(method="OPTIONS"))
    assert status.startswith("204") and body == b"" and headers["Allow"] == "GET, HEAD, POST, OPTIONS"


# The log


@pytest.fixture
def logger():
    """The logger of requests, as it was afterwards."""
    found = logging.getLogger("longrun.requests")
    before = found.handlers, found.propagate, found.level
    yield found
    for handler in found.handlers:
        handler.close()
    found.handlers, found.propagate = before[0], before[1]
    found.setLevel(before[2])


def test_a_line_of_json_has_what_happened_and_nothing_of_the_visitor(tmp_path, logger):
    file = tmp_path / "requests.log"
    log = RequestLog(answering("200 OK"), form="json", file=file)
    ask(log, environ("/setup/a-secret-token/ada@example.org", QUERY_STRING="q=private"))
    ask(log, environ("/", **{FROM_CACHE: True}))
    ask(log, environ("/", HTTP_USER_AGENT="Examplebot/1.0"))
    first, second, third = map(json.loads, file.read_text().splitlines())
    assert first.keys() == {"time", "method", "path", "status", "ms", "cached", "robot"}
    assert (first["method"], first["status"], first["cached"], first["robot"]) == ("GET", 200, False, False)
    assert second["cached"] is True and third["robot"] is True
    text = file.read_text()
    assert not [word for word in ("secret", "ada@", "private", "192.0.2.7", "Firefox") if word in text]


def test_a_plain_line_stays_one_line_whatever_the_path(capsys, logger, monkeypatch):
    log = RequestLog(answering("404 Not Found"), form="plain")
    log.logger.handlers[0].setStream(sys.stdout)
    ask(log, environ("/a b\nforged 200"))
    line, rest = capsys.readouterr().out.split("\n", 1)
    assert rest == "" and "GET /a%20b%0Aforged%20200 404 " in line and line.endswith("ms made person")
    monkeypatch.setitem(log.__dict__, "application", answering("200 OK"))
    ask(log, environ("/", HTTP_USER_AGENT="Examplebot/1.0", **{FROM_CACHE: True}))
    assert capsys.readouterr().out.rstrip().endswith("cached robot")


def test_an_application_that_breaks_is_a_500_in_the_log(tmp_path, logger):
    def broken(environ, start_response):
        raise ZeroDivisionError

    log = RequestLog(broken, form="json", file=tmp_path / "requests.log")
    with pytest.raises(ZeroDivisionError):
        ask(log, environ())
    assert json.loads((tmp_path / "requests.log").read_text())["status"] == 500


def test_refusals_have_their_line_even_without_a_log_of_requests(caplog, monkeypatch):
    monkeypatch.setattr(refusals, "_minute", -1)
    ask(RequestLog(answering("429 Too Many Requests")), environ())
    ask(RequestLog(answering("403 Forbidden")), environ())
    ask(RequestLog(answering("503 Service Unavailable")), environ())
    kinds = [record.getMessage().split()[1] for record in caplog.records if record.name == "core.refusals"]
    assert kinds == ["rate-limit", "forbidden"]


def test_a_flood_of_refusals_has_a_limited_number_of_lines_for_its_kind(caplog, monkeypatch):
    monkeypatch.setattr(refusals, "_minute", -1)
    monkeypatch.setattr(refusals, "LINES_A_MINUTE", 3)
    monkeypatch.setattr(refusals, "time", SimpleNamespace(monotonic=lambda: 600.0))
    for _time in range(9):
        refusals.log_refusal(environ(), "spam")
    refusals.log_refusal(environ(), "login")
    said = [record.getMessage().split()[1] for record in caplog.records if record.name == "core.refusals"]
    assert said == ["spam"] * 3 + ["login"], "nobody hides guessed passwords behind spam"
    monkeypatch.setattr(refusals, "time", SimpleNamespace(monotonic=lambda: 661.0))
    refusals.log_refusal(environ(), "spam")
    assert "spam" in caplog.records[-1].getMessage() and len(caplog.records) == 5, "the next minute begins anew"


# The counters


def test_a_histogram_counts_each_request_once_and_its_buckets_are_cumulative():
    counted = Metrics()
    for seconds in (0.001, 0.3, 99):
        counted.add(200, seconds, False, False)
    counted.add(404, 0.001, True, True)
    lines = counted.told()
    assert 'longrun_requests_total{status="200",cached="0",robot="0"} 3' in lines
    assert 'longrun_requests_total{status="404",cached="1",robot="1"} 1' in lines
    buckets = [int(line.split()[-1]) for line in lines if "_bucket" in line]
    assert buckets == sorted(buckets) and buckets[0] == 2 and buckets[-2:] == [3, 4]
    assert lines[-2:] == ["longrun_request_seconds_sum 99.302000", "longrun_request_seconds_count 4"]


def test_the_log_counts_what_it_sees():
    counted = Metrics()
    ask(RequestLog(answering("200 OK"), metrics=counted), environ())
    assert counted.requests == {(200, False, False): 1} and counted.seconds > 0


def test_metrics_are_told_to_who_knows_the_token(client, blog, settings, monkeypatch):
    settings.LONGRUN_METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    settings.LONGRUN_METRICS_TOKEN = "a-token"
    for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "a-token"}):
        answer = client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.content, answer["WWW-Authenticate"]) == (401, b"", "Bearer")
    monkeypatch.setattr(metrics, "requests", Metrics())
    metrics.requests.add(200, 0.01, False, False)
    work.trace.enqueue("one")
    work.long_trace.enqueue("two")
    work.long_trace.enqueue("three")
    Email.objects.create(to="ann@example.org", subject="s", text="t")
    Worker.objects.create(name="one that died")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token"})
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4") and answer["Cache-Control"] == "no-store"
    assert 'longrun_requests_total{status="200",cached="0",robot="0"} 1' in lines
    assert 'longrun_jobs_waiting{queue="default"} 1' in lines and 'longrun_jobs_waiting{queue="long"} 2' in lines
    assert "longrun_emails_waiting 1" in lines and "longrun_workers 0" in lines
    assert client.post("/metrics").status_code == 405


def test_the_file_of_the_log_is_rotated(tmp_path, logger, monkeypatch):
    monkeypatch.setattr(request_log, "FILE_BYTES", 300)
    log = RequestLog(answering("200 OK"), form="plain", file=tmp_path / "requests.log")
    for _time in range(8):
        ask(log, environ())
    assert (tmp_path / "requests.log.1").exists() and (tmp_path / "requests.log").stat().st_size <= 300
