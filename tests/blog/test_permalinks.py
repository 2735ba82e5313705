"""Where posts and pages live, and that they are found there by the right people."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from blog.models import Post, ReadingSettings, Redirect, Tag
from core.models import Site

pytestmark = pytest.mark.db


def test_a_post_lives_under_the_authors_local_date(blog, make_post, on):
    Site.objects.update(timezone="America/New_York")
    post = make_post("Evening run", at=on(2010, 9, 10, 0, 23))
    assert post.path == "/2010/09/09/evening-run/"
    assert str(post.published_on) == "2010-09-09"


@pytest.mark.parametrize(
    ("structure", "path"),
    [
        ("day", "/2018/08/26/hill-repeats/"),
        ("month", "/2018/08/hill-repeats/"),
        ("name", "/hill-repeats/"),
        ("category", "/sport/running/hill-repeats/"),
    ],
)
def test_the_structure_is_the_owners_choice_and_old_addresses_stay(client, blog, make_post, on, structure, path):
    post = make_post("Hill repeats", at=on(2018, 8, 26, 9))
    sport, running = post.categories.model.objects.called(["Sport", "Running"])
    running.parent = sport
    running.save()
    post.categories.set([running])
    before = post.path
    ReadingSettings.objects.update(permalinks=structure)
    Post.objects.update_paths()
    post.refresh_from_db()
    assert post.path == path
    assert client.get(path).status_code == 200
    if before != path:
        answer = client.get(before)
        assert (answer.status_code, answer["Location"]) == (301, path)


def test_a_page_hangs_below_its_parent_and_moves_with_it(client, make_post):
    about = make_post("About", kind="page")
    shoes = make_post("Shoes", kind="page", parent=about)
    assert (about.path, shoes.path) == ("/about/", "/about/shoes/")
    about.move_to("who-i-am")
    shoes.refresh_from_db()
    assert shoes.path == "/who-i-am/shoes/"
    assert client.get("/about/shoes/")["Location"] == "/who-i-am/shoes/"


def test_equal_titles_get_numbers(make_post):
    assert [make_post("Run").slug for _time in range(3)] == ["run", "run-2", "run-3"]


def test_a_post_without_a_title_is_named_by_its_first_words(make_post):
    assert make_post("", "The rain stopped at six, so I went out again.").slug == "the-rain-stopped-at-six-so"


@pytest.mark.parametrize("name", ["Feed", "Desk", "Search", "Tag"])
def test_our_own_words_are_no_addresses_of_pages(client, make_post, name):
    page = make_post(name, kind="page")
    assert page.path == f"/{name.lower()}-2/"
    assert client.get(page.path).status_code == 200


def test_a_scheduled_post_has_its_address_and_answers_nobody_early(client, as_, ada, rene, make_post):
    post = make_post("Race day", at=timezone.now() + timedelta(hours=1))
    assert post.path
    assert client.get(post.path).status_code == 404
    assert as_(rene).get(post.path).status_code == 404
    assert as_(ada).get(post.path).status_code == 200
    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() - timedelta(seconds=1))
    assert client.get(post.path).status_code == 200


def test_a_draft_is_seen_by_its_author_alone(client, as_, ada, arthur, rene, make_post):
    draft = make_post("Not yet", author=arthur)
    draft.withdraw()
    seen = {who: as_(person).get(draft.path).status_code for who, person in
            {"guest": None, "rene": rene, "arthur": arthur, "ada": ada}.items()}  # fmt: skip
    assert seen == {"guest": 404, "rene": 404, "arthur": 200, "ada": 200}


def test_a_private_post_tells_strangers_nothing(client, as_, ada, rene, make_post):
    post = make_post("Blood test", visibility="private")
    assert as_(ada).get(post.path).status_code == 200
    for visitor in (client, as_(rene)):
        answer = visitor.get(post.path)
        assert answer.status_code == 404
        assert b"Blood test" not in answer.content


def test_the_address_without_its_slash_leads_to_the_one_with_it(client, make_post):
    post = make_post()
    answer = client.get(post.path.rstrip("/"))
    assert (answer.status_code, answer["Location"]) == (301, post.path)


def test_a_slug_in_another_script_is_quoted_in_links_and_found(client, make_post):
    post = make_post("東京マラソン")
    assert post.slug == "東京マラソン"
    assert "%E6%9D%B1" in post.get_absolute_url()
    assert client.get(post.get_absolute_url()).status_code == 200


# Old addresses


def test_what_is_renamed_answers_with_one_301(client, make_post):
    post = make_post("Long run")
    first = post.path
    post.move_to("very-long-run")
    second = post.path
    post.move_to("longest-run")
    for old in (first, second):
        answer = client.get(old)
        assert (answer.status_code, answer["Location"]) == (301, post.path)
    assert client.get(post.path).status_code == 200


def test_todays_address_wins_over_an_old_one(client, make_post, on):
    old = make_post("Run", at=on(2020, 1, 1))
    path = old.path
    old.move_to("walk")
    new = make_post("Run", at=on(2020, 1, 1))
    assert new.path == path
    assert client.get(path).status_code == 200
    assert not Redirect.objects.filter(post=old, key=path.rstrip("/")).exists()


def test_a_301_never_tells_the_title_of_a_private_post(client, make_post):
    post = make_post("A name")
    before = post.path
    post.visibility = "private"
    post.save()
    post.move_to("the-secret-name")
    answer = client.get(before)
    assert answer.status_code == 410
    assert b"secret" not in answer.content


def test_what_was_public_and_is_deleted_answers_410(client, make_post):
    post = make_post()
    path = post.path
    post.trash()
    assert client.get(path).status_code == 410
    post.restore()
    assert client.get(path).status_code == 200
    post.delete()
    answer = client.get(path)
    assert answer.status_code == 410
    assert b"removed it permanently" in answer.content


def test_what_was_never_public_is_just_not_there(client, make_post):
    draft = make_post(draft=True, title="Never seen")
    draft.publish(timezone.now() + timedelta(days=1))
    path = draft.path
    draft.delete()
    assert client.get(path).status_code == 404


def test_a_trashed_post_frees_its_address_and_takes_another_when_restored(make_post, on):
    first = make_post("Run", at=on(2020, 1, 1))
    first.trash()
    second = make_post("Run", at=on(2020, 1, 1))
    first.restore()
    assert second.path == "/2020/01/01/run/"
    assert first.path == "/2020/01/01/run-2/"


def test_renamed_tags_and_categories_keep_their_old_addresses(client, make_post):
    make_post(tags=["Trail"], categories=["Sport"])
    tag = Tag.objects.get()
    tag.slug = "off-road"
    tag.save()
    answer = client.get("/tag/trail/")
    assert (answer.status_code, answer["Location"]) == (301, "/tag/off-road/")
    tag.delete()
    assert client.get("/tag/off-road/").status_code == 410
    assert client.get("/tag/trail/").status_code == 410


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("/2018/8/26/A-Long-Run/", "/2018/08/26/a-long-run/"),
        ("/2018/08/26/a-long-run/).", "/2018/08/26/a-long-run/"),
        ("/2018/08/26/a-long-run”", "/2018/08/26/a-long-run/"),
        ("/2018/08//26/a-long-run/", "/2018/08/26/a-long-run/"),
        ("/?p={pk}", "/2018/08/26/a-long-run/"),
        ("/?page_id={pk}", "/2018/08/26/a-long-run/"),
        ("/?name=a-long-run", "/2018/08/26/a-long-run/"),
        ("/?m=201808", "/2018/08/"),
        ("/?m=20180826", "/2018/08/26/"),
        ("/?s=long run", "/search/?q=long%20run"),
        ("/?feed=atom", "/feed/atom/"),
        ("/feed.xml", "/feed/"),
        ("/rss/", "/feed/"),
        ("/atom.xml", "/feed/atom/"),
        ("/2018/8/", "/2018/08/"),
    ],
)
def test_addresses_as_people_paste_them(client, make_post, on, typed, right):
    post = make_post(at=on(2018, 8, 26, 9))
    answer = client.get(typed.format(pk=post.pk))
    assert (answer.status_code, answer["Location"]) == (301, right)


@pytest.mark.parametrize(
    "nonsense",
    ["/?p=0", "/?p=99999999999999999999", "/?p=x", "/?cat=1e3", "/?m=2018081", "/?feed=exe", "/2018/13/", "/0000/",
     "/2018/02/31/", "/page/99/", "/author/nobody/", "/tag/%F0%9F%8F%83/", "/feed/exe/", "/" + "a" * 3000 + "/",
     "/%E2%80%AE/", "/tag/%2e%2e/", "/sitemap-nothing.xml"],
)  # fmt: skip
def test_nonsense_is_a_404_and_never_a_500(client, blog, nonsense):
    assert client.get(nonsense).status_code == 404


@pytest.mark.parametrize("bad", ["/a%00b/", "/?p=%00", "/search/?q=a%00b"])
def test_a_nul_in_an_address_is_a_400(client, blog, bad):
    assert client.get(bad).status_code == 400


def test_a_404_offers_what_was_perhaps_meant(client, make_post):
    make_post("Marathon training in winter")
    make_post("Marathon shoes", visibility="private")
    answer = client.get("/2020/01/01/marathon/")
    assert answer.status_code == 404
    assert [each["title"] for each in answer.context["suggestions"]] == ["Marathon training in winter"]


# Passwords


def test_a_protected_post_shows_its_text_only_after_the_password(client, make_post):
    post = make_post("Results", "Forty-one minutes.", password="finish line")
    assert b"Forty-one" not in client.get(post.path).content
    origin = {"Sec-Fetch-Site": "same-origin"}
    wrong = client.post(f"/posts/{post.pk}/unlock/", {"password": "start"}, headers=origin)
    assert wrong.status_code == 422
    assert b"not the password" in wrong.content
    right = client.post(f"/posts/{post.pk}/unlock/", {"password": "finish line"}, headers=origin)
    assert (right.status_code, right["Location"]) == (302, post.path)
    assert b"Forty-one" in client.get(post.path).content
    post.set_password("another")
    post.save()
    assert b"Forty-one" not in client.get(post.path).content


def test_guessing_passwords_is_slowed_down(client, make_post):
    post = make_post(password="finish line")
    answers = [
        client.post(f"/posts/{post.pk}/unlock/", {"password": str(n)}, headers={"Sec-Fetch-Site": "same-origin"})
        for n in range(11)
    ]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_the_protected_text_stands_in_no_public_answer(client, make_post):
    make_post("Results", "Heliotrope minutes.", password="finish line", tags=["race"], excerpt="A heliotrope excerpt")
    make_post("Another", tags=["race"])
    for path in [
        "/",
        "/feed/",
        "/feed/atom/",
        "/feed/json/",
        "/tag/race/",
        "/search/?q=heliotrope",
        "/sitemap-posts.xml",
    ]:
        text = client.get(path).getvalue().decode().lower().replace("q=heliotrope", "").replace("“heliotrope”", "")
        assert "heliotrope minutes" not in text
        assert "heliotrope excerpt" not in text


def test_a_path_that_somebody_still_has_is_not_given_twice(make_post, blog):
    about = make_post("About", kind="page")
    make_post("Team", kind="page", parent=about)
    about.trash()
    again = make_post("About", kind="page")
    assert again.path == "/about/"
    assert make_post("Team", kind="page", parent=again).path == "/about/team-2/"


def test_the_path_of_a_draft_is_its_own(make_post, on):
    draft = make_post("A", at=on(2020, 5, 6))
    draft.withdraw()
    draft.publish_at, draft.slug = None, "b"
    draft.save()
    draft.file()
    assert draft.path == "/2020/05/06/a/"
    assert make_post("A", at=on(2020, 5, 6)).path == "/2020/05/06/a-2/"


def test_a_page_and_a_post_with_one_name_live_side_by_side(make_post, blog):
    ReadingSettings.objects.update(permalinks="name")
    paths = [make_post("Foo", kind="page").path, make_post("Foo").path, make_post("Foo", kind="page").path]
    assert len(set(paths)) == 3 and paths[0] == "/foo/"


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("/tag/run", "/tag/run/"),
        ("/tag/RUN/", "/tag/run/"),
        ("/category/Sport", "/category/sport/"),
        ("/author/ada", "/author/ada/"),
        ("/2026", "/2026/"),
        ("/2026/11", "/2026/11/"),
        ("/search?q=fog", "/search/?q=fog"),
        ("/tag/run/feed", "/tag/run/feed/"),
        ("/comments/feed", "/comments/feed/"),
        ("/desk", "/desk/"),
        ("/accounts/login?next=/desk/", "/accounts/login/?next=/desk/"),
    ],
)
def test_every_address_forgives_a_missing_slash(client, make_post, on, typed, right):
    make_post("A run", at=on(2026, 11, 22), tags=["run"], categories=["Sport"])
    answer = client.get(typed)
    assert (answer.status_code, answer.get("Location")) == (301, right)


@pytest.mark.parametrize("typed", ["/tag/none", "/2031", "/author/nobody", "//example.com/feed", "//example.com"])
def test_a_slash_leads_to_nothing_that_is_not_there_and_nowhere_else(client, make_post, typed):
    make_post()
    assert client.get("/", PATH_INFO=typed).status_code == 404


def test_what_hangs_below_a_renamed_thing_goes_along(client, make_post):
    post = make_post("A run", tags=["run"], categories=["Sport"])
    old = post.path
    post.move_to("a-long-run")
    for term, slug in ((post.tags.get(), "jogging"), (post.categories.get(), "exercise")):
        term.slug = slug
        term.save()
    for typed, right in {
        f"{old}feed/": f"{post.path}feed/",
        f"{old}feed/atom/": f"{post.path}feed/atom/",
        f"{old}comment-page-2/": f"{post.path}comment-page-2/",
        "/tag/run/feed/": "/tag/jogging/feed/",
        "/tag/run/page/2/": "/tag/jogging/page/2/",
        "/category/sport/feed/json/": "/category/exercise/feed/json/",
    }.items():
        answer = client.get(typed)
        assert (answer.status_code, answer.get("Location")) == (301, right)


@pytest.mark.parametrize("name", ["Author", "Search", "Tag", "Category"])
def test_posts_of_a_category_with_a_name_of_ours_are_found(client, blog, make_post, name):
    ReadingSettings.objects.update(permalinks="category")
    post = make_post("My run", categories=[name])
    assert post.path == f"/{name.lower()}-2/my-run/"
    assert client.get(post.path).status_code == 200


def test_another_timezone_moves_no_post_that_is_edited(blog, make_post):
    late = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    post = make_post("Late", at=late)
    assert post.path == "/2026/01/01/late/"
    Site.objects.update(timezone="Europe/Berlin")
    post = Post.objects.get(pk=post.pk)
    post.source = "A typo less."
    post.save()
    post.file()
    assert (post.path, str(post.published_on)) == ("/2026/01/01/late/", "2026-01-01")
    post.publish_at = late + timedelta(minutes=1)
    post.save()
    post.file()
    assert post.path == "/2026/01/02/late/", "its author gave it another date, by the clock of today"


def test_a_protected_post_without_a_title_tells_none_of_its_words(client, make_post):
    post = make_post("", "The secret treasure lies buried.", password="x")
    post.file()
    assert "treasure" not in post.path
    for path in ("/", post.path, f"{post.path}feed/", "/feed/"):
        assert "treasure" not in client.get(path).content.decode(), path


@pytest.mark.parametrize("path", ["/", "/feed/", "/feed/atom/", "/feed/json/"])
def test_where_a_protected_link_leads_is_told_behind_the_password_alone(client, make_post, path):
    facts = {"format": "link", "link_url": "https://hidden.example/place"}
    make_post("Hidden", password="x", **facts)
    make_post("Open", **facts | {"link_url": "https://open.example/place"})
    page = client.get(path).content.decode()
    assert "hidden.example" not in page and "open.example" in page
