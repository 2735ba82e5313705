"""Two forms of one post: none overwrites what the other has saved."""

import pytest

from blog.models import Post
from tests.blog.write_form import fields, newest


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.mark.db
def test_the_second_of_two_tabs_overwrites_nothing_and_shows_both_texts(desk, ada, make_post):
    post = make_post(source="The first text.")
    opened = newest(post)
    same = fields(title="A long run", author=ada.pk, status="published", action="update", base_revision=opened)
    assert desk.post(f"/desk/posts/{post.pk}/", same | {"source": "From the first tab."}).status_code == 302
    answer = desk.post(f"/desk/posts/{post.pk}/", same | {"source": "From the second tab."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert Post.objects.get(pk=post.pk).source == "From the first tab."
    assert "From the first tab." in page
    assert "From the second tab.</textarea>" in page
    assert "Save my version" in page
    assert "<title>Error:" in page
    refused = post.revisions.first()
    assert (refused.kind, refused.source) == ("refused", "From the second tab.")


def test_a_plain_save_after_a_conflict_is_a_conflict_again(desk, ada, make_post):
    post = make_post(source="The first text.")
    stale = fields(title="T", author=ada.pk, status="published", base_revision=newest(post) - 1, source="Mine.")
    for _again in range(2):
        assert desk.post(f"/desk/posts/{post.pk}/", stale | {"action": "update"}).status_code == 409
    assert post.revisions.filter(kind="refused").count() == 1


@pytest.mark.db
def test_mine_goes_over_it_only_when_i_have_seen_it(desk, ada, make_post):
    post = make_post(source="The first text.")
    opened = newest(post)
    post.revise(ada, source="A newer text.")
    seen = newest(post)
    mine = fields(title="T", source="Mine.", author=ada.pk, status="published", base_revision=opened)
    over = mine | {"action": "overwrite", "wanted": "update", "over": seen}
    post.revise(ada, source="A still newer text.")
    assert desk.post(f"/desk/posts/{post.pk}/", over).status_code == 409
    assert desk.post(f"/desk/posts/{post.pk}/", over | {"over": newest(post)}).status_code == 302
    assert Post.objects.get(pk=post.pk).source == "Mine."
    assert {"A newer text.", "A still newer text."} <= set(post.revisions.values_list("source", flat=True))


def test_an_equal_text_is_no_conflict(desk, ada, make_post):
    post = make_post(title="T", source="The same.")
    typed = fields(title="T", source="The same.", author=ada.pk, status="published", base_revision=1, action="update")
    assert desk.post(f"/desk/posts/{post.pk}/", typed).status_code == 302


@pytest.mark.db
def test_a_new_form_sent_twice_makes_one_post(desk, ada):
    mark = desk.get("/desk/write/").context["form"]["mark"].value()
    typed = fields(title="A run", source="x", author=ada.pk, mark=mark, action="publish")
    assert desk.post("/desk/write/", typed)["Location"] == desk.post("/desk/write/", typed)["Location"]
    assert desk.post("/desk/write/", typed | {"source": "y"}).status_code == 409
    assert Post.objects.get().source == "x"


def test_the_mark_of_somebody_elses_form_opens_nothing(as_, ada, arthur):
    mark = "0" * 32
    as_(ada).post("/desk/write/", fields(title="Mine", source="x", author=ada.pk, mark=mark))
    answer = as_(arthur).post("/desk/write/", fields(title="Yours", source="y", mark=mark))
    assert answer.status_code == 422
    assert Post.objects.get().title == "Mine"
