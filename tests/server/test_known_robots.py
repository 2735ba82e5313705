"""Robots that the owner refuses get 403 from the running blog, robots.txt or not; what the others cost is counted."""

import sqlite3
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from blog.models import ReadingSettings
from blog.robots import known, tally
from core import cache_version
from server import known_robots, session_proof
from server.known_robots import KnownRobots
from tests.blog_process import wait_for

GPTBOT = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def noted(monkeypatch):
    found = []
    monkeypatch.setattr(tally, "note", lambda robot, seconds, refused=False: found.append((robot.name, refused)))
    return found


@pytest.fixture
def robots(noted, monkeypatch):
    def application(environ, start_response):
        environ.get("longrun.cost", []).append(0.01)
        start_response("200 OK", [])
        return [b"a page"]

    made = KnownRobots(application)
    monkeypatch.setattr(made.refused, "read", lambda: frozenset({"ai_training"}))
    return made


def ask(robots, agent, path="/", **more):
    said = []
    body = b"".join(robots({"PATH_INFO": path, "HTTP_USER_AGENT": agent} | more, lambda *words: said.append(words)))
    return int(said[0][0].split()[0]), body


def test_a_refused_kind_gets_403_in_short_words_and_may_read_robots_txt(robots, noted):
    status, words = ask(robots, GPTBOT)
    assert status == 403 and b"robots.txt" in words and len(words) < 100
    assert ask(robots, GPTBOT, "/robots.txt") == (200, b"a page")
    assert ask(robots, GOOGLEBOT) == ask(robots, FIREFOX) == ask(robots, "") == (200, b"a page")
    assert noted == [("GPTBot", True), ("GPTBot", False), ("Googlebot", False)]


def test_who_is_logged_in_is_never_refused(robots, monkeypatch):
    monkeypatch.setattr(session_proof, "proven", session_proof.ProvenSessions())
    assert ask(robots, GPTBOT, HTTP_COOKIE="sessionid=abc")[0] == 403, "a cookie that anybody can make up"
    session_proof.proven.add("abc")
    assert ask(robots, GPTBOT, HTTP_COOKIE="sessionid=abc")[0] == 200


def test_what_other_threads_spend_belongs_to_the_cost(monkeypatch):
    costs = []
    monkeypatch.setattr(tally, "note", lambda robot, seconds, refused=False: costs.append(seconds))

    def application(environ, start_response):
        environ["longrun.cost"] += [0.25, 0.5]
        start_response("200 OK", [])
        return []

    robots = KnownRobots(application)
    monkeypatch.setattr(robots.refused, "read", frozenset)
    ask(robots, GOOGLEBOT)
    assert 0.75 <= costs[0] < 1


@pytest.mark.django_db
def test_the_settings_are_read_after_a_change_alone(monkeypatch):
    robots, read = KnownRobots(None), []
    monkeypatch.setattr(robots.refused, "read", lambda: read.append(1) or frozenset())
    for _time in range(5):
        robots.refused.kinds()
    assert len(read) == 1
    cache_version.increment()
    robots.refused.kinds()
    assert len(read) == 2


def test_a_database_that_is_away_refuses_what_was_refused_before(monkeypatch, caplog):
    robots = KnownRobots(None)
    robots.refused.found = frozenset({"search"})
    monkeypatch.setattr("server.known_robots.reading", lambda: 1 / 0)
    assert robots.refused.read() == {"search"} and "cannot be read" in caplog.text


def test_the_settings_are_read_again_once_the_database_is_back(monkeypatch):
    refused = KnownRobots(None).refused
    monkeypatch.setattr(known_robots, "reading", lambda: 1 / 0)
    assert refused.kinds() == refused.kinds() == frozenset()
    monkeypatch.setattr(known_robots, "reading", lambda: ReadingSettings(allow_ai_training=False))
    assert refused.kinds() == frozenset(), "not at each request"
    monkeypatch.setattr(known_robots, "monotonic", lambda: time.monotonic() + known_robots.RETRY_SECONDS)
    assert refused.kinds() == {"ai_training"}


def test_many_robots_wait_for_one_reading_of_the_settings(monkeypatch):
    """Else each would wait for a reading of its own, one after the other, while the database answers slowly."""
    refused, read, door = KnownRobots(None).refused, [], threading.Event()
    monkeypatch.setattr(refused, "read", lambda: read.append(door.wait(30)) or frozenset({"search"}))
    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(refused.kinds) for _number in range(20)]
        time.sleep(0.2)
        door.set()
        assert {one.result() for one in asked} == {frozenset({"search"})}
    assert len(read) == 1


def test_every_kind_with_a_switch_is_a_kind():
    row = ReadingSettings(allow_search=False, allow_ai_search=False, allow_archives=False, allow_marketing=False)
    assert row.refused_robots < set(known.Kind) and len(row.refused_robots) == 5


def fetch(blog, path, agent):
    request = urllib.request.Request(f"{blog.url}{path}", headers={"User-Agent": agent})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def test_a_running_blog_refuses_counts_and_tells(running_blog):
    code = (
        "from blog.models import ReadingSettings as R; r = R.objects.first() or R(); r.allow_ai_training = {}; r.save()"
    )
    running_blog.manage("shell", "-v0", "-c", code.format(False))
    assert fetch(running_blog, "/", FIREFOX)[0] == fetch(running_blog, "/", GOOGLEBOT)[0] == 200
    for path in ("/", "/2026/03/05/nothing/", "/static/nothing.css", "/feed/"):
        assert fetch(running_blog, path, GPTBOT)[0] == 403
    status, text = fetch(running_blog, "/robots.txt", GPTBOT)
    assert status == 200 and "User-agent: GPTBot" in text
    running_blog.manage("shell", "-v0", "-c", code.format(True))
    assert fetch(running_blog, "/", GPTBOT)[0] == 200, "from the next request on"
    assert "GPTBot" not in fetch(running_blog, "/robots.txt", GPTBOT)[1]

    def rows():
        with closing(sqlite3.connect(running_blog.data / "longrun.sqlite3")) as database:
            return dict(database.execute("SELECT name, requests || ' ' || refused FROM blog_robotvisit").fetchall())

    wait_for(lambda: rows().get("GPTBot") == "7 4", "the counts were not written", running_blog)
    assert rows() == {"GPTBot": "7 4", "Googlebot": "1 0", "Python-urllib": "1 0"}, "the last is this test's own"
