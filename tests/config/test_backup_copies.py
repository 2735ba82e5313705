"""What may stand in BACKUP_TO, BACKUP_COMMAND and BACKUP_PASSPHRASE."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import backup_copies


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    for name in ("BACKUP_TO", "BACKUP_COMMAND", "BACKUP_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)


def test_without_them_nothing_is_copied(tmp_path):
    assert backup_copies.backup_to(tmp_path) == backup_copies.backup_passphrase() == ""
    assert backup_copies.backup_command() == []


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("/mnt/other disk", "file:///mnt/other%20disk"),
        ("file:///mnt/other", "file:///mnt/other"),
        ("s3://key:secret@host/bucket/ada?region=eu-west-1", "s3://key:secret@host/bucket/ada?region=eu-west-1"),
    ],
)
def test_a_folder_or_storage(tmp_path, monkeypatch, said, url):
    monkeypatch.setenv("BACKUP_TO", said)
    assert backup_copies.backup_to(tmp_path) == url


@pytest.mark.parametrize("said", ["other", "ftp://host/x", "s3://host/bucket", "s3://key:se?cret@host/bucket"])
def test_what_is_neither_is_refused_and_no_secret_shown(tmp_path, monkeypatch, said):
    monkeypatch.setenv("BACKUP_TO", said)
    with pytest.raises(ImproperlyConfigured, match="^BACKUP_TO is not understood") as refusal:
        backup_copies.backup_to(tmp_path)
    assert "cret" not in str(refusal.value).replace("key:secret", "")


def test_a_folder_among_the_data_is_no_other_place(tmp_path, monkeypatch):
    for said in (tmp_path, tmp_path / "backups" / "again"):
        monkeypatch.setenv("BACKUP_TO", str(said))
        with pytest.raises(ImproperlyConfigured, match="is in the data folder"):
            backup_copies.backup_to(tmp_path)


def test_a_command_names_the_folder(monkeypatch):
    monkeypatch.setenv("BACKUP_COMMAND", "rclone copy --exclude '*.part/**' {path} there:blog")
    assert backup_copies.backup_command() == ["rclone", "copy", "--exclude", "*.part/**", "{path}", "there:blog"]
    for said, why in (("rclone copy", "does not say {path}"), ("rclone '{path}", "quotation mark")):
        monkeypatch.setenv("BACKUP_COMMAND", said)
        with pytest.raises(ImproperlyConfigured, match=why):
            backup_copies.backup_command()


def test_a_passphrase_is_long_and_has_something_to_encrypt(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKUP_PASSPHRASE", "a long and winding passphrase")
    with pytest.raises(ImproperlyConfigured, match="BACKUP_TO, which is not set"):
        backup_copies.backup_passphrase()
    monkeypatch.setenv("BACKUP_TO", "/mnt")
    assert backup_copies.backup_passphrase() == "a long and winding passphrase"
    (tmp_path / "secret").write_text("too short\n")
    monkeypatch.delenv("BACKUP_PASSPHRASE")
    monkeypatch.setenv("BACKUP_PASSPHRASE_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match="at least 12 characters"):
        backup_copies.backup_passphrase()
