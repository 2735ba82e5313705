"""The checks of the doctor, called in this process on a data folder whose faults are really made."""

import io
import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.models import Media
from core.models import Email, ScheduledTask, Worker
from core.worker_leases import lock_file
from server import backups, damaged_database, startup_checks
from server.doctor import configuration, data, findings, work
from server.doctor.findings import Finding
from server.doctor.problem import Problem
from server.setup import middleware
from tests.core import work as jobs_of_tests


def problem(check, *words):
    with pytest.raises(Problem) as found:
        check(*words)
    return f"{found.value.text} {found.value.todo}"


# What the worker does


def test_an_owner_is_missing_or_there(ada, monkeypatch):
    assert work.owner() == "the blog has one"
    ada.delete()
    monkeypatch.setattr(middleware, "_owner_exists", False)
    assert "nobody yet" in problem(work.owner) and "setup_link" in problem(work.owner)


@pytest.fixture
def alive(settings, tmp_path, monkeypatch):
    """`alive(name)` is a worker whose lease is renewed and whose file is locked."""
    settings.LONGRUN_DATA = tmp_path
    monkeypatch.setattr("core.worker_leases.has_died", lambda name: not lock_file(name).exists())

    def make(name):
        lock_file(name).parent.mkdir(exist_ok=True)
        lock_file(name).touch()
        return Worker.objects.create(name=name)

    return make


def test_workers_are_counted_and_one_that_does_nothing_is_named(db, alive):
    assert "no worker is running" in problem(work.worker)
    Worker.objects.create(name="dead")
    assert "no worker is running" in problem(work.worker), "its file is not locked"
    alive("one")
    assert work.worker() == "at work"
    alive("two")
    assert work.worker() == "2 at work"
    ScheduledTask.objects.create(name="x", last_run=timezone.now() - timedelta(minutes=20))
    found = problem(work.worker)
    assert "has done nothing since" in found and "restart Longrun" in found.replace("Restart", "restart")


def test_tasks_that_failed_are_named_with_their_last_line(db):
    ScheduledTask.objects.create(name="core.mail.deliver")
    assert work.schedule() == "1 entries, none failed"
    ScheduledTask.objects.create(name="blog.jobs.publish", last_error="Traceback …\nOSError: the disk is full\n")
    assert "blog.jobs.publish (OSError: the disk is full)" in problem(work.schedule)


def test_jobs_that_wait_too_long_are_named_by_their_queue(db):
    jobs_of_tests.trace.enqueue("one")
    jobs_of_tests.long_trace.enqueue("two")
    assert work.queue() == "2 jobs wait"
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=2))
    found = problem(work.queue)
    assert "1 in “default” since" in found and "“long”" not in found, "an import may take hours"
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(days=1))
    assert "1 in “long” since" in problem(work.queue)
    DBTaskResult.objects.update(run_after=timezone.now() + timedelta(days=1))
    assert work.queue() == "0 jobs wait", "they are for later"


def test_a_clock_that_was_set_back_is_seen_by_the_newest_rows(db):
    Email.objects.create(to="ann@example.org", subject="s", text="t")
    assert work.clock().endswith("UTC")
    Email.objects.update(created_at=timezone.now() + timedelta(hours=3))
    found = problem(work.clock)
    assert "a row (email) was written at" in found and "the clock is wrong, or it was" in found


# What is kept


@pytest.fixture
def folder(settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    settings.LONGRUN_DATA.mkdir(mode=0o700)
    return settings.LONGRUN_DATA


def test_what_every_user_can_read_is_named(folder):
    (folder / "secret_key").write_text("key")
    (folder / "secret_key").chmod(0o600)
    assert data.folder() == str(folder)
    (folder / "secret_key").chmod(0o644)
    assert f"chmod o-rwx {folder / 'secret_key'}" in problem(data.folder)


def test_a_disk_that_is_nearly_full_is_said(folder, monkeypatch):
    assert data.space().endswith("MB free on the disk")
    monkeypatch.setattr(startup_checks.shutil, "disk_usage", lambda _path: SimpleNamespace(free=3 * 2**20))
    assert "Only 3 MB are left on the disk" in problem(data.space)


def test_migrations_that_wait_are_counted(db):
    assert data.migrations() == "all applied"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert "1 not applied yet" in problem(data.migrations)


def test_a_media_folder_that_is_gone_has_a_way_back(folder, db, tmp_path):
    assert data.media_files() == "none yet"
    Media.objects.create(name="ab12", kind="picture", title="t", file_name="t.jpg", format="jpeg", size=1)
    found = problem(data.media_files)
    assert "media is gone, and 1 files belong there" in found and "There is no backup to take it from" in found
    (folder / "media").symlink_to(tmp_path / "unmounted")
    assert f"leads to {tmp_path / 'unmounted'}: mount that disk" in problem(data.media_files)
    (folder / "media").unlink()
    (folder / "media").mkdir()
    assert "1 of the 1 newest files are missing, such as" in problem(data.media_files)


class Bucket:
    is_remote, endpoint_url = True, "https://s3.example.org"

    def __init__(self, *names, trouble=None):
        self.names, self.trouble = set(names), trouble

    def files(self):
        if self.trouble:
            raise self.trouble
        return iter(self.names)

    def exists(self, name):
        return name in self.names


def test_files_in_a_bucket_are_asked_for_there(db, monkeypatch):
    row = Media.objects.create(name="ab12", kind="picture", title="t", file_name="t.jpg", format="jpeg", size=1)
    monkeypatch.setattr(data, "media_storage", lambda: Bucket(f"{row.folder}/{row.full}"))
    assert data.media_files() == "1 files, at https://s3.example.org"
    monkeypatch.setattr(data, "media_storage", Bucket)
    assert "1 of the 1 newest files are missing there" in problem(data.media_files)
    monkeypatch.setattr(data, "media_storage", lambda: Bucket(trouble=OSError("403 Forbidden")))
    assert problem(data.media_files).startswith("https://s3.example.org: 403 Forbidden. Correct STORAGE_URL")


def test_a_new_blog_needs_no_backup_yet_and_an_old_one_does(folder, ada):
    assert data.backup() == "none yet; the worker makes one every day"
    ada.date_joined = timezone.now() - timedelta(days=9)
    ada.save(update_fields=["date_joined"])
    assert "there is none. `manage.py backup` makes one now" in problem(data.backup)
    (folder / "backups").mkdir()
    (folder / "backups" / "failed").write_text('{"when": "2026-01-01T00:00:00+00:00", "why": "the disk is full"}')
    assert "the last try failed: the disk is full" in problem(data.backup)
    (folder / "backups" / "failed").write_text("cut sho")
    assert "the last try failed: the log says why" in problem(data.backup)


def test_a_damaged_or_old_backup_is_named(folder, db):
    now = datetime.now(UTC)
    place = folder / "backups" / f"{now:%Y-%m-%d-%H%M%S}"
    place.mkdir(parents=True)
    assert f"{place.name} is damaged: " in problem(data.backup)
    manifest = {"format": 1, "made": "", "checked": "", "tables": {}, "bytes": 4096, "files": 0, "list": ""}
    manifest["format"] = backups.files.FORMAT
    (place / backups.files.MANIFEST).write_text(json.dumps(manifest))
    assert data.backup() == f"{place.name}, 4 kB"
    old = place.rename(place.with_name(f"{now - timedelta(days=30):%Y-%m-%d-%H%M%S}"))
    assert f"the newest, {old.name}, is 30 days old" in problem(data.backup)


def test_the_last_drill_is_told(folder, db):
    assert data.drill().startswith("none yet")
    said = {"when": timezone.now().isoformat(), "backup": "2026-01-01-040000", "problem": ""}
    (folder / "restore_drill").write_text(json.dumps(said))
    assert data.drill().endswith(": 2026-01-01-040000 restores")
    (folder / "restore_drill").write_text(json.dumps(said | {"problem": "its database is empty"}))
    assert "2026-01-01-040000 does not restore: its database is empty" in problem(data.drill)


def test_the_whole_database_is_read_if_it_is_asked_for(folder, db, monkeypatch):
    file = folder / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as rows:
        rows.execute("CREATE TABLE runs (miles integer)")
    monkeypatch.setattr(startup_checks, "check_sqlite_settings", lambda: None)  # those of the tests' own database
    for module in (startup_checks, damaged_database):
        monkeypatch.setattr(module, "database_file", lambda: file)
    assert "journal_mode=wal" in data.database()
    monkeypatch.setattr(damaged_database, "quick_check", lambda: "row 7 is missing")
    assert "row 7 is missing" in problem(data.database)
    assert "journal_mode=wal" in data.checked_database(), "this one only asks what the worker found"
    (folder / damaged_database.FINDING).write_text('{"when": "2026-01-01T00:00:00", "found": "page 4"}')
    assert "page 4" in problem(data.checked_database)


# The list of checks


def test_whatever_a_check_raises_is_a_finding():
    def fine():
        return "fine"

    def wrong():
        raise Problem("it is wrong.", "Mend it.")

    def unset():
        raise ImproperlyConfigured("PORT is 0.")

    def broken():
        raise KeyError("colour")

    found = [findings.check(each) for each in (fine, wrong, unset, broken)]
    assert [each.is_well for each in found] == [True, False, False, False]
    assert found[1] == Finding("wrong", False, "it is wrong.", "Mend it.")
    assert found[2].text == "PORT is 0." and found[3].text == "cannot be checked: KeyError: 'colour'."
    assert found[0].as_json() == {"name": "fine", "state": "ok", "text": "fine", "todo": ""}


@pytest.fixture
def checks(monkeypatch):
    """Few checks, of which the database and the migrations can be made to fail."""
    state = SimpleNamespace(database="", migrations="")

    def make(name):
        def check():
            if found := getattr(state, name, ""):
                raise Problem(found, "Do something.")
            return "fine"

        check.__name__ = name
        return check

    monkeypatch.setattr(data, "database", make("database"))
    monkeypatch.setattr(data, "checked_database", make("checked_database"))
    monkeypatch.setattr(data, "migrations", make("migrations"))
    monkeypatch.setattr(findings, "WITHOUT_DATABASE", [make("folder")])
    monkeypatch.setattr(findings, "WITH_DATABASE", [make("owner")])
    monkeypatch.setattr(findings, "IN_THREADS", [make("mail")])
    return state


def test_what_stands_on_the_tables_is_not_asked_without_them(checks):
    assert [found.name for found in findings.examine()] == ["database", "migrations", "folder", "owner", "mail"]
    assert findings.examine(thoroughly=False)[0].name == "database", "the same name, whichever is asked"
    checks.migrations = "2 not applied yet."
    assert [found.name for found in findings.examine()] == ["database", "migrations", "folder", "mail"]
    checks.database = "it is damaged."
    assert [found.name for found in findings.examine()] == ["database", "folder", "mail"]


def test_the_command_prints_a_line_for_each_and_its_exit_code_says_whether_all_is_well(checks):
    told = io.StringIO()
    call_command("doctor", stdout=told)
    assert told.getvalue().splitlines()[0] == "ok   database    fine"
    checks.folder, told = "it is open.", io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=told)
    assert ended.value.code == 1 and "LOOK folder      it is open. Do something." in told.getvalue().splitlines()
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", "--json", stdout=told)
    said = json.loads(told.getvalue())
    assert said["ok"] is False and [each["state"] for each in said["findings"]].count("problem") == 1


# The configuration


def test_static_files_that_cannot_be_written_are_named(settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data/media"
    (tmp_path / "taken").write_text("a file")
    settings.STATIC_ROOT = tmp_path / "taken"
    assert "cannot be written" in problem(configuration.static)


def test_https_without_proxies_and_with_debug_is_questioned(settings, monkeypatch):
    settings.LONGRUN_HTTPS, settings.TRUSTED_PROXY_COUNT, settings.DEBUG = True, 0, True
    assert "LONGRUN_PROXIES=1" in problem(configuration.proxies)
    assert "Remove DEBUG" in problem(configuration.debug)


def test_names_that_are_nearly_ours_are_named(monkeypatch):
    monkeypatch.setitem(os.environ, "EMAIL_HOTS", "mx.example.org")
    assert "EMAIL_HOTS (do you mean EMAIL_HOST?)" in problem(configuration.names)
