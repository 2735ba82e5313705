"""Old addresses: seen, added by hand, taken away; and those that somebody asked for and did not find."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import jobs
from blog.models import NotFound, Redirect
from blog.models.not_found import ROWS_A_DAY
from blog.redirects import not_found_log


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def add(desk, old, to=""):
    return desk.post("/desk/redirects/", {"old": old, "to": to})


@pytest.mark.db
def test_an_address_added_by_hand_follows_its_post(desk, client, make_post):
    post = make_post()
    add(desk, "/2009/Old One.html", post.path)
    assert client.get("/2009/old%20one.html")["Location"] == post.path
    post.move_to("other-words")
    assert client.get("/2009/old%20one.html")["Location"] == post.path
    assert "/2009/old one.html" in desk.get("/desk/redirects/?q=OLD").content.decode()
    assert "/2009/old one.html" not in desk.get("/desk/redirects/?q=nothing").content.decode()


def test_an_address_may_lead_to_any_path_or_be_gone(desk, client):
    add(desk, "/blog/rss.php", "/feed/?from=old")
    add(desk, "/shop")
    assert client.get("/blog/rss.php")["Location"] == "/feed/?from=old"
    assert client.get("/shop/").status_code == 410
    desk.post(f"/desk/redirects/{Redirect.objects.get(key='/shop').pk}/delete/")
    assert client.get("/shop/").status_code == 404


@pytest.mark.parametrize(
    ("old", "to", "field", "told"),
    [
        ("", "/", "old", "required"),
        ("about", "/", "old", "begins with a slash"),
        ("//evil.example/", "/", "old", "begins with a slash"),
        ("/old/", "https://evil.example/", "to", "begins with a slash"),
        ("/old/", "//evil.example/", "to", "begins with a slash"),
        ("/old/", "/\\evil.example/", "to", "begins with a slash"),
        ("/old/", "/OLD", "to", "redirect loop"),
        ("/old/", "/a", "to", "redirect loop"),
        ("/" + "x" * 1024, "/", "old", "at most 1024"),
        ("{post}", "/", "old", "There is a page at this address"),
        ("/tag/run/", "/", "old", "There is a page at this address"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_at_its_field(desk, make_post, old, to, field, told):
    post = make_post(tags=["run"])
    add(desk, "/a", "/b")
    add(desk, "/b", "/old")
    answer = add(desk, old.replace("{post}", post.path), to)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page and f'id="id_{field}_error"' in page
    assert Redirect.objects.count() == 2


def test_a_private_post_is_not_told_of_by_an_old_address(desk, client, make_post):
    post = make_post(visibility="private")
    add(desk, "/secret/", post.path)
    assert client.get("/secret/").status_code == 410


def test_what_is_asked_for_and_not_found_is_counted_without_its_visitor(client, desk):
    for _ in range(3):
        client.get("/2009/Shoes/", headers={"referer": "https://www.friend.example/links?me=1"})
    client.get("/2009/shoes")
    desk.get("/2009/shoes/")
    not_found_log.counted.write()
    rows = {(row.key, row.host, row.count) for row in NotFound.objects.all()}
    assert rows == {("/2009/shoes", "friend.example", 3), ("/2009/shoes", "", 1)}
    assert {field.name for field in NotFound._meta.fields} == {"id", "key", "host", "day", "count"}


@pytest.mark.parametrize(
    "path",
    ["/wp-login.php.bak", "/.env", "/.git/config", "/x.php", "/cgi-bin/test", "/old/wp-content/a.js", "/a/<script>",
     "/phpmyadmin/", "/vendor/phpunit/x", "/favicon.png", "/..%2f..%2fetc/passwd", "/" + "x" * 300],
)  # fmt: skip
def test_robots_at_other_peoples_doors_are_not_counted(client, path):
    assert client.get(path).status_code in (404, 400)
    client.post("/2009/shoes/")
    assert not not_found_log.counted.counts


def test_a_day_has_room_for_so_many_and_four_weeks_are_kept(client):
    today = timezone.localdate()
    NotFound.objects.add({(f"/{n}", "", today): 1 for n in range(ROWS_A_DAY + 20)})
    NotFound.objects.add({("/0", "", today): 5, ("/new", "", today): 5})
    assert NotFound.objects.count() == ROWS_A_DAY and NotFound.objects.get(key="/0").count == 6
    NotFound.objects.update(day=today - timedelta(days=27))
    jobs.prune_not_found_log()
    assert NotFound.objects.exists()
    NotFound.objects.update(day=today - timedelta(days=29))
    jobs.prune_not_found_log()
    assert not NotFound.objects.exists()


@pytest.mark.db
def test_one_press_leads_a_missed_address_to_its_post(desk, client, make_post):
    post = make_post("Shoes")
    client.get("/blog/shoes/", headers={"referer": "https://friend.example/"})
    client.get("/blog/hoes/")
    not_found_log.counted.write()
    answer = desk.get("/desk/redirects/404-log/")
    page = answer.content.decode()
    assert "Redirect to “<bdi>Shoes</bdi>”" in page and "friend.example" in page
    assert [(row["key"], row["post"]) for row in answer.context["page"]] == [
        ("/blog/hoes", None),
        ("/blog/shoes", post),
    ]
    desk.post("/desk/redirects/", {"old": "/blog/shoes/", "to": post.path, "from_log": "1"})
    assert client.get("/blog/shoes/")["Location"] == post.path
    desk.post("/desk/redirects/404-log/delete/", {"key": "/blog/hoes"})
    assert not NotFound.objects.exists()
    assert "No 404 errors" in desk.get("/desk/redirects/404-log/").content.decode()


def test_a_missed_address_fills_the_form_and_posts_like_it_are_offered(desk, make_post):
    make_post("Shoes for hills")
    page = desk.get("/desk/redirects/?old=/2009/shoes/").content.decode()
    assert 'value="/2009/shoes/"' in page and "Shoes for hills</button>" in page


@pytest.mark.django_db(transaction=True)
def test_long_lists_of_addresses_ask_few_questions(desk, make_post, django_assert_max_num_queries):
    for n in range(20):
        Redirect.keep(f"/old/{n}/", make_post(f"Post {n}"), public=True)
    NotFound.objects.add({(f"/{n}", "a.example", timezone.localdate()): n for n in range(1, 40)})
    desk.get("/desk/")
    with django_assert_max_num_queries(8):
        desk.get("/desk/redirects/")
    with django_assert_max_num_queries(8):
        desk.get("/desk/redirects/404-log/")


def test_addresses_are_the_owners(as_, ed, rene):
    for user, status in ((ed, 403), (rene, 403)):
        for address in ("", "404-log/"):
            assert as_(user).get(f"/desk/redirects/{address}").status_code == status
        assert add(as_(user), "/old/", "/").status_code == status
    assert not Redirect.objects.exists()
