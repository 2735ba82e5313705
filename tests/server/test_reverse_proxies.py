"""The two web servers of deploy/, really started in front of a real blog."""

import gzip
import http.client
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import brotli
import pytest

from core.page_cache import BYPASS_COOKIES
from tests.blog_process import ROOT
from tests.core.certificates import Authority
from tests.pace import allowed
from tests.ports import free_port
from tests.programs import there

pytestmark = pytest.mark.long

NAME = "blog.example.org"
OURS = f"https://{NAME}"


class Front:
    """A web server before the blog, spoken to over TLS."""

    def __init__(self, blog, command, port, context):
        self.blog, self.port, self.context = blog, port, context
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.ask("/health/").status == 200)

    def ask(self, path, method="GET", body=None, **headers):
        """An answer with its `body`; status 0 when nobody answers."""
        line = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=30)
        line._tunnel_host = None
        try:
            raw = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            line.sock = self.context.wrap_socket(raw, server_hostname=NAME)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body=body, headers={"Host": NAME} | named)
            answer = line.getresponse()
            answer.body = answer.read()
            return answer
        except OSError:
            return Nobody()
        finally:
            line.close()

    def end(self):
        self.process.terminate()
        self.process.wait(30)


class Nobody:
    status, body = 0, b""


def until(truth, seconds=60):
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True, LONGRUN_URL=OURS, LONGRUN_PROXIES="1")


@pytest.fixture(scope="module")
def start_nginx(tmp_path_factory):
    """start_nginx(blog): deploy/nginx.conf as it stands, but for its ports, its files and its certificate."""
    started = []

    def start(blog):
        started.append(nginx_before(blog, tmp_path_factory.mktemp("nginx")))
        return started[-1]

    yield start
    for front in started:
        front.end()


@pytest.fixture(scope="module")
def nginx(blog, start_nginx):
    return start_nginx(blog)


def nginx_before(blog, folder):
    program, authority, port = there("nginx"), Authority(folder), free_port()
    authority.server_for(NAME)
    site = (ROOT / "deploy/nginx.conf").read_text()
    site = re.sub(r"listen \[::\].*;\n", "", site)
    for written, here in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "127.0.0.1:8000": f"127.0.0.1:{blog.port}",
        "/var/lib/nginx/longrun": str(folder / "cache"),
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(folder / f"{NAME}.pem"),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(folder / f"{NAME}.pem"),
    }.items():
        assert written in site, written
        site = site.replace(written, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    around = [
        *(["user root;"] if os.geteuid() == 0 else []),
        *[
            "daemon off;",
            f"pid {folder}/pid;",
            f"error_log {folder}/error.log;",
            "events {}",
            "http {",
            "access_log off;",
        ],
        *(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
    ]
    main = "\n".join([*around, site, "}\n"])
    (folder / "main.conf").write_text(main)
    checked = subprocess.run([program, "-t", "-c", folder / "main.conf"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    return Front(blog, [program, "-c", folder / "main.conf"], port, ssl.create_default_context(cafile=authority.file))


@pytest.fixture(scope="module")
def caddy(blog, tmp_path_factory):
    """deploy/Caddyfile with a certificate of its own making."""
    program, folder, port = there("caddy"), tmp_path_factory.mktemp("caddy"), free_port()
    file = (ROOT / "deploy/Caddyfile").read_text()
    assert "127.0.0.1:8000" in file
    options = ["admin off", "local_certs", "skip_install_trust", f"storage file_system {folder}"]
    options += [f"http_port {free_port()}", f"https_port {port}"]
    file = file.replace("127.0.0.1:8000", f"127.0.0.1:{blog.port}")
    (folder / "Caddyfile").write_text("\n".join(["{", *options, "}", file]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    command = [program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"]
    front = Front(blog, command, port, context)
    yield front
    front.end()


@pytest.fixture(params=["nginx", "caddy"])
def front(request):
    return request.getfixturevalue(request.param)


def rename(blog, title):
    blog.manage("shell", "-c", f"from core.models import Site; s = Site.objects.get(); s.title = '{title}'; s.save()")


def test_pages_arrive_in_the_form_that_is_wanted(front):
    plain = front.ask("/").body
    assert b"<!doctype html>" in plain
    for accepted, coding, unpack in [
        ("gzip", "gzip", gzip.decompress),
        ("gzip, deflate, br", "br", brotli.decompress),
        ("identity", None, bytes),
        ("gzip;q=0", None, bytes),
    ] * 2:
        answer = front.ask("/", Accept_Encoding=accepted)
        assert (answer.getheader("Content-Encoding"), unpack(answer.body)) == (coding, plain)
        assert answer.getheader("Cache-Control") == "no-cache"
        assert "Accept-Encoding" in answer.getheader("Vary")
    mark = front.ask("/").getheader("ETag")
    again = front.ask("/", If_None_Match=mark)
    assert (again.status, again.body) == (304, b"")
    head = front.ask("/", "HEAD")
    assert (head.status, head.body, head.getheader("ETag")) == (200, b"", mark)


def test_the_visitor_is_known_by_an_address_that_nobody_can_choose(front):
    """The network of a comment's writer is that of the connection, whatever the headers claim."""
    for number, claimed in enumerate(["203.0.113.9", "198.51.100.7, 192.0.2.1"]):
        said = urlencode({"comment": f"Well said {time.time()} {number}", "author": "Ann", "email": "ann@example.org"})
        headers = {"Origin": OURS, "Content_Type": "application/x-www-form-urlencoded", "X_Forwarded_For": claimed}
        assert front.ask("/comments/1/", "POST", body=said, **headers).status == 303
    told = front.blog.manage(
        "shell",
        "-c",
        "from comments.models import Comment\n"
        "from core.request import client_network\n"
        "from django.test import RequestFactory\n"
        "here = client_network(RequestFactory().get('/', REMOTE_ADDR='127.0.0.1', HTTP_X_FORWARDED_FOR='127.0.0.1'))\n"
        "print({row.facts['network'] == here for row in Comment.objects.exclude(email='')})",
    )
    assert told.splitlines()[-1] == "{True}"


def test_a_page_of_before_is_less_than_two_seconds_old(front):
    """Stored for one second, and nginx counts in whole ones: what came late in one is given out in all of the next."""
    for number in range(3):
        front.ask("/")
        rename(front.blog, f"Title {number}")
        time.sleep(2.1)
        assert f"Title {number}".encode() in front.ask("/").body


def test_large_things_go_to_the_desk_alone(front):
    assert front.ask("/comments/1/", "POST", body=b"x" * 2_000_000).status in (413, 502, 0)
    assert front.ask("/desk/media/", "POST", body=b"x" * 2_000_000).status in (302, 403)


def test_static_files_come_through(front):
    sheet = re.search(rb'href="(/static/site\.[0-9a-f]+\.css)"', front.ask("/").body)[1].decode()
    answer = front.ask(sheet, Accept_Encoding="br")
    assert answer.getheader("Content-Encoding") == "br"
    assert "immutable" in answer.getheader("Cache-Control")


def test_nobody_in_a_crowd_waits_for_the_others(front):
    """What nginx does not store must not be asked for one by one."""
    sheet = re.search(rb'href="(/static/site\.[0-9a-f]+\.css)"', front.ask("/").body)[1].decode()
    for path, status in ((sheet, 200), ("/nothing-here/", 404), ("/accounts/login/", 200), ("/tag/none/", 404)):
        began = time.monotonic()
        with ThreadPoolExecutor(16) as crowd:
            assert {answer.status for answer in crowd.map(front.ask, [path] * 16)} == {status}
        assert time.monotonic() - began < allowed(4), path


def test_a_part_of_a_file_is_asked_for_as_a_part(front):
    sheet = re.search(rb'href="(/static/site\.[0-9a-f]+\.css)"', front.ask("/").body)[1].decode()
    answer = front.ask(sheet, Range="bytes=10-19", Accept_Encoding="identity")
    assert (answer.status, len(answer.body)) == (206, 10)


def test_http_leads_to_https_and_another_name_to_nothing(front):
    assert front.ask("/", Host="evil.example").status in (400, 200, 421)
    assert b"evil.example" not in front.ask("/", Host="evil.example").body


def test_nginx_stores_kept_pages_of_guests_and_nothing_else(nginx):
    """Seen by what is still answered when nobody is behind it."""
    guest, own = {}, {"Cookie": "sessionid=abc; longrun_me=x"}
    for path in ("/", "/feed/", "/search/?q=page", "/accounts/login/", "/nothing-here/", "/?p=1", "/health/"):
        nginx.ask(path, **guest)
        nginx.ask(path, **own)
    nginx.ask("/about/", **own)
    nginx.blog.kill()
    try:
        assert nginx.ask("/").status == nginx.ask("/feed/").status == nginx.ask("/search/?q=page").status == 200
        for path in ("/accounts/login/", "/nothing-here/", "/?p=1", "/health/", "/about/"):
            assert nginx.ask(path).status == 502, path
        assert nginx.ask("/", **own).status == 502, "whoever has pages of their own gets none of the store"
    finally:
        nginx.blog.start()
    rename(nginx.blog, "Up again")
    time.sleep(2.1)
    assert b"Up again" in nginx.ask("/").body


def test_what_nginx_has_not_found_it_finds_as_soon_as_it_is_there(nginx):
    assert nginx.ask("/fresh/").status == 404
    page = "Post(kind='page', title='Fresh', slug='fresh', author=get_user_model().objects.first(), source='x')"
    lines = ["from blog.models import Post", "from django.contrib.auth import get_user_model"]
    lines = "; ".join([*lines, f"page = {page}", "page.save()", "page.publish()"])
    nginx.blog.manage("shell", "-c", lines)
    assert nginx.ask("/fresh/").status == 200


def test_the_last_page_is_given_while_longrun_breaks_or_is_away(nginx):
    """Also at a 500: a mistake of ours, or of a database that is away in a way that nobody foresaw."""
    stale = re.search(r"proxy_cache_use_stale ([^;]+);", (ROOT / "deploy/nginx.conf").read_text())[1].split()
    assert {"error", "timeout", "http_500", "http_502", "http_503", "http_504"} <= set(stale)
    page = nginx.ask("/").body
    nginx.blog.kill()
    try:
        answer = nginx.ask("/")
        assert (answer.status, answer.body) == (200, page)
        assert nginx.ask("/search/?q=nobody+asked+before").status == 502
    finally:
        nginx.blog.start()


class Upstream(ThreadingHTTPServer):
    """A small server in the blog's place. Once it fails, /500/ is answered with 500, and so on; /0/ not at all."""

    is_failing = False
    page = b"<!doctype html>as it was"

    def __init__(self):
        super().__init__(("127.0.0.1", free_port()), UpstreamAnswer)
        self.port = self.server_port
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class UpstreamAnswer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked = re.fullmatch("/(new-)?([0-9]+)/", self.path)
        status = int(asked[2]) if asked and self.server.is_failing else 200
        if status == 0:  # the connection ends
            self.close_connection = True
            return
        body = self.server.page if status == 200 else b"broken"
        self.send_response(status)
        self.send_header("Cache-Control", "no-cache" if status == 200 else "private, no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


FAILURES, ANSWERS = [500, 502, 503, 504, 0], [403, 404, 410]


@pytest.fixture(scope="module")
def failing(start_nginx):
    """nginx before a server that begins to fail when all pages are stored, and are older than a second."""
    upstream = Upstream()
    front = start_nginx(upstream)
    for status in FAILURES + ANSWERS:
        assert front.ask(f"/{status}/").body == upstream.page
    time.sleep(2.1)  # nginx counts in whole seconds
    upstream.is_failing = True
    yield front
    upstream.shutdown()


@pytest.mark.parametrize("status", FAILURES)
def test_the_stored_page_is_given_at_each_kind_of_failure(failing, status):
    """`http_500` of the shipped settings, as nginx understands it; no failure is stored, or given to somebody else."""
    for _time in range(2):
        answer = failing.ask(f"/{status}/")
        assert (answer.status, answer.body) == (200, failing.blog.page)
    assert failing.ask(f"/new-{status}/").status == (status or 502), "there is nothing to give instead"
    own = failing.ask(f"/{status}/", Cookie="sessionid=abc")
    assert own.status == (status or 502), "whoever has pages of their own gets none of the store"


@pytest.mark.parametrize("status", ANSWERS)
def test_what_is_no_failure_is_answered_as_it_is(failing, status):
    assert failing.ask(f"/{status}/").status == status, "a page that was taken away is gone"


def test_the_stored_page_is_given_when_nobody_listens(failing):
    failing.blog.shutdown()
    failing.blog.server_close()
    failing.ask("/new-0/")  # ends the connection that nginx had kept
    answer = failing.ask("/500/")
    assert (answer.status, answer.body) == (200, failing.blog.page)
    assert failing.ask("/new-500/").status == 502


def test_the_list_of_cookies_is_one():
    told = re.search(r'"~\((.*)\)" 1;', (ROOT / "deploy/nginx.conf").read_text())[1]
    names = ["sessionid", "messages", "longrun_writer", "longrun_post_"]
    assert told.split("|") == names
    assert all(BYPASS_COOKIES.search(name) for name in names)
    assert not re.search(told, "longrun_me csrftoken longrun_return")
