"""What monitors and load balancers are told."""

import errno
import os
import signal
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import ScheduledTask
from server import health
from tests.blog_process import wait_for


def ready(client):
    answer = client.get("/health/ready/")
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.content.decode().splitlines()


def worked(ago):
    ScheduledTask.objects.update_or_create(name="x", defaults={"last_run": timezone.now() - ago})


def test_it_is_live_without_a_query_and_under_any_name(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/health/live/", headers={"Host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.parametrize(("ago", "state"), [(5, "ok"), (11, "silent"), (None, "silent")])
def test_it_is_ready_while_the_worker_works(client, db, ago, state):
    if ago:
        worked(timedelta(minutes=ago))
    assert ready(client) == (200 if state == "ok" else 503, ["database: ok", "disk: ok", f"worker: {state}"])


def test_a_full_disk_is_not_ready(client, db, monkeypatch):
    worked(timedelta())
    monkeypatch.setattr(health, "MIN_FREE", 2**60)
    assert ready(client) == (503, ["database: ok", "disk: full", "worker: ok"])


def refuse(folder):
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_disk_that_takes_no_more_files_or_nothing_at_all_is_not_ready(client, db, monkeypatch):
    worked(timedelta())
    monkeypatch.setattr(health, "MIN_INODES", 2**60)
    assert ready(client) == (503, ["database: ok", "disk: full", "worker: ok"])
    monkeypatch.setattr(health.os, "utime", refuse)
    assert ready(client) == (503, ["database: ok", "disk: read-only", "worker: ok"])


def test_what_is_wrong_has_one_line_in_the_log_however_often_it_is_asked(client, db, monkeypatch, caplog):
    monkeypatch.setattr(health, "_told", "")
    caplog.set_level("WARNING")
    for _time in range(3):
        assert ready(client)[0] == 503
    worked(timedelta())
    for _time in range(2):
        assert ready(client)[0] == 200
    ours = [record.message for record in caplog.records if record.name == "server.health"]
    assert ours == ["not ready: worker silent", "ready again"]
    seen = [record for record in caplog.records if record.name == "django.request"]
    assert not [record for record in seen if not hasattr(record.request, "is_expected_error")]


@pytest.mark.long
def test_a_served_blog_becomes_ready_and_says_when_its_database_cannot_be_written(start_blog):
    blog = start_blog(set_up=True)
    wait_for(lambda: blog.get("/health/ready/") == 200, "it did not become ready", blog)
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")  # somebody else keeps the database
        assert blog.get("/health/live/") == 200
        assert blog.get("/health/ready/", seconds=30) == 503
        other.execute("ROLLBACK")
    assert blog.get("/health/ready/") == 200
    os.killpg(blog.process.pid, signal.SIGKILL)
