"""While the database does not answer nothing is lost: every form that takes text gives it back, with a 503."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from comments.models import Comment, DiscussionSettings

LONG = "Long and dear words, " * 5
HERE = {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}
# (address, field that takes the text, who sends it)
FORMS = [
    ("/comments/{post}/", "comment", None),
    ("/comments/{post}/", "comment", "rene"),
    ("/comments/{post}/as/github/", "comment", None),
    ("/comments/to/{comment}/edit/", "comment", None),
    ("/comments/to/{comment}/report/", "details", None),
    ("/desk/write/", "source", "ada"),
    ("/desk/posts/{post}/", "source", "ada"),
    ("/desk/posts/{post}/preview/", "source", "ada"),
    ("/desk/comments/{comment}/reply/", "text", "ada"),
    ("/desk/comments/{comment}/edit/", "text", "ada"),
    ("/desk/settings/", "about", "ada"),
    ("/desk/settings/discussion/", "moderation_keys", "ada"),
    ("/desk/categories/", "description", "ada"),
    ("/accounts/", "bio", "ada"),
]


@pytest.fixture
def away():
    """`with away(error):` no statement reaches the database."""

    def refusing(error):
        def refuse(execute, sql, params, many, context):
            raise error

        return connection.execute_wrapper(refuse)

    return refusing


@pytest.fixture
def things(make_post, rene):
    DiscussionSettings.objects.create()
    post = make_post()
    return {"post": post.pk, "comment": Comment.objects.create(post=post, text="Yes", name="Ann").pk}


@pytest.mark.parametrize(
    "error", [OperationalError("the connection is closed"), InterfaceError("connection already closed")]
)
@pytest.mark.parametrize(("address", "field", "who"), FORMS)
def test_a_form_comes_back_with_its_text(things, away, request, as_, error, address, field, who):
    client = as_(request.getfixturevalue(who) if who else None)
    client.raise_request_exception = False
    with away(error):
        answer = client.post(address.format(**things), {field: LONG, "name": "x", "action": "publish"}, headers=HERE)
    page = answer.content.decode()
    assert answer.status_code == 503 and answer["Retry-After"] == "30", address
    assert LONG.strip() in page and 'action="/' in page and "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/a-page/", "/search/?q=run", "/feed/", "/desk/"])
def test_a_page_says_when_to_come_back(blog, away, address):
    client = Client(raise_request_exception=False)
    with away(OperationalError("no")):
        answer = client.get(address)
    assert answer.status_code == 503 and answer["Retry-After"] == "30"


def test_what_comes_back_can_be_sent_again(things, away, say_it):
    client = Client(raise_request_exception=False)
    fields = {"comment": "Dear words.", "author": "Ann", "email": "ann@example.org"}
    with away(OperationalError("no")):
        page = client.post(f"/comments/{things['post']}/", fields, headers=HERE).content.decode()
    assert f'action="/comments/{things["post"]}/"' in page
    again = say_it(page)
    assert again == fields
    assert client.post(f"/comments/{things['post']}/", again, headers=HERE).status_code == 303
    assert Comment.objects.filter(text="Dear words.").exists()


@pytest.fixture
def say_it():
    """What a browser would send of the page's form."""
    import html5lib

    def fields(page):
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        sent = {field.get("name"): (field.text or "").removeprefix("\n") for field in tree.iter("textarea")}
        return sent | {field.get("name"): field.get("value") for field in tree.iter("input")}

    return fields


def test_a_password_is_not_given_back(blog, away):
    client = Client(raise_request_exception=False)
    with away(OperationalError("no")):
        answer = client.post("/accounts/login/", {"login": "ada@example.org", "password": "secret words"})
    assert answer.status_code == 503 and "secret words" not in answer.content.decode()


def test_a_mistake_of_ours_is_a_500_still(blog, away):
    with away(ZeroDivisionError()):
        assert Client(raise_request_exception=False).get("/a-page/").status_code == 500
