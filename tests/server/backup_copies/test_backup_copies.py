"""Backups are copied to a folder of another disk or to S3, kept there as here, and come back."""

import logging
import shutil
import time

import pytest
from django.core.management import CommandError, call_command

from core.media_storage import StorageAway
from server import backups
from server.backups import copies, encryption
from server.backups.files import folder
from server.backups.manifests import Backup
from tests.server.backup_copies.places import PASSPHRASE, elsewhere


def contents(place):
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def sent(monkeypatch):
    """The names that are put from now on."""
    names, send = [], encryption.PlainCopies.send
    monkeypatch.setattr(
        encryption.PlainCopies, "send", lambda self, name, *rest: (names.append(name), send(self, name, *rest))[1]
    )
    return names


def test_what_was_copied_brings_the_blog_back_on_another_machine(there, passphrase, written, settings, tmp_path):
    written.upload("bridge")
    written.upload("tower")
    made = backups.create_backup()
    (copied,) = backups.copy_backups()
    assert (copied.backup, copied.problem) == (made.name, "")
    backups.restore(made, tmp_path / "here")

    elsewhere(settings, tmp_path / "new machine")
    call_command("restore", "last", "--from", "--into", str(tmp_path / "there"))
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert backups.verify_backup(backups.latest())
    call_command("restore", made.name, "--from", settings.BACKUP_TO)
    with pytest.raises(CommandError, match=f"there is no backup 'x' at .*{made.name}"):
        call_command("restore", "x", "--from")


def test_only_what_is_not_there_is_sent(there, passphrase, written, monkeypatch):
    bridge = written.upload("bridge")
    backups.create_backup()
    backups.copy_backups()
    names = sent(monkeypatch)
    backups.copy_backups()
    assert names == []
    written.upload("tower")
    second = backups.create_backup()
    backups.copy_backups()
    assert len([name for name in names if name.startswith("media/")]) == 1
    own = [name for name in names if not name.startswith("media/")]
    assert own and all(name.startswith(f"{second.name}/") for name in own)
    assert own[-1] == f"{second.name}/manifest.json{'.age' if passphrase else ''}", "it comes last"
    assert bridge.exists()


def test_rotation_is_the_same_there_as_here(there, passphrase, written):
    shared, lonely = written.upload("shared"), written.upload("lonely")
    old = backups.create_backup()
    for number in range(9):
        shutil.copytree(old.path, folder() / f"2026-02-0{number + 1}-040000")
    old.path.replace(folder() / "2026-01-31-040000")
    backups.copy_backups()
    suffix = ".age" if passphrase else ""
    first = {name.split("/")[0] for name in there.files() if name.endswith(f"manifest.json{suffix}")}
    assert len(first) < 10 and "2026-02-09-040000" in first, "those that would be deleted are not sent"
    there.write(f"2026-01-01-000000/half{suffix}", b"of a copy that was given up")
    there.write("holiday", b"somebody else's")
    written.delete(lonely)
    newest = backups.create_backup()
    here = {backup.name for backup in backups.list_backups()}
    backups.copy_backups()
    files = there.files()
    kept = {name.split("/")[0] for name in files if name.endswith(f"manifest.json{suffix}")}
    assert kept == here | {newest.name} and "holiday" in files and not any("half" in name for name in files)
    assert len([name for name in files if name.startswith("media/")]) == 2
    for backup in backups.list_backups():
        if backup.name != newest.name:
            shutil.rmtree(backup.path)
            for name in files:
                if name.startswith(f"{backup.name}/"):
                    there.delete(name)
    backups.copy_backups()
    assert len([name for name in there.files() if name.startswith("media/")]) == 1
    assert shared.exists()


def test_a_copy_that_breaks_off_is_no_backup_and_goes_on_later(
    there, passphrase, written, monkeypatch, settings, tmp_path
):
    for number in range(5):
        written.upload(number)
    made = backups.create_backup()
    storage = type(copies.Destination(settings.BACKUP_TO).storage)
    put, done = storage.put, []

    def cut(self, name, content):
        if len(done) == 4:
            raise StorageAway("the line was cut")
        done.append(name)
        put(self, name, content)

    with monkeypatch.context() as at:
        at.setattr(storage, "put", cut)
        with pytest.raises(backups.BackupFailed, match="the line was cut"):
            backups.copy_backups()
    (copied,) = backups.copies_elsewhere()
    assert "the line was cut" in copied.problem and copied.when is None
    with pytest.raises(backups.BackupFailed, match="there is no backup 'last'"):
        backups.fetch_backup("last")
    names = sent(monkeypatch)
    backups.copy_backups()
    assert not set(names) & set(done)
    assert backups.copies_elsewhere()[0].problem == ""

    elsewhere(settings, tmp_path / "new")
    read, done = storage.read, []

    def cut_again(self, name, *part):
        if len(done) == 8:
            raise StorageAway("the line was cut again")
        done.append(name)
        return read(self, name, *part)

    with monkeypatch.context() as at:
        at.setattr(storage, "read", cut_again)
        with pytest.raises(backups.BackupFailed, match="the line was cut again"):
            backups.fetch_backup(made.name)
    assert backups.list_backups() == []
    before = {name for name in done if name.startswith("media/")}
    done = []
    monkeypatch.setattr(storage, "read", lambda self, name, *part: (done.append(name), read(self, name, *part))[1])
    assert backups.verify_backup(backups.fetch_backup(made.name))
    assert before and not before & set(done), "what was fetched is not fetched again"


def test_a_file_that_is_damaged_there_is_left_out_and_named(there, passphrase, written, settings, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL)
    written.upload("bridge")
    written.upload("tower")
    made = backups.create_backup()
    backups.copy_backups()
    first, second = sorted(name for name in there.files() if name.startswith("media/"))
    content = there.files()[first]
    there.write(first, content[:-20] + bytes(20))
    there.delete(second)
    elsewhere(settings, tmp_path / "new")
    fetched = backups.fetch_backup("last")
    assert len(backups.damaged_files(fetched)) == 2
    restored = backups.restore(fetched, tmp_path / "into")
    assert len(restored.missing) == 2 and "longrun.sqlite3" in restored.names

    suffix = ".age" if passphrase else ""
    name = f"{made.name}/longrun.sqlite3{suffix}"
    there.write(name, there.files()[name][:-20])
    with pytest.raises(backups.BackupFailed, match=rf"{name}.*(is damaged: take an older|cannot be decrypted)"):
        backups.fetch_backup("last")
    assert backups.list_backups() == [fetched]


def test_a_file_that_is_damaged_here_is_not_sent_and_does_not_stop_the_rest(disk, written, caplog):
    caplog.set_level(logging.CRITICAL)
    written.upload("bridge")
    written.upload("tower")
    made = backups.create_backup()
    kept = sorted((folder() / "media").glob("*/*"))
    kept[0].write_bytes(b"rot")
    kept[1].unlink()
    with pytest.raises(backups.BackupFailed, match="2 files of the backups here are damaged and were not copied"):
        backups.copy_backups()
    assert f"{made.name}/manifest.json" in disk.files()
    backups.create_backup(read_all=True)
    backups.copy_backups()
    assert len([name for name in disk.files() if name.startswith("media/")]) == 2

    newer = backups.create_backup()
    (newer.path / "longrun.sqlite3").write_bytes(b"rot")
    with pytest.raises(backups.BackupFailed, match=f"such as {newer.name}/longrun.sqlite3"):
        backups.copy_backups()
    assert f"{newer.name}/manifest.json" not in disk.files()


def test_a_disk_that_is_not_mounted_gets_no_copies(disk, written, settings):
    backups.create_backup()
    backups.copy_backups()
    disk.path.rename(disk.path.with_name("unplugged"))
    with pytest.raises(backups.BackupFailed, match=f"{disk.path} is not there: is its disk mounted"):
        backups.copy_backups()
    disk.path.mkdir()
    with pytest.raises(backups.BackupFailed, match="is empty, and copies were made there: is its disk mounted"):
        backups.copy_backups()
    assert disk.files() == {}
    (folder() / "copied.json").unlink()
    backups.copy_backups()
    assert disk.files()


def test_a_worker_that_stops_goes_on_from_there(disk, written):
    for number in range(4):
        written.upload(number)
    backups.create_backup()
    asked = iter([False, False, True])
    with pytest.raises(backups.Interrupted):
        backups.copy_backups(lambda: next(asked))
    assert len(disk.files()) == 2 and backups.copies_elsewhere()[0].problem == ""
    with pytest.raises(backups.Interrupted):
        backups.copy_backups(seconds=1e-9)
    backups.copy_backups()
    assert backups.copies_elsewhere()[0].backup


def test_the_copies_of_a_blog_whose_own_backups_are_lost_are_not_deleted(
    disk, passphrase, written, monkeypatch, caplog
):
    written.upload("bridge")
    backups.create_backup()
    backups.copy_backups()
    before = disk.files()
    for backup in backups.list_backups():
        shutil.rmtree(backup.path)
    shutil.rmtree(folder() / "media")
    backups.copy_backups()
    assert disk.files() == before
    (sums,) = (name for name in before if "SHA256SUMS" in name)
    disk.write(sums, before[sums][:-5])
    (old,) = (name for name in before if name.startswith("media/"))
    written.delete(next(written.media.glob("*/*/full.jpg")))
    time.sleep(1.1)  # a backup's name is its second
    backups.create_backup()
    backups.copy_backups()
    assert old in disk.files(), "a list that cannot be read may name any file"


def test_an_address_is_understood_or_refused(disk, written, settings, tmp_path):
    backups.create_backup()
    backups.copy_backups()
    with pytest.raises(CommandError, match="the address is not understood: say s3://"):
        call_command("restore", "last", "--from", "ftp://host/folder")
    settings.BACKUP_TO = ""
    with pytest.raises(CommandError, match="BACKUP_TO is not set"):
        call_command("restore", "last", "--from")
    call_command("restore", "last", "--from", disk.path.as_uri(), "--into", str(tmp_path / "into"))
    assert Backup(disk.path / backups.latest().name).sums == backups.latest().sums


def test_a_full_disk_here_is_said(disk, written, settings, monkeypatch):
    backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    backups.copy_backups()
    backups.create_backup()
    monkeypatch.setattr(shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**12, 10**12, 0))
    with pytest.raises(backups.BackupFailed, match="the disk has 0 MB left"):
        backups.copy_backups()
    with pytest.raises(backups.BackupFailed, match="the disk has 0 MB left"):
        backups.fetch_backup("last")


def test_a_record_that_cannot_be_read_says_nothing(disk, written):
    folder().mkdir()
    for text in ("[]", "{", '{"BACKUP_TO": {"way": 1}}', '{"BACKUP_TO": {"when": "x", "since": null}}'):
        (folder() / "copied.json").write_text(text)
        (copied,) = backups.copies_elsewhere()
        assert (copied.place, copied.when) == (str(disk.path), None)
