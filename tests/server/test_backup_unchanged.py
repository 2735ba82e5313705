"""A media file that has not changed since the last backup is not read again; one that may have changed always is."""

import hashlib
import json
import os
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from server import backups
from server.backups import media_record, media_store
from server.backups.files import folder


@pytest.fixture
def read(monkeypatch, settings):
    """The files that were read since it was last cleared."""
    names, add_file = [], media_store.add_file

    def noted(name):
        names.append(settings.MEDIA_ROOT / name)
        return add_file(name)

    monkeypatch.setattr(media_store, "add_file", noted)
    return names


@pytest.fixture
def settled(monkeypatch):
    """Files are old enough at once."""
    monkeypatch.setattr(media_record, "SETTLED_NS", 0)


def made_again(read):
    read.clear()
    made = backups.create_backup()
    assert backups.verify_backup(made)
    return made


def content(backup, file):
    return backup.open(next(name for name in backup.sums if name.endswith(f"{file.parent.name}/{file.name}"))).read()


def record():
    return folder() / "media_record"


def rewrite(change):
    """Change the record as `save_record` would have written it."""
    known = json.loads(record().read_bytes().partition(b"\n")[2])
    change(known)
    text = json.dumps(known).encode()
    record().write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


def test_files_that_have_not_changed_are_not_read_and_are_in_the_backup(written, settled, read):
    photos = [written.upload(number) for number in range(3)]
    first = backups.create_backup()
    assert sorted(read) == sorted(photos)
    second = made_again(read)
    assert read == []
    assert {name: found for name, found in second.sums.items() if name.startswith("media/")} == {
        name: found for name, found in first.sums.items() if name.startswith("media/")
    }
    assert second.manifest["files"] == 3
    new = written.upload("new")
    assert content(made_again(read), new) == new.read_bytes()
    assert read == [new]


def test_a_file_replaced_by_one_of_equal_size_and_time_is_read(written, settled, read):
    photo = written.upload("bridge")
    backups.create_backup()
    before = photo.stat()
    other = photo.with_name("other.jpg")
    other.write_bytes(b"x" * before.st_size)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(photo)
    after = photo.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert after.st_ino != before.st_ino
    assert content(made_again(read), photo) == b"x" * before.st_size
    assert read == [photo]


def test_a_file_written_in_place_whose_time_was_set_back_is_read(written, settled, read):
    photo = written.upload("bridge")
    backups.create_backup()
    before = photo.stat()
    photo.write_bytes(b"x" * before.st_size)
    os.utime(photo, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = photo.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert content(made_again(read), photo) == b"x" * before.st_size


def test_a_file_that_had_just_changed_is_read_again(written, read):
    """Timestamps are coarse: it may have changed once more after it was read, and show the same time."""
    photo = written.upload("bridge")
    backups.create_backup()
    assert read == [photo, photo], "before and after the database was copied"
    made_again(read)
    assert read == [photo, photo]


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-40]),
        lambda file: file.write_bytes(file.read_bytes().replace(b"4", b"5")),
        lambda file: file.write_bytes(b"\x00" * 400),
        lambda file: rewrite(lambda known: known["files"].update({"media/../x": [[1] * 4, "0" * 64, [1] * 4]})),
        lambda file: rewrite(lambda known: next(iter(known["files"].values()))[0].append(1)),
        lambda file: rewrite(lambda known: next(iter(known["files"].values())).__setitem__(1, "no hash")),
        lambda file: rewrite(lambda known: next(iter(known["files"].values()))[2].__setitem__(0, "1")),
        lambda file: rewrite(lambda known: known.update(files=[])),
        lambda file: rewrite(lambda known: known.pop("read")),
        lambda file: rewrite(lambda known: known.update(read="2026-01-01T00:00:00")),
        lambda file: rewrite(
            lambda known: known.update(read=(timezone.now() - media_record.READ_ALL_AFTER).isoformat())
        ),
        lambda file: rewrite(lambda known: known.update(read=(timezone.now() + timedelta(hours=1)).isoformat())),
    ],
)
def test_an_odd_or_old_record_means_that_every_file_is_read(written, settled, read, damage):
    photos = [written.upload(number) for number in range(2)]
    backups.create_backup()
    damage(record())
    made_again(read)
    assert sorted(read) == sorted(photos)
    made_again(read)
    assert read == [], "and a new record is written"


def test_a_record_that_names_another_hash_than_the_stored_copy_has_is_not_believed(written, settled, read):
    photo = written.upload("bridge")
    backups.create_backup()
    rewrite(lambda known: next(iter(known["files"].values())).__setitem__(1, "0" * 64))
    assert content(made_again(read), photo) == photo.read_bytes()
    assert read == [photo]


def test_a_stored_copy_that_is_gone_or_was_written_to_is_made_again(written, settled, read):
    photo = written.upload("bridge")
    backups.create_backup()
    (kept,) = (folder() / "media").glob("*/*")
    kept.unlink()
    assert content(made_again(read), photo) == photo.read_bytes()
    kept.write_bytes(b"x" * photo.stat().st_size)
    assert content(made_again(read), photo) == photo.read_bytes()


def test_how_long_ago_all_was_read_counts_from_the_last_time(written, settled, read):
    written.upload("bridge")
    backups.create_backup()
    _known, since = media_record.load_record()
    made_again(read)
    assert media_record.load_record()[1] == since


def test_the_command_reads_every_byte_on_request(written, settled, read):
    photo = written.upload("bridge")
    backups.create_backup()
    (kept,) = (folder() / "media").glob("*/*")
    before = kept.stat()
    kept.write_bytes(b"x" * before.st_size)
    facts = media_record.file_facts(kept)
    rewrite(lambda known: next(iter(known["files"].values())).__setitem__(2, facts))  # as a failing disk does it
    read.clear()
    call_command("backup")
    assert read == [] and kept.read_bytes() != photo.read_bytes()
    call_command("backup", "--verify")
    assert read == [photo] and kept.read_bytes() == photo.read_bytes()


def test_a_record_that_cannot_be_written_makes_no_backup_fail(written, settled, read, monkeypatch):
    photo = written.upload("bridge")
    record().parent.mkdir()
    record().mkdir()
    assert backups.create_backup()
    made_again(read)
    assert read == [photo]
    assert not list(folder().glob("*.part"))
