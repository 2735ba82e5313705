"""Series: which part a post is, the ways to the others, archive, feed and sitemap, and what the desk does with it."""

import re
from datetime import timedelta

import feedparser
import pytest
from django.utils import timezone

from blog.models import Post, Redirect, Series


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def river(make_post, on):
    """Three public parts of five, in an order other than that of their dates."""
    series = Series.objects.create(name="To the river & sea", description="How to get there.")
    for day, (title, number) in enumerate({"Bridge": 2, "Hill": None, "Door": 1}.items(), start=1):
        make_post(title, at=on(2020, 1, day), series=series, series_number=number)
    make_post("Secret ford", visibility="private", series=series, series_number=0)
    make_post("Sea", at=timezone.now() + timedelta(days=1), series=series)
    make_post("Sources", draft=True, series=series)
    return series


def box(client, title):
    page = client.get(Post.objects.get(title=title).path).content.decode()
    return page.partition('<nav class="longrun-series"')[2].partition("</nav>")[0]


def test_a_part_says_which_it_is_and_leads_to_those_beside_it(client, river):
    found = box(client, "Bridge")
    assert "Part 2 of 3 in the series" in found and "To the river &amp; sea" in found
    assert re.findall(r"<li>\s*<(?:a href=\"([^\"]*)\"|span aria-current)", found) == [
        "/2020/01/03/door/", "", "/2020/01/02/hill/",
    ]  # fmt: skip
    beside = found.partition("longrun-series__adjacent")[2]
    assert re.findall(r'href="([^"]*)"', beside) == ["/2020/01/03/door/", "/2020/01/02/hill/"]
    assert "Part 1 of 3" in box(client, "Door") and "Previous part" not in box(client, "Door")
    assert "Part 3 of 3" in box(client, "Hill") and "Next part" not in box(client, "Hill")
    for hidden in ("Secret ford", "Sea", "Sources"):
        assert hidden not in found


def test_parts_are_counted_again_when_one_becomes_public(client, river):
    assert "Part 2 of 3" in box(client, "Bridge")
    Post.objects.get(title="Sources").publish()
    assert "Part 2 of 4" in box(client, "Bridge")
    Post.objects.get(title="Door").trash()
    assert "Part 1 of 3" in box(client, "Bridge")


def test_the_preview_of_a_draft_names_its_series_without_a_number(desk, river):
    page = desk.get(f"/desk/posts/{Post.objects.get(title='Sources').pk}/preview/").content.decode()
    assert "In the series" in page and "Part " not in page.partition("longrun-series")[2].partition("</p>")[0]


def test_an_only_part_has_no_list(client, make_post):
    make_post("Alone", series=Series.objects.create(name="Short"))
    found = box(client, "Alone")
    assert "Part 1 of 1" in found and "<details>" not in found and "longrun-series__adjacent" not in found


def test_a_draft_that_nobody_has_begun_a_series_with_still_names_it(desk, make_post):
    post = make_post("First", draft=True, series=Series.objects.create(name="Empty so far"))
    assert "Empty so far" in desk.get(f"/desk/posts/{post.pk}/preview/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_it_costs_one_query_and_others_none(client, river, make_post, django_assert_num_queries):
    make_post("No series")
    client.get(make_post("Warm").path)
    for title, most in (("No series", 5), ("Hill", 6)):
        path = Post.objects.get(title=title).path
        with django_assert_num_queries(most):
            assert client.get(path).status_code == 200


def test_the_archive_begins_with_the_first_part(client, river):
    page = client.get("/series/to-the-river-sea/").content.decode()
    assert re.findall(r'rel="bookmark">(\w+)</a>', page) == ["Door", "Bridge", "Hill"]
    assert "How to get there." in page and "Series: <bdi>To the river &amp; sea</bdi>" in page
    assert 'href="/series/to-the-river-sea/feed/"' in page
    assert client.get("/series/other/").status_code == 404


def test_the_feed_and_the_sitemap(client, river):
    feed = feedparser.parse(client.get("/series/to-the-river-sea/feed/").content)
    assert [entry.title for entry in feed.entries] == ["Door", "Hill", "Bridge"]
    assert [tag.term for tag in feed.entries[0].tags] == ["To the river & sea"]
    Series.objects.create(name="Unused")
    sitemap = b"".join(client.get("/sitemap-series.xml").streaming_content).decode()
    assert re.findall(r"<loc>(.*?)</loc>", sitemap) == ["http://localhost:8000/series/to-the-river-sea/"]
    assert "/sitemap-series.xml" in client.get("/sitemap.xml").content.decode()


def written(post, **changes):
    fields = {
        "title": post.title,
        "source": post.source,
        "action": "save",
        "visibility": "public",
        "format": "standard",
    }
    return fields | {"base_revision": post.newest_revision.pk, "author": post.author_id} | changes


def test_the_write_page_files_a_post_in_a_series(desk, make_post):
    post, series = make_post(), Series.objects.create(name="Old")
    desk.post(f"/desk/posts/{post.pk}/", written(post, series=series.pk, series_number="4"))
    post.refresh_from_db()
    assert (post.series, post.series_number) == (series, 4)
    desk.post(f"/desk/posts/{post.pk}/", written(post, series=series.pk, new_series="Brand new"))
    post.refresh_from_db()
    assert (post.series.name, post.series_number) == ("Brand new", None)
    desk.post(f"/desk/posts/{post.pk}/", written(post, new_series="OLD"))
    post.refresh_from_db()
    assert post.series == series
    answer = desk.post(f"/desk/posts/{post.pk}/", written(post, new_series="\u0301"))
    assert answer.status_code == 422 and "at least one letter or digit" in answer.content.decode()


def test_only_who_manages_terms_starts_one(as_, arthur, make_post):
    post = make_post(author=arthur, draft=True)
    post.keep_revision(arthur)
    as_(arthur).post(f"/desk/posts/{post.pk}/", written(post, new_series="Mine"))
    assert not Series.objects.exists()


def test_a_series_is_renamed_and_its_address_follows(desk, client, river):
    desk.post(f"/desk/series/{river.pk}/", {"name": "To the sea", "slug": "to-the-sea", "description": ""})
    assert client.get("/series/to-the-river-sea/")["Location"] == "/series/to-the-sea/"
    assert "To the sea" in box(client, "Hill")


def test_a_series_goes_into_another_with_its_parts_and_addresses(desk, client, river, make_post):
    sea = Series.objects.create(name="Sea")
    Redirect.keep("/older/", river, public=True)
    desk.post("/desk/series/merge/", {"term": river.pk, "into": sea.pk})
    assert set(Post.objects.values_list("series", flat=True)) == {sea.pk} and Series.objects.get() == sea
    for path in ("/series/to-the-river-sea/", "/older/"):
        assert client.get(path)["Location"] == "/series/sea/"


def test_a_deleted_series_is_gone_and_its_posts_stay(desk, client, river):
    assert "6 posts" in desk.get(f"/desk/series/{river.pk}/delete/").content.decode()
    listed = desk.get("/desk/series/").context["page"]
    assert [series.posts_count for series in listed] == [6]
    desk.post(f"/desk/series/{river.pk}/delete/")
    assert client.get("/series/to-the-river-sea/").status_code == 410
    assert Post.objects.filter(series=None, series_number=None).count() == 6 and not box(client, "Hill")


def test_counts_leave_out_the_trash_and_what_is_not_public(river):
    Post.objects.get(title="Hill").trash()
    assert Series.objects.kept_counts([river.pk]) == {river.pk: 5}
    assert Series.objects.counts() == {river.pk: 2}


def test_a_copy_is_of_the_same_series_without_a_number(desk, river):
    post = Post.objects.get(title="Bridge")
    desk.post(f"/desk/posts/{post.pk}/duplicate/")
    copy = Post.objects.get(title="Bridge (copy)")
    assert (copy.series, copy.series_number) == (river, None)
