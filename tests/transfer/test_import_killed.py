"""Whatever kills an import, in whichever moment: run again, it ends as one that nobody interrupted."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.blog_process import ROOT, Blog, copy
from tests.pace import often
from tests.transfer import wxr_files

COMPARED = {
    "blog_post": "id, kind, status, visibility, title, slug, path, source, html, parent_id, comment_count, publish_at",
    "comments_comment": "id, post_id, parent_id, thread_id, kind, state, text, html, name, email, posted_at",
    "blog_category": "name, slug, route, description",
    "blog_tag": "name, slug",
    "blog_redirect": "key, post_id, was_public",
    "blog_revision": "post_id, kind, title, source",
    "accounts_user": "name, handle, role, is_active",
    "transfer_importref": "kind, foreign_id, model, digest",
    "transfer_importline WHERE run_id = 1": "kind, reference, result, line",
}


@pytest.fixture
def new_blog(owned, tmp_path):
    def new_blog(name):
        copy(owned, tmp_path / name)
        return Blog(tmp_path / name)

    return new_blog


@pytest.fixture
def file(tmp_path):
    return wxr_files.write(tmp_path / "export.xml", wxr_files.blog(7, posts=160, comments=4, words=30))


def rows(blog):
    """The rows that an import makes, and the receipt of the first one: another follows if it was killed at its end."""
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as database:
        return {
            table: sorted(database.execute(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in COMPARED.items()
        }


@pytest.mark.process
@pytest.mark.long
def test_a_killed_import_run_again_ends_like_one_that_was_not_killed(new_blog, file):
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
    print(f"KILL_SEED={seed} repeats this test")
    moments = random.Random(seed)
    whole = new_blog("whole")
    began = time.monotonic()
    whole.manage("import_wordpress", file)
    duration, wanted, killed = time.monotonic() - began, rows(whole), 0
    for number in range(often(50)):
        blog = new_blog(f"killed-{number}")
        command = [sys.executable, str(ROOT / "manage.py"), "import_wordpress", str(file)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=ROOT, env=blog.env, **quiet) as process:
            time.sleep(duration * moments.random())
            process.kill()
            killed += process.wait() == -signal.SIGKILL
        blog.manage("import_wordpress", file)
        found = rows(blog)
        for table, those in wanted.items():
            assert found[table] == those, (number, table)
    assert killed, "none was killed before it had ended"
