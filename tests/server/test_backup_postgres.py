"""On PostgreSQL pg_dump makes the copy, in the snapshot whose rows are counted; without it there is no backup."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from server import backups
from tests import postgres

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def served(tmp_path, settings, monkeypatch, ada):
    """Ada's blog on PostgreSQL, with the tools of its own version at hand."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has tests of its own")
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data/media"
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.MEDIA_ROOT / "full.jpg").write_bytes(b"a bridge")
    monkeypatch.setenv("PATH", f"{postgres.find_programs()}:{os.environ['PATH']}")
    return settings.LONGRUN_DATA


def test_the_dump_comes_back_with_the_rows_that_were_counted(served, tmp_path, make_post):
    make_post("A long run")
    made = backups.create_backup()
    assert made.posts == 1
    assert set(made.sums) == {"longrun.dump", "media/full.jpg"}
    backups.restore(made, tmp_path / "new")
    command = ["pg_restore", "--data-only", "--table=blog_post", "--file=-", tmp_path / "new/longrun.dump"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "A long run" in listed


def test_the_drill_reads_the_whole_dump_and_counts_its_rows(served, make_post):
    make_post("A long run", source="One line\nand another,\n\\.\nand a tab\t.")
    made = backups.create_backup()
    found = backups.run_drill()
    assert (found.problem, found.posts, found.files, found.pages) == ("", 1, 1, 0)
    about = json.loads((made.path / "manifest.json").read_text())
    about["tables"]["blog_post"] = 2
    (made.path / "manifest.json").write_text(json.dumps(about))
    assert backups.run_drill().problem == "its database does not have the rows it had: blog_post"
    assert backups.last_drill().problem


def test_how_is_it_is_answered_on_postgresql(served, as_, ada):
    page = " ".join(as_(ada).get("/desk/status/").content.decode().split())
    assert "<dt>Database</dt><dd>PostgreSQL" in page and "<dt>Queue</dt><dd>0 jobs wait</dd>" in page


def test_without_pg_dump_it_says_what_is_missing(served, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(backups.BackupFailed, match="pg_dump, which is not installed here"):
        backups.create_backup()
    assert backups.list_backups() == []
    assert "pg_dump" in backups.last_failure()["why"]


def test_a_dump_that_fails_is_no_backup(served, monkeypatch, tmp_path):
    tool = Path(tmp_path, "bin", "pg_dump")
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho half > "${5#--file=}"\necho "pg_dump: error: the server went away" >&2\nexit 1\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    with pytest.raises(backups.BackupFailed, match="pg_dump said: pg_dump: error: the server went away"):
        backups.create_backup()
    assert backups.list_backups() == []
