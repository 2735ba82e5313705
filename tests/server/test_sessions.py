"""A session that ends while a request of it is under way: logged out in another tab, say. Nobody meets a bare 400."""

import pytest
from django.contrib.sessions.backends.db import SessionStore

from blog.models import Post
from comments.models import Comment, DiscussionSettings

HERE = {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}
LONG = "Long and dear words, " * 5
COMMENT = {"comment": LONG, "author": "Ann", "email": "ann@example.org"}
DRAFT = {"source": LONG, "title": "A draft", "slug": "", "excerpt": "", "format": "standard", "visibility": "public",
         "status": "draft", "comments_open": "on", "action": "save"}  # fmt: skip


@pytest.fixture
def ends_under_way(monkeypatch):
    """As soon as a request has read its session, the session is gone."""
    load = SessionStore.load

    def read_and_gone(store):
        found = load(store)
        store.model.objects.filter(session_key=store.session_key).delete()
        return found

    return lambda: monkeypatch.setattr(SessionStore, "load", read_and_gone)


@pytest.fixture
def things(make_post):
    DiscussionSettings.objects.create()
    post = make_post()
    return {"post": post.pk, "path": post.path}


def guest(as_):
    client = as_(None)
    session = client.session
    session["last_draft"] = "/somewhere/"
    session.save()
    return client


@pytest.mark.parametrize(
    ("who", "path", "form"),
    [
        ("rene", "/comments/{post}/", {"comment": LONG}),
        ("rene", "/comments/{post}/leave/", {"comment": LONG}),
        ("rene", "/comments/{post}/as/oidc/", {"comment": LONG}),
        ("rene", "/accounts/", {"name": "Rene", "website": ""}),
        ("rene", "/accounts/me/earlier/", {"do": "take"}),
        ("rene", "/accounts/logout/", {"x": "1"}),
        ("ada", "/desk/write/", DRAFT),
        ("ada", "/desk/categories/", {"name": "Shoes", "slug": "shoes", "description": LONG}),
        ("ada", "/desk/people/", {"email": "new@example.org", "role": "author"}),
        (None, "/comments/{post}/", COMMENT),
        (None, "/comments/{post}/as/oidc/", COMMENT),
        (None, "/accounts/oidc/oidc/login/", {"next": "/somewhere/"}),
        (None, "/accounts/login/", {"login": "ada@example.org", "password": "a long and quiet run"}),
        (None, "/accounts/login/", {"login": "ada@example.org", "password": "wrong"}),
        (None, "/accounts/login/code/", {"email": "ann@example.org"}),
        (None, "/comments/subscribe/", {"email": "ann@example.org"}),
    ],
)
def test_a_form_is_answered_and_its_text_is_kept(
    things, stand_in, settings, request, as_, ends_under_way, who, path, form
):
    settings.EMAIL_HOST = "localhost"
    client = as_(request.getfixturevalue(who)) if who else guest(as_)
    client.raise_request_exception = False
    if "author" in form.values() or "title" in form:
        form = form | {"author": request.getfixturevalue("ada").pk} if "title" in form else form
    ends_under_way()
    answer = client.post(path.format(**things), form, headers=HERE)
    assert answer.status_code in (200, 302, 303, 409, 422), answer.status_code
    assert not answer.get("Location", "").startswith("http:"), answer["Location"]
    if LONG in form.values():
        kept = LONG.strip() in answer.content.decode() or "draft=" in answer.get("Location", "")
        stored = Comment.objects.filter(text__contains=LONG.strip()) or Post.objects.filter(
            source__contains=LONG.strip()
        )
        assert kept or stored or answer.status_code == 302


@pytest.mark.parametrize("path", ["/", "{path}", "/desk/", "/accounts/", "/accounts/login/", "/accounts/sessions/"])
@pytest.mark.parametrize("who", ["ada", "rene", None])
def test_a_page_is_shown(things, request, as_, ends_under_way, who, path):
    client = as_(request.getfixturevalue(who)) if who else guest(as_)
    client.raise_request_exception = False
    ends_under_way()
    assert client.get(path.format(**things)).status_code in (200, 302, 403)
