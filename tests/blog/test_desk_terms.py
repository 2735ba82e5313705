"""Categories and tags on the desk: renamed ones answer at their old address, deleted ones say that they are gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Category, Post, ReadingSettings, Tag


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_a_category_is_added_below_another(desk, blog):
    sport = Category.objects.create(name="Sport")
    desk.post("/desk/categories/", {"name": "Long runs", "parent": sport.pk})
    assert Category.objects.get(name="Long runs").path == "/category/sport/long-runs/"
    page = desk.get("/desk/categories/").content.decode()
    assert 'href="/category/sport/long-runs/"' in page


def test_posts_are_counted_without_the_trash(desk, make_post):
    make_post(tags=["run"])
    make_post(tags=["run"], draft=True)
    make_post(tags=["run"]).trash()
    answer = desk.get("/desk/tags/")
    assert [(tag.name, tag.posts_count) for tag in answer.context["page"]] == [("run", 2)]


@pytest.mark.db
def test_counts_are_those_of_the_posts_one_by_one(make_post, blog):
    """They are computed by subtracting what does not count: whatever a post is, both ways give the same."""
    later = timezone.now() + timedelta(days=1)
    for _round in range(2):
        make_post("Public", tags=["run", "rain"], categories=["Sport"])
        make_post("Draft", tags=["run"], categories=["Sport"], draft=True)
        make_post("Private", tags=["run", "mine"], visibility="private")
        make_post("Locked", tags=["run"], password="finish line")
        make_post("Later", tags=["run", "soon"], at=later)
        make_post("Gone", tags=["run", "rain"], categories=["Sport"]).trash()
    make_post("About", kind="page", tags=["run"])
    Tag.objects.create(name="unused")
    for kind in (Tag, Category):
        listed = {term.pk: term.posts.listed().count() for term in kind.objects.all()}
        assert kind.objects.counts() == {pk: count for pk, count in listed.items() if count}
        assert set(kind.objects.in_use().values_list("pk", flat=True)) == set(kind.objects.counts())
        kept = {term.pk: term.posts.exclude(status="trash").count() for term in kind.objects.all()}
        assert kind.objects.kept_counts() == {pk: count for pk, count in kept.items() if count}
        some = [term.pk for term in kind.objects.all()[:1]]
        assert kind.objects.kept_counts(some) == {pk: kept[pk] for pk in some if kept[pk]}
    assert Post.objects.count_dated() == Post.objects.posts().exclude(status="trash").exclude(path=None).count()


@pytest.mark.parametrize(
    ("kind", "typed", "field", "told"),
    [
        ("tags", {"name": ""}, "name", "required"),
        ("tags", {"name": "RÚN"}, "name", "“run” already exists"),
        ("tags", {"name": "x" * 201}, "name", "at most 200"),
        ("tags", {"name": "new", "slug": "run"}, "slug", "already exists"),
        ("categories", {"name": "new", "parent": "0"}, "parent", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(desk, ada, kind, typed, field, told):
    Tag.objects.create(name="run")
    answer = desk.post(f"/desk/{kind}/", {"description": "Words to keep"} | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert f'id="id_{field}_error"' in page
    assert "Words to keep</textarea>" in page
    assert "<title>Error:" in page


def test_a_renamed_tag_answers_at_its_old_address(desk, client, make_post):
    make_post(tags=["run"])
    tag = Tag.objects.get()
    desk.post(f"/desk/tags/{tag.pk}/", {"name": "Running", "slug": "running"})
    assert client.get("/tag/run/")["Location"].endswith("/tag/running/")
    assert client.get("/tag/running/").status_code == 200


def test_a_deleted_tag_leaves_its_posts_and_says_it_is_gone(desk, client, make_post):
    make_post(tags=["run"])
    tag = Tag.objects.get()
    assert "1 post uses it." in desk.get(f"/desk/tags/{tag.pk}/delete/").content.decode()
    assert Tag.objects.exists()
    desk.post(f"/desk/tags/{tag.pk}/delete/")
    assert Post.objects.get().is_public
    assert client.get("/tag/run/").status_code == 410


def test_a_category_cannot_stand_inside_itself(desk, blog):
    above = Category.objects.create(name="Above")
    below = Category.objects.create(name="Below", parent=above)
    answer = desk.post(f"/desk/categories/{above.pk}/", {"name": "Above", "slug": "above", "parent": below.pk})
    assert "cannot be its own parent" in answer.content.decode()


def test_where_the_category_is_in_the_address_posts_move_with_it(desk, client, make_post):
    ReadingSettings.objects.update_or_create(defaults={"permalinks": "category"}, pk=ReadingSettings.objects.get().pk)
    ReadingSettings.objects.get().save()
    post = make_post(categories=["Sport"])
    post.file()
    assert post.path == "/sport/a-long-run/"
    sport = Category.objects.get(name="Sport")
    desk.post(f"/desk/categories/{sport.pk}/", {"name": "Games", "slug": "games"})
    assert Post.objects.get().path == "/games/a-long-run/"
    assert client.get("/sport/a-long-run/")["Location"].endswith("/games/a-long-run/")


@pytest.mark.parametrize("kind", ["categories", "tags"])
def test_authors_do_not_manage_terms(as_, arthur, mona, kind):
    Tag.objects.create(name="run", pk=7)
    Category.objects.create(name="run", pk=7)
    for user in (arthur, mona):
        desk = as_(user)
        for address in (f"/desk/{kind}/", f"/desk/{kind}/7/", f"/desk/{kind}/7/delete/"):
            assert desk.get(address).status_code == 403
            assert desk.post(address, {"name": "Mine"}).status_code == 403
    assert Tag.objects.get(pk=7).name == "run"


@pytest.mark.django_db(transaction=True)
def test_a_hundred_tags_ask_no_more_questions_than_one(desk, ada, django_assert_max_num_queries):
    Tag.objects.called(f"tag {n}" for n in range(90))
    desk.get("/desk/")
    with django_assert_max_num_queries(8):
        assert len(desk.get("/desk/tags/").context["page"].object_list) == 90
