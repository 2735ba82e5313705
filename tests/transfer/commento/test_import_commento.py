"""The comments of Commento and Commento++ come in from their exports."""

import gzip
import json

import pytest
from django.core.management import CommandError

from comments.models import Comment
from tests.transfer.importing_files import bring, comments_by_id, in_file

pytestmark = pytest.mark.django_db
PEOPLE = [
    {"commenterHex": "p1", "email": "bo@example.org", "name": "Bo", "link": "https://bo.example/", "photo": "undefined",
     "provider": "commento", "joinDate": "2013-01-01T00:00:00Z", "isModerator": False},
    {"commenterHex": "p2", "email": "undefined", "name": "Cleo, unnamed", "link": "undefined", "provider": "anon"},
]  # fmt: skip


def comment(identifier, url, text="Words", parent="root", who="p1", state="approved", **more):
    return {
        "commentHex": identifier, "domain": "old.example", "url": url, "commenterHex": who, "markdown": text,
        "html": "",
        "parentHex": parent, "score": 0, "state": state, "creationDate": "2014-02-03T04:05:06.123456Z", "direction": 0,
        "deleted": False,
    } | more  # fmt: skip


@pytest.fixture
def run(make_post):
    return make_post("A long run", slug="a-long-run")


@pytest.fixture
def commento(tmp_path, ada):
    def commento(*comments, content=None, name="export.json", **options):
        document = {"version": 1, "comments": list(comments), "commenters": [*PEOPLE, PEOPLE[0]]}
        text = json.dumps(document).encode() if content is None else content
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return bring(tmp_path, "commento", tmp_path / name, **options)

    return commento


def test_comments_come_in_their_threads_and_states(commento, run, client):
    done = commento(
        comment("c1", run.path, "*First*", score=4),
        comment("c2", run.path, "Second", parent="c1", who="p2"),
        comment("c3", run.path, "Third", who="anonymous"),
        comment("c4", run.path, "Waiting words", state="unapproved"),
        comment("c5", run.path, "Flagged words", state="flagged"),
        comment("c6", run.path, "[deleted]", who="anonymous"),
        comment("c7", run.path, "An answer", parent="c6"),
        comment("c8", run.path, "[deleted]", who="anonymous", deleted=True),
        comment("c9", run.path, "Removed words", deleted=True),
        comment("c10", run.path, "No state", state=None),
    )
    assert in_file(done) == {"comments": 10, "other": 1}
    rows = comments_by_id()
    assert {number: row.state for number, row in rows.items()} == {
        "c1": "approved", "c2": "approved", "c3": "approved", "c4": "pending", "c5": "pending", "c6": "gone",
        "c7": "approved", "c9": "trash", "c10": "pending"}  # fmt: skip
    first, second = rows["c1"], rows["c2"]
    assert (first.html, first.name) == ("<p><em>First</em></p>", "Bo")
    assert (first.email, first.url) == ("bo@example.org", "https://bo.example/")
    assert (second.name, second.email, second.url, second.parent) == ("Cleo, unnamed", "", "", first)
    assert rows["c3"].name == "" and rows["c7"].parent == rows["c6"]
    page = client.get(run.path).content.decode()
    assert "An answer" in page and not [
        words for words in ("Waiting", "Flagged", "Removed", "No state") if words in page
    ]


def test_a_second_run_changes_nothing(commento, run):
    file = [comment("c1", run.path), comment("c2", "/nowhere/"), comment("c3", run.path + "?utm=1", parent="c1")]
    done = commento(*file)
    assert in_file(done) == {"comments": 3, "other": 3} and Comment.objects.count() == 2
    again = commento(*file, name="export.json.gz")
    assert {line["result"] for line in again["lines"]} == {"unchanged"}


def test_whom_the_author_map_names_is_that_person(commento, run, ada):
    commento(comment("c1", run.path), comment("c2", run.path, who="p2"), author_map=[f"bo@example.org={ada.email}"])
    assert [row.is_by_author for row in Comment.objects.order_by("pk")] == [True, False]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"version": 1, "comments": [', b'{"version": 2, "comments": [], "commenters": []}',
     b"[" * 99999,
     b'{"comments": {}, "commenters": []}', b"<disqus/>", b"\x00\xff" * 50],
)  # fmt: skip
def test_another_file_is_refused_in_words(commento, content):
    with pytest.raises(CommandError, match="export.json"):
        commento(content=content)


def test_a_cut_off_file_says_the_line(commento):
    with pytest.raises(CommandError, match="line 3"):
        commento(content=b'{"version": 1,\n"comments": [\n{"commentHex": "a"')


def test_hostile_values_are_no_error(commento, run):
    odd = {name: {"a": ["b"]} for name in comment("c", "")}
    long = comment("x" * 999, run.path, "a\x00b", parent=5, creationDate=-1)
    others = comment("", run.path), comment("", run.path, "Other"), comment("c1", "/" + "y" * 5000)
    done = commento(odd, 7, None, long, *others, comment("c1", run.path))
    assert done["totals"]["comments"]["failed"] == 0
