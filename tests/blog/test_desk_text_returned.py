"""What was typed comes back, whatever ended meanwhile: the login, the form's token, the post."""

import html5lib
import pytest
from django.test import Client

from blog.models import Post
from tests.blog.write_form import LONG, fields, given_back, newest


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_a_login_that_ended_gives_the_text_back(client, blog, ada, make_post):
    post = make_post()
    for address in ("/desk/write/", f"/desk/posts/{post.pk}/"):
        answer = client.post(address, fields(title="Mine & yours", source=LONG, password="geheim"))
        page = answer.content.decode()
        assert answer.status_code == 403
        assert given_back(answer).replace("\r\n", "\n") == LONG
        assert "Mine &amp; yours" in page
        assert "geheim" not in page
        assert f'action="{address}"' in page
        assert "no-store" in answer["Cache-Control"]
    assert Post.objects.count() == 1


def test_after_logging_in_elsewhere_the_text_goes_on_in_the_write_page(as_, ada):
    desk = as_(ada)
    answer = desk.post("/desk/write/", {"title": "Mine", "source": LONG, "action": "again"})
    assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG
    assert "Nothing is saved yet" in answer.content.decode()
    assert not Post.objects.exists()


def test_from_an_ended_login_to_a_saved_post_without_a_script(ada):
    def filled_in(answer, **pressed):
        """What the browser would send from this page, by its hidden fields and textareas."""
        form = html5lib.parse(answer.content, namespaceHTMLElements=False).find(".//main//form[@method='post']")
        inputs = {box.get("name"): box.get("value", "") for box in form.iter("input") if box.get("type") == "hidden"}
        texts = {box.get("name"): "".join(box.itertext()) for box in form.iter("textarea")}
        return form.get("action"), inputs | texts | pressed

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    address, typed = filled_in(browser.get("/desk/write/"), action="publish")
    typed |= {"title": "Mine", "source": LONG, "tag_names": "run", "visibility": "public", "author": ada.pk}
    browser.logout()
    browser.get("/accounts/login/")  # another tab: the browser has a cookie for tokens again
    typed["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    address, typed = filled_in(browser.post(address, typed), action="again")
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    address, typed = filled_in(browser.post(address, typed), action="publish", visibility="public", author=ada.pk)
    assert not Post.objects.exists()
    assert browser.post(address, typed).status_code == 302
    post = Post.objects.get()
    assert (post.title, post.source, post.is_public) == ("Mine", LONG, True)


def test_a_form_whose_token_expired_comes_back_with_its_text_and_a_fresh_token(ada, make_post):
    post = make_post()
    desk = Client(enforce_csrf_checks=True)
    desk.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in ("/desk/write/", f"/desk/posts/{post.pk}/"):
        answer = desk.post(address, fields(title="Mine", source=LONG, csrfmiddlewaretoken="x" * 64))
        page = answer.content.decode()
        assert answer.status_code == 403
        assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG
        assert 'name="csrfmiddlewaretoken"' in page
        assert 'name="action" value="save"' in page or 'value="update"' in page
    assert Post.objects.get().source != LONG


def test_a_form_from_a_foreign_page_is_refused_without_its_text(ada):
    desk = Client(enforce_csrf_checks=True)
    desk.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = desk.post("/desk/write/", fields(title="Buy this"), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Buy this" not in answer.content.decode()


def test_a_post_deleted_meanwhile_gives_the_text_back(desk, ada, make_post):
    post = make_post()
    address = f"/desk/posts/{post.pk}/"
    post.trash()
    post.delete()
    answer = desk.post(address, fields(title="Mine", source=LONG))
    assert answer.status_code == 404
    assert given_back(answer).replace("\r\n", "\n") == LONG
    assert 'action="/desk/write/"' in answer.content.decode()


def test_a_post_trashed_meanwhile_comes_back_as_a_draft(desk, ada, make_post):
    post = make_post(source="Before.")
    opened = newest(post)
    post.trash()
    typed = fields(title="T", source="After.", author=ada.pk, base_revision=opened, action="save")
    assert desk.post(f"/desk/posts/{post.pk}/", typed).status_code == 302
    post = Post.objects.get(pk=post.pk)
    assert (post.status, post.source) == ("draft", "After.")


def test_moving_to_the_trash_keeps_what_was_typed(desk, ada, make_post):
    post = make_post(source="Before.")
    typed = fields(title="", source="Typed and not saved.", visibility="nonsense", action="trash")
    desk.post(f"/desk/posts/{post.pk}/", typed)
    post = Post.objects.get(pk=post.pk)
    assert (post.status, post.source) == ("trash", "Before.")
    assert post.revisions.first().source == "Typed and not saved."
