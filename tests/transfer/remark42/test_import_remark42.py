"""The comments of Remark42 come in from its backups: lines of JSON, packed or not."""

import gzip
import json

import pytest
from django.core.management import CommandError

from comments.models import Comment
from tests.transfer.importing_files import bring, comments_by_id, in_file
from transfer.models import ImportRef

pytestmark = pytest.mark.django_db
HEAD = {
    "version": 1,
    "users": [{"id": "u2", "blocked": {"status": True, "until": "2030-01-01T00:00:00Z"}, "verified": False}],
    "posts": [{"url": "https://old.example/closed/", "read_only": True}],
}


@pytest.fixture
def run(make_post):
    return make_post("A long run", slug="a-long-run")


def line(identifier, url, orig="Words", text="<p>Words</p>", pid="", user=None, **more):
    person = {
        "name": "Bo",
        "id": "github_bo",
        "picture": "",
        "ip": "293ec5b0cf154855258824ec7fac5dc63d176915",
        "admin": False,
    }
    return {
        "id": identifier, "pid": pid, "text": text, "orig": orig, "user": person | (user or {}),
        "locator": {"site": "blog", "url": url}, "score": 0, "votes": {}, "vote": 0,
        "time": "2014-02-03T04:05:06.123456789-06:00", "title": "A long run",
    } | more  # fmt: skip


def backup(*lines, head=HEAD):
    rows = [json.dumps(row) if isinstance(row, dict) else row for row in (head, *lines) if row is not None]
    return "".join(f"{row}\n" for row in rows)


@pytest.fixture
def remark42(tmp_path, ada):
    def remark42(*lines, content=None, head=HEAD, name="backup-blog-20240101.gz", **options):
        file = tmp_path / name
        text = backup(*lines, head=head).encode() if content is None else content
        file.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return bring(tmp_path, "remark42", file, **options)

    return remark42


def test_comments_come_in_their_threads_and_states(remark42, run, client):
    url = f"https://old.example{run.path}"
    done = remark42(
        line(
            "a1", url, "*First*", "<p><em>First</em></p>", score=2, votes={"x": True, "y": True, "z": False}, pin=True
        ),
        line("a2", url, "", "<p>From <b>Disqus</b></p>", pid="a1", imported=True),
        line("a3", url, "Code `a &lt; b`", "<p>Code <code>a &lt; b</code></p>"),
        line(
            "a8",
            url,
            "Don&#39;t use ``",
            "<p>Don&#39;t use <code>&lt;b&gt;</code></p>",
            user={"name": "Tom &lt;3 &amp; Bo"},
        ),
        line("a4", url, "", "", delete=True, user={"name": "deleted", "id": "deleted"}),
        line("a5", url, "An answer", pid="a4"),
        line("a6", url, "Blocked words", user={"block": True}),
        line("a7", url, "", "", delete=True),
    )
    assert in_file(done) == {"comments": 8, "other": 1}
    rows = comments_by_id()
    states = ["approved", "approved", "approved", "gone", "approved", "trash"]
    assert [rows[f"a{at}"].state for at in range(1, 7)] == states
    first, second, third = rows["a1"], rows["a2"], rows["a3"]
    assert (first.text, first.source_format, first.html) == ("*First*", "markdown", "<p><em>First</em></p>")
    assert second.parent == first and second.html == "<p>From <strong>Disqus</strong></p>"
    assert "<code>a &lt; b</code>" in third.html and third.source_format == "markdown"
    assert "<code>&lt;b&gt;</code>" in rows["a8"].html and rows["a8"].name == "Tom <3 & Bo"
    assert first.posted_at.isoformat() == "2014-02-03T10:05:06.123456+00:00"
    assert rows["a5"].parent == rows["a4"] and first.facts == {} and (first.name, first.email) == ("Bo", "")
    kept = dict(ImportRef.objects.get(foreign_id="a1").kept["meta"])
    assert kept == {"score": "2", "votes up": "2", "votes down": "1", "pinned": "true", "user": "github_bo"}
    assert "1 people are blocked" in done["output"] and "1 posts are closed" in done["output"]
    assert "Blocked words" not in client.get(run.path).content.decode()


def test_a_second_run_changes_nothing(remark42, run):
    lines = [line("a1", run.path), line("a2", run.path, pid="a1"), line("b1", "https://old.example/nowhere/")]
    remark42(*lines)
    assert Comment.objects.count() == 2
    assert {each["result"] for each in remark42(*lines, name="again.json")["lines"]} == {"unchanged"}


def test_a_file_of_lines_without_a_head_is_read(remark42, run):
    remark42(line("a1", run.path), head=None)
    assert Comment.objects.count() == 1


def test_a_broken_line_is_lost_alone(remark42, run):
    done = remark42(line("a1", run.path), '{"id": "x", "locator": {"url": "/y"', "[1]", "", "[" * 100_000,
                    "x" * (5 << 20), line("a2", run.path, user={"name": None}, votes=[]), {})  # fmt: skip
    failed = [each["line"] for each in done["lines"] if each["result"] == "failed"]
    assert failed == [3, 4, 6, 7] and Comment.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]\n", b"no json", b"<disqus/>", b"\x00\xff" * 50, b'{"comments": []}']
)
def test_another_file_is_refused_in_words(remark42, content):
    with pytest.raises(CommandError, match="backup.json"):
        remark42(content=content, name="backup.json")


def test_hostile_values_are_no_error(remark42, run):
    odd = line(
        "a\x00" * 400, run.path, text={"a": 1}, orig=["x"], pid=7, time="yesterday", score="x" * 9999, title=None
    )
    done = remark42(
        odd, {"locator": 3}, {"locator": {"url": "/\x00" * 3000}}, line("a2", run.path, user={"name": "N" * 9000})
    )
    assert done["totals"]["comments"]["failed"] == 0
