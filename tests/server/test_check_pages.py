"""The command `check_pages`: the web server, whose place a small one takes here, is asked for the main pages."""

import io
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command

from server.management.commands import check_pages

SHEET = '<link rel="stylesheet" href="/static/site.css">'


@pytest.fixture
def web(monkeypatch):
    """A web server instead of the process: `web.pages` says what it answers, with 404 for everything else."""

    class Web:
        pages, started, is_stubborn, exit_code, killed = {}, [], False, None, False

        def __init__(self, command, **_options):
            outer = self

            class Answer(BaseHTTPRequestHandler):
                def do_GET(self):
                    status, text = outer.pages.get(self.path, (404, ""))
                    outer.asked.append((self.path, self.headers["Host"]))
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(text.encode())

                def log_message(self, *words):
                    pass

            self.asked = []
            self.server = None
            self.started.append(self)
            if self.exit_code is None:
                port = int(command[command.index("--port") + 1])
                self.server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
                self.server.daemon_threads = True
                threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

        def poll(self):
            return self.exit_code

        def terminate(self):
            if self.server:
                self.server.shutdown()
                self.server.server_close()
            self.terminated = True

        def wait(self, _seconds):
            if self.is_stubborn:
                raise subprocess.TimeoutExpired("web server", _seconds)

        def kill(self):
            self.killed = True

    kind = type("ThisWeb", (Web,), {"started": [], "pages": {"/health/": (200, "ok")}})
    monkeypatch.setattr(check_pages.subprocess, "Popen", kind)
    return kind


def check():
    told = io.StringIO()
    call_command("check_pages", stdout=told)
    return told.getvalue()


@pytest.fixture
def pages(make_post, web):
    """A blog with two posts, all of whose main pages answer."""
    make_post("An old run")
    newest = make_post("The newest run").get_absolute_url()
    found = ["/", newest, "/feed/", "/accounts/login/"]
    web.pages |= dict.fromkeys(found, (200, SHEET)) | {"/static/site.css": (200, "")}
    return found


def test_the_main_pages_and_their_style_sheet_are_asked_for(pages, web, settings):
    assert check_pages.paths() == pages
    assert "All pages answer." in check()
    [server] = web.started
    paths = [path for path, _host in server.asked]
    assert [path for path in paths if path != "/static/site.css"] == ["/health/", *pages]
    assert paths.count("/static/site.css") == 4 and {host for _path, host in server.asked} == {settings.LONGRUN_HOST}
    assert server.terminated and not server.killed


def test_a_page_or_style_sheet_that_does_not_answer_is_named(pages, web):
    web.pages["/feed/"] = (500, "")
    with pytest.raises(CommandError, match="/feed/ answers 500"):
        check()
    web.pages["/feed/"] = (200, "")
    del web.pages["/static/site.css"]
    with pytest.raises(CommandError, match="/static/site.css, a style sheet of /, is missing"):
        check()
    assert all(server.terminated for server in web.started), "no server is left"


def test_a_server_that_ends_or_never_answers_is_given_up(blog, web, monkeypatch):
    web.pages["/health/"] = (503, "")
    monkeypatch.setattr(check_pages, "PATIENCE", 0)
    with pytest.raises(CommandError, match="The web server does not answer"):
        check()
    monkeypatch.setattr(check_pages, "PATIENCE", 60)
    web.exit_code = 1
    with pytest.raises(CommandError, match="The web server does not answer"):
        check()


def test_a_server_that_does_not_end_is_killed(pages, web):
    web.is_stubborn = True
    check()
    assert web.started[0].killed


def test_a_blog_that_nobody_has_set_up_has_no_pages_yet(db, web, monkeypatch):
    monkeypatch.setattr(check_pages, "owner_exists", lambda: False)
    assert "All pages answer." in check()
    assert [path for path, _host in web.started[0].asked] == ["/health/"]
