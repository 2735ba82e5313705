"""No backup is made while the disk of the media is away: it would take the place of those that have them."""

import shutil

import pytest
from django.core.management import CommandError, call_command

from server import backups
from server.backups.files import folder
from server.backups.manifests import MEDIA
from server.doctor import data
from server.doctor.problem import Problem


@pytest.fixture
def library(written):
    written.upload("bridge")
    written.add_to_library()
    return written


def gone(media):
    media.rename(media.with_name("unplugged"))


def empty(media):
    gone(media)
    media.mkdir()


def avatars_alone(media):
    empty(media)
    (media / "faces").mkdir()
    (media / "faces/a.webp").write_bytes(b"a face")


@pytest.mark.parametrize("away", [gone, empty, avatars_alone])
def test_while_the_disk_is_away_none_is_made_and_the_last_one_stays(library, db, away):
    good = backups.create_backup()
    kept = list((folder() / MEDIA).glob("*/*"))
    away(library.media)
    said = f"the media library has 1 files, and none of them is at {library.media}: is their disk mounted"
    with pytest.raises(backups.BackupFailed, match=said):
        backups.create_backup()
    assert backups.list_backups() == [good] and not list(folder().glob("*.part"))
    assert set(kept) <= set((folder() / MEDIA).glob("*/*")) and backups.verify_backup(good)
    with pytest.raises(Problem, match=said):
        data.backup()

    shutil.rmtree(library.media, ignore_errors=True)
    library.media.with_name("unplugged").rename(library.media)
    backups.create_backup()
    assert backups.last_failure() is None


def test_files_that_are_lost_for_good_do_not_keep_the_rest_from_being_backed_up(library, db):
    shutil.rmtree(library.media)
    with pytest.raises(CommandError, match="`manage.py backup --without-media` goes on without them"):
        call_command("backup")
    call_command("backup", without_media=True)
    made = backups.create_backup()
    assert set(made.sums) == {"longrun.sqlite3", "secret_key"}

    (made.path / "manifest.json").write_text("{")
    with pytest.raises(backups.BackupFailed, match="is their disk mounted"):
        backups.create_backup()


def test_a_library_that_is_empty_needs_no_folder(written):
    assert set(backups.create_backup().sums) == {"longrun.sqlite3", "secret_key"}
