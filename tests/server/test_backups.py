"""A backup is whole, or it is none; media lie in it once; the old ones go in their turn."""

import errno
import json
import logging
import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from core.file_locks import exclusive_lock
from server import backups
from server.backups import retention
from server.backups.files import folder


def stored():
    return sorted(path for path in (folder() / "media").glob("*/*"))


def test_a_backup_holds_the_database_the_media_and_the_key_and_only_its_owner_reads_them(written):
    photo = written.upload("bridge")
    made = backups.create_backup()
    name = f"media/{photo.relative_to(written.media).as_posix()}"
    assert set(made.sums) == {"longrun.sqlite3", "secret_key", name}
    assert made.open(name).read() == photo.read_bytes()
    assert made.manifest["tables"]["upload"] == 1
    assert made.manifest["tables"]["django_migrations"] > 50
    assert backups.verify_backup(made) == made.sums
    assert backups.latest() == made
    assert not backups.is_running()
    for path in [folder(), *folder().rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_list_is_one_that_sha256sum_reads(written):
    written.upload("bridge")
    made = backups.create_backup()
    lines = (made.path / "SHA256SUMS").read_text().splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == sorted(made.sums)
    assert all(line.split("  ")[0] == made.sums[line.split("  ", 1)[1]] for line in lines)


def test_media_that_have_not_changed_are_not_copied_twice(written):
    photo, twin = written.upload("bridge"), written.upload("twin", b"1" * 5000)
    written.upload("triplet", b"1" * 5000)
    first = backups.create_backup()
    assert len(stored()) == 2, "equal files are one"
    inodes = [path.stat().st_ino for path in stored()]
    photo.write_bytes(b"another bridge, in the same place")
    second = backups.create_backup()
    assert len(stored()) == 3
    assert set(inodes) < {path.stat().st_ino for path in stored()}
    name = f"media/{photo.relative_to(written.media).as_posix()}"
    assert first.open(name).read() != second.open(name).read() == photo.read_bytes()
    assert not any(kept.samefile(twin) for kept in stored()), "a damaged file of the blog must not damage its backup"
    assert backups.verify_backup(first)
    assert backups.verify_backup(second)


def test_an_upload_that_has_not_arrived_yet_is_left_alone(written):
    (written.media / ".coming-x").mkdir(parents=True)
    (written.media / ".coming-x/full.jpg").write_bytes(b"half")
    (written.media / "link").symlink_to("/etc/passwd")
    assert set(backups.create_backup().sums) == {"longrun.sqlite3", "secret_key"}


def test_media_on_another_disk_are_in_the_backup(written, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk/track.gpx").write_bytes(b"up and down")
    written.media.mkdir()
    (written.media / "tracks").symlink_to(tmp_path / "disk")
    assert backups.create_backup().open("media/tracks/track.gpx").read() == b"up and down"
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    with pytest.raises(backups.BackupFailed, match="tracks leads to .*disk, which is not there"):
        backups.create_backup()


def test_a_folder_that_cannot_be_read_makes_no_backup(written, monkeypatch):
    hidden = written.upload("bridge").parent
    look = os.scandir

    def scandir(place):
        if place == str(hidden):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
        return look(place)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(backups.BackupFailed, match=f"{hidden} cannot be read: Permission denied"):
        backups.create_backup()
    assert backups.list_backups() == []


def test_media_that_lead_round_in_a_circle_are_named(written):
    (written.media / "a").mkdir(parents=True)
    (written.media / "a/b").symlink_to(written.media)
    with pytest.raises(backups.BackupFailed, match="media/a/b leads to a folder that it lies in"):
        backups.create_backup()


def test_what_a_damaged_disk_has_done_to_a_kept_file_is_mended_by_the_next_backup(written):
    written.upload("bridge")
    first = backups.create_backup()
    (kept,) = stored()
    kept.write_bytes(b"rot")
    with pytest.raises(backups.BackupFailed, match="media/.* is damaged"):
        backups.verify_backup(first)
    backups.create_backup()
    assert backups.verify_backup(first)


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("longrun.sqlite3", lambda whole: whole[:-100], "longrun.sqlite3 is damaged"),
        ("longrun.sqlite3", None, "longrun.sqlite3 cannot be read"),
        ("SHA256SUMS", lambda whole: whole.splitlines(True)[0], "not the list that was written"),
        ("SHA256SUMS", None, "SHA256SUMS cannot be read"),
        ("manifest.json", lambda whole: whole[:-20], "manifest.json cannot be read"),
        ("manifest.json", lambda whole: b"[]", "manifest.json cannot be read"),
        ("manifest.json", lambda whole: b'{"format": 9}', "in format 9"),
        ("manifest.json", lambda whole: b'{"format": 1}', "does not say: bytes, checked"),
        (
            "manifest.json",
            lambda whole: whole.replace(b'"upload": 0', b'"upload": 1'),
            "not have the rows it had: upload",
        ),
    ],
)
def test_what_is_damaged_is_said_to_be(written, file, damage, said):
    made = backups.create_backup()
    path = made.path / file
    whole = path.read_bytes()
    path.unlink()
    if damage:
        path.write_bytes(damage(whole))
    with pytest.raises(backups.BackupFailed, match=said):
        backups.verify_backup(backups.find(made.name))


def test_rows_that_point_nowhere_make_no_backup(written):
    backups.create_backup()
    with closing(written.connect()) as rows:
        rows.execute("INSERT INTO picture (upload) VALUES (77)")
    with pytest.raises(backups.BackupFailed, match="a row of picture points at one of upload"):
        backups.create_backup()
    assert len(backups.list_backups()) == 1
    assert "points at one" in backups.last_failure()["why"]
    with closing(written.connect()) as rows:
        rows.execute("DELETE FROM picture WHERE upload = 77")
    backups.create_backup()
    assert backups.last_failure() is None


def test_an_empty_database_is_no_backup(written):
    for file in written.folder.glob("longrun.sqlite3*"):
        file.unlink()
    sqlite3.connect(written.database).execute("CREATE TABLE lonely (id)").connection.close()
    with pytest.raises(backups.BackupFailed, match="empty"):
        backups.create_backup()
    assert backups.list_backups() == []


@pytest.mark.parametrize("free", [0, 50 * 2**20], ids=["none", "some, that the blog will need"])
def test_a_full_disk_leaves_the_old_backups_and_no_half_one(written, monkeypatch, free, caplog):
    caplog.set_level(logging.CRITICAL)
    backups.create_backup()
    written.upload("bridge")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**12, 10**12, free))
    with pytest.raises(backups.BackupFailed, match="the disk has [0-9]+ MB left"):
        backups.create_backup()
    assert len(backups.list_backups()) == 1
    assert not list(folder().rglob("*.part"))


def test_two_are_not_made_at_once(written):
    folder().mkdir()
    held, let_go = threading.Event(), threading.Event()

    def somebody_else():
        with exclusive_lock(folder() / "lock"):
            held.set()
            let_go.wait(10)

    thread = threading.Thread(target=somebody_else)
    thread.start()
    held.wait(10)
    try:
        assert backups.is_running()
        with pytest.raises(backups.BackupFailed, match="another backup is being made"):
            backups.create_backup()
    finally:
        let_go.set()
        thread.join()
    assert backups.last_failure() is None
    assert backups.create_backup()


def test_a_worker_that_stops_leaves_nothing_half_and_what_it_copied(written):
    for number in range(4):
        written.upload(number)
    asked = iter([False, False, True])
    with pytest.raises(backups.Interrupted):
        backups.create_backup(should_stop=lambda: next(asked))
    assert backups.list_backups() == []
    assert len(stored()) == 2
    assert not list(folder().glob("*.part"))
    assert backups.last_failure() is None


def test_made_while_somebody_writes_every_row_has_its_file(written, write_load):
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while write_load.count < 20:
        assert datetime.now(UTC) < deadline
    for _ in range(3):
        made = backups.create_backup()
        sums = backups.verify_backup(made)
        with closing(sqlite3.connect(made.path / "longrun.sqlite3")) as rows:
            names = [f"media/{name}" for (name,) in rows.execute("SELECT name FROM upload")]
        assert names
        assert [name for name in names if name not in sums] == []


# Rotation


def days(start, count, hour=4):
    return [start + timedelta(days=number, hours=hour) for number in range(count)]


def test_seven_days_four_weeks_and_twelve_months_stay():
    first = datetime(2024, 1, 1, tzinfo=UTC)
    kept = set()
    for moment in days(first, 800):
        kept = retention.select_kept(kept | {moment}, moment)
    newest = max(kept)
    ages = sorted((newest - moment).days for moment in kept)
    assert ages[:7] == [0, 1, 2, 3, 4, 5, 6]
    weeks = {moment.strftime("%G-%V") for moment in kept}
    assert {(newest - timedelta(weeks=number)).strftime("%G-%V") for number in range(4)} <= weeks
    months = sorted({moment.strftime("%Y-%m") for moment in kept})
    assert months[-12:] == ["2025-04", "2025-05", "2025-06", "2025-07", "2025-08", "2025-09", "2025-10", "2025-11",
                            "2025-12", "2026-01", "2026-02", "2026-03"]  # fmt: skip
    assert len(months) == 12
    assert len(kept) <= 7 + 4 + 12


def test_what_was_made_by_hand_stays_for_a_day():
    now = datetime(2026, 3, 5, 20, tzinfo=UTC)
    today = [now - timedelta(minutes=number) for number in range(10)]
    assert retention.select_kept(today, now) == set(today)
    assert retention.select_kept(today, now + timedelta(days=1)) == {now}


def test_a_blog_that_slept_for_years_loses_nothing():
    old = days(datetime(2020, 5, 4, tzinfo=UTC), 7)
    assert retention.select_kept(old, datetime(2026, 1, 1, tzinfo=UTC)) == set(old)


def test_what_goes_takes_its_media_along_and_nobody_elses(written, monkeypatch):
    shared, lonely = written.upload("shared"), written.upload("lonely")
    old = backups.create_backup()
    for number in range(9):  # nine days of backups, and this one is older than all of them
        shutil.copytree(old.path, folder() / f"2026-02-0{number + 1}-040000")
    old.path.replace(folder() / "2026-01-31-040000")
    written.delete(lonely)
    backups.create_backup()
    left = [backup.name for backup in backups.list_backups()]
    assert "2026-02-01-040000" in left or "2026-01-31-040000" in left, "the last of its month, or of its week"
    assert len(stored()) == 2, "somebody names it still"
    for backup in backups.list_backups()[1:]:
        shutil.rmtree(backup.path)
    backups.create_backup()
    assert [path.read_bytes() for path in stored()] == [shared.read_bytes()]


def test_a_damaged_backup_costs_no_other_its_media(written):
    photo = written.upload("bridge")
    damaged = backups.create_backup()
    written.delete(photo)
    (damaged.path / "SHA256SUMS").write_text("nothing\n")
    backups.create_backup()
    assert len(stored()) == 1


def test_what_is_no_backup_is_left_where_it_lies(written):
    (folder() / "holiday").mkdir(parents=True)
    (folder() / "before-blog.0002.sqlite3").write_bytes(b"kept by a migration")
    backups.create_backup()
    assert (folder() / "holiday").is_dir()
    assert (folder() / "before-blog.0002.sqlite3").exists()
    assert len(backups.list_backups()) == 1


def test_a_note_of_failure_that_is_cut_short_is_still_a_failure(written):
    folder().mkdir()
    (folder() / "failed").write_text('{"when": "2026')
    assert backups.last_failure() == {"when": None, "why": ""}


def test_the_manifest_is_plain_to_read(written):
    about = json.loads((backups.create_backup().path / "manifest.json").read_text())
    assert about["files"] == 0
    assert about["bytes"] > 100_000
    assert datetime.fromisoformat(about["checked"]) >= datetime.fromisoformat(about["made"])
