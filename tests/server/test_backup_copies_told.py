"""Backups are copied after each backup, by a command too; the desk, doctor and the report say what came of it."""

import logging
import sys
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import jobs
from core.models import Email
from server import backups
from server.backups import copy_command, copy_record
from server.backups.files import folder
from server.backups.schedule import request_backup
from server.doctor import data
from server.doctor.problem import Problem
from server.weekly_report import last_week, queue_report

PAGE, STATUS = "/desk/backups/", "/desk/status/"


@pytest.fixture
def disk(written, settings, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL)
    settings.BACKUP_TO, settings.BACKUP_COMMAND, settings.BACKUP_PASSPHRASE = str(tmp_path / "other"), [], ""
    (tmp_path / "other").mkdir()
    return tmp_path / "other"


@pytest.fixture
def by_command(written, settings, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL)
    settings.BACKUP_TO, settings.BACKUP_PASSPHRASE = "", ""
    copy = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"
    settings.BACKUP_COMMAND = [sys.executable, "-c", copy, "{path}", str(tmp_path / "copied")]
    return tmp_path / "copied"


def page(client, path=PAGE):
    return " ".join(client.get(path).content.decode().split())


def weekly(ada):
    queue_report(ada, *last_week()[:2])
    email = Email.objects.get(kind="weekly")
    email.delete()
    return " ".join(email.text.split())


def test_without_a_place_the_desk_says_how_to_have_one(disk, settings, ada, as_):
    settings.BACKUP_TO = ""
    assert "set BACKUP_TO, and each backup is copied" in page(as_(ada))
    assert data.copies() == "none on another machine (BACKUP_TO)"


def test_the_worker_copies_after_each_backup_and_all_who_ask_are_told(disk, ada, as_):
    desk = as_(ada)
    assert f"Backups are copied to {disk}. Nothing has been sent yet." in page(desk)
    assert f"No backup has been copied to {disk} yet." in weekly(ada)
    request_backup()
    assert jobs.run_ready("long") == 1
    made = backups.latest()
    assert (disk / made.name / "manifest.json").exists()
    assert f"Copied to {disk}: " in page(desk) and "set BACKUP_TO" not in page(desk)
    assert data.copies() == f"{disk}: {made.name}"
    assert f"The last copy at {disk} is of " in weekly(ada)


def test_a_copy_that_fails_is_told_everywhere_and_tried_again_without_another_backup(disk, ada, as_):
    desk = as_(ada)
    request_backup()
    jobs.run_ready("long")
    disk.rename(disk.with_name("unplugged"))
    time.sleep(1.1)  # a backup's name is its second
    request_backup()
    asked = jobs._rows().ready().get()
    assert jobs.run_ready("long") == 1
    asked.refresh_from_db()
    assert asked.status == "READY" and asked.run_after > timezone.now(), "it is tried again by the queue"
    shown = page(desk)
    assert f"Nothing has been copied to {disk} since" in shown and "is its disk mounted?" in shown
    assert "The last copy there is of" in shown
    assert f"none at {disk} since" in page(desk, STATUS) and "Copies of backups" in page(desk, STATUS)
    with pytest.raises(Problem, match="is its disk mounted"):
        data.copies()
    assert f"Backups have not been copied to {disk} since" in weekly(ada)
    since = backups.copies_elsewhere()[0].since

    with pytest.raises(CommandError, match="The backup was made, and not copied: no copy at"):
        call_command("backup")
    assert backups.copies_elsewhere()[0].since == since, "since when it fails, not when it failed last"

    disk.with_name("unplugged").rename(disk)
    count = len(backups.list_backups())
    asked.run_after = timezone.now()
    asked.save()
    assert jobs.run_ready("long") == 1 and len(backups.list_backups()) == count
    assert data.copies() == f"{disk}: {backups.latest().name}"


def test_the_command_copies_as_well(disk, db, capsys):
    call_command("backup")
    assert f"copied: {disk} has {backups.latest().name}" in capsys.readouterr().out


def test_a_long_copy_gives_other_jobs_a_turn(disk, db, monkeypatch):
    monkeypatch.setattr("server.backups.schedule.COPY_SECONDS", 1e-9)
    request_backup()
    row = jobs._rows().get()
    assert jobs.run_ready("long", limit=1) == 1
    row.refresh_from_db()
    assert row.status == "READY" and row.worker_ids == []
    assert len(backups.list_backups()) == 1 and backups.copies_elsewhere()[0].problem == ""


def test_a_copy_that_is_late_is_said(disk, db, monkeypatch):
    made = backups.create_backup()
    assert data.copies() == f"{disk}: nothing was sent yet"
    backups.copy_backups()
    copied = backups.copies_elsewhere()[0]
    copy_record.record(copy_record.Copied(copied.way, copied.place, timezone.now() - timedelta(days=3), made.name))
    with pytest.raises(Problem, match=f"the last one at {disk}: 20"):
        data.copies()


# The command


def test_a_command_gets_the_folder_of_backups(by_command, db, settings):
    with pytest.raises(backups.BackupFailed, match="there is no backup to copy"):
        backups.copy_backups()
    made = backups.create_backup()
    (copied,) = backups.copy_backups()
    assert (copied.place, copied.backup) == (copied.place, made.name) and copied.place.startswith("python")
    assert (by_command / made.name / "manifest.json").exists()
    settings.BACKUP_COMMAND = [*settings.BACKUP_COMMAND[:1], "/not/there", "{path}"]
    assert backups.copy_backups()[0].problem == "", "it has copied this one"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "print('reading'); print('Fatal: wrong password'); print(); raise SystemExit(7)",
            "ended with 7 .*wrong passw",
        ),
        ("import os; os._exit(3)", "ended with 3 and said: nothing"),
    ],
)
def test_a_command_that_fails_is_told_by_its_last_words(by_command, db, settings, program, said):
    backups.create_backup()
    settings.BACKUP_COMMAND = [sys.executable, "-c", program, "{path}", "password-in-the-command"]
    with pytest.raises(backups.BackupFailed, match=said) as failure:
        backups.copy_backups()
    assert "password-in-the-command" not in str(failure.value) + (folder() / "copied.json").read_text()


def test_a_command_that_is_not_installed_is_named(by_command, db, settings):
    backups.create_backup()
    settings.BACKUP_COMMAND = ["no-such-program", "{path}"]
    with pytest.raises(backups.BackupFailed, match="no-such-program cannot be started: No such file"):
        backups.copy_backups()


def test_a_command_ends_with_the_worker_and_after_its_time(by_command, db, settings, monkeypatch):
    backups.create_backup()
    settings.BACKUP_COMMAND = [sys.executable, "-c", "import time; time.sleep(600)", "{path}"]
    began, asked = time.monotonic(), iter([False, False, True])
    with pytest.raises(backups.Interrupted):
        backups.copy_backups(lambda: next(asked))
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(600)"
    settings.BACKUP_COMMAND = [sys.executable, "-c", stubborn, "{path}"]
    monkeypatch.setattr(copy_command, "SECONDS", 3)
    monkeypatch.setattr(copy_command, "PATIENCE", 0.5)
    with pytest.raises(backups.BackupFailed, match="had not ended after 0 hours"):
        backups.copy_backups()
    assert time.monotonic() - began < 300
