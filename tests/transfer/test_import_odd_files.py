"""Files that no exporter should write, and values that do not fit: everything comes in or is told, nothing is lost."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from blog.models import Category, Post, Redirect, Tag
from comments.models import Comment
from server.setup.first_content import create_first_content
from tests.transfer.wxr_text import URL, author, category, comment, export, item, meta, tag, term_of
from transfer.importing import receipt
from transfer.importing.undo_import import undo_import
from transfer.models import ImportRun

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def bring(tmp_path, ada):
    def bring(*parts, name="export.xml", **options):
        path = tmp_path / name
        path.write_text(export(*parts), encoding="utf-8")
        return import_files(path, **options)

    return bring


def import_files(*paths, **options):
    """The receipt of the command, which adds up and has no element that failed for no reason of the file."""
    target = paths[0].with_name("receipt.json")
    call_command("import_wordpress", *paths, receipt=target, stdout=io.StringIO(), stderr=io.StringIO(), **options)
    done = json.loads(target.read_text(encoding="utf-8"))
    assert receipt.differences(done["totals"]) == {}
    assert not [line["reason"] for line in done["lines"] if "could not be stored" in line["reason"]]
    return done


def reasons(done, kind="posts"):
    return [line["reason"] for line in done["lines"] if line["kind"] == kind]


# Authors


def test_a_login_in_other_capital_letters_is_the_same_author(bring):
    items = [item(7, "A", creator="ada", post_name="a"), item(8, "B", creator="BEA", post_name="b")]
    parts = [author("Ada"), author("bea"), *items]
    bring(*parts)
    assert [post.author.name for post in Post.objects.filter(title__in="AB").order_by("title")] == ["Ada", "bea"]
    before = list(Redirect.objects.order_by("pk").values())
    bring(*parts)
    assert list(Redirect.objects.order_by("pk").values()) == before


def test_two_logins_that_differ_in_capital_letters_stay_two_if_the_file_lists_both(bring):
    parts = [author("Cleo"), author("cleo"), item(7, "A", creator="Cleo"), item(8, "B", creator="cleo")]
    bring(*parts)
    assert Post.objects.get(title="A").author != Post.objects.get(title="B").author
    before = list(Redirect.objects.order_by("pk").values())
    bring(*parts)
    assert list(Redirect.objects.order_by("pk").values()) == before


# Numbers


@pytest.mark.parametrize("number", ["", 0, -7, 2**63, 10**17, "seven"])
def test_a_post_without_a_usable_number_has_an_address(bring, client, number):
    bring(item(number, "A long run", "Ten miles.", comment(number)), item(number, "Another", "Words"))
    first, second = Post.objects.filter(title__in=["A long run", "Another"]).order_by("title")
    assert client.get(first.get_absolute_url()).status_code == 200 == client.get(second.get_absolute_url()).status_code
    assert Comment.objects.filter(post=first).count() == 1
    bring(item(number, "A long run", "Ten miles.", comment(number)), item(number, "Another", "Words"))
    assert Post.objects.filter(title__in=["A long run", "Another"]).count() == 2
    assert Comment.objects.filter(post=first).count() == 1


def test_a_number_that_is_not_kept_moves_no_later_number(bring, make_post):
    before = make_post(title="Before")
    bring(item(10**17, "Theirs", "x", comment(2**63)))
    mine = make_post(title="Mine")
    assert mine.pk - before.pk < 10
    assert Comment.objects.create(post=mine, text="x", name="Al").pk < 10**15


def test_a_post_made_by_hand_afterwards_gets_a_free_number(bring, make_post):
    bring(item(4711, "Theirs", "x", comment(999)))
    mine = make_post(title="Mine")
    assert mine.pk > 4711
    assert Comment.objects.create(post=mine, text="x", name="Al").pk > 999


def test_two_elements_with_one_number_both_come(bring):
    parts = [
        item(7, "First", "One", comment(31, "This")),
        item(7, "Second", "Two", comment(31, "That"), post_name="second"),
        item(8, "Third", "Three", comment(31, "Other")),
    ]
    bring(*parts)
    assert set(Post.objects.values_list("title", flat=True)) >= {"First", "Second", "Third"}
    assert set(Comment.objects.values_list("text", flat=True)) >= {"This", "That", "Other"}
    again = bring(*parts)
    assert not {"brought", "updated"} & {line["result"] for line in again["lines"]}


def test_the_second_element_with_a_number_keeps_its_address(bring, client):
    guid = f"{URL}/?page_id=135"
    pages = [item(135, "Services", post_type="page", guid=guid), item(135, "Prices", post_type="page", guid=guid)]
    done = bring(*pages, item(135, "Files", post_type="attachment", attachment_url=f"{URL}/files/a.png"),
                 item(135, "More", post_type="attachment", attachment_url=f"{URL}/files/b.png"))  # fmt: skip
    assert {line["result"] for line in done["lines"] if line["kind"] == "attachments"} == {"skipped"}
    for path in ("/services/", "/prices/"):
        assert client.get(path).status_code == 200
    assert {line["result"] for line in bring(*pages)["lines"]} == {"unchanged"}


@pytest.mark.django_db(transaction=True, reset_sequences=True)  # PostgreSQL takes no number of an earlier test back
def test_the_numbers_of_the_sample_content_go_to_the_first_post_page_and_comment(ada, tmp_path, bring):
    create_first_content(ada)
    first, page = Post.objects.order_by("pk")
    mine = Comment.objects.get().pk
    parts = [item(first.pk, "Hello world", "Hi", comment(mine)), item(page.pk, "Sample", post_type="page")]
    bring(*parts)
    assert Post.objects.get(pk=first.pk).title == "Hello world" and Post.objects.get(pk=page.pk).title == "Sample"
    assert Comment.objects.get(pk=mine).text == "Well said."


def test_sample_content_that_somebody_has_changed_stays(ada, bring):
    create_first_content(ada)
    post, page = Post.objects.order_by("pk")
    post.title = "My own first words"
    post.save()
    post.keep_revision(ada)
    Comment.objects.create(post=page, text="Hi", name="Bo", email="bo@example.com")
    bring(item(4711))
    assert Post.objects.filter(pk__in=[post.pk, page.pk]).exclude(status="trash").count() == 2


def test_the_same_file_twice_in_one_call_comes_once(bring, tmp_path, ada):
    paths = [tmp_path / "one.xml", tmp_path / "two.xml"]
    for path in paths:
        path.write_text(
            export(author("ada"), category("sport", "Sport"), item(7, "A", "B", comment(31))), encoding="utf-8"
        )
    done = import_files(*paths)
    assert done["totals"]["posts"]["brought"] == done["totals"]["posts"]["merged"] == 1
    assert done["totals"]["comments"]["brought"] == done["totals"]["comments"]["merged"] == 1


def test_files_of_two_blogs_are_not_mixed(bring, tmp_path, ada):
    paths = [tmp_path / "one.xml", tmp_path / "two.xml"]
    paths[0].write_text(export(item(7, "Mine", "One")), encoding="utf-8")
    paths[1].write_text(export(item(7, "Yours", "Two"), url="https://other.example"), encoding="utf-8")
    with pytest.raises(CommandError, match="one blog"):
        import_files(*paths)
    assert not Post.objects.filter(title__in=["Mine", "Yours"]).exists()
    import_files(paths[0])
    import_files(paths[1])
    assert Post.objects.filter(title__in=["Mine", "Yours"]).count() == 2


# Lengths: PostgreSQL refuses what is too long


def test_titles_and_names_are_read_as_the_html_that_they_are(bring):
    bring(
        author("ada", "ada@old.example", "Ada &amp; Son", 5),
        author("bo", "bo@old.example", "Bo", 6),
        item(1, "Tom &amp; <em>Jerry</em><!--more-->", "x", comment(8, author="O&#039;Neil &lt;3", parent=0),
             excerpt="<!-- wp:paragraph --><p>One &amp; <b>two</b></p>\n<p>three</p><!-- /wp:paragraph -->"),
        item(2, "How to use <em> and 5 < 6"),
    )  # fmt: skip
    post = Post.objects.get(pk=1)
    assert post.title == "Tom & Jerry"
    assert post.excerpt == "One & two\nthree"
    assert post.author.name == "Ada & Son"
    assert Comment.objects.get(pk=8).name == "O'Neil <3"
    assert Post.objects.get(pk=2).title == "How to use <em> and 5 < 6"


def test_paths_as_links_and_a_blog_without_an_address(bring, tmp_path, ada, client):
    bring(item(1, "Basic", link="/blog/basic-post.html", post_name="basic-post.html"))
    assert client.get("/blog/basic-post.html").status_code == 301
    path = tmp_path / "bare.xml"
    blog = "https://bare.example/blog"
    posts = [
        item(number, "Bare", link=f"{blog}/2011/05/bare-{number}/", guid=f"{blog}/?p={number}", post_name=slug)
        for number, slug in ((31, "bare-31"), (32, "bare-32"))
    ]
    path.write_text(export(*posts, url=""), encoding="utf-8")
    done = import_files(path)
    assert done["origin"] == "bare.example/blog"
    assert any("https://bare.example/blog" in notice for notice in done["notices"])
    answer = client.get("/blog/2011/05/bare-31/")
    assert (answer.status_code, answer["Location"]) == (301, Post.objects.get(pk=31).path)


def test_long_values_are_cut_or_left_out(bring):
    long = "ﷺlong" * 400
    bring(
        author(long, f"{long}@example.com", long),
        category("c" * 300, long, "", long),
        tag("t" * 300, f"{long} two"),
        item(
            7,
            long,
            "Text",
            comment(
                31, "x" * 65_525, author=long, author_email=f"{'x' * 300}@example.com", author_url=f"https://{long}"
            ),
            term_of("category", "new" * 200, f"{long} three"),
            term_of("post_format", "post-format-link", "Link"),
            meta("_longrun_language", "x" * 90),
            guid="g" * 2000,
            post_name="s" * 500,
            excerpt=long,
            creator=long,
            link=f"{URL}/{'p' * 3000}/",
        ),
        item(8, "File", "", post_type="attachment", status="inherit", attachment_url=f"{URL}/{'u' * 3000}.png"),
        item("", "Odd", "x", post_type="x" * 300, status="y" * 300, guid=f"{URL}/?{'z' * 600}"),
    )
    post = Post.objects.get(pk=7)
    row = Comment.objects.get(pk=31)
    assert len(post.title) <= 500 and len(post.slug) <= 200 and len(row.text) == 65_525 and row.email == row.url == ""


def test_nul_and_halves_of_pairs_do_not_reach_the_database(bring, tmp_path, ada):
    text = export(item(7, "A", "BEFORE", comment(31), meta("odd", "x")))
    for at, odd in enumerate(("\x00", "&#0;", "&#xD800;", "\\u0000")):
        path = tmp_path / f"odd-{at}.xml"
        path.write_text(text.replace("BEFORE", f"{odd} after").replace(">odd<", f">o{odd}<"), encoding="utf-8")
        import_files(path)
        assert "after" in Post.objects.get(pk=7).source
        undo_import(ImportRun.objects.first())


# Addresses


SLUGS = ["feed", "desk", "page", "2010", "search", "embed", "%d8%b3%d9%84%d8%a7%d9%85", "日本語", "👟", "100%",
         "a" * 230, "%e4%bd%a0" * 30, "A B", "a/b", "../x", "..", "?", "\u202eabc"]  # fmt: skip


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("kind", ["post", "page"])
def test_every_slug_gives_an_address_that_answers(bring, client, slug, kind):
    bring(item(7, "Here it is", "Words", post_name=slug, post_type=kind, link=f"{URL}/?p=7"))
    post = Post.objects.get(pk=7)
    answer = client.get(post.get_absolute_url())
    assert answer.status_code == 200 and "Here it is" in answer.content.decode()
    assert client.get("/feed/").status_code == 200


def test_pages_in_a_circle_three_deep_and_below_the_trash(bring, client):
    page = {"post_type": "page"}
    bring(
        item(20, "One", post_parent=21, **page),
        item(21, "Two", post_parent=20, **page),
        item(30, "Leaf", post_parent=31, **page),
        item(31, "Branch", post_parent=32, **page),
        item(32, "Root", **page),
        item(40, "Child", post_parent=41, **page),
        item(41, "Gone", status="trash", **page),
        item(50, "Itself", post_parent=50, **page),
    )
    for pk in (20, 21, 30, 31, 32, 40, 50):
        post = Post.objects.get(pk=pk)
        assert post.path and client.get(post.get_absolute_url()).status_code == 200, post
    assert Post.objects.get(pk=30).path == "/root/branch/leaf/"


def test_an_old_slug_never_hides_a_page_that_exists(bring, client):
    bring(
        item(7, "One", "x", meta("_wp_old_slug", "two")),
        item(8, "Two", "y", meta("_wp_old_slug", "one")),
        item(9, "Three", "z", meta("_wp_old_slug", "former")),
        item(10, "Four", "z", meta("_wp_old_slug", "former")),
    )
    for pk, slug in ((7, "one"), (8, "two")):
        answer = client.get(f"/2010/09/09/{slug}/")
        assert answer.status_code == 200 and Post.objects.get(pk=pk).title in answer.content.decode()
    assert client.get("/2010/09/09/former/").url in ("/2010/09/09/three/", "/2010/09/09/four/")


def test_a_blog_with_posts_at_the_same_addresses_keeps_them(bring, make_post, client):
    bring(item(7, "A long run"))
    there = Post.objects.get(pk=7)
    bring(item(7, "A long run", "Another blog's"), name="b.xml")  # the same origin: changed
    path = client.get("/2010/09/09/a-long-run/")
    assert path.status_code == 200 and there.pk == 7


# Terms


def test_categories_in_a_circle_and_with_equal_names(bring):
    bring(
        category("one", "One", "two"),
        category("two", "Two", "one"),
        category("news-a", "News", "one"),
        category("news-b", "news", "two"),
        category("cafe", "Café"),
        category("cafe-2", "CAFE"),
        category("itself", "Itself", "itself"),
        tag("one", "One"),
        item(7, "A", "B", term_of("category", "news-b", "news"), term_of("post_tag", "one", "One")),
    )
    assert Category.objects.filter(slug__in=["one", "two", "news-a", "news-b", "cafe", "cafe-2", "itself"]).count() == 7
    post = Post.objects.get(pk=7)
    assert [each.slug for each in post.categories.all()] == ["news-b"] and [tag.slug for tag in post.tags.all()] == [
        "one"
    ]


def test_a_term_is_found_by_its_slug_in_another_spelling_and_by_its_name(bring):
    bring(
        category("Company News", "Company News"),
        category("categ-1", "Category 1"),
        tag("a-b", "A &amp; B"),
        item(
            1, "One", "x", term_of("category", "company-news", "Company News"), term_of("post_tag", "ab", "A &amp; B")
        ),
        item(2, "Two", "x", term_of("category", "category-1", "Category 1")),
    )
    assert set(Category.objects.values_list("name", flat=True)) >= {"Company News", "Category 1"}
    assert not Category.objects.filter(name__contains="(2)").exists()
    assert [(each.name, each.slug) for each in Tag.objects.all()] == [("A & B", "a-b")]
    assert Post.objects.get(pk=1).tags.get().name == "A & B"


def test_the_parent_of_a_category_may_be_named_as_wordpress_2_did(bring):
    bring(category("on-foot", "On foot", "Sport &amp; Games"), category("sport-games", "Sport &amp; Games"))
    assert Category.objects.get(slug="on-foot").route == "sport-games/on-foot"


def test_a_tree_of_categories_is_undone(bring):
    bring(category("a", "A"), category("b", "B", "a"), category("c", "C", "b"))
    assert undo_import(ImportRun.objects.get()) == []
    assert not Category.objects.filter(slug__in="abc").exists() and not Redirect.objects.exists()


def test_a_term_used_by_hand_stays_when_the_import_is_undone(bring, make_post):
    bring(category("sport", "Sport"), tag("x", "X"), item(7, "A", "B", term_of("category", "sport", "Sport")))
    make_post(title="Mine").categories.add(Category.objects.get(slug="sport"))
    stays = undo_import(ImportRun.objects.get())
    assert (
        len(stays) == 1 and Category.objects.filter(slug="sport").exists() and not Tag.objects.filter(slug="x").exists()
    )
    assert len(undo_import(ImportRun.objects.get())) == 1  # a second time changes nothing
    assert not Post.objects.filter(pk=7).exists()


def test_a_comment_that_was_answered_here_stays_with_its_post(bring):
    bring(item(7, "A", "B", comment(31), comment(32)))
    there = Comment.objects.get(pk=31)
    Comment.objects.create(post=there.post, parent=there, text="Welcome!", state="approved", name="Al")
    undo_import(ImportRun.objects.get())
    answer = Comment.objects.get(text="Welcome!")
    assert Post.objects.filter(pk=7).exists() and answer.post_id == 7 and not Comment.objects.filter(pk=32).exists()


# Dates


DATES = ["0000-00-00 00:00:00", "1969-07-20 20:17:40", "9999-12-31 23:59:59", "0003-01-01 00:00:00",
         "2010-13-45 99:99:99", ""]  # fmt: skip


@pytest.mark.parametrize("status", ["publish", "draft", "private", "future", "trash", "pending"])
@pytest.mark.parametrize("date", DATES)
def test_every_date_comes_in(bring, client, status, date):
    bring(item(7, "A", "B", comment(31, date=date, date_gmt=""), status=status, post_date=date, post_date_gmt=""))
    post = Post.objects.get(pk=7)
    assert Comment.objects.filter(post=post).count() == 1
    if post.is_public:
        assert client.get(post.get_absolute_url()).status_code == 200
    if date.startswith("1969") and status == "publish":
        assert post.path == "/1969/07/20/a/"
    for path in ("/", "/feed/", "/archive/", "/sitemap.xml"):
        assert client.get(path).status_code in (200, 404)


@pytest.mark.parametrize("status", ["future", "private", "draft", "pending", "trash"])
def test_no_combination_makes_it_public(bring, client, status):
    bring(item(7, "A", "Hidden words", status=status, post_password="x", post_date="2090-01-01 00:00:00",
               post_date_gmt="2090-01-01 00:00:00", is_sticky=1))  # fmt: skip
    post = Post.objects.get(pk=7)
    assert not post.is_public
    for path in ("/", "/feed/", "/?p=7", post.get_absolute_url()):
        assert "Hidden words" not in client.get(path, follow=True).getvalue().decode()


# Comments and people


EMAILS = [("no address", ""), ("a@@b c", ""), ("Bo@Example.com", "bo@example.com"), ("<x@y>", ""), ("x@y", ""),
          ("bo@straße.example", "bo@xn--strae-oqa.example")]  # fmt: skip


@pytest.mark.parametrize(("given", "kept"), EMAILS)
def test_an_email_address_of_a_comment_is_one_or_left_out(bring, given, kept):
    bring(item(7, "A", "B", comment(31, author_email=given)))
    assert Comment.objects.get(pk=31).email == kept


def test_private_remarks_with_one_number_are_kept_once(bring):
    done = bring(item(7, "A", "B", comment(31, "x", type="note"), comment(31, "x", type="note"), comment(32, "y")))
    assert done["totals"]["comments"]["in_file"] == 3


def test_two_authors_with_one_address_are_one_person(bring):
    done = bring(
        author("eve", "eve@example.com", number=1),
        author("eva", "EVE@example.com", number=2),
        item(7, "A", creator="eve"),
        item(8, "B", creator="eva"),
    )
    assert Post.objects.get(pk=7).author == Post.objects.get(pk=8).author
    assert [line["result"] for line in done["lines"] if line["kind"] == "authors"] == ["brought", "merged"]


def test_a_wrong_person_in_the_author_map_is_told(bring, tmp_path):
    with pytest.raises(CommandError, match="nobody@example.com"):
        bring(item(7), author_map=["ada=nobody@example.com"])
    assert not Post.objects.filter(pk=7).exists()


@pytest.mark.long
def test_five_thousand_comments_below_one_post_come_in(bring):
    bring(item(7, "A", "B", *(comment(n, f"Comment {n}", parent=n - 1 if n % 3 else 0) for n in range(1, 5001))))
    assert Comment.objects.filter(post=7).count() == 5000 == Post.objects.get(pk=7).comment_count


# Media


def drawn(width):
    out = io.BytesIO()
    Image.new("L", (width, 20), width).save(out, "PNG")
    return out.getvalue()


def test_a_zip_with_odd_names_gives_the_right_files(bring, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    with zipfile.ZipFile(tmp_path / "uploads.zip", "w") as archive:
        for number, name in enumerate(("../2010/01/x.png", "uploads/2010/02/x.png", 'uploads/2010/03/"q" \u202ey.png')):
            archive.writestr(name, drawn(30 + number))
    base = f"{URL}/wp-content/uploads/2010"
    urls = [f"{base}/01/x.png", f"{base}/02/x.png", f"{base}/03/%22q%22%20%E2%80%AEy.png", f"{base}/04/none.png"]
    files = [item(20 + at, f"File {at}", "", post_type="attachment", status="inherit", attachment_url=url)
             for at, url in enumerate(urls)]  # fmt: skip
    done = bring(*files, media=str(tmp_path / "uploads.zip"))
    from transfer.models import MediaFile

    widths = [row.media and row.media.width for row in MediaFile.objects.order_by("foreign_id")]
    assert widths == [30, 31, 32, None] and done["totals"]["attachments"]["failed"] == 1


# Files


@pytest.mark.parametrize(
    "content", ["", " ", "<rss/>", "<html></html>", "\x00" * 50, "not xml at all", "<rss><channel>"]
)
def test_what_is_no_export_ends_in_a_sentence(tmp_path, ada, content):
    path = tmp_path / "odd.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        import_files(path)
    assert "Error" not in str(refused.value)
    run = ImportRun.objects.first()
    assert run is None or run.state != "done"


def test_an_export_of_an_empty_blog_is_an_import_of_nothing(bring):
    done = bring()
    assert not done["lines"]


def test_a_receipt_that_cannot_be_written_is_said(bring, tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(export(item(7)), encoding="utf-8")
    with pytest.raises(CommandError, match="receipt could not be written"):
        call_command(
            "import_wordpress", path, receipt=tmp_path / "no" / "r.json", stdout=io.StringIO(), stderr=io.StringIO()
        )
    assert Post.objects.filter(pk=7).exists()
