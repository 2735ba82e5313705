"""A backup of media on S3-compatible storage (moto's server, tests/s3_server.py)."""

import pytest

from core.media_storage import media_storage
from server import backups
from server.backups import media_record

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4000


def test_a_backup_reads_the_bucket_and_only_what_has_changed(written, bucket, s3_server, settings, monkeypatch):
    storage, read = media_storage(), []
    monkeypatch.setattr(media_record, "is_settled", lambda facts: True)
    storage.put("ab/abc/full.jpg", b"one")
    storage.put("cd/cde/full.pdf", PDF)
    monkeypatch.setattr(type(storage), "read", noting(type(storage).read, read))
    first = backups.create_backup()
    assert {name for name in first.sums if name.startswith("media/")} == {
        "media/ab/abc/full.jpg",
        "media/cd/cde/full.pdf",
    }
    assert sorted(read) == ["ab/abc/full.jpg", "cd/cde/full.pdf"]
    backups.create_backup()
    read.clear()
    storage.put("ab/abc/full.jpg", b"two")
    second = backups.create_backup()
    assert set(read) == {"ab/abc/full.jpg"}
    with second.open("media/ab/abc/full.jpg") as file:
        assert file.read() == b"two"
    assert not settings.MEDIA_ROOT.exists()


def noting(function, names):
    def read(storage, name, *part):
        names.append(name)
        return function(storage, name, *part)

    return read


def test_the_doctor_names_files_that_are_missing_and_a_storage_that_refuses(db, bucket, settings):
    from blog.models import Media
    from config.environment import media_storage as storage_at
    from server.doctor.data import media_files
    from server.doctor.problem import Problem

    row = Media.objects.create(kind="document", title="a", file_name="a.pdf", format="pdf")
    with pytest.raises(Problem, match="1 of the 1 newest files are missing there"):
        media_files()
    media_storage().put(f"{row.folder}/{row.full}", PDF)
    assert media_files().startswith("1 files, at http://127.0.0.1:")
    nowhere = bucket.replace("/bucket-", "/nobodys-bucket-")
    settings.STORAGES = settings.STORAGES | {"default": storage_at(settings.LONGRUN_DATA, nowhere)[1]}
    with pytest.raises(Problem, match=r"^http://127"):
        media_files()
