"""Media move to S3-compatible storage (moto's server, tests/s3_server.py) and back, each file compared by hash."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from core.media_storage import media_storage
from server import media_move

pytestmark = pytest.mark.long
FILES = {f"{number:02}/{number:032}/full.jpg": bytes([number]) * (number * 50_000) for number in range(1, 8)}


@pytest.fixture
def library(settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    for name, content in FILES.items():
        media_storage().put(name, content)
    media_storage().put("faces/a.webp", b"a face")
    return FILES | {"faces/a.webp": b"a face"}


def move(*words):
    told = io.StringIO()
    call_command("move_media", *words, stdout=told, stderr=io.StringIO())
    return told.getvalue()


def test_every_file_goes_there_and_back(library, s3_server, tmp_path):
    url = s3_server.bucket()
    told = move("--to", url)
    assert s3_server.keys(url) == library
    assert f"{len(library)} files" in told and "copied now: 8; only there: 0" in told
    (receipt,) = tmp_path.glob("moved-media-*.json")
    assert set(json.loads(receipt.read_text())["files"]) == set(library)
    move("--from", url, "--to", f"file://{tmp_path}/back")
    back = {path.relative_to(tmp_path / "back").as_posix(): path.read_bytes()
            for path in (tmp_path / "back").rglob("*") if path.is_file()}  # fmt: skip
    assert back == library


def test_interrupted_it_goes_on_where_it_was(library, s3_server, monkeypatch):
    url = s3_server.bucket()
    storage = media_move.storage_of(url)
    put, done = type(storage).put, []

    def interrupted(self, name, content):
        if len(done) == 3:
            raise OSError("the line was cut")
        done.append(name)
        put(self, name, content)

    with monkeypatch.context() as cut:
        cut.setattr(type(storage), "put", interrupted)
        with pytest.raises(CommandError, match="the line was cut. Run the command again"):
            move("--to", url)
    assert len(s3_server.keys(url)) == 3
    assert "copied now: 5" in move("--to", url)
    assert s3_server.keys(url) == library
    assert "copied now: 0" in move("--to", url)


def test_a_file_that_is_damaged_there_is_copied_again(library, s3_server):
    url = s3_server.bucket()
    move("--to", url)
    name = next(iter(FILES))
    media_move.storage_of(url).put(name, bytes(len(FILES[name])))
    media_move.storage_of(url).put("xx/only-there", b"x")
    assert "copied now: 1; only there: 1" in move("--to", url)
    assert s3_server.keys(url)[name] == FILES[name]


def test_what_is_stored_otherwise_than_it_was_sent_is_noticed(library, s3_server, monkeypatch):
    url = s3_server.bucket()
    storage = media_move.storage_of(url)
    put = type(storage).put
    monkeypatch.setattr(type(storage), "put", lambda self, name, _content: put(self, name, b"x"))
    with pytest.raises(CommandError, match="is not the same there"):
        move("--to", url)


def test_to_where_they_are_they_do_not_move(library, tmp_path):
    with pytest.raises(CommandError, match="there already"):
        move("--to", f"file://{tmp_path}/media")
    with pytest.raises(CommandError, match="STORAGE_URL is not understood"):
        move("--to", "ftp://host/folder")


def test_a_folder_that_is_not_there_is_no_library_without_files(library, tmp_path):
    with pytest.raises(CommandError, match="lost is not there"):
        move("--from", f"file://{tmp_path}/lost", "--to", f"file://{tmp_path}/back")
    assert not list(tmp_path.glob("moved-media-*"))


@pytest.mark.db
def test_a_new_blog_has_no_folder_yet(db, settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    assert move("--to", f"file://{tmp_path}/there").startswith("0 files")
