import pytest

from server.backups import passphrase as passphrase_file
from tests.server.backup_copies.places import PASSPHRASE, Bucket, There


@pytest.fixture
def little_work(monkeypatch):
    """The usual work takes a second and 128 MB each time."""
    monkeypatch.setattr(passphrase_file, "WORK", 10)


@pytest.fixture(params=["folder", pytest.param("S3", marks=pytest.mark.process)])
def there(request, settings, tmp_path, written, little_work):
    settings.BACKUP_PASSPHRASE, settings.BACKUP_COMMAND = "", []
    if request.param == "folder":
        return There(settings, tmp_path / "other disk")
    return Bucket(settings, request.getfixturevalue("s3_server"))


@pytest.fixture
def disk(settings, tmp_path, written, little_work):
    settings.BACKUP_PASSPHRASE, settings.BACKUP_COMMAND = "", []
    return There(settings, tmp_path / "other disk")


@pytest.fixture(params=["", PASSPHRASE], ids=["plain", "encrypted"])
def passphrase(request, settings, monkeypatch):
    settings.BACKUP_PASSPHRASE = request.param
    return request.param
