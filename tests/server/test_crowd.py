"""Forty people behind one address, each with the requests that Chromium was seen to make, meet no 429."""

import http.client
import random
import re
import threading
import time
from collections import Counter
from urllib.parse import urlencode, urlsplit

import pytest

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.process]
PEOPLE, PAGES, SECONDS = 40, 3, 60  # pages of each in a minute
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(scope="module")
def school(start_blog):
    blog = start_blog(set_up=True, LONGRUN_LIMITS="on")
    blog.manage("seed_demo", "--posts", "150", "--comments", "100")
    return blog


@pytest.fixture
def recorded(school, new_context):
    """[(method, path) …] of what a browser requests for a post, without the post itself."""
    page = new_context(base_url=school.url, user_agent=AGENT).new_page()
    seen = []
    page.on("request", lambda request: seen.append((request.method, urlsplit(request.url).path)))
    page.goto("/")
    page.goto(page.locator("article a").first.get_attribute("href"))
    page.wait_for_timeout(1000)
    assert any(path.endswith(".css") for _method, path in seen) and ("GET", "/") in seen
    return [(method, path) for method, path in seen if path.startswith(("/static/", "/theme-", "/visits/"))]


def test_a_crowd_behind_one_address_meets_no_429(school, recorded):
    assert any(path.startswith("/visits/") for _method, path in recorded), "the view is told"
    statuses, lock, failed = Counter(), threading.Lock(), []

    def request(connection, method, path, body=None, **headers):
        said = {"Host": f"localhost:{school.port}", "User-Agent": AGENT, "Sec-Fetch-Site": "same-origin"} | headers
        connection.request(method, path, body, said)
        answer = connection.getresponse()
        content = answer.read()
        with lock:
            statuses[path.split("/")[1] if path.startswith(("/static", "/comments")) else "page", answer.status] += 1
        return content.decode(errors="replace")

    def person(number):
        try:
            commented = False
            time.sleep(order[number] * SECONDS / PAGES / PEOPLE)
            for turn in range(PAGES):
                began = time.monotonic()
                connection = http.client.HTTPConnection("127.0.0.1", school.port, timeout=60)
                page = request(connection, "GET", posts[(number * PAGES + turn) % len(posts)])
                for method, path in recorded:
                    if turn == 0 or not path.startswith("/static/"):  # the browser keeps those
                        body = "from=" if method == "POST" else None
                        request(connection, method, path, body, **(FORM if body else {}))
                if not commented and (form := re.search(r'action="(/comments/\d+/)"', page)):  # they are closed at some
                    commented = True
                    said = {"comment": f"I am pupil {number} and I liked the part about the hill.",
                            "author": f"Pupil {number}", "email": f"pupil{number}@example.org"}  # fmt: skip
                    request(connection, "POST", form[1], urlencode(said), **FORM)
                connection.close()
                time.sleep(max(0, began + SECONDS / PAGES - time.monotonic()))
        except Exception as error:
            failed.append(repr(error))

    connection = http.client.HTTPConnection("127.0.0.1", school.port, timeout=60)
    posts = re.findall(r"<loc>[^<]*?(/\d{4}/[^<]+)</loc>", request(connection, "GET", "/sitemap-posts.xml"))
    assert len(posts) >= PEOPLE * PAGES, "each page is opened for the first time: none is cached"
    order = random.Random(17).sample(range(PEOPLE), PEOPLE)
    crowd = [threading.Thread(target=person, args=(number,)) for number in range(PEOPLE)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(180)
    assert not failed
    assert {status for _kind, status in statuses} <= {200, 204, 303}, statuses
    assert statuses["comments", 303] == PEOPLE and statuses["page", 200] >= PEOPLE * PAGES, statuses
