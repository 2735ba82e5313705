"""The desk's page of backups, the line on its first page, and the worker's part."""

import io
import json
import threading
import time
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import jobs
from server import backups
from server.backups.files import folder
from server.backups.schedule import request_backup, run_backup, run_daily_backup
from tests.reauthentication import proved

PAGE = "/desk/backups/"


@pytest.fixture(autouse=True)
def nobody_has_stopped_the_worker(monkeypatch):
    monkeypatch.setattr(jobs, "_stop", threading.Event())


def body(response):
    return b"".join(response.streaming_content)


def aged(backup, age):
    new = backup.path.with_name((timezone.now() - age).strftime("%Y-%m-%d-%H%M%S"))
    backup.path.replace(new)


@pytest.mark.parametrize("who", ["ed", "arthur", "mona", "rene"])
def test_only_the_owner_comes_in(written, ada, as_, who, request):
    made = backups.create_backup()
    client = as_(request.getfixturevalue(who))
    assert client.get(PAGE).status_code == client.post(PAGE).status_code == 403
    assert client.get(f"{PAGE}{made.name}.zip").status_code == 403
    assert jobs.run_ready("long") == 0


def test_a_guest_is_sent_to_log_in(written, client, ada):
    made = backups.create_backup()
    for path in (PAGE, f"{PAGE}{made.name}.zip"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_back_up_now_asks_the_worker_who_makes_one(written, as_, ada):
    desk = as_(ada)
    assert "There is no backup yet" in desk.get(PAGE).content.decode()
    response = desk.post(PAGE, follow=True)
    assert "The backup has been started." in response.content.decode()
    assert backups.latest() is None, "nobody waits for it"
    assert jobs.run_ready("long") == 1
    shown = desk.get(PAGE)
    assert backups.latest().name in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]


def test_a_get_makes_none(written, as_, ada):
    as_(ada).get(PAGE)
    assert jobs.run_ready("long") == 0


def test_asked_twice_before_the_worker_comes_it_makes_one(written, ada):
    for _ in range(2):
        request_backup()
    time.sleep(1.1)  # a backup's name is its second
    assert jobs.run_ready("long") == 2
    assert len(backups.list_backups()) == 1


def test_the_worker_asks_every_day(written, ada):
    run_daily_backup()
    assert jobs.run_ready("long") == 1
    assert backups.latest()


def test_a_worker_that_stops_begins_anew_after_its_start(written, ada):
    written.upload("bridge")
    jobs._stop.set()
    with pytest.raises(jobs.Requeue):
        run_backup.call(timezone.now().isoformat())
    assert backups.list_backups() == []
    jobs._stop.clear()
    run_backup.call(timezone.now().isoformat())
    assert len(backups.list_backups()) == 1


def test_the_owner_takes_one_along_after_showing_the_password(written, as_, ada):
    written.upload("bridge")
    made = backups.create_backup()
    desk = as_(ada)
    asked = desk.get(f"{PAGE}{made.name}.zip")
    assert asked.status_code == 302
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    response = proved(desk, ada).get(f"{PAGE}{made.name}.zip")
    assert response.status_code == 200
    assert "private" in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == f'attachment; filename="longrun-{made.name}.zip"'
    with zipfile.ZipFile(io.BytesIO(body(response))) as packed:
        assert "longrun.sqlite3" in packed.namelist()


@pytest.mark.parametrize("name", ["2026-01-01-000000", "lock", "media", "secret_key", "..", "failed"])
def test_nothing_but_a_backup_is_given_out(written, as_, ada, name):
    backups.create_backup()
    assert proved(as_(ada), ada).get(f"{PAGE}{name}.zip").status_code == 404


@pytest.mark.parametrize(
    ("age", "said", "late"),
    [
        (timedelta(), "Last backup: today, checked", False),
        (timedelta(days=1), "Last backup: yesterday, checked", False),
        (timedelta(days=3), "The last backup is 3 days old", True),
        (None, "There is no backup yet", True),
    ],
)
def test_the_first_page_says_how_old_the_last_one_is(written, as_, ada, age, said, late):
    if age is not None:
        aged(backups.create_backup(), age)
    page = as_(ada).get("/desk/").content.decode()
    assert said in page
    assert ("backup-line--late" in page) == late


def test_editors_are_not_bothered_with_it(written, as_, ed):
    assert "backup" not in as_(ed).get("/desk/").content.decode()


def test_a_failed_try_is_said_with_its_reason_until_one_succeeds(written, as_, ada):
    folder().mkdir()
    why = "the disk has 0 MB left"
    (folder() / "failed").write_text(json.dumps({"when": timezone.now().isoformat(), "why": why}))
    assert why in as_(ada).get(PAGE).content.decode()
    backups.create_backup()
    assert why not in as_(ada).get(PAGE).content.decode()
    (folder() / "failed").write_text("")
    assert "the log says why" in as_(ada).get(PAGE).content.decode()


def test_a_damaged_one_stands_in_the_list_as_such(written, as_, ada):
    made = backups.create_backup()
    (made.path / "manifest.json").write_text("{")
    page = as_(ada).get(PAGE)
    assert page.status_code == 200
    assert "manifest.json cannot be read" in page.content.decode()
    assert f"{made.name}.zip" not in page.content.decode()


def test_many_backups_ask_no_more_questions_than_none(written, as_, ada, django_assert_num_queries):
    desk = as_(ada)
    desk.get(PAGE)
    with CaptureQueriesContext(connection) as none:
        desk.get(PAGE)
    for _ in range(3):
        backups.create_backup()
    with django_assert_num_queries(len(none)):
        desk.get(PAGE)
