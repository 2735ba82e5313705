"""The settings of a post that mean nothing beside the others: they are ignored, and stop no save."""

import pytest

from tests.blog.write_form import fields
from tests.filling import fill
from tests.markup import squeeze

NOT_APPLIED = {
    "a date beside Immediately": {"when": "now", "publish_at": "2999-01-02T10:30"},
    "a half date beside Immediately": {"when": "now", "publish_at": "2999-01-"},
    "a password of a public post": {"password": "finish line"},
    "a password that is too long": {"password": "x" * 500},
    "half a link of a standard post": {"link_url": "gopher://"},
    "a part number without a series": {"series_number": "first"},
    "an unknown parent of no category": {"new_category_parent": "999"},
}


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.mark.parametrize("typed", NOT_APPLIED.values(), ids=NOT_APPLIED)
def test_what_does_not_apply_is_ignored(desk, ada, make_post, typed):
    post = make_post(draft=True)
    answer = desk.post(f"/desk/posts/{post.pk}/", fields(title="Six", source="x", author=ada.pk, **typed))
    assert answer.status_code == 302
    post.refresh_from_db()
    assert (post.title, post.publish_at, post.password, post.link_url) == ("Six", None, "", "")


def test_what_does_not_apply_stays_in_a_form_that_is_refused(desk, ada, make_post):
    post = make_post(draft=True)
    typed = fields(format="link", password="finish line", when="now", publish_at="2999-01-02T10:30", author=ada.pk)
    page = squeeze(desk.post(f"/desk/posts/{post.pk}/", typed | {"title": "Six"}).content)
    assert 'value="finish line"' in page
    assert 'value="2999-01-02T10:30"' in page


def test_a_link_is_kept_while_the_format_is_another(desk, make_post):
    post = make_post(draft=True)
    fill(desk, f"/desk/posts/{post.pk}/", link_url="https://example.org/fog", press="action=save")
    post.refresh_from_db()
    assert (post.open_link, post.link_url) == ("", "https://example.org/fog")


def test_a_password_is_kept_when_the_field_is_left_empty(desk, make_post):
    post = make_post(draft=True)
    fill(desk, f"/desk/posts/{post.pk}/", visibility="password", password="finish line", press="action=save")
    page = squeeze(desk.get(f"/desk/posts/{post.pk}/").content)
    assert "Leave empty to keep the current one." in page
    fill(desk, f"/desk/posts/{post.pk}/", title="Six", press="action=save")
    post.refresh_from_db()
    assert (post.title, post.visibility, bool(post.password)) == ("Six", "password", True)


def test_a_contributor_looks_at_a_change_of_a_published_post(as_, cora, make_post):
    post = make_post(author=cora)
    answer = as_(cora).post(f"/desk/posts/{post.pk}/preview/", fields(title="Six", source="Fog"))
    assert answer.status_code == 200 and "Six" in answer.content.decode()
