"""All texts of a post: two of them side by side, one with a name, and each a press away from being the text again."""

import pytest

from blog.models import Post, Revision
from tests.markup import squeeze


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def post(make_post, ada):
    """Three texts: the first, a longer one, the present one."""
    post = make_post(source="Ten miles before breakfast.")
    post.revise(ada, source="Ten miles after breakfast.")
    post.revise(ada, source="Ten miles after breakfast.\n\nAnd a nap.", title="A very long run")
    return post


def texts(post):
    return list(post.revisions.order_by("pk").values_list("pk", flat=True))


def page(answer):
    return answer.content.decode()


@pytest.mark.db
def test_two_revisions_stand_side_by_side_with_their_differences(desk, post):
    first, _second, third = texts(post)
    shown = page(desk.get(f"/desk/posts/{post.pk}/revisions/compare/", {"from": third, "to": first}))
    assert "Ten miles <del>before</del> breakfast." in shown
    assert "<ins>after</ins>" in shown
    assert "<ins>very </ins>" in shown
    assert "is the current text" in shown
    assert f'action="/desk/posts/{post.pk}/revisions/{first}/"' in shown


def test_one_choice_is_compared_with_the_present_text(desk, post):
    answer = desk.get(f"/desk/posts/{post.pk}/revisions/compare/", {"from": texts(post)[1]})
    assert (answer.context["before"].pk, answer.context["after"].pk) == tuple(texts(post)[1:])
    assert "There are no differences." in page(desk.get(f"/desk/posts/{post.pk}/revisions/compare/"))


def test_the_list_offers_the_last_two_and_restores_with_one_press(desk, post):
    first, second, third = texts(post)
    shown = squeeze(page(desk.get(f"/desk/posts/{post.pk}/revisions/")))
    assert f'name="from" value="{second}" checked' in shown
    assert f'name="to" value="{third}" checked' in shown
    desk.post(f"/desk/posts/{post.pk}/revisions/{first}/")
    assert Post.objects.get().source == "Ten miles before breakfast."
    assert post.revisions.filter(pk=third).exists()


def test_a_text_comes_back_with_the_syntax_it_was_written_in(desk, make_post, ada):
    post = make_post(source="==loud==", extended_markdown=True)
    first = post.newest_revision.pk
    post.revise(ada, source="==quiet==", extended_markdown=False)
    assert "<mark>" not in Post.objects.get().html
    desk.post(f"/desk/posts/{post.pk}/revisions/{first}/")
    assert "<mark>loud</mark>" in Post.objects.get().html and Post.objects.get().extended_markdown


def test_a_revision_of_an_older_version_leaves_the_syntax_as_it_is(desk, make_post, ada):
    post = make_post(source="==loud==", extended_markdown=True)
    first = post.newest_revision
    post.revisions.update(extended_markdown=None)
    post.revise(ada, source="Quiet.")
    desk.post(f"/desk/posts/{post.pk}/revisions/{first.pk}/")
    assert "<mark>loud</mark>" in Post.objects.get().html


@pytest.mark.parametrize("wrong", ["0", "999999", "x", "9" * 30, "' OR 1"])
def test_a_revision_that_is_none_is_not_compared(desk, post, wrong):
    assert desk.get(f"/desk/posts/{post.pk}/revisions/compare/", {"from": wrong}).status_code in (200, 404)


def test_revisions_of_another_post_are_not_compared(desk, post, make_post):
    other = make_post("Other").newest_revision.pk
    assert desk.get(f"/desk/posts/{post.pk}/revisions/compare/", {"from": other}).status_code == 404
    assert desk.post(f"/desk/posts/{post.pk}/revisions/{other}/name/", {"name": "Mine"}).status_code == 404


def test_a_name_is_given_shown_and_taken_back(desk, post):
    first = texts(post)[0]
    address = f"/desk/posts/{post.pk}/revisions/{first}/name/"
    assert "kept permanently" in page(desk.post(address, {"name": "  Before the\x00 race " + "x" * 300}, follow=True))
    assert Revision.objects.get(pk=first).name.startswith("Before the race xxx")
    assert '<strong dir="auto">Before the race' in page(desk.get(f"/desk/posts/{post.pk}/revisions/"))
    desk.post(address, {"name": ""})
    assert Revision.objects.get(pk=first).name == ""


def test_nobody_else_compares_or_names(as_, arthur, post):
    address = f"/desk/posts/{post.pk}/revisions/"
    assert as_(arthur).get(f"{address}compare/").status_code == 404
    assert as_(arthur).post(f"{address}{texts(post)[0]}/name/", {"name": "x"}).status_code == 404
    assert as_(None).get(f"{address}compare/").status_code == 302


def test_no_get_names_anything(desk, post):
    assert desk.get(f"/desk/posts/{post.pk}/revisions/{texts(post)[0]}/name/").status_code == 405


@pytest.mark.db
def test_the_second_of_two_tabs_sees_what_differs_and_both_texts(desk, ada, make_post):
    post = make_post(source="Ten miles before breakfast.")
    opened = post.newest_revision.pk
    post.revise(ada, source="Ten miles after breakfast.")
    typed = {"title": "A long run", "excerpt": "Short", "visibility": "public", "status": "published", "author": ada.pk}
    mine = typed | {"source": "Twelve miles before breakfast.\r\n", "base_revision": opened, "action": "update"}
    answer = desk.post(f"/desk/posts/{post.pk}/", mine)
    assert answer.status_code == 409
    shown = page(answer)
    assert "<del>Ten</del> miles <del>after</del> breakfast." in shown
    assert "<ins>Twelve</ins> miles <ins>before</ins> breakfast." in shown
    assert "<ins>Short</ins>" in shown
    assert "Save my version" in shown


def test_a_difference_is_text_and_no_html(desk, ada, make_post):
    post = make_post(source="a <script>alert(1)</script>")
    post.revise(ada, source="a <script>alert(2)</script>")
    shown = page(desk.get(f"/desk/posts/{post.pk}/revisions/compare/", {"from": texts(post)[0]}))
    assert "<script>alert" not in shown
