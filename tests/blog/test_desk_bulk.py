"""Long lists of posts: narrowed, sorted, changed many at once with an undo, and one at a time without their text."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bench import desk_list
from blog.models import BulkAction, Category, Post, Series, Tag


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def titles(answer):
    return [post.title for post in answer.context["page"]]


def do(desk, deed, *posts, **more):
    return desk.post(
        "/desk/posts/bulk/", {"bulk_action": deed, "post": [post.pk for post in posts], "kind": "post"} | more
    )


def undo(desk, answer):
    number = answer["Location"].rpartition("done=")[2].removesuffix("#done")
    return desk.post(f"/desk/posts/bulk/{number}/undo/", {"kind": "post"})


@pytest.mark.db
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"category": "sport"}, {"Shoes", "Hills"}),
        ({"tag": "RAIN"}, {"Hills"}),
        ({"tag": "snow"}, set()),
        ({"series": "river"}, {"Bread"}),
        ({"series": "river", "category": "sport"}, set()),
        ({"series": "0"}, {"Shoes", "Hills", "Bread"}),
        ({"month": "2026-03"}, {"Hills"}),
        ({"month": "2026-13"}, {"Shoes", "Hills", "Bread"}),
        ({"author": "arthur"}, {"Bread"}),
        ({"q": "hOe"}, {"Shoes"}),
        ({"category": "sport", "q": "h", "tag": "rain", "month": "2026-03"}, {"Hills"}),
        ({"category": "x' OR 1", "author": "9" * 30, "month": "٢٠٢٦-٠٣"}, {"Shoes", "Hills", "Bread"}),
    ],
)
def test_a_list_is_narrowed(desk, arthur, make_post, on, query, found):
    make_post("Shoes", categories=["Sport"], at=on(2026, 2, 1))
    make_post("Hills", categories=["Sport"], tags=["Rain"], at=on(2026, 3, 31, 23))
    river = Series.objects.create(name="To the river")
    make_post("Bread", author=arthur, at=on(2026, 4, 1), series=river)
    known = {"sport": Category.objects.get(name="Sport").pk, "arthur": arthur.pk, "river": river.pk}
    answer = desk.get("/desk/posts/", {name: known.get(value, value) for name, value in query.items()})
    assert set(titles(answer)) == found
    assert {name: count for name, label, count in answer.context["tabs"]}["all"] == len(found)


@pytest.mark.parametrize(
    ("sort", "found"),
    [("", ["B", "A", "C"]), ("date", ["C", "B", "A"]), ("oldest", ["A", "B", "C"]), ("title", ["A", "B", "C"])],
)
def test_a_list_is_sorted(desk, make_post, on, sort, found):
    for day, title in enumerate("ABC", start=1):
        make_post(title, at=on(2026, 3, day))
    for minutes, title in ((1, "C"), (2, "A"), (3, "B")):
        Post.objects.filter(title=title).update(updated_at=timezone.now() + timedelta(minutes=minutes))
    assert titles(desk.get("/desk/posts/", {"sort": sort})) == found


def test_an_author_narrows_their_own_posts_alone(as_, ada, arthur, make_post):
    make_post("Ada's")
    make_post("Arthur's", author=arthur)
    assert titles(as_(arthur).get("/desk/posts/", {"author": ada.pk})) == []
    assert "Ada" not in as_(arthur).get("/desk/posts/").content.decode().partition("<main")[2]


@pytest.mark.db
@pytest.mark.parametrize("deed", ["trash", "draft"])
def test_many_at_once_and_back_with_one_press(desk, client, make_post, deed):
    one, two, other = make_post("One", sticky=True), make_post("Two", visibility="private"), make_post("Other")
    before = list(Post.objects.order_by("pk").values("status", "publish_at", "path", "visibility", "sticky"))
    answer = do(desk, deed, one, two, back="show=published&q=o")
    assert answer["Location"].startswith("/desk/posts/?show=published&q=o&done=")
    assert set(Post.objects.filter(status=deed).values_list("title", flat=True)) == {"One", "Two"}
    assert client.get(other.path).status_code == 200
    assert "Undo" in desk.get(answer["Location"]).content.decode()
    undo(desk, answer)
    after = Post.objects.order_by("pk").values("status", "publish_at", "path", "visibility", "sticky")
    assert list(after) == before
    assert "Undo" not in desk.get(answer["Location"]).content.decode()


def test_drafts_and_scheduled_ones_are_published_and_taken_back(desk, client, make_post):
    later = timezone.now() + timedelta(days=3)
    draft, scheduled, out = make_post("Draft", draft=True), make_post("Later", at=later), make_post("Out")
    answer = do(desk, "publish", draft, scheduled, out)
    assert BulkAction.objects.get().count == 2
    for post in (draft, scheduled):
        post.refresh_from_db()
        assert client.get(post.path).status_code == 200
    undo(desk, answer)
    draft.refresh_from_db()
    scheduled.refresh_from_db()
    assert (draft.status, draft.publish_at) == ("draft", None)
    assert (scheduled.is_scheduled, scheduled.publish_at) == (True, later)
    assert client.get(scheduled.path).status_code == 404


def test_out_of_the_trash_and_in_again(desk, make_post):
    post = make_post()
    post.trash()
    answer = do(desk, "restore", post)
    assert Post.objects.get().is_public
    undo(desk, answer)
    assert Post.objects.get().status == "trash"


def test_words_are_added_and_only_what_was_added_is_taken_away(desk, make_post):
    sport = Category.objects.create(name="Sport")
    had, new = make_post("Had", categories=["Sport"], tags=["run"]), make_post("New", tags=["rain"])
    first = do(desk, "category", had, new, new_category=sport.pk)
    second = do(desk, "tag", had, new, new_tag=" RUN ")
    assert set(sport.posts.all()) == {had, new}
    assert set(Tag.objects.get(name="run").posts.all()) == {had, new}
    undo(desk, first)
    undo(desk, second)
    assert list(sport.posts.all()) == list(Tag.objects.get(name="run").posts.all()) == [had]
    assert [tag.name for tag in new.tags.all()] == ["rain"]


def series_of(*titles):
    return [Post.objects.values_list("series__name", "series_number").get(title=title) for title in titles]


@pytest.mark.db
def test_many_are_put_into_a_series_and_back_into_their_own(desk, client, make_post):
    river, sea = Series.objects.create(name="River"), Series.objects.create(name="Sea")
    there, other, none = (
        make_post(title, series=series, series_number=number)
        for title, series, number in (("There", sea, 1), ("Other", river, 7), ("None", None, None))
    )
    told = desk.post("/desk/posts/bulk/", {"bulk_action": "series", "post": [none.pk], "new_series": "0"}, follow=True)
    assert "Choose the series" in told.content.decode()
    answer = do(desk, "series", there, other, none, new_series=sea.pk)
    assert series_of("There", "Other", "None") == [("Sea", 1), ("Sea", None), ("Sea", None)]
    assert "2 are in the series." in desk.get(answer["Location"]).content.decode()
    assert "Part 3 of 3" in client.get(none.path).content.decode()
    undo(desk, answer)
    assert series_of("There", "Other", "None") == [("Sea", 1), ("River", 7), (None, None)]
    assert "in the series" not in client.get(none.path).content.decode()


def test_an_undo_leaves_a_post_that_has_gone_into_a_third_series(desk, make_post):
    sea, third = Series.objects.create(name="Sea"), Series.objects.create(name="Third")
    moved, left = make_post("Moved"), make_post("Left")
    answer = do(desk, "series", moved, left, new_series=sea.pk)
    Post.objects.filter(pk=moved.pk).update(series=third)
    undo(desk, answer)
    assert series_of("Moved", "Left") == [("Third", None), (None, None)]


def test_an_undo_gives_no_part_number_of_a_series_that_was_deleted_since(desk, make_post):
    river, sea = Series.objects.create(name="River"), Series.objects.create(name="Sea")
    make_post("Other", series=river, series_number=7)
    answer = do(desk, "series", Post.objects.get(), new_series=sea.pk)
    river.delete()
    undo(desk, answer)
    assert series_of("Other") == [(None, None)]


@pytest.mark.parametrize(("deed", "model"), [("series", Series), ("category", Category), ("tag", Tag)])
def test_nothing_is_undone_once_the_term_is_deleted_and_that_is_said(desk, make_post, deed, model):
    post = make_post("Post")
    term = model.objects.create(name="Sea")
    answer = do(desk, deed, post, **{f"new_{deed}": "Sea" if deed == "tag" else term.pk})
    term.delete()
    page = desk.get(undo(desk, answer)["Location"])
    assert page.status_code == 200 and "nothing to undo" in page.content.decode()
    assert Post.objects.get(title="Post").series is None


def test_a_row_names_the_series_and_leads_to_its_parts(desk, make_post):
    river = Series.objects.create(name="To the river & sea")
    make_post("Part", series=river, series_number=3)
    row = desk.get("/desk/posts/").content.decode().partition("<tbody")[2].partition("</tr>")[0]
    assert f'<a href="?series={river.pk}" dir="auto">To the river &amp; sea</a>' in row and "(3)" in row


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"bulk_action": "trash", "post": []}, "No post was selected"),
        ({"bulk_action": "trash", "post": ["x", "9" * 40]}, "No post was selected"),
        ({"bulk_action": "tag", "new_tag": " "}, "Enter the tag to add"),
        ({"bulk_action": "tag", "new_tag": "x" * 300}, "at most 200 characters"),
        ({"bulk_action": "category", "new_category": "0"}, "Choose the category"),
        ({"bulk_action": "restore"}, "Nothing was changed"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(desk, make_post, typed, told):
    post = make_post()
    page = desk.post("/desk/posts/bulk/", {"post": [post.pk], "kind": "post"} | typed, follow=True)
    assert told in page.content.decode()
    assert not BulkAction.objects.exists() and not Tag.objects.exists() and Post.objects.get().is_public


def test_a_list_leads_back_to_no_other_site(desk, make_post):
    answer = do(desk, "trash", make_post(), back="//evil.example/\r\nX: y", kind="//evil.example")
    assert answer["Location"].startswith("/desk/posts/?done=")


def test_nobody_changes_at_once_what_they_may_not_change_alone(as_, arthur, cora, mona, rene, make_post):
    adas, coras = make_post("Ada's"), make_post("Cora's", author=cora, draft=True)
    do(as_(arthur), "trash", adas, coras)
    do(as_(cora), "publish", coras, adas)
    do(as_(cora), "tag", adas, new_tag="mine")
    for user in (mona, rene, None):
        assert do(as_(user), "trash", adas, coras).status_code == 403
    assert (Post.objects.get(pk=adas.pk).status, Post.objects.get(pk=coras.pk).status) == ("published", "draft")
    assert not BulkAction.objects.exists() and not adas.tags.exists()


def test_an_undo_is_for_whoever_did_it_once_and_leaves_alone_what_was_changed_since(as_, desk, ed, make_post):
    one, two = make_post("One"), make_post("Two")
    answer = do(desk, "trash", one, two)
    address = f"/desk/posts/bulk/{BulkAction.objects.get().pk}/undo/"
    assert as_(ed).post(address).status_code == 404
    Post.objects.get(pk=one.pk).restore()
    Post.objects.get(pk=one.pk).withdraw()
    undo(desk, answer)
    assert (Post.objects.get(pk=one.pk).status, Post.objects.get(pk=two.pk).status) == ("draft", "published")
    Post.objects.get(pk=two.pk).trash()
    undo(desk, answer)
    assert Post.objects.get(pk=two.pk).status == "trash"


@pytest.mark.django_db(transaction=True)
def test_narrowed_with_an_undo_the_list_asks_at_most_eight_questions(
    desk, ada, make_post, django_assert_max_num_queries
):
    sport = Category.objects.create(name="Sport")
    river = Series.objects.create(name="River")
    posts = [make_post(f"Post {n}", tags=["run"], categories=["Sport"], series=river) for n in range(5)]
    do(desk, "draft", *posts[:2])
    done = BulkAction.objects.get().pk
    query = {"q": "Post", "category": sport.pk, "series": river.pk, "tag": "run", "author": ada.pk, "sort": "title"}
    desk.get("/desk/")  # the layout is built
    with django_assert_max_num_queries(8):
        answer = desk.get("/desk/posts/", query | {"done": done})
    assert len(titles(answer)) == 5 and answer.context["done"]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_list_of_fifty_thousand_costs_hardly_more_than_one_of_a_thousand(as_, ada):
    """The goal is 1.5 times (bench/desk_list.py prints it); ten times that is broken."""
    costs = desk_list.costs(as_(ada), ada, sizes=(1_000, 50_000), rounds=5)
    wrong = {name: found for name, found in costs.items() if found[50_000][0] > 15 * found[1_000][0]}
    assert not wrong
    assert max(queries for found in costs.values() for _seconds, queries in found.values()) <= 8


# Quick edit


def typed(post, **facts):
    return {"title": post.title, "slug": post.slug, "status": post.status, "publish_at": ""} | facts


def test_title_slug_date_words_and_status_without_the_text(desk, client, make_post):
    post = make_post("Ten milse", "The text.", categories=["Sport"], tags=["run"])
    old, address = post.path, f"/desk/posts/{post.pk}/quick-edit/"
    bread, river = Category.objects.create(name="Bread"), Series.objects.create(name="River")
    assert 'value="Ten milse"' in desk.get(address).content.decode()
    facts = {"title": "Ten miles", "slug": "ten-miles", "publish_at": "2026-03-05T07:30", "tags": "rain, RUN",
             "categories": [bread.pk], "series": river.pk, "series_number": "2", "back": "q=ten"}  # fmt: skip
    assert desk.post(address, typed(post, **facts))["Location"] == f"/desk/posts/?q=ten#row-{post.pk}"
    post.refresh_from_db()
    assert (post.title, post.path, post.source) == ("Ten miles", "/2026/03/05/ten-miles/", "The text.")
    assert {tag.name for tag in post.tags.all()} == {"rain", "run"}
    assert list(post.categories.all()) == [bread]
    assert (post.series, post.series_number) == (river, 2)
    assert client.get(old)["Location"].endswith(post.path)
    desk.post(address, typed(post, status="draft"))
    assert not Post.objects.get().is_public


@pytest.mark.parametrize(
    ("facts", "field", "told"),
    [
        ({"publish_at": "yesterday"}, "publish_at", "Enter a valid date"),
        ({"publish_at": "0001-01-01T00:00"}, "publish_at", "Enter a valid date"),
        ({"tags": "x" * 300}, "tags", "at most 200 characters"),
        ({"tags": ",".join(map(str, range(51)))}, "tags", "At most 50 tags"),
        ({"title": "x" * 501}, "title", "at most 500"),
        ({"status": "trash"}, "status", "valid choice"),
        ({"categories": ["0"]}, "categories", "valid choice"),
        ({"series": "0"}, "series", "valid choice"),
        ({"series_number": "9" * 30}, "series_number", "less than or equal"),
    ],
)
def test_what_is_wrong_with_a_quick_edit_is_said_at_the_field(desk, make_post, facts, field, told):
    post = make_post()
    answer = desk.post(f"/desk/posts/{post.pk}/quick-edit/", typed(post, slug="kept-slug") | facts)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page and f'id="id_{field}_error"' in page and 'value="kept-slug"' in page
    assert Post.objects.get().slug == post.slug


def test_a_quick_edit_is_for_those_who_may_edit_and_publishes_for_those_who_may_publish(
    as_, arthur, cora, mona, rene, make_post
):
    adas, coras = make_post("Ada's"), make_post("Cora's", author=cora, draft=True)
    for user, status in ((arthur, 404), (cora, 404), (mona, 403), (rene, 403), (None, 403)):
        assert as_(user).post(f"/desk/posts/{adas.pk}/quick-edit/", typed(adas, title="Mine")).status_code == status
    as_(cora).post(f"/desk/posts/{coras.pk}/quick-edit/", typed(coras, title="Better", status="published"))
    coras.refresh_from_db()
    assert (coras.title, coras.status, Post.objects.get(pk=adas.pk).title) == ("Better", "draft", "Ada's")


def test_pages_have_no_words_to_change(desk, make_post):
    page = make_post("About", kind="page")
    assert "id_tags" not in desk.get(f"/desk/posts/{page.pk}/quick-edit/").content.decode()
    assert (
        desk.post(f"/desk/posts/{page.pk}/quick-edit/", typed(page, title="Us"))["Location"]
        == f"/desk/pages/#row-{page.pk}"
    )


@pytest.mark.parametrize("deed", ["trash", "draft"])
def test_whoever_may_not_publish_any_more_republishes_nothing_by_undo(ed, make_post, as_, deed):
    """An editor moved the owner's post out of sight and was made an author, then a contributor, then a reader."""
    post = make_post()
    as_(ed).post("/desk/posts/bulk/", {"bulk_action": deed, "post": post.pk})
    bulk = BulkAction.objects.get()
    post.refresh_from_db()
    state = post.status
    assert state != "published"
    for role in ("author", "contributor", "reader"):
        ed.role = role
        ed.save()
        as_(ed).post(f"/desk/posts/bulk/{bulk.pk}/undo/")
        BulkAction.objects.update(undone_at=None)
        post.refresh_from_db()
        assert post.status == state
    ed.role = "editor"
    ed.save()
    as_(ed).post(f"/desk/posts/bulk/{bulk.pk}/undo/")
    post.refresh_from_db()
    assert post.status == "published"


@pytest.mark.parametrize(("who", "order"), [("arthur", 0), ("ed", -5)])
def test_an_authors_page_does_not_choose_its_place_in_the_menu(ada, as_, request, who, order):
    person = request.getfixturevalue(who)
    page = {
        "title": "Mine first",
        "source": "x",
        "author": person.pk,
        "menu_order": "-5",
        "action": "publish",
        "status": "draft",
    }
    as_(person).post("/desk/write/?kind=page", page | {"format": "standard", "visibility": "public"})
    assert Post.objects.get(title="Mine first").menu_order == order
