"""Many at the same moment: on a real server with SQLite, and in threads on PostgreSQL."""

import re
import threading
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection, connections
from django.test import Client

from comments.models import Comment

FIELDS = {"comment": "Ten equal ones.", "author": "Ann", "email": "ann@example.org"}


def all_at_once(deed, times=10):
    """What `deed(number)` answers in as many threads, which begin together."""
    answers, together = [], threading.Barrier(times)

    def run(number):
        together.wait()
        answers.append(deed(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == times
    return answers


def test_ten_equal_posts_make_one_comment_and_all_are_led_to_it(start_blog):
    blog = start_blog(set_up=True, LONGRUN_LIMITS="on")
    home = requests.get(f"{blog.url}/").text
    permalink = re.search(r'class="p-name u-url" href="([^"]+)"', home)[1]
    form = re.search(r'action="(/comments/\d+/)"', requests.get(blog.url + permalink).text)[1]

    def post(_number):
        headers = {"Origin": blog.url}
        answer = requests.post(blog.url + form, data=FIELDS, headers=headers, allow_redirects=False, timeout=60)
        return answer.status_code, urlsplit(answer.headers["Location"]).fragment

    answers = all_at_once(post)
    assert sorted(status for status, _place in answers) == [303] + [409] * 9
    assert len({place for _status, place in answers}) == 1
    counted = blog.manage(
        "shell", "-v0", "-c", "from comments.models import *; print('n =', Comment.objects.filter(name='Ann').count())"
    )
    assert "n = 1" in counted


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_ten_equal_posts_make_one_comment_on_postgresql_too(post):
    if connection.vendor != "postgresql":
        pytest.skip("in memory SQLite gives way to nobody; the test above asks a real file")

    def send(_number):
        try:
            answer = Client(headers={"origin": "http://localhost:8000"}).post(f"/comments/{post.pk}/", FIELDS)
            return answer.status_code, urlsplit(answer["Location"]).fragment
        finally:
            connections.close_all()

    answers = all_at_once(send)
    assert sorted(status for status, _place in answers) == [303] + [409] * 9
    assert {place for _status, place in answers} == {f"comment-{Comment.objects.get().pk}"}


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_ten_decisions_at_once_leave_the_right_count(post, ada, make_comment):
    if connection.vendor != "postgresql":
        pytest.skip("in memory SQLite gives way to nobody")
    comments = [make_comment(str(n), state="pending") for n in range(10)]

    def approve(number):
        try:
            comments[number].approve(ada)
        finally:
            connections.close_all()

    all_at_once(approve)
    post.refresh_from_db()
    assert post.comment_count == 10
