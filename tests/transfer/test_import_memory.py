"""An export of any size comes in with the memory of a small one, and not by the minute."""

import io
import sqlite3
from contextlib import closing
from itertools import chain
from time import thread_time

import pytest
from django.core.management import call_command

from bench.importing import costs
from tests.blog_process import Blog, copy
from tests.pace import allowed, often
from tests.transfer import wxr_files
from transfer.importing import renderings
from transfer.records import Item

POSTS_IN_A_MEGABYTE = 20  # of 600 words with 10 comments: a quarter of the file; the rest belongs to a plugin
RECORD = 20_000  # characters of an item of the plugin


@pytest.mark.process
@pytest.mark.long
def test_an_export_of_500_megabytes_needs_less_than_300_of_memory(owned, tmp_path):
    size = often(500)
    posts = size * POSTS_IN_A_MEGABYTE
    records = wxr_files.blog(1, posts=posts, comments=10, words=600, pages=0)
    others = (
        Item(kind="a_plugin", number=10**9 + number, content="A line of a log. " * (RECORD // 17), status="private")
        for number in range(size * 720_000 // RECORD)
    )
    file = wxr_files.write(tmp_path / "export.xml", chain(records, others))
    assert file.stat().st_size > size * 10**6
    copy(owned, tmp_path / "blog")
    blog = Blog(tmp_path / "blog")
    seconds, cpu, memory = costs(blog, file)
    print(f"{file.stat().st_size / 1e6:.0f} MB: {seconds:.0f} s, {cpu:.0f} s of CPU, {memory:.0f} MiB")
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as database:
        lines = dict(database.execute("SELECT kind, count(*) FROM transfer_importline GROUP BY kind"))
    assert (lines["posts"], lines["comments"]) == (posts, posts * 10) and lines["other"] > size * 30
    assert memory < 300


@pytest.mark.django_db
def test_an_import_takes_less_than_ten_times_its_goal(tmp_path, ada, monkeypatch):
    """The goal is 500 posts and comments a second."""
    monkeypatch.setattr(renderings, "cores", lambda: 1)
    file = wxr_files.write(tmp_path / "export.xml", wxr_files.blog(1, posts=20, comments=10, words=600, pages=0))
    began = thread_time()
    call_command("import_wordpress", file, stdout=io.StringIO(), stderr=io.StringIO())
    assert thread_time() - began < allowed(20 * 11 / 50)
