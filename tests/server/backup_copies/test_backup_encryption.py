"""Copies of backups are encrypted: what lies there tells nothing, and the passphrase or the program age opens it."""

import os
import pty
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command

from server import backups
from server.backups import copy_record
from server.backups import passphrase as passphrase_file
from server.backups.files import folder
from tests.blog_process import OURS, ROOT
from tests.server.backup_copies.places import PASSPHRASE, elsewhere


def test_the_wrong_passphrase_is_said_and_nothing_is_written(there, written, settings, tmp_path):
    written.upload("bridge")
    backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    backups.copy_backups()
    before = there.files()
    backups.create_backup()
    settings.BACKUP_PASSPHRASE = "a long and winding pass phrase"
    with pytest.raises(backups.BackupFailed, match="BACKUP_PASSPHRASE does not open identity.age at"):
        backups.copy_backups()
    settings.BACKUP_PASSPHRASE = ""
    with pytest.raises(backups.BackupFailed, match="are encrypted: set BACKUP_PASSPHRASE"):
        backups.copy_backups()
    elsewhere(settings, tmp_path / "new")
    settings.BACKUP_PASSPHRASE = "a long and winding pass phrase"
    with pytest.raises(CommandError, match=r"does not open identity.age .* Nothing was restored\."):
        call_command("restore", "last", "--from", "--into", str(tmp_path / "into"))
    assert not (tmp_path / "into").exists() and not (tmp_path / "new/backups").exists()
    assert there.files() == before


def test_what_lies_there_tells_nothing(disk, written, settings):
    photo = written.upload("bridge")
    made = backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    backups.copy_backups()
    files = disk.files()
    assert all(content.startswith(b"age-encryption.org/v1\n") for content in files.values())
    everything = b"".join(files.values()) + " ".join(files).encode()
    digest = made.sums[f"media/{photo.relative_to(written.media).as_posix()}"]
    assert (
        digest.encode() not in everything and b"SQLite" not in everything and photo.read_bytes()[:50] not in everything
    )
    assert set(files) >= {
        f"{made.name}/{name}.age" for name in ("longrun.sqlite3", "secret_key", "objects", "identity")
    }
    assert not list(folder().glob("*.part"))


def test_copies_that_are_not_encrypted_are_not_mixed_with_those_that_are(disk, written, settings):
    backups.create_backup()
    backups.copy_backups()
    before = disk.files()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    with pytest.raises(backups.BackupFailed, match="that are not encrypted, such as .*: name another place"):
        backups.copy_backups()
    assert disk.files() == before


def test_a_lost_identity_is_taken_from_a_backup_beside_it(disk, written, settings, tmp_path):
    made = backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    with pytest.raises(backups.BackupFailed, match="there are no copies at"):
        backups.fetch_backup("last")
    backups.copy_backups()
    disk.write("identity.age", b"rot")
    backups.copy_backups()
    disk.delete("identity.age")
    elsewhere(settings, tmp_path / "new")
    assert backups.verify_backup(backups.fetch_backup("last"))
    disk.delete(f"{made.name}/identity.age")
    with pytest.raises(backups.BackupFailed, match="identity.age is gone from"):
        backups.fetch_backup("last")


def test_a_key_is_encrypted_with_the_work_that_the_docs_name():
    sealed = passphrase_file.seal(b"a key", PASSPHRASE)
    assert sealed.split()[4] == b"17", "128 MB"
    assert pyrage.passphrase.decrypt(sealed, PASSPHRASE) == b"a key"
    assert passphrase_file.seal(b"a key", PASSPHRASE) != sealed


@pytest.mark.skipif(not shutil.which("age"), reason="needs age")
def test_the_program_age_opens_them(disk, written, settings, tmp_path):
    photo = written.upload("bridge")
    made = backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    backups.copy_backups()
    by_age(disk.path, f"{made.name}/longrun.sqlite3.age", tmp_path / "out.sqlite3")
    assert (tmp_path / "out.sqlite3").read_bytes() == (made.path / "longrun.sqlite3").read_bytes()
    by_age(disk.path, f"{made.name}/objects.age", tmp_path / "objects")
    (line,) = (tmp_path / "objects").read_text().splitlines()
    stored, _gap, name = line.partition("  ")
    assert name == f"media/{photo.relative_to(written.media).as_posix()}"
    by_age(disk.path, stored, tmp_path / "photo")
    assert (tmp_path / "photo").read_bytes() == photo.read_bytes()


def by_age(place, name, into):
    """age asks for a passphrase on a terminal alone: this is one."""
    words = ["age", "--decrypt", "--identity", str(place / "identity.age"), "--output", str(into), str(place / name)]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(words[0], words)
    said = b""
    try:
        while b"passphrase" not in said.lower():
            said += os.read(terminal, 1024)
        time.sleep(0.2)  # it discards what was typed before it asked
        os.write(terminal, f"{PASSPHRASE}\n".encode())
        _child, status = os.waitpid(child, 0)
    finally:
        os.close(terminal)
    assert status == 0, said


def test_without_the_extra_it_says_what_to_install(disk, written, settings, monkeypatch):
    backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(backups.BackupFailed, match="need the extra age"):
        backups.copy_backups()
    settings.BACKUP_PASSPHRASE, settings.BACKUP_TO = "", "s3://key:secret@host/bucket"
    monkeypatch.setitem(sys.modules, "core.s3_storage", None)
    with pytest.raises(backups.BackupFailed, match="needs the extra s3"):
        backups.copy_backups()
    assert backups.copies_elsewhere()[0].place == "s3"


def test_rows_of_the_blog_come_back(disk, written, settings, tmp_path):
    written.upload("bridge")
    backups.create_backup()
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    backups.copy_backups()
    elsewhere(settings, tmp_path / "new")
    backups.restore(backups.fetch_backup("last"), tmp_path / "into")
    with closing(sqlite3.connect(Path(tmp_path, "into/longrun.sqlite3"))) as rows:
        assert rows.execute("SELECT count(*) FROM upload").fetchone() == (1,)
    assert copy_record.copies_elsewhere()[0].when is None, "another machine has copied nothing yet"


TWO_GB = """
import os, resource, django
django.setup()
from server.backups import encryption, files
from server.backups.destination import Destination

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

files.make_folder(files.folder())
copies = encryption.open_copies(Destination(os.environ["BACKUP_TO"]), create=True)
recording = files.folder() / "recording.mp3"
with recording.open("wb") as file:
    file.truncate(2 * 2**30)
before = peak()
copies.put(copies.media("0" * 64), recording)
with open(os.devnull, "wb") as nowhere:
    copies.read_into(copies.media("0" * 64), nowhere)
print(peak() - before)
"""


@pytest.mark.long
@pytest.mark.process
def test_a_recording_of_two_gigabytes_takes_no_more_memory_than_a_picture(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    (tmp_path / "other").mkdir()
    ours = {"LONGRUN_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    ours |= {"BACKUP_TO": str(tmp_path / "other"), "BACKUP_PASSPHRASE": PASSPHRASE}
    command = [sys.executable, "-c", TWO_GB]
    done = subprocess.run(command, cwd=ROOT, env=clean | ours, capture_output=True, text=True, timeout=600)
    shutil.rmtree(tmp_path / "other")
    shutil.rmtree(tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 32, "MB more than before"
