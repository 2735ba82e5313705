"""Media move between two folders, each file compared by hash; test_move_media.py has S3-compatible storage."""

import io
import json
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from blog.media import uploads
from core.media_storage import media_storage
from server import media_move
from tests.matrix import drawn

FILES = {f"{number:02}/{number:032}/full.jpg": bytes([number]) * (number * 9_000) for number in range(1, 5)}


@pytest.fixture
def library(settings, tmp_path, db):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    for name, content in FILES.items():
        media_storage().put(name, content)
    return FILES


def move(*words):
    told, progress = io.StringIO(), io.StringIO()
    call_command("move_media", *words, stdout=told, stderr=progress)
    return told.getvalue(), progress.getvalue().split()


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_copied_once_and_a_receipt_names_its_hash(library, tmp_path):
    there = tmp_path / "there"
    told, progress = move("--to", f"file://{there}")
    assert files(there) == library and sorted(progress) == sorted(library)
    assert f"{len(library)} files, " in told and "copied now: 4; only there: 0" in told
    (receipt,) = tmp_path.glob("moved-media-*.json")
    written = json.loads(receipt.read_text())
    assert set(written["files"]) == set(library) and written["size"] == sum(map(len, library.values()))
    assert "copied now: 0" in move("--to", f"file://{there}")[0]
    assert not list(tmp_path.glob("moving-*")), "no part is left"


def test_a_damaged_file_there_is_copied_again_and_one_of_others_stays(library, tmp_path):
    there = tmp_path / "there"
    move("--to", f"file://{there}")
    name = next(iter(library))
    (there / name).write_bytes(bytes(len(library[name])))
    (there / "xx").mkdir()
    (there / "xx" / "theirs").write_bytes(b"x")
    told, progress = move("--to", f"file://{there}")
    assert "copied now: 1; only there: 1" in told and progress == [name]
    assert files(there) == library | {"xx/theirs": b"x"}


def test_it_comes_back_from_a_named_folder(library, tmp_path):
    move("--to", f"file://{tmp_path}/there")
    told, _progress = move("--from", f"file://{tmp_path}/there", "--to", f"file://{tmp_path}/back")
    assert files(tmp_path / "back") == library and "copied now: 4" in told


def test_what_cannot_be_moved_is_said_and_nothing_is_written(library, tmp_path):
    with pytest.raises(CommandError, match="the media are there already"):
        move("--to", f"file://{tmp_path}/media")
    with pytest.raises(CommandError, match="gone is not there"):
        move("--from", f"file://{tmp_path}/gone", "--to", f"file://{tmp_path}/there")
    with pytest.raises(CommandError, match="STORAGE_URL is not understood"):
        move("--to", "nonsense")
    assert not (tmp_path / "there").exists() and not list(tmp_path.glob("moved-media-*"))


def test_a_lost_disk_is_not_moved_as_no_files(settings, tmp_path, ada):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    uploads.store_upload(SimpleUploadedFile("bridge.png", drawn(), "image/png"), ada)
    settings.MEDIA_ROOT = tmp_path / "unmounted"
    with pytest.raises(CommandError, match="unmounted is not there. Run the command again"):
        move("--to", f"file://{tmp_path}/there")


def test_a_full_disk_ends_it_and_the_next_run_goes_on_from_there(library, tmp_path, monkeypatch):
    storage = type(media_move.storage_of(f"file://{tmp_path}/there"))
    put, done = storage.put, []

    def interrupted(self, name, content):
        if len(done) == 2:
            raise OSError(28, "No space left on device")
        done.append(name)
        put(self, name, content)

    with monkeypatch.context() as full:
        full.setattr(storage, "put", interrupted)
        with pytest.raises(CommandError, match="No space left on device. Run the command again: it goes on from here"):
            move("--to", f"file://{tmp_path}/there")
    told, progress = move("--to", f"file://{tmp_path}/there")
    assert "copied now: 2" in told and not set(progress) & set(done)


def test_what_is_stored_otherwise_than_it_was_sent_is_noticed(library, tmp_path, monkeypatch):
    storage = type(media_move.storage_of(f"file://{tmp_path}/there"))
    put = storage.put
    monkeypatch.setattr(storage, "put", lambda self, name, _content: put(self, name, b"x"))
    with pytest.raises(CommandError, match="is not the same there"):
        move("--to", f"file://{tmp_path}/there")


def test_two_buckets_of_one_name_at_different_servers_are_two_places(settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path
    bucket = SimpleNamespace(is_remote=True, endpoint_url="https://a.example", bucket_name="b", location="")
    other = SimpleNamespace(is_remote=True, endpoint_url="https://b.example", bucket_name="b", location="")
    assert media_move.place_of(bucket) != media_move.place_of(other)
    there = media_move.storage_of("s3://key:secret@s3.example.org/bucket/blog?region=eu")
    assert media_move.place_of(there) == ("https://s3.example.org", "bucket", "blog/") and there.is_remote
