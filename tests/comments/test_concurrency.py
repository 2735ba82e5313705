"""Many at the same moment: on a real server with SQLite, and in threads on PostgreSQL."""

import re
import threading
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection, connections
from django.test import Client

from comments.models import Comment, ModerationAction
from tests.cast import person

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


@pytest.mark.long
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
    three_decide(blog)


MODERATORS = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from blog.models import Post
from comments.models import Comment
post = Post.objects.published().first()
for n in range(8):
    Comment.objects.create(post=post, text=f"Contested {n}.", state="pending", name="Bob")
for name, role in (("Anna", "moderator"), ("Ben", "moderator"), ("Ed", "editor")):
    address = f"{name.lower()}@example.org"
    user = get_user_model().objects.create_user(address, "a long and quiet run", name=name, role=role)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    print("session", session.session_key)
"""
AFTER_ACTION = """
from blog.models import Post
from comments.models import Comment, ModerationAction
for each in Comment.objects.filter(text__startswith="Contested"):
    made = [(d.what, d.by.name) for d in ModerationAction.objects.standing() if each.pk in d.comment_ids]
    print("made", each.pk, each.state, *[word for one in made for word in one])
post = Post.objects.published().first()
print("counted", post.comment_count == Comment.objects.approved().filter(post=post).count())
"""
LEADS_TO = {"approve": "approved", "spam": "spam", "trash": "trash"}
DEEDS = {"Anna": "approve", "Ben": "spam", "Ed": "trash"}


def three_decide(blog):
    """Two moderators and an editor have one list before them and press three buttons beside each comment at once."""
    keys = re.findall(r"session (\w+)", blog.manage("shell", "-v0", "-c", MODERATORS))
    sessions = [requests.Session() for _ in keys]
    for session, key in zip(sessions, keys, strict=True):
        session.cookies.set("sessionid", key)
        session.page = session.get(f"{blog.url}/desk/comments/").text
    numbers = re.findall(r'value="approve (\d+)"', sessions[0].page)
    contested = [number for number in numbers if f'"saw" value="{number}:pending' in sessions[0].page][-8:]

    def press(number):
        session, deed, answers = sessions[number], list(DEEDS.values())[number], []
        sent = {
            "csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', session.page)[1],
            "saw": re.findall(r'name="saw" value="([^"]+)"', session.page),
            "status": "pending",
        }
        for pk in contested:
            answer = session.post(
                f"{blog.url}/desk/comments/decide/",
                data=sent | {"one": f"{deed} {pk}"},
                headers={"Origin": blog.url, "Referer": f"{blog.url}/desk/comments/"},
                allow_redirects=False,
                timeout=60,
            )
            answers.append(
                (
                    answer.status_code,
                    "decided=" in answer.headers["Location"],
                    "conflict=" in answer.headers["Location"],
                )
            )
        return answers

    answers = [answer for some in all_at_once(press, times=3) for answer in some]
    assert {status for status, _decided, _late in answers} == {302}
    assert sum(decided for _status, decided, _late in answers) == 8, "each comment is decided about once"
    assert sum(late for _status, _decided, late in answers) == 16, "and whoever came later is told so"
    said = blog.manage("shell", "-v0", "-c", AFTER_ACTION)
    made = re.findall(r"made \d+ (\w+) (\w+) (\w+)$", said, re.MULTILINE)
    assert len(made) == 8 and all(LEADS_TO[what] == state and DEEDS[who] == what for state, what, who in made)
    assert "counted True" in said


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


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_two_moderators_and_an_editor_decide_each_comment_once(post, ada, mona, ed, as_, make_comment):
    """The same on PostgreSQL; on SQLite a real server is asked above."""
    if connection.vendor != "postgresql":
        pytest.skip("in memory SQLite gives way to nobody")
    contested = [make_comment(f"Contested {n}.", state="pending") for n in range(8)]
    clients = [as_(who) for who in (mona, person("Ben", "moderator"), ed)]
    saw = re.findall(r'name="saw" value="([^"]+)"', clients[0].get("/desk/comments/").content.decode())

    def press(number):
        try:
            deed = list(DEEDS.values())[number]
            for comment in contested:
                sent = {"one": f"{deed} {comment.pk}", "status": "pending", "saw": saw}
                assert clients[number].post("/desk/comments/decide/", sent).status_code == 302
        finally:
            connections.close_all()

    all_at_once(press, times=3)
    decided = [(decision.what, decision.comment_ids[0]) for decision in ModerationAction.objects.standing()]
    assert sorted(number for _what, number in decided) == sorted(comment.pk for comment in contested)
    states = dict(Comment.objects.values_list("pk", "state"))
    assert all(states[number] == LEADS_TO[what] for what, number in decided)
    post.refresh_from_db()
    assert post.comment_count == list(states.values()).count("approved")
