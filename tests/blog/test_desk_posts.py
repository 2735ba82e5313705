"""The lists of posts, what is done from them, and the way back to an old text."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Post, Series


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def one_of_each(make_post):
    make_post("Out")
    make_post("For friends", visibility="private")
    make_post("Begun", draft=True)
    make_post("Later", at=timezone.now() + timedelta(days=2))
    make_post("Asked", draft=True).withdraw("pending")
    make_post("Thrown").trash()
    make_post("A page", kind="page")


def titles(answer):
    return {post.title for post in answer.context["page"]}


@pytest.mark.db
@pytest.mark.parametrize(
    ("show", "found"),
    [
        ("all", {"Out", "For friends", "Begun", "Later", "Asked"}),
        ("published", {"Out", "For friends"}),
        ("draft", {"Begun"}),
        ("scheduled", {"Later"}),
        ("pending", {"Asked"}),
        ("trash", {"Thrown"}),
        ("nonsense' OR 1", {"Out", "For friends", "Begun", "Later", "Asked"}),
    ],
)
def test_each_pile_holds_its_own(desk, one_of_each, show, found):
    answer = desk.get("/desk/posts/", {"show": show})
    assert titles(answer) == found
    counts = {name: count for name, label, count in answer.context["tabs"]}
    assert counts == {"all": 5, "published": 2, "draft": 1, "scheduled": 1, "pending": 1, "trash": 1}


def test_pages_have_a_list_of_their_own(desk, one_of_each):
    assert titles(desk.get("/desk/pages/")) == {"A page"}


def test_titles_are_searched_word_for_word(desk, make_post):
    make_post("100 % effort")
    make_post("Half of it")
    assert titles(desk.get("/desk/posts/", {"q": "%"})) == {"100 % effort"}
    assert titles(desk.get("/desk/posts/", {"q": "HALF"})) == {"Half of it"}
    page = desk.get("/desk/posts/", {"q": "<b>nothing"}).content.decode()
    assert "No title contains “<bdi>&lt;b&gt;nothing</bdi>”." in page


@pytest.mark.parametrize(
    ("address", "what_to_do"),
    [
        ("/desk/posts/", "Begin to write"),
        ("/desk/pages/", "Begin to write"),
        ("/desk/posts/?show=scheduled", "Show all"),
        ("/desk/posts/?show=trash", "What you move to the trash stays here for 30 days."),
        ("/desk/media/", "Upload some with the button above"),
        ("/desk/media/trash/", "What you move to the trash stays here for 30 days."),
        ("/desk/tags/", "Add them here, or while you write."),
        ("/desk/redirects/", "others are added with the form above."),
        ("/desk/redirects/404-log/", "each with a way to redirect it."),
        ("/desk/settings/changes/", "Who changes which setting is listed here."),
    ],
)
def test_an_empty_list_says_what_to_do(desk, blog, address, what_to_do):
    assert what_to_do in desk.get(address).content.decode()


def test_authors_and_contributors_see_their_own(as_, ed, arthur, cora, make_post):
    make_post("Ada's")
    make_post("Arthur's", author=arthur)
    make_post("Cora's", author=cora, draft=True)
    assert titles(as_(ed).get("/desk/posts/")) == {"Ada's", "Arthur's", "Cora's"}
    assert titles(as_(arthur).get("/desk/posts/")) == {"Arthur's"}
    assert titles(as_(cora).get("/desk/posts/")) == {"Cora's"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 30])
def test_the_list_asks_at_most_eight_questions(desk, make_post, django_assert_max_num_queries, number):
    for n in range(number):
        series = Series.objects.create(name=f"Series {n}")
        make_post(f"Post {n}", tags=["run"], categories=["Sport"], series=series)
    desk.get("/desk/")  # the layout is built
    with django_assert_max_num_queries(8):
        assert len(titles(desk.get("/desk/posts/"))) == number


def test_a_long_list_has_pages_that_keep_the_filter(desk, make_post):
    for n in range(31):
        make_post(f"Post {n}")
    answer = desk.get("/desk/posts/", {"show": "published", "q": "Post"})
    assert len(titles(answer)) == 30
    assert "?show=published&amp;q=Post&amp;page=2" in answer.content.decode()
    assert desk.get("/desk/posts/?page=99").status_code == 200


def test_to_the_trash_and_back(desk, client, make_post):
    post = make_post()
    assert desk.post(f"/desk/posts/{post.pk}/trash/").status_code == 302
    assert client.get(post.get_absolute_url()).status_code != 200
    desk.post(f"/desk/posts/{post.pk}/restore/")
    assert client.get(post.get_absolute_url()).status_code == 200


def test_only_what_is_in_the_trash_is_deleted_for_good_and_after_a_question(desk, client, make_post):
    post = make_post()
    address = f"/desk/posts/{post.pk}/delete/"
    desk.post(address)
    assert Post.objects.filter(pk=post.pk).exists()
    desk.post(f"/desk/posts/{post.pk}/trash/")
    assert "permanently?" in desk.get(address).content.decode()
    assert Post.objects.filter(pk=post.pk).exists()
    assert desk.post(address)["Location"] == "/desk/posts/?show=trash#done"
    assert not Post.objects.filter(pk=post.pk).exists()
    assert client.get(post.path).status_code == 410


@pytest.mark.parametrize("deed", ["trash", "restore", "delete"])
def test_nobody_throws_away_what_is_anothers(as_, arthur, cora, mona, rene, make_post, deed):
    post = make_post(draft=True)
    for user, status in ((arthur, 404), (cora, 404), (mona, 403), (rene, 403), (None, 403)):
        assert as_(user).post(f"/desk/posts/{post.pk}/{deed}/").status_code == status
    assert Post.objects.get().status == "draft"


def test_a_contributor_throws_away_drafts_and_nothing_that_is_published(as_, cora, make_post):
    desk = as_(cora)
    draft, published = make_post(author=cora, draft=True), make_post(author=cora)
    assert desk.post(f"/desk/posts/{published.pk}/trash/").status_code == 403
    for deed, status in (("trash", "trash"), ("restore", "draft"), ("trash", "trash")):
        desk.post(f"/desk/posts/{draft.pk}/{deed}/")
        assert Post.objects.get(pk=draft.pk).status == status
    published.trash()
    assert desk.post(f"/desk/posts/{published.pk}/restore/").status_code == 403
    assert desk.post(f"/desk/posts/{published.pk}/delete/").status_code == 403
    desk.post(f"/desk/posts/{draft.pk}/delete/")
    assert list(Post.objects.all()) == [published]


def test_the_desk_shows_what_is_begun_scheduled_and_out(desk, one_of_each):
    page = desk.get("/desk/").content.decode()
    for title in ("Begun", "Asked", "Later", "Out"):
        assert f">{title}</a>" in page
    assert "Thrown" not in page


def test_a_moderator_has_a_desk_without_posts(as_, mona, one_of_each):
    page = as_(mona).get("/desk/").content.decode()
    assert "Begun" not in page
    assert 'class="button button--first" href="/desk/write/"' not in page


@pytest.mark.parametrize("where", ["", "posts/", "pages/", "write/", "categories/", "tags/", "media/", "settings/"])
def test_the_desk_is_shut_for_readers_and_guests(as_, rene, client, where):
    assert as_(rene).get(f"/desk/{where}").status_code == 403
    answer = client.get(f"/desk/{where}")
    assert answer["Location"] == f"/accounts/login/?next=/desk/{where}"


def test_the_desk_is_kept_by_nobody(desk, ada):
    assert desk.get("/desk/")["Cache-Control"] == "private, no-store"


# Revisions


def test_every_text_is_kept_and_brought_back_with_one_press(desk, ada, make_post):
    post = make_post("First", "One.")
    post.revise(ada, title="Second", source="Two.")
    page = desk.get(f"/desk/posts/{post.pk}/revisions/").content.decode()
    assert "“<bdi>First</bdi>”" in page
    assert "current text" in page
    first = post.revisions.get(title="First")
    address = f"/desk/posts/{post.pk}/revisions/{first.pk}/"
    assert "One.</textarea>" in desk.get(address).content.decode()
    assert Post.objects.get().source == "Two."
    assert desk.post(address)["Location"] == f"/desk/posts/{post.pk}/"
    post = Post.objects.get()
    assert (post.title, post.source, post.newest_revision.kind) == ("First", "One.", "restored")
    assert post.is_public
    assert "Two." in post.revisions.values_list("source", flat=True)


def test_a_text_that_came_too_late_can_be_brought_back(desk, ada, make_post):
    post = make_post(source="Theirs.")
    post.store_as_revision(ada, title="Mine", source="Mine.", excerpt="")
    mine = post.revisions.get(kind="refused")
    desk.post(f"/desk/posts/{post.pk}/revisions/{mine.pk}/")
    assert Post.objects.get().source == "Mine."


def test_revisions_are_for_those_who_may_edit(as_, arthur, mona, client, make_post):
    post, other = make_post(draft=True), make_post(author=arthur)
    number = post.newest_revision.pk if post.newest_revision else post.keep_revision(post.author).pk
    for address in (f"/desk/posts/{post.pk}/revisions/", f"/desk/posts/{post.pk}/revisions/{number}/"):
        assert as_(arthur).get(address).status_code == 404
        assert as_(mona).get(address).status_code == 403
        assert client.get(address).status_code == 302
    assert as_(arthur).get(f"/desk/posts/{other.pk}/revisions/{number}/").status_code == 404
    assert as_(arthur).post(f"/desk/posts/{other.pk}/revisions/{number}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_hundred_revisions_ask_no_more_questions_than_one(desk, ada, make_post, django_assert_max_num_queries):
    post = make_post()
    for _ in range(60):
        post.keep_revision(ada, "published")
    desk.get("/desk/")
    with django_assert_max_num_queries(8):
        desk.get(f"/desk/posts/{post.pk}/revisions/")
