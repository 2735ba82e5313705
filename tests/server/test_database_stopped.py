"""A real PostgreSQL that is really stopped, and comes back: texts are kept, and Longrun goes on by itself."""

import os
import re
import time

import pytest
import requests

from tests import postgres
from tests.blog_process import Blog, wait_for
from tests.markup import squeeze
from tests.pace import often

pytestmark = pytest.mark.long

AWAY = often(60)  # seconds
TEXT = "Long and dear words, which nobody wants to type again."


@pytest.fixture(scope="module")
def database():
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("NOTICE: a PostgreSQL that is somebody's is not stopped.")
    try:
        with postgres.running() as url:
            yield postgres.Database(url)
    except postgres.Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(f"NOTICE: {missing}")


@pytest.fixture(scope="module")
def blog(database, prepared, tmp_path_factory):
    blog = Blog(tmp_path_factory.mktemp("stopped") / "data", DATABASE_URL=database.url)
    blog.env |= {"LONGRUN_STATIC": str(prepared / "static")}
    blog.manage("prepare")
    blog.set_up().start()
    yield blog
    blog.kill()


def logged_in(blog):
    session = requests.Session()
    page = session.get(f"{blog.url}/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', squeeze(page))[1]
    who = {"login": blog.email, "password": blog.password, "csrfmiddlewaretoken": token}
    session.post(f"{blog.url}/accounts/login/", data=who, headers={"Referer": blog.url})
    return session


def test_what_was_typed_comes_back_and_is_taken_when_the_database_is_there_again(blog, database):
    home = requests.get(blog.url).text
    permalink = re.search(r'class="p-name u-url" href="([^"]+)"', home)[1]
    form = re.search(r'action="(/comments/\d+/)"', requests.get(blog.url + permalink).text)[1]
    desk = logged_in(blog)
    draft = {"title": "T", "source": TEXT, "action": "save", "csrfmiddlewaretoken": desk.cookies["csrftoken"]}
    said = {"comment": TEXT, "author": "Ann", "email": "ann@example.org"}

    def comment():
        headers = {"Origin": blog.url}
        return requests.post(blog.url + form, data=said, headers=headers, allow_redirects=False, timeout=60)

    database.control("stop")
    for answer in (
        comment(),
        desk.post(f"{blog.url}/desk/write/", data=draft, headers={"Referer": blog.url}, allow_redirects=False),
    ):
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert TEXT in answer.text
    assert blog.get("/health/") == 503
    assert blog.get("/never-asked-before/") == 503
    began, refused, read = time.monotonic(), 0, 0
    while time.monotonic() - began < AWAY:
        answer = comment()
        assert answer.status_code == 503 and TEXT in answer.text
        refused, read = refused + 1, read + (blog.get(permalink) == 200)
    database.control("start")
    back = time.monotonic()
    wait_for(lambda: blog.get("/health/") == 200, "the database was not found again", blog)
    answer = comment()
    assert answer.status_code == 303
    print(f"{AWAY} s without PostgreSQL: {refused} comments came back with their text, {read} readers got a cached"
          f" page; a comment was taken {time.monotonic() - back:.1f} s after it was back")  # fmt: skip
    assert TEXT in requests.get(blog.url + permalink, cookies=answer.cookies).text
    assert "at work" in blog.manage("doctor", code=1), "the worker goes on too"
