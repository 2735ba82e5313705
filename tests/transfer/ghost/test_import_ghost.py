"""A Ghost blog comes in: every element has a line, what members or nobody could read stays private."""

import io
import json
import sys
import zipfile
from datetime import UTC, datetime
from subprocess import run

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post, Redirect
from comments.models import Comment, StoppedAddress, Subscription
from core.models import Email
from tests.transfer.ghost.ghost_files import export, post
from tests.transfer.importing_files import bring, in_file, picture, results
from transfer.ghost.counting import count_elements
from transfer.ghost.reader import read
from transfer.models import ImportRef
from transfer.records import Item

pytestmark = pytest.mark.django_db
URL = "https://old.example"
USERS = [{"id": "1", "slug": "ada", "name": "Ada", "email": "ada@old.example"},
         {"id": "2", "slug": "bob", "name": "Bob", "email": "bob@old.example"}]  # fmt: skip


@pytest.fixture
def ghost(tmp_path, ada):
    def ghost(text, **options):
        file = tmp_path / "ghost.json"
        file.write_text(text, encoding="utf-8")
        return bring(tmp_path, "ghost", file, **({"url": URL} | options))

    return ghost


def test_a_post_keeps_its_dates_address_tags_and_author(ghost):
    done = ghost(
        export(
            post(title="A long run", slug="a-long-run", custom_excerpt="Short", canonical_url="https://else.example/"),
            post("2", type="page", slug="about", title="About"),
            users=USERS,
            tags=[{"id": "t1", "name": "Running", "slug": "running", "description": "On foot"},
                  {"id": "t2", "name": "#wide", "slug": "hash-wide", "visibility": "internal"}],
            posts_tags=[{"post_id": "5f1", "tag_id": "t2", "sort_order": 1}, {"post_id": "5f1", "tag_id": "t1"}],
            posts_authors=[{"post_id": "5f1", "author_id": "2", "sort_order": 0}],
        )
    )  # fmt: skip
    made = Post.objects.get(title="A long run")
    assert made.path.endswith("/a-long-run/") and made.pk < 10**6 and made.excerpt == "Short"
    assert made.publish_at == datetime(2021, 3, 5, 6, 30, tzinfo=UTC)
    assert made.updated_at == datetime(2021, 4, 1, 6, 30, tzinfo=UTC)
    assert [tag.name for tag in made.tags.all()] == ["Running"]
    assert made.author.name == "Bob" and "Ten miles." in made.html and made.is_public
    assert Post.objects.get(title="About").kind == Post.Kind.PAGE
    assert in_file(done) == {"posts": 1, "pages": 1, "tags": 2, "authors": 2}
    assert results(done, "tags") == {"Running": "brought", "#wide": "skipped"}
    kept = ImportRef.objects.get(model="post", thing=made.pk).kept
    assert ["ghost_canonical_url", "https://else.example/"] in kept["meta"]
    assert ["internal_tag", "hash-wide", "#wide"] in kept["terms"]
    assert not [line["reason"] for line in done["lines"] if "number" in line["reason"]]


FUTURE = "2999-01-01T00:00:00.000Z"
HIDDEN = [
    ({"status": "draft"}, "draft", "public"),
    ({"status": "scheduled", "published_at": FUTURE}, "published", "public"),
    ({"status": "scheduled", "published_at": FUTURE, "visibility": "paid"}, "published", "private"),
    ({"status": "scheduled"}, "draft", "public"),
    ({"status": "sent"}, "published", "private"),
    ({"status": "unheard-of"}, "draft", "public"),
    ({"status": None}, "draft", "public"),
    ({"visibility": "members"}, "published", "private"),
    ({"visibility": "paid"}, "published", "private"),
    ({"visibility": "tiers"}, "published", "private"),
    ({"visibility": "label:vip"}, "published", "private"),
    ({"email_only": True}, "published", "private"),
    ({"html": '<p>a</p><!--kg-gated-block:begin nonMember:false memberSegment:"status:free" -->b'
              "<!--kg-gated-block:end-->"}, "published", "private"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "status", "visibility"), HIDDEN)
def test_what_was_not_for_everybody_is_not_public(ghost, client, facts, status, visibility):
    ghost(export(post(**facts)))
    made = Post.objects.get(title="Post 5f1")
    assert (made.status, made.visibility) == (status, visibility) and not made.is_public
    assert b"Ten miles" not in client.get("/").content


def test_a_letter_of_a_later_generation_is_marked_in_another_table(ghost):
    ghost(export(post(), posts_meta=[{"id": "m", "post_id": "5f1", "email_only": 1}]))
    assert not Post.objects.get(title="Post 5f1").is_public


def test_texts_without_html_come_from_their_source(ghost):
    lexical = {"root": {"type": "root", "children": [
        {"type": "paragraph", "children": [
            {"type": "text", "text": "Bold & free", "format": 1},
            {"type": "link", "url": "__GHOST_URL__/x/", "children": [{"type": "text", "text": "there"}]}]},
        {"type": "email", "html": "<p>Letter</p>"},
        {"type": "html", "html": "<hr>"}]}}  # fmt: skip
    mobiledoc = {"version": "0.3.1", "markups": [["a", ["href", "https://x.example/"]]], "atoms": [], "cards": [],
                 "sections": [[1, "h2", [[0, [], 0, "Head "], [0, [0], 1, "link"]]],
                              [3, "ul", [[[0, [], 0, "one"]]]]]}  # fmt: skip
    markdown = {"cards": [["markdown", {"markdown": "*Ten* miles"}]], "sections": [[10, 0], [1, "p", []]]}
    done = ghost(
        export(
            post("1", html=None, lexical=json.dumps(lexical)),
            post("2", html="", mobiledoc=json.dumps(mobiledoc)),
            post("3", html=None, mobiledoc=json.dumps(markdown)),
            post("4", html=None, mobiledoc="{broken"),
        )
    )
    one, two, three = (Post.objects.get(title=f"Post {number}") for number in (1, 2, 3))
    assert f'<strong>Bold &amp; free</strong><a href="{URL}/x/">there</a>' in one.source and "Letter" not in one.source
    assert two.source == '<h2>Head <a href="https://x.example/">link</a></h2>\n<ul><li>one</li></ul>'
    assert (three.source_format, three.source) == ("markdown", "*Ten* miles")
    assert done["totals"]["posts"]["brought"] == 4


def test_files_come_from_a_copy_and_the_texts_show_them(ghost, tmp_path):
    folder = tmp_path / "content" / "images" / "2021"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(picture())
    html = '<img src="__GHOST_URL__/content/images/size/w600/2021/a.png"><a href="__GHOST_URL__/post-2/#top">two</a>'
    done = ghost(
        export(post(html=html, feature_image="__GHOST_URL__/content/images/2021/a.png"), post("2")),
        media=str(tmp_path / "content"),
    )
    made, other = Post.objects.get(title="Post 5f1"), Post.objects.get(title="Post 2")
    assert made.featured and made.featured.get_absolute_url() in made.source
    assert f'href="{other.path}#top"' in made.source and "old.example" not in made.source
    assert done["totals"]["attachments"] == {"in_file": 1, "brought": 1, "updated": 0, "unchanged": 0, "merged": 0,
                                             "skipped": 0, "failed": 0}  # fmt: skip
    assert Redirect.objects.filter(key__contains="content/images/2021/a.png").exists()


def test_comments_keep_their_threads_and_states(ghost):
    done = ghost(
        export(
            post(),
            members=[{"id": "m1", "name": "Cleo", "email": "cleo@x.example"}],
            comments=[
                {"id": "c2", "post_id": "5f1", "member_id": "m1", "parent_id": "c1", "status": "published",
                 "html": "<p>Yes</p>", "created_at": "2021-05-02T00:00:00.000Z"},
                {"id": "c1", "post_id": "5f1", "status": "published", "html": "<p>First</p>"},
                {"id": "c3", "post_id": "5f1", "status": "hidden", "html": "<p>Hidden</p>"},
                {"id": "c4", "post_id": "gone", "status": "published", "html": "<p>Lost</p>"},
            ],
        )
    )  # fmt: skip
    reply = Comment.objects.get(text="<p>Yes</p>")
    assert reply.name == "Cleo" and reply.parent.text == "<p>First</p>" and reply.former_number is None
    assert Comment.objects.get(text="<p>Hidden</p>").state == Comment.State.PENDING
    assert in_file(done) == {"posts": 1, "comments": 4, "subscribers": 1, "other": 1}
    assert done["totals"]["comments"]["brought"] == 3 and not Subscription.objects.exists()


AT = "2021-05-02T00:00:00.000Z"


def member(name, **facts):
    return {"id": name, "email": f"{name}@x.example", "created_at": AT} | facts


def letters(*names, letter="n1"):
    return [{"member_id": name, "newsletter_id": letter} for name in names]


def event(name, subscribed, source="member", at=AT):
    return {"member_id": name, "subscribed": subscribed, "source": source, "created_at": at}


def test_members_become_subscribers_by_the_consent_that_the_file_proves(ghost):
    names = ["ann", "bob", "cleo", "dan", "eve", "fay", "gil", "hal"]
    done = ghost(
        export(
            post(),
            members=[member(name) for name in names] + [member("ida", email_disabled=1)],
            newsletters=[{"id": "n1", "status": "active"}, {"id": "n2", "status": "archived"}],
            members_newsletters=letters("ann", "cleo", "dan", "eve", "gil", "ida") + letters("fay", letter="n2"),
            members_created_events=[
                {"member_id": "cleo", "source": "import"}, {"member_id": "dan", "source": "admin"},
                {"member_id": "ann", "source": "member"},
            ],
            members_subscribe_events=[
                event("bob", 1), event("bob", 0, at="2022-01-01T00:00:00.000Z"), event("cleo", True, "import"),
                event("dan", True, "admin"), event("dan", True),
            ],
            suppressions=[{"email": "EVE@x.example", "reason": "bounce"}, {"email": "gil@x.example", "reason": "spam"}],
        )
    )  # fmt: skip
    assert set(Subscription.objects.values_list("address", flat=True)) == {"ann@x.example", "dan@x.example"}
    assert dict(StoppedAddress.objects.values_list("address", "why")) == {
        "bob@x.example": "unsubscribed", "eve@x.example": "bounced", "fay@x.example": "unsubscribed",
        "gil@x.example": "complained", "hal@x.example": "unsubscribed", "ida@x.example": "bounced",
    }  # fmt: skip
    assert StoppedAddress.objects.of("bob@x.example").get().stopped_at == datetime(2022, 1, 1, tzinfo=UTC)
    assert in_file(done) == {"posts": 1, "subscribers": 9} and not Email.objects.exists()
    skipped = [line for line in done["lines"] if line["result"] == "skipped"]
    assert [line["title"] for line in skipped] == ["c…@x.example"] and "owner added" in skipped[0]["reason"]


def test_members_and_subscribers_of_earlier_generations(ghost):
    ghost(
        export(
            post(),
            members=[member("ann", subscribed=1), member("bob", subscribed=False), member("cleo")],
            subscribers=[
                {"email": "dan@x.example", "status": "subscribed", "created_at": AT},
                {"email": "eve@x.example", "status": "pending", "created_at": AT},
                {"email": "fay@x.example", "status": "unsubscribed", "unsubscribed_at": AT},
            ],
        )
    )
    assert set(Subscription.objects.values_list("address", flat=True)) == {"ann@x.example", "dan@x.example"}
    assert set(StoppedAddress.objects.values_list("address", flat=True)) == {"bob@x.example", "fay@x.example"}


def test_a_second_run_changes_nothing(ghost):
    text = export(post(), post("2", status="draft"), users=USERS[:1], tags=[{"id": "1", "name": "A", "slug": "a"}])
    ghost(text)
    again = ghost(text)
    assert all(row["unchanged"] == row["in_file"] for row in again["totals"].values())
    changed = ghost(text.replace("Ten miles", "Eleven miles"))
    assert changed["totals"]["posts"]["updated"] == 2


@pytest.mark.parametrize("wrapped", [True, False])
def test_files_of_the_first_generation(ghost, wrapped):
    old = {"id": 7, "title": "Old", "slug": "old", "markdown": "*Hello*", "html": None, "page": 0, "author_id": 1,
           "status": "published", "published_at": 1400000000000, "image": None}  # fmt: skip
    users = [{"id": 1, "slug": "ada", "name": "Ada", "email": "a@old.example"}]
    done = ghost(export(old, old | {"id": 8, "slug": "p", "title": "P", "page": 1}, wrapped=wrapped, version="003",
                        users=users, tags=[{"id": 1, "name": "x", "slug": "x"}],
                        posts_tags=[{"post_id": 7, "tag_id": 1}]))  # fmt: skip
    made = Post.objects.get(title="Old")
    assert made.publish_at == datetime.fromtimestamp(1400000000, UTC) and made.source == "*Hello*"
    assert made.tags.get().name == "x"
    assert in_file(done) == {"posts": 1, "pages": 1, "tags": 1, "authors": 1}


def test_a_zip_and_a_file_without_an_address(tmp_path, ada):
    file = tmp_path / "ghost.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data/ghost.json", export(post()))
    done = bring(tmp_path, "ghost", file)
    assert "if it is given" in done["output"] and Post.objects.get(title="Post 5f1").is_public


REFUSED = [
    ("", "empty"),
    ("<html>", "not an export of Ghost"),
    ('{"db": [\n{"data"', "line 2"),
    ("[1]", "no list of posts"),
    ('{"posts": {}}', "no list of posts"),
    ("[" * 100_000, "no JSON that can be read"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_export_is_refused_with_a_sentence(tmp_path, ada, text, reason):
    file = tmp_path / "ghost.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=reason):
        call_command("import_ghost", file, stdout=io.StringIO(), stderr=io.StringIO())


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path, ada):
    file = tmp_path / "ghost.json"
    file.write_bytes(b'{"posts":\n["\xff"]}')
    with pytest.raises(CommandError, match="line 2"):
        call_command("import_ghost", file, stdout=io.StringIO(), stderr=io.StringIO())


def test_rows_of_wrong_types_are_no_traceback(tmp_path):
    file = tmp_path / "ghost.json"
    rows = [post(title=None, slug=5, html={"a": 1}, published_at="never"), 5, None, post("2", lexical="[]", html=None)]
    file.write_text(export(*rows, tags=[None, {"id": 1}], posts_tags=[{"post_id": "2", "tag_id": "9"}]))
    items = [record for record in read([file]) if isinstance(record, Item)]
    assert len(items) == count_elements([file])["posts"] == 2


def test_reader_and_counting_do_not_need_django():
    code = "import sys, transfer.ghost.reader, transfer.ghost.counting; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
