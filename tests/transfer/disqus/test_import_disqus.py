"""The comments of a Disqus forum come below the posts at their addresses, each in its thread and state."""

import gzip

import pytest
from django.core.management import CommandError

from blog.models import Post, Redirect
from comments.models import Comment, TrainingExample
from core.models import Email
from tests.transfer.disqus.disqus_xml import export, post, thread
from tests.transfer.importing_files import bring, in_file
from transfer.importing.undo_import import undo_import
from transfer.models import ImportRef, ImportRun

pytestmark = pytest.mark.django_db
SITE = "https://old.example"


@pytest.fixture
def disqus(tmp_path, ada):
    def disqus(*elements, content=None, name="forum.xml", **options):
        file = tmp_path / name
        text = export(*elements) if content is None else content
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bring(tmp_path, "disqus", file, **options)

    return disqus


@pytest.fixture
def run(make_post):
    return make_post("A long run", slug="a-long-run")


def lines(done, kind):
    return {line["ref"]: (line["result"], line["reason"]) for line in done["lines"] if line["kind"] == kind}


def test_comments_come_below_the_post_in_their_threads(disqus, run):
    done = disqus(
        thread(11, SITE + run.path),
        post(4001, 11, "<p>First</p>", name="Bo", username="bo"),
        post(4002, 11, "<p>Second</p>", parent=4001, name="Cleo", email="", likes="3"),
    )
    assert in_file(done) == {"comments": 2, "other": 2}
    first, second = Comment.objects.order_by("former_number")
    assert (first.post, first.parent, first.state, first.name, first.email) == (
        run,
        None,
        "approved",
        "Bo",
        "bo@example.org",
    )
    assert second.parent == first and second.thread == first and second.email == ""
    assert str(first.posted_at) == "2014-02-03 04:05:06+00:00" and first.html == "<p>First</p>"
    assert first.facts == {"network": first.facts["network"]} and "203.0.113" not in str(first.facts)
    assert first.person is None and (first.former_number, second.former_number) == (4001, 4002)
    run.refresh_from_db()
    assert run.comment_count == 2
    assert ImportRef.objects.get(foreign_id="4002", kind="comments").kept == {"meta": [["likes", "3"]]}
    assert not Email.objects.exists() and not TrainingExample.objects.exists()


STATES = [
    ({}, "approved"),
    ({"isSpam": "true"}, "spam"),
    ({"isDeleted": "true"}, "trash"),
    ({"isDeleted": "true", "isSpam": "true"}, "spam"),
    ({"isApproved": "false"}, "pending"),
    ({"isApproved": "true"}, "approved"),
    ({"isFlagged": "true"}, "pending"),
    ({"isSpam": "perhaps"}, "pending"),
    ({"isDeleted": "123"}, "pending"),
]


def test_only_what_was_public_becomes_public(disqus, run, client):
    said = [post(at, 11, f"<p>words{at}x</p>", **facts) for at, (facts, _state) in enumerate(STATES, 1)]
    disqus(thread(11, SITE + run.path), *said)
    assert list(Comment.objects.order_by("former_number").values_list("state", flat=True)) == [s for _f, s in STATES]
    page = client.get(run.path).content.decode()
    assert [f"words{at}x" in page for at in range(1, 10)] == [state == "approved" for _facts, state in STATES]


def test_what_was_said_in_a_deleted_discussion_is_in_the_trash(disqus, run):
    disqus(thread(11, SITE + run.path, isDeleted="true"), post(4001, 11))
    assert Comment.objects.get().state == "trash"


def test_a_deleted_comment_keeps_the_place_of_its_answers(disqus, run, client):
    done = disqus(
        thread(11, SITE + run.path),
        post(1, 11, "", name="Gone", isDeleted="true"),
        post(2, 11, "<p>The answer</p>", parent=1),
        post(3, 11, "", isDeleted="true"),
        post(4, 11, "", isDeleted="true", parent=3),
    )
    place, answer = Comment.objects.order_by("former_number")
    assert (place.state, place.name, place.email, place.text) == ("gone", "", "", "")
    assert answer.parent == place and answer.state == "approved"
    assert {ref: result for ref, (result, _why) in lines(done, "comments").items()} == {
        "1": "brought", "2": "brought", "3": "skipped", "4": "skipped"}  # fmt: skip
    page = client.get(run.path).content.decode()
    assert "The answer" in page and "Gone" not in page


ADDRESSES = [
    "http://old.example{path}",
    "https://www.old.example{path}",
    "https://another-host.example{path}",
    "https://old.example{bare}",
    "https://old.example{path}index.html",
    "https://old.example{path}?utm_source=feed#comments",
    "https://old.example{path}feed/",
    "https://old.example{path}amp/",
    "https://old.example{path}comment-page-2/",
    "https://old.example{bare}.html",
    "https://old.example/index.php{path}",
    "//old.example{path}",
    "old.example{path}",
    "{path}",
    "https://old.example{upper}",
    "https://old.example/?p={pk}",
    "https://old.example/?page_id={pk}&preview=true",
    "https://old.example/former/place/",
    "https://old.example/?p=9001",
    "https://old.example/typed-by-hand/",
]
NO_ADDRESSES = [
    "https://old.example/", "", "https://[::1", "not an address", "https://old.example/elsewhere/", "?p=12345678",
    "https://old.example/?p=99999999999999999999", "javascript:alert(1)", "/" + "x" * 5000, "https://old.example/%00/",
    "https://old.example/index.html", "https://old.example:99999999/x/", "/?" + "a=1&" * 2000 + "p=1",
]  # fmt: skip


def test_a_thread_finds_its_post_by_any_address(disqus, run):
    Redirect.keep("/former/place/", run, public=True)
    Redirect.keep("/?p=9001", run, public=True)
    Redirect.keep("/typed-by-hand/", public=True, target=run.path)
    facts = {"path": run.path, "bare": run.path.rstrip("/"), "upper": run.path.upper(), "pk": run.pk}
    threads = [thread(at, each.format(**facts)) for at, each in enumerate(ADDRESSES, 1)]
    disqus(*threads, *(post(at, at) for at in range(1, len(ADDRESSES) + 1)))
    found = set(Comment.objects.filter(post=run).values_list("former_number", flat=True))
    assert [each for at, each in enumerate(ADDRESSES, 1) if at not in found] == []


def test_an_address_without_a_post_is_said(disqus, run):
    threads = [thread(at, each) for at, each in enumerate(NO_ADDRESSES, 1)]
    done = disqus(*threads, *(post(at, at) for at in range(1, len(NO_ADDRESSES) + 1)))
    assert not Comment.objects.exists()
    assert set(lines(done, "comments").values()) == {("skipped", "There is no post at this address.")}
    said = ("skipped", "There is no post at this address. Assign it by hand.")
    assert [lines(done, "other")[str(at)] for at in range(1, len(NO_ADDRESSES) + 1)] == [said] * len(NO_ADDRESSES)


def test_the_identifier_of_the_wordpress_plugin_is_a_hint(disqus, run, make_post):
    other = make_post("Another", slug="another")
    run_of = ImportRun.objects.create(source="x")
    ImportRef.objects.create(
        run=run_of, origin="o", kind="posts", foreign_id="77", model="post", thing=run.pk, digest=""
    )
    disqus(
        thread(11, "https://old.example/no-more/", identifier="77 https://old.example/?p=77"),
        thread(12, "https://old.example/nor-this/", identifier=f"https://old.example{other.path}"),
        thread(13, SITE + other.path, identifier="77 https://old.example/?p=77"),
        post(1, 11), post(2, 12), post(3, 13),
    )  # fmt: skip
    found = dict(Comment.objects.values_list("former_number", "post"))
    assert found == {1: run.pk, 2: other.pk, 3: other.pk}


def test_a_blog_that_lay_in_a_folder_says_so_with_its_address(disqus, run):
    file = thread(11, f"{SITE}/blog{run.path}"), post(1, 11)
    assert lines(disqus(*file), "comments")["1"][0] == "skipped"
    disqus(*file, url="https://old.example/blog")
    assert Comment.objects.get().post == run


def test_threads_of_one_address_are_one(disqus, run):
    done = disqus(
        thread(11, f"http://old.example{run.path}"),
        thread(12, f"https://old.example{run.path}"),
        thread(13, f"{SITE}{run.path}?silent"),
        post(1, 11), post(2, 12), post(3, 12, parent=2),
    )  # fmt: skip
    assert set(Comment.objects.values_list("post", flat=True)) == {run.pk}
    found = lines(done, "other")
    assert [found[number][0] for number in ("11", "12", "13")] == ["brought", "merged", "skipped"]
    assert found["13"][1] == "Nobody commented."


def test_a_second_run_changes_nothing_and_a_newer_file_adds(disqus, run):
    file = [
        thread(11, SITE + run.path),
        thread(12, "/nowhere/"),
        post(1, 11),
        post(2, 12),
        post(3, 11, "", isDeleted="true"),
    ]
    disqus(*file)
    again = disqus(*file)
    assert {line["result"] for line in again["lines"]} == {"unchanged"}
    newer = disqus(*file, post(4, 11, "<p>New</p>", parent=1))
    assert lines(newer, "comments")["4"][0] == "brought"
    assert Comment.objects.get(former_number=4).parent == Comment.objects.get(former_number=1)


def test_comments_wait_for_a_post_that_comes_later(disqus, run, make_post):
    file = [thread(11, f"{SITE}/{run.published_on:%Y/%m/%d}/later/"), post(1, 11), post(2, 11, parent=1)]
    disqus(*file)
    assert not Comment.objects.exists()
    later = make_post("Later", slug="later")
    done = disqus(*file)
    assert Comment.objects.filter(post=later).count() == 2
    assert {result for result, _why in lines(done, "comments").values()} == {"brought"}
    undo_import(ImportRun.objects.first())
    assert not Comment.objects.exists() and Post.objects.filter(pk=later.pk).exists()


def test_an_undo_takes_the_comments_and_leaves_the_posts(disqus, run):
    disqus(thread(11, SITE + run.path), thread(12, "/nowhere/"), post(1, 11), post(2, 12))
    undo_import(ImportRun.objects.get())
    run.refresh_from_db()
    assert not Comment.objects.exists() and not ImportRef.objects.exists() and run.comment_count == 0


def test_a_dry_run_stores_nothing(disqus, run):
    done = disqus(thread(11, SITE + run.path), post(1, 11), post(2, 12), dry_run=True)
    assert done["totals"]["comments"]["brought"] == 1 and done["totals"]["comments"]["skipped"] == 1
    assert not Comment.objects.exists() and not ImportRef.objects.exists() and not ImportRun.objects.exists()


def test_an_account_that_the_author_map_names_is_that_person(disqus, run, ada):
    disqus(thread(11, SITE + run.path), post(1, 11, username="ada_runs"), post(2, 11, name="ada_runs"),
           author_map=[f"ada_runs={ada.email}"])  # fmt: skip
    assert [comment.is_by_author for comment in Comment.objects.order_by("former_number")] == [True, False]


def test_comments_of_an_unknown_thread_are_kept_without_a_line_of_it(disqus, run):
    done = disqus(thread(11, SITE + run.path), post(1, 99, "<p>Lost</p>"))
    assert in_file(done) == {"comments": 1, "other": 2}
    kept = ImportRef.objects.get(kind="comments").kept["record"]
    assert kept["content"] == "<p>Lost</p>" and "ip" not in kept and "203.0.113" not in str(kept)


def test_links_through_disqus_lead_straight(disqus, run):
    text = (
        '<p><a href="http://disq.us/url?url=http%3A%2F%2Fwww.example.org%2Fa%3Fb%3D1%26c%3D2%3A8RvK_rPzZcMoiTFs0xBAQWS1NKk'
        '&amp;cuid=12" rel="nofollow noopener" title="x">there</a></p>'
    )
    disqus(thread(11, SITE + run.path), post(1, 11, text))
    assert 'href="http://www.example.org/a?b=1&amp;c=2"' in Comment.objects.get().html


def test_older_files_name_threads_and_parents_by_their_own_ids(disqus, run):
    content = f"""<?xml version="1.0"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
    <thread dsq:id="2"><id>1</id><link>{SITE}{run.path}</link><title>Tom &amp;amp; Jerry</title></thread>
    <post><id>2</id><message>Mother &amp; child</message><thread>1</thread><createdAt>2012-12-12T12:12:12</createdAt>
      <author><name>Baz</name></author></post>
    <post><id>3</id><message>Yo</message><parent>2</parent><thread>1</thread><author><name>Bo</name></author></post>
    </disqus>"""
    done = disqus(content=content)
    first, second = Comment.objects.order_by("pk")
    assert second.parent == first and str(first.posted_at) == "2012-12-12 12:12:12+00:00"
    assert set(lines(done, "comments")) == {"2", "3"} and first.former_number is None
    assert {line["title"] for line in done["lines"] if line["kind"] == "other"} == {"Tom & Jerry"}


def test_a_packed_file_is_read(disqus, run):
    content = gzip.compress(export(thread(11, SITE + run.path), post(1, 11)).encode())
    disqus(content=content, name="forum.xml.gz")
    assert Comment.objects.count() == 1


def test_a_broken_element_is_lost_alone_and_says_where(disqus, run):
    broken = '<post dsq:id="5"><message>no end<author></post>\n'
    done = disqus(thread(11, SITE + run.path), post(1, 11), broken, post(2, 11, "a & b < c"), '<post dsq:id="6"><id>')
    assert Comment.objects.count() == 2
    failed = [(line["line"], line["reason"]) for line in done["lines"] if line["result"] == "failed"]
    assert failed == [
        (8, "The XML is damaged here (mismatched tag)."),
        (10, "The element has no end, or is far too large."),
    ]


HOSTILE = {
    "doctype": '<?xml version="1.0"?>\n<!DOCTYPE disqus [<!ENTITY a "b">]><disqus></disqus>',
    "html": "<html><body>Not found</body></html>",
    "rss": '<?xml version="1.0"?><rss version="2.0"><channel/></rss>',
    "empty": "",
    "binary": b"\x00\x01\x02\xff" * 100,
    "pdf": b"%PDF-1.7",
    "text": "Dear Sir or Madam",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_another_file_is_refused_in_words(disqus, run, name):
    with pytest.raises(CommandError, match="forum.xml"):
        disqus(content=HOSTILE[name])


def test_hostile_texts_are_cleaned(disqus, run):
    bad = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'
    disqus(thread(11, SITE + run.path, title=bad), post(1, 11, bad, name=bad, email="x@"))
    comment = Comment.objects.get()
    assert "script>" not in comment.html and "onerror" not in comment.html and "javascript" not in comment.html
    assert comment.email == ""


def test_unclosed_cdata_and_huge_elements_end(disqus, run):
    content = export(thread(11, SITE + run.path), post(1, 11)).replace("</disqus>", "")
    done = disqus(content=content + '<post dsq:id="2"><message><![CDATA[' + "x" * (5 << 20) + post(3, 11) + "</disqus>")
    assert {line["ref"] for line in done["lines"] if line["result"] == "brought"} >= {"1", "3", "11"}


DAMAGE = [  # (what stands in the file, what is there instead, whether the comment is public)
    ('<thread dsq:id="1"/>', "<thread dsq:id=1/>", True),
    ("<isSpam>false</isSpam>", "<isSpam>123</isSpam>", False),
    ("<createdAt>2014-02-03T04:05:06Z</createdAt>", "<createdAt>2014-02-03T04:05:06Z", False),
    ("</author><ip", "<ip", False),
    ("</post>", "", False),
]


@pytest.mark.parametrize(("before", "after", "is_public"), DAMAGE)
def test_a_damaged_comment_comes_in_and_waits_unless_it_is_whole(tmp_path, make_post, before, after, is_public):
    target = make_post(title="A run")
    whole = export(thread(1, f"{SITE}{target.path}"), post(11, 1, "<p>Ten &amp; miles</p>"))
    file = tmp_path / "forum.xml"
    file.write_text("".join(after.join(whole.rsplit(before, 1))), encoding="utf-8")
    done = bring(tmp_path, "disqus", file)
    assert done["totals"]["comments"]["brought"] == 1
    comment = Comment.objects.get(post=target)
    assert comment.state == ("approved" if is_public else "pending") and "Ten" in comment.html
    assert comment.name == "Bo"
