"""What the log of a real server says of requests and refusals, what `/metrics` counts, and what fail2ban reads."""

import http.client
import json
import re
import shutil
import subprocess
import time

import pytest
import requests

from server import request_log
from tests.blog_process import ROOT, wait_for

TOKEN = "a-token-for-prometheus"
AGENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(scope="module")
def blog(start_blog, tmp_path_factory):
    file = tmp_path_factory.mktemp("log") / "requests.log"
    settings = {"LONGRUN_LOG": "json", "LONGRUN_LOG_PATH": str(file), "LONGRUN_METRICS_TOKEN": TOKEN}
    blog = start_blog(set_up=True, LONGRUN_LIMITS="on", **settings)
    blog.requests = file
    return blog


def logged(blog, **wanted):
    """The lines with these values, as soon as there is one."""
    found = []

    def look():
        lines = [json.loads(line) for line in blog.requests.read_text().splitlines()]
        found[:] = [line for line in lines if wanted.items() <= line.items()]
        return found

    wait_for(look, f"there is no line {wanted}", blog)
    return found


def comment_form(blog):
    home = requests.get(f"{blog.url}/").text
    permalink = re.search(r'class="p-name u-url" href="([^"]+)"', home)[1]
    return re.search(r'action="(/comments/\d+/)"', requests.get(blog.url + permalink).text)[1]


def test_a_request_has_one_line_without_secrets(blog):
    for _time in range(2):
        requests.get(f"{blog.url}/?q=my-secret-words", headers=AGENT)
    requests.get(f"{blog.url}/setup/a-secret-token/ada@example.org", headers={"User-Agent": "Examplebot/1.0"})
    first, second = logged(blog, path="/", method="GET", robot=False)[:2]
    assert (first["cached"], second["cached"], second["status"]) == (False, True, 200)
    assert 0 < second["ms"] < 60_000 and second.keys() == {"time", "method", "path", "status", "ms", "cached", "robot"}
    assert logged(blog, status=404)[0]["robot"] is True
    text = blog.requests.read_text()
    assert not [word for word in ("secret", "ada@", "127.0.0.1", "Firefox") if word in text]


def test_metrics_are_for_who_knows_the_token(blog):
    assert requests.get(f"{blog.url}/metrics").status_code == 401
    assert requests.get(f"{blog.url}/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    answer = requests.get(f"{blog.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert int(figures['longrun_requests_total{status="401",cached="0",robot="1"}']) == 2
    assert figures["longrun_workers"] == "1" and 'longrun_jobs_waiting{queue="default"}' in figures
    assert figures['longrun_request_seconds_bucket{le="+Inf"}'] == figures["longrun_request_seconds_count"]


def test_without_a_token_there_is_no_page(client, db):
    assert client.get("/metrics").status_code == 404


def test_a_comment_in_chunks_arrives_and_one_that_is_cut_does_not(blog):
    """If its form has an end: without that one, or its length, a cut one cannot be told from a whole one."""

    def field(name, value):
        return b'--part\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, value)

    def fields(name, comment):
        return [field(b"author", name), field(b"email", b"a@example.org"), field(b"comment", comment)[:-2]]

    def send(line, parts, kind="multipart/form-data; boundary=part"):
        line.putrequest("POST", comment_form(blog))
        for name, value in {
            "Content-Type": kind,
            "Transfer-Encoding": "chunked",
            "Origin": blog.url,
        }.items():
            line.putheader(name, value)
        line.endheaders()
        for part in parts:
            line.send(b"%x\r\n%s\r\n" % (len(part), part))

    line = http.client.HTTPConnection("localhost", blog.port, timeout=60)
    send(line, [*fields(b"Ann", b"Sent in chunks."), b"\r\n--part--\r\n"])
    line.send(b"0\r\n\r\n")
    answer = line.getresponse()
    assert answer.status == 303, answer.read()
    line.close()
    line = http.client.HTTPConnection("localhost", blog.port, timeout=60)
    send(line, fields(b"Bob", b"Only half"))
    line.close()
    for end in (b"0\r\n\r\n", b""):
        line = http.client.HTTPConnection("localhost", blog.port, timeout=60)
        send(line, [b"author=Ann&email=a%40example.org&comment=Only+half"], "application/x-www-form-urlencoded")
        line.send(end)
        if end:
            answer = line.getresponse()
            assert answer.status == 411 and b"Content-Length" in answer.read()
        line.close()
    time.sleep(1)
    code = "from comments.models import Comment; print([comment.text for comment in Comment.objects.all()])"
    kept = blog.manage("shell", "-v0", "-c", code)
    assert "Sent in chunks." in kept and "Only half" not in kept


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 204), ("TRACE", 405), ("PUT", 405), ("PROPFIND", 405)])
def test_other_methods_get_no_page(blog, method, status):
    answer = requests.request(method, f"{blog.url}/")
    assert (answer.status_code, answer.text) == (status, "")
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_who_asks_by_an_ip_address_is_told_where_the_blog_lives(blog):
    answer = requests.get(f"http://127.0.0.1:{blog.port}/")
    assert (answer.status_code, answer.text) == (400, f"This blog lives at {blog.url}\n")


def test_the_setup_link_stands_once_in_the_log(start_blog):
    blog = start_blog()
    requests.get(f"{blog.url}/")
    requests.get(blog.setup_link)
    assert blog.log.count("/setup/") == 1


def wrong_password(blog):
    session = requests.Session()
    page = session.get(f"{blog.url}/accounts/login/").text
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
    sent = {"login": "ada@example.org", "password": "wrong", "csrfmiddlewaretoken": token}
    return session.post(f"{blog.url}/accounts/login/", data=sent, headers={"Referer": blog.url})


@pytest.mark.long
@pytest.mark.parametrize("limits", ["on", "off"])
def test_the_login_has_limits_unless_all_are_off(start_blog, limits):
    blog = start_blog(set_up=True, LONGRUN_LIMITS=limits)
    pages = [wrong_password(blog).text for _time in range(12)]
    assert ("Too many" in pages[-1]) == (limits == "on")


def filters():
    """The regular expressions for fail2ban in the documentation: of our log, and of nginx's."""
    return re.findall(r"^failregex = (.+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)


def test_refusals_have_a_line_that_fail2ban_reads(blog):
    for _time in range(3):
        wrong_password(blog)
    form = comment_form(blog)
    for number in range(3):
        fields = {"comment": f"Heron number {number}.", "author": "Ann", "email": "ann@example.org"}
        requests.post(blog.url + form, data=fields, headers={"Origin": blog.url})
    requests.post(blog.url + form, data=fields, headers={"Origin": "http://elsewhere.example"})
    wait_for(lambda: "refused forbidden" in blog.log, "there is no line", blog)
    lines = [line for line in blog.log.splitlines() if " refused " in line]
    kinds = [re.search(r"refused (\S+) network=[0-9a-f]{32}$", line)[1] for line in lines]
    assert kinds.count("login") >= 3 and {"rate-limit", "forbidden"} <= set(kinds)
    assert not re.search(r"ann@|ada@|heron|127\.0\.0\.1", "\n".join(lines), re.IGNORECASE)
    if not shutil.which("fail2ban-regex"):
        pytest.skip("NOTICE: fail2ban is not installed here.")
    nginx = '203.0.113.7 - - [30/Nov/2026:04:10:00 +0000] "POST /accounts/login/ HTTP/2.0" 429 512 "-" "curl/8.0"'
    ours, of_nginx = filters()
    for line, pattern in [*((line, ours) for line in lines), (nginx, of_nginx)]:
        said = subprocess.run(["fail2ban-regex", line, pattern], capture_output=True, text=True, check=False).stdout
        assert "1 matched, 0 missed" in said, said


def test_a_flood_of_refusals_fills_no_disk(monkeypatch, caplog):
    from core import refusals

    monkeypatch.setattr(refusals, "LINES_A_MINUTE", 3)
    for _time in range(50):
        refusals.log_refusal({"REMOTE_ADDR": "203.0.113.7"}, "login")
    assert 3 <= caplog.text.count("refused login") <= 6
    refusals.log_refusal({"REMOTE_ADDR": "203.0.113.8"}, "spam")
    assert "refused spam" in caplog.text, "a flood of one kind hides no other"


def test_the_file_is_rotated(tmp_path, monkeypatch):
    monkeypatch.setattr(request_log, "FILE_BYTES", 1_000)
    log = request_log.RequestLog(None, form="plain", file=str(tmp_path / "log"))
    for number in range(200):
        log.note({"REQUEST_METHOD": "GET", "PATH_INFO": f"/a b/{number}", "HTTP_USER_AGENT": "curl"}, 200, 0.0012)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["log", "log.1", "log.2", "log.3", "log.4", "log.5"]
    assert re.fullmatch(
        r"\S+\+00:00 GET /a%20b/199 200 1\.2ms made robot", (tmp_path / "log").read_text().splitlines()[-1]
    )


@pytest.mark.parametrize("status, kind", [(429, "rate-limit"), (403, "forbidden"), (503, None), (200, None)])
def test_a_503_is_no_refusal_by_itself(caplog, status, kind):
    """It may be a database that is away, an upgrade, or a blog that is not set up: asking is no reason for a ban."""

    def application(environ, start_response):
        start_response(f"{status} Some Reason", [])
        return [b""]

    environ = {"PATH_INFO": "/", "REQUEST_METHOD": "GET", "REMOTE_ADDR": "203.0.113.7"}
    request_log.RequestLog(application)(environ, lambda *said: None)
    assert [line.split()[1] for line in caplog.messages] == ([kind] if kind else [])
