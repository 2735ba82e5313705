"""Two words for one thing become one: the posts move, and every address that ever led to the old one leads on."""

import pytest

from blog.models import Category, Post, ReadingSettings, Redirect, Series, Tag
from core.text import isolated


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.mark.db
def test_a_tag_goes_into_another_with_its_posts_and_all_its_addresses(desk, client, make_post):
    both, one = make_post("Both", tags=["run", "running"]), make_post("One", tags=["runs"])
    runs, running = Tag.objects.get(name="runs"), Tag.objects.get(name="running")
    desk.post(f"/desk/tags/{runs.pk}/", {"name": "runs", "slug": "my-runs"})
    page = desk.get(f"/desk/tags/merge/?term={runs.pk}").content.decode()
    assert f'<option value="{running.pk}" dir="auto">running (1)</option>' in page
    answer = desk.post("/desk/tags/merge/", {"term": runs.pk, "into": running.pk}, follow=True)
    assert f"“{isolated('runs')}” was merged into “{isolated('running')}”." in answer.content.decode()
    run = Tag.objects.get(name="run")
    desk.post("/desk/tags/merge/", {"term": [run.pk, running.pk], "into": running.pk})
    assert [tag.name for tag in Tag.objects.all()] == ["running"]
    assert set(running.posts.all()) == {both, one}
    for former in ("/tag/runs/", "/tag/my-runs/", "/tag/run/"):
        assert client.get(former)["Location"].endswith("/tag/running/")


def test_a_category_goes_into_one_below_it_and_its_other_children_come_along(desk, client, make_post):
    sport = Category.objects.create(name="Sport")
    running = Category.objects.create(name="Running", parent=sport)
    hills = Category.objects.create(name="Hills", parent=sport)
    ReadingSettings.objects.update(default_category=sport)
    post = make_post(categories=["Sport"])
    desk.post("/desk/categories/merge/", {"term": sport.pk, "into": running.pk})
    hills.refresh_from_db()
    assert Category.objects.get(name="Running").path == "/category/running/"
    assert (hills.path, hills.parent) == ("/category/running/hills/", running)
    assert ReadingSettings.objects.get().default_category == running
    assert list(post.categories.all()) == [running]
    for former, now in (
        ("sport", "running"),
        ("sport/running", "running"),
        ("sport/hills", "running/hills"),
    ):
        assert client.get(f"/category/{former}/")["Location"].endswith(f"/category/{now}/")


def test_where_the_category_is_in_the_address_posts_move_with_the_merge(desk, client, make_post):
    ReadingSettings.objects.get().delete()
    ReadingSettings.objects.create(permalinks="category")
    post = make_post(categories=["Sport"])
    running = Category.objects.create(name="Running")
    desk.post("/desk/categories/merge/", {"term": Category.objects.get(name="Sport").pk, "into": running.pk})
    assert Post.objects.get().path == "/running/a-long-run/"
    assert client.get(post.path)["Location"].endswith("/running/a-long-run/")


def test_several_go_into_one_and_the_one_with_most_posts_is_proposed(desk, client, make_post):
    for tags in (["run"], ["runs"], ["Läufe", "runs"]):
        make_post(tags=tags)
    run, runs, laufe = (Tag.objects.named(name) for name in ("run", "runs", "Läufe"))
    page = desk.get(f"/desk/tags/merge/?term={run.pk}&term={runs.pk}&term={laufe.pk}").content.decode()
    assert f'<option value="{runs.pk}" dir="auto" selected>runs (2)</option>' in page
    answer = desk.post("/desk/tags/merge/", {"term": [run.pk, runs.pk, laufe.pk], "into": runs.pk}, follow=True)
    said = f"“{isolated('Läufe')}”, “{isolated('run')}” were merged into “{isolated('runs')}”."
    assert said in answer.content.decode()
    assert [(tag.name, tag.posts.count()) for tag in Tag.objects.all()] == [("runs", 3)]
    assert client.get("/tag/run/")["Location"].endswith("/tag/runs/")


def test_categories_below_each_other_go_into_a_third(desk, client):
    sport = Category.objects.create(name="Sport")
    running = Category.objects.create(name="Running", parent=sport)
    hills = Category.objects.create(name="Hills", parent=running)
    desk.post("/desk/categories/merge/", {"term": [sport.pk, running.pk], "into": hills.pk})
    assert set(Category.objects.filter(pk__in=[sport.pk, running.pk, hills.pk])) == {hills}
    assert Category.objects.get(pk=hills.pk).path == "/category/hills/"
    for former in ("sport", "sport/running", "sport/running/hills"):
        assert client.get(f"/category/{former}/")["Location"].endswith("/category/hills/")


def test_without_a_choice_all_are_offered_and_a_lone_one_cannot_be_merged(desk, make_post):
    make_post(tags=["run"])
    assert "It takes two to merge." in desk.get("/desk/tags/merge/?term=x&term=99999999999999999999").content.decode()
    make_post(tags=["hills"])
    assert "hills (1)" in desk.get("/desk/tags/merge/").content.decode()


@pytest.mark.parametrize("into", ["", "no such word", "itself", "9" * 30])
def test_what_it_cannot_go_into_is_said_and_changes_nothing(desk, make_post, into):
    make_post(tags=["run", "hills"])
    run = Tag.objects.get(name="run")
    answer = desk.post("/desk/tags/merge/", {"term": run.pk, "into": run.pk if into == "itself" else into})
    assert answer.status_code == 422
    assert 'id="id_into_error"' in answer.content.decode()
    assert run.posts.count() == 1 and not Redirect.objects.exists()


@pytest.mark.parametrize("kind", ["categories", "tags", "series"])
def test_only_who_manages_words_merges_them(as_, arthur, mona, client, kind):
    for model in (Tag, Category, Series):
        model.objects.create(name="run", pk=7)
        model.objects.create(name="runs", pk=8)
    for user in (arthur, mona, None):
        assert as_(user).post(f"/desk/{kind}/merge/", {"term": 7, "into": 8}).status_code == 403
    assert Tag.objects.count() == 2


def test_a_description_stands_above_the_posts_of_its_word(client, make_post):
    make_post(tags=["run"], categories=["Sport"])
    Tag.objects.update(description="What the legs want.")
    Category.objects.update(description="What the head wants.")
    assert "What the legs want." in client.get("/tag/run/").content.decode()
    assert "What the head wants." in client.get("/category/sport/").content.decode()
