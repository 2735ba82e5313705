"""A WordPress blog comes in: every element has a line, nothing private becomes public, a second run changes nothing."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Category, Post, Redirect, Tag
from comments.models import Comment, Person
from core.models import Email
from tests.matrix import drawn
from tests.transfer.wxr_text import URL, author, category, comment, export, item, meta, tag, term_of
from transfer.importing import receipt
from transfer.importing.media_sources import best_match
from transfer.importing.undo_import import undo_import
from transfer.models import ImportRef, ImportRun
from transfer.records import KINDS

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def bring(tmp_path, ada):
    def bring(*parts, name="export.xml", **options):
        path = tmp_path / name
        path.write_text(export(*parts), encoding="utf-8")
        target = tmp_path / "receipt.json"
        call_command("import_wordpress", path, receipt=target, stdout=io.StringIO(), stderr=io.StringIO(), **options)
        return json.loads(target.read_text(encoding="utf-8"))

    return bring


def results(done, kind):
    return {line["ref"]: line["result"] for line in done["lines"] if line["kind"] == kind}


def adds_up(done):
    return all(row["in_file"] == sum(row[name] for name in receipt.RESULTS) for row in done["totals"].values())


def test_a_post_keeps_its_number_dates_address_and_terms(bring):
    done = bring(
        author("ada", "ada@old.example", "Ada"),
        category("sport", "Sport"),
        category("running", "Running", "sport", "On foot"),
        tag("weights", "weights"),
        item(
            4711,
            "A long run",
            "Ten miles.",
            term_of("category", "running", "Running"),
            term_of("post_tag", "weights", "weights"),
            post_modified="2011-01-01 10:00:00",
            post_modified_gmt="2011-01-01 14:00:00",
            excerpt="Short",
        ),
    )
    post = Post.objects.get(pk=4711)
    assert post.path == "/2010/09/09/a-long-run/"  # the local date, not that of UTC
    assert post.publish_at == datetime(2010, 9, 10, 0, 23, tzinfo=UTC)
    assert post.updated_at == datetime(2011, 1, 1, 14, 0, tzinfo=UTC)
    assert (post.title, post.excerpt, post.guid) == ("A long run", "Short", f"{URL}/?p=4711")
    assert "Ten miles." in post.html and post.announced_at and post.is_public
    assert [each.route for each in post.categories.all()] == ["sport/running"]
    assert Category.objects.get(slug="running").description == "On foot"
    assert [each.name for each in post.tags.all()] == ["weights"]
    assert done["totals"]["posts"] == {"in_file": 1, "brought": 1, "updated": 0, "unchanged": 0, "merged": 0,
                                       "skipped": 0, "failed": 0}  # fmt: skip
    assert adds_up(done) and set(done["totals"]) == set(KINDS)


STATES = [
    ("publish", "", "published", "public", True),
    ("draft", "", "draft", "public", False),
    ("pending", "", "pending", "public", False),
    ("private", "", "published", "private", False),
    ("trash", "", "trash", "public", False),
    ("publish", "secret", "published", "password", True),
    ("future", "", "draft", "public", False),  # its time has passed
    ("wc-on-hold", "", "draft", "public", False),
]


@pytest.mark.parametrize(("status", "password", "here", "visibility", "public"), STATES)
def test_no_status_makes_anything_public(bring, client, status, password, here, visibility, public):
    content = "The words nobody should see."
    done = bring(item(7, "A long run", content, comment(1, "Nor these."), status=status, post_password=password))
    post = Post.objects.get(pk=7)
    assert (post.status, post.visibility, post.is_public) == (here, visibility, public)
    assert adds_up(done)
    for path in ("/", "/feed/", "/comments/feed/", "/sitemap-posts.xml", "/2010/09/09/a-long-run/", "/?p=7"):
        text = client.get(path, follow=True).getvalue().decode()
        shown = status == "publish" and not password
        assert shown or "nobody should see" not in text and "Nor these" not in text


def test_a_scheduled_post_waits_for_its_day(bring):
    bring(item(8, status="future", post_date="2090-01-02 03:04:05", post_date_gmt="2090-01-02 08:04:05"))
    post = Post.objects.get(pk=8)
    assert post.is_scheduled and not post.is_public and post.publish_at.year == 2090 and post.announced_at


COMMENT_STATES = [("1", "approved"), ("0", "pending"), ("trash", "trash"), ("post-trashed", "trash"), ("spam", "spam"),
                  ("odd", "pending")]  # fmt: skip


@pytest.mark.parametrize(("approved", "state"), COMMENT_STATES)
def test_a_comment_keeps_its_state(bring, approved, state):
    bring(item(7, "A", "B", comment(31, "So *true*.\n\nYes.", approved=approved)))
    row = Comment.objects.get(pk=31)
    assert (row.state, row.name, row.email, row.post_id) == (state, "Bo", "bo@example.com", 7)
    assert row.html == "<p>So *true*.</p>\n<p>Yes.</p>"
    assert row.posted_at == datetime(2010, 9, 10, 12, 0, tzinfo=UTC)
    assert row.facts["network"] and "192.0.2" not in json.dumps(row.facts)
    assert Post.objects.get(pk=7).comment_count == (state == "approved")


@pytest.mark.parametrize("kind", ["note", "order_note", "review", "unheard-of"])
def test_a_comment_of_an_unknown_type_is_never_shown(bring, client, kind):
    done = bring(item(7, "A", "B", comment(31, "An editor's remark.", type=kind)))
    assert not Comment.objects.filter(post=7).exists()
    assert results(done, "comments") == {"31": "skipped"} and adds_up(done)
    assert "remark" not in client.get("/2010/09/09/a/").content.decode()


def test_replies_find_parents_that_come_later(bring):
    bring(item(7, "A", "B", comment(30, "Reply", parent=31), comment(31, "Question"), comment(32, "Again", parent=30)))
    rows = Comment.objects.in_bulk([30, 31, 32])
    assert (rows[30].parent_id, rows[32].parent_id, rows[31].parent_id) == (31, 30, None)
    assert (rows[30].thread_id, rows[32].thread_id) == (31, 31)


@pytest.mark.parametrize("parents", [(31, 30), (30, 31), (999, 0)])
def test_a_circle_or_a_missing_parent_loses_no_comment(bring, parents):
    done = bring(item(7, "A", "B", comment(30, "One", parent=parents[0]), comment(31, "Two", parent=parents[1])))
    assert Comment.objects.filter(post=7).count() == 2
    assert any("stands by itself" in line["reason"] for line in done["lines"]) and adds_up(done)


def test_taken_numbers_lead_to_the_post_and_the_comment(bring, make_post, client):
    here = make_post(title="Mine")
    # Numbers of our own: PostgreSQL's next ones may be too large to be kept, after a test that took large ones.
    there = Comment.objects.create(pk=41, post=here, text="Hello", state="approved", name="Al")
    number = here.pk
    bring(item(number, "Theirs", "Words", comment(there.pk, "Their comment")))
    theirs = Post.objects.get(title="Theirs")
    assert theirs.pk != number
    assert client.get(f"/?p={number}").url == here.get_absolute_url()
    page = client.get(theirs.get_absolute_url()).content.decode()
    assert f'id="comment-{there.pk}"' in page and "Their comment" in page


def test_an_old_number_that_is_free_leads_to_the_post(bring, make_post, client):
    number = make_post().pk
    bring(item(number, "Theirs"))
    Post.objects.get(pk=number).delete()
    assert client.get(f"/?p={number}").url == Post.objects.get(title="Theirs").get_absolute_url()


def test_other_permalinks_are_redirected(bring, client, make_post):
    for number in range(6):
        make_post(title=f"Mine {number}")
    bring(item(7, "A long run", link=f"{URL}/archives/2010/run-7.html"))
    answer = client.get("/archives/2010/run-7.html")
    assert (answer.status_code, answer.url) == (301, "/2010/09/09/a-long-run/")


def test_a_new_blog_takes_over_the_permalinks(bring, client):
    bring(item(7, "A long run", link=f"{URL}/2010/09/a-long-run/"), item(8, "Next", link=f"{URL}/2010/09/next/"))
    assert Post.objects.get(pk=7).path == "/2010/09/a-long-run/"
    assert client.get("/2010/09/next/").status_code == 200


def test_old_slugs_and_dates_are_redirected(bring, client):
    bring(item(7, "A long run", "x", meta("_wp_old_slug", "a-short-run"), meta("_wp_old_date", "2010-09-08")))
    for path in ("/2010/09/09/a-short-run/", "/2010/09/08/a-long-run/"):
        assert client.get(path).url == "/2010/09/09/a-long-run/"


def test_pages_stand_below_parents_that_come_later(bring):
    page = {"post_type": "page", "link": f"{URL}/about/team/"}
    bring(item(20, "Team", post_parent=21, **page), item(21, "About us", post_type="page", post_name="about"))
    team = Post.objects.get(pk=20)
    assert (team.parent_id, team.path, team.kind) == (21, "/about/team/", "page")


def test_a_second_run_changes_nothing(bring):
    parts = [
        author("ada"),
        category("sport", "Sport"),
        item(7, "A", "B", comment(31), comment(32, parent=31), term_of("category", "sport", "Sport")),
        item(9, "Menu", post_type="nav_menu_item"),
        item(10, "Odd", post_type="jetpack-portfolio"),
    ]
    bring(*parts)
    before = rows()
    done = bring(*parts)
    assert rows() == before
    assert {line["result"] for line in done["lines"]} <= {"unchanged", "merged"} and adds_up(done)


def rows():
    models = (Post, Comment, Person, Category, Tag, Redirect, get_user_model())
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_a_changed_file_updates_what_was_not_changed_here(bring, ada):
    bring(item(7, "A", "Old", comment(31, "Old")), item(8, "B", "Old"))
    Post.objects.get(pk=8).revise(ada, title="Mine now")
    done = bring(item(7, "A", "New", comment(31, "New"), comment(33, "Third")), item(8, "B", "New"))
    assert "New" in Post.objects.get(pk=7).html and "New" in Comment.objects.get(pk=31).html
    assert Post.objects.get(pk=8).title == "Mine now" and "Old" in Post.objects.get(pk=8).html
    assert results(done, "posts") == {"7": "updated", "8": "skipped"}
    assert results(done, "comments") == {"31": "updated", "33": "brought"}


def test_an_interrupted_run_goes_on(bring, tmp_path, ada, monkeypatch):
    from transfer.importing import run as running

    monkeypatch.setattr(running, "CHUNK_ITEMS", 2)
    items = [item(number, f"Post {number}", "Text", comment(1000 + number)) for number in range(10, 21)]
    path = tmp_path / "whole.xml"
    path.write_text(export(author("ada"), *items), encoding="utf-8")
    stops = iter([False] * 3 + [True])
    started = running.start([path], by=ada)
    with pytest.raises(running.Cancelled):
        running.run_import(started, [path], should_stop=lambda: next(stops))
    assert 0 < Post.objects.filter(pk__gte=10, pk__lte=20).count() < 11
    again = running.start([path], by=ada)
    assert again.pk == started.pk
    totals = running.run_import(again, [path])
    assert totals["posts"]["brought"] == 11 and totals["comments"]["brought"] == 11
    assert Post.objects.filter(pk__gte=10, pk__lte=20).count() == 11


def test_nothing_is_announced_and_nobody_gets_an_email(bring):
    bring(item(7, "A", "B", comment(31), comment(32, approved="0")))
    from blog.jobs import announce

    announce()
    assert not Email.objects.exists()


def test_a_dry_run_stores_nothing(bring, tmp_path, ada):
    before = rows()
    path = tmp_path / "dry.xml"
    answer = comment(32, "Thanks", user_id=1)  # by the author, who has an account here
    text = export(author("x"), category("sport", "Sport"), item(7, "A", "B", comment(31), answer))
    path.write_text(text, encoding="utf-8")
    out = io.StringIO()
    call_command("import_wordpress", path, dry_run=True, stdout=out, stderr=io.StringIO())
    assert rows() == before and not ImportRun.objects.exists()
    assert "posts" in out.getvalue() and "dry run" in out.getvalue()


def test_an_import_can_be_undone(bring, ada, make_post):
    make_post(title="Mine")
    before = rows()
    bring(author("ada"), category("sport", "Sport"), tag("x", "X"), item(7, "A", "B", comment(31)), item(8, "C"))
    Post.objects.get(pk=8).revise(ada, title="Changed here")
    stays = undo_import(ImportRun.objects.get())
    assert len(stays) == 1 and "Changed here" in stays[0]
    Post.objects.get(pk=8).delete()
    Redirect.objects.all().delete()
    after = rows()
    assert after["Comment"] == before["Comment"] and after["Category"] == before["Category"]
    assert [row["id"] for row in after["Post"]] == [row["id"] for row in before["Post"]]


def test_one_item_that_fails_is_told_and_the_others_come(bring, monkeypatch):
    from transfer.importing import posts

    fill = posts.fill

    def break_one(post, record, session, notes):
        if record.number == 8:
            raise ValueError("what no test thought of")
        fill(post, record, session, notes)

    monkeypatch.setattr(posts, "fill", break_one)
    done = bring(item(7), item(8, "B", "x", comment(31)), item(9, "C"))
    assert results(done, "posts") == {"7": "brought", "8": "failed", "9": "brought"}
    assert results(done, "comments") == {"31": "failed"} and adds_up(done)


def test_people_of_the_file_may_not_log_in(bring):
    bring(author("eve", "eve@example.com", "Eve"), author("ada", number=2), item(7, creator="eve"))
    eve = get_user_model().objects.get(email="eve@example.com")
    assert not eve.is_active and not eve.has_usable_password() and Post.objects.get(pk=7).author == eve


TEXTS = [
    ("One line.\nAnother.\n\nNext.", ["<p>One line.<br", "<p>Next.</p>"]),
    ('It\'s "quoted" -- so', ["It’s “quoted” — so"]),
    ("<!-- wp:paragraph -->\n<p>A block.</p>\n<!-- /wp:paragraph -->", ["<p>A block.</p>"]),
    ("[unheard of=1]x[/unheard]", ["[unheard of", "[/unheard]"]),
    ("<a href='https://getyourmoveon.example/2010/09/09/second/'>there</a>", ['href="/2010/09/09/second/"']),
    ("<a href='http://www.getyourmoveon.example/?p=8#more'>there</a>", ['href="/2010/09/09/second/#more"']),
    ("<a href='https://getyourmoveon.example/category/sport/'>there</a>", ['href="/category/sport/"']),
    ("<a href='https://elsewhere.example/2010/09/09/second/'>there</a>", ["https://elsewhere.example/2010"]),
]


@pytest.mark.parametrize(("raw", "shown"), TEXTS)
def test_a_text_is_shown_as_wordpress_showed_it(bring, raw, shown):
    bring(item(7, "First", raw), item(8, "Second"))
    html = Post.objects.get(pk=7).html
    assert all(each in html for each in shown), html
    assert ImportRef.objects.get(kind="posts", foreign_id="7").original == raw


def test_what_could_not_be_carried_stands_in_the_receipt(bring):
    done = bring(item(7, "First", "[unheard_of id=1]"))
    assert ["unheard_of" in line["reason"] for line in done["lines"] if line["kind"] == "posts"] == [True]


def test_pictures_come_from_a_folder_and_texts_show_them_here(bring, tmp_path, settings, client):
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "uploads" / "2010" / "09"
    folder.mkdir(parents=True)
    (folder / "finish.png").write_bytes(drawn())
    base = f"{URL}/wp-content/uploads/2010/09"
    picture = {"post_type": "attachment", "status": "inherit", "attachment_url": f"{base}/finish.png", "post_parent": 7,
               "excerpt": "At <b>last</b>"}  # fmt: skip
    text = (
        f'<img src="{base}/finish-300x200.png" alt="x"> <a href="{base}/finish.png">big</a> '
        '<img src="https://i0.wp.com/getyourmoveon.example/wp-content/uploads/2010/09/finish.png?w=300">'
    )
    done = bring(
        item(7, "First", text, meta("_thumbnail_id", "12")),
        item(12, "Finish", "", meta("_wp_attachment_image_alt", "The line"), **picture),
        item(13, "Lost", "", **picture | {"attachment_url": f"{base}/lost.png"}),
        media=str(tmp_path / "uploads"),
    )
    post = Post.objects.get(pk=7)
    assert results(done, "attachments") == {"12": "brought", "13": "failed"} and adds_up(done)
    assert "getyourmoveon" not in post.html and post.html.count(post.featured.name) >= 3
    assert (post.featured.alt, post.featured.caption) == ("The line", "At last")
    assert client.get("/wp-content/uploads/2010/09/finish-1024x768.png").url == post.featured.get_absolute_url()


def test_a_chunk_of_many_posts_costs_as_many_queries_as_one_of_few(bring):
    def queries(first, number):
        posts = [
            item(each, f"Post {each}", "Text", comment(1000 + each), comment(2000 + each, parent=1000 + each),
                 term_of("category", "sport", "Sport"), meta("_wp_old_slug", f"old-{each}"))
            for each in range(first, first + number)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            bring(author("ada"), category("sport", "Sport"), *posts)
        return len(captured)

    queries(100, 3)  # what is looked up once
    assert queries(200, 35) <= queries(300, 5) + 3  # SQLite takes only so many values in one statement


def test_a_picture_whose_month_is_not_among_the_files_is_not_guessed():
    both = ["2010/09/finish.png", "2011/04/finish.png"]
    base = f"{URL}/wp-content/uploads"
    assert best_match(f"{base}/2011/04/finish.png", both) == both[1]
    assert best_match(f"{base}/2012/01/finish.png", both) is None
    assert best_match(f"{base}/2012/01/finish.png", both[:1]) == both[0]


def test_a_refused_file_does_not_stay_as_a_waiting_import(tmp_path, ada):
    path = tmp_path / "page.xml"
    path.write_text("<html><body>Not found</body></html>", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_wordpress", path, stdout=io.StringIO(), stderr=io.StringIO())
    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.FAILED and run.error and "Refused" not in run.error
