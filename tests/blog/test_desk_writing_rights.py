"""Who may write, publish, and change whose posts at the write page."""

import pytest

from blog.models import Post
from tests.blog.write_form import LONG, fields, given_back


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_a_contributor_submits_and_cannot_publish(as_, cora):
    desk = as_(cora)
    page = desk.get("/desk/write/").content.decode()
    assert "Submit for Review" in page
    assert 'value="publish"' not in page
    answer = desk.post("/desk/write/", fields(title="Mine", source=LONG, action="publish", status="published"))
    assert answer.status_code == 403
    assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG
    assert not Post.objects.exists()
    desk.post(
        "/desk/write/", fields(title="Mine", source="x", action="submit", sticky="on", publish_at="2001-01-01T01:01")
    )
    post = Post.objects.get()
    assert (post.status, post.author, post.sticky, post.publish_at) == ("pending", cora, False, None)


def test_a_contributors_text_is_kept_when_an_editor_was_quicker(as_, cora, make_post):
    post = make_post(author=cora, source="Before.")
    answer = as_(cora).post(f"/desk/posts/{post.pk}/", fields(title="Mine", source=LONG))
    assert answer.status_code == 403
    assert given_back(answer).replace("\r\n", "\n") == LONG
    assert Post.objects.get(pk=post.pk).source == "Before."
    assert as_(cora).get(f"/desk/posts/{post.pk}/").status_code == 403


def test_an_author_cannot_touch_another_ones_post(as_, arthur, make_post):
    post = make_post()
    assert as_(arthur).get(f"/desk/posts/{post.pk}/").status_code == 404
    assert as_(arthur).post(f"/desk/posts/{post.pk}/", fields(title="Mine")).status_code == 404
    assert as_(arthur).get(f"/desk/posts/{post.pk}/preview/").status_code == 404
    assert Post.objects.get().title == "A long run"


def test_an_author_cannot_give_a_post_away(as_, arthur, ada):
    as_(arthur).post("/desk/write/", fields(title="Mine", source="x", author=ada.pk))
    assert Post.objects.get().author == arthur


def test_an_editor_chooses_the_author(as_, ed, arthur, rene):
    desk = as_(ed)
    desk.post("/desk/write/", fields(title="His", source="x", author=arthur.pk))
    assert Post.objects.get().author == arthur
    assert desk.post("/desk/write/", fields(title="His", source="x", author=rene.pk)).status_code == 422


@pytest.mark.parametrize("who", ["rene", "mona"])
def test_who_may_not_write_has_no_write_page(as_, request, who):
    desk = as_(request.getfixturevalue(who))
    assert desk.get("/desk/write/").status_code == 403
    assert desk.post("/desk/write/", fields(title="Mine")).status_code == 403


def test_a_guest_is_sent_to_log_in(client, blog, ada):
    answer = client.get("/desk/write/?kind=page")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/desk/write/%3Fkind%3Dpage"
