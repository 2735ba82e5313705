"""A key that is lost is not replaced by another one that nobody asked for."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from config.secret_key import create_key, secret_key
from tests.blog_process import Blog, copy


def test_a_lost_key_comes_back_from_the_backup_that_has_it(owned, prepared, tmp_path):
    copy(owned, tmp_path / "my blog")
    blog = Blog(tmp_path / "my blog", LONGRUN_STATIC=str(prepared / "static"))
    blog.manage("backup")
    key = blog.data / "secret_key"
    before = key.read_text()
    key.unlink()
    for command in ("serve", "doctor", "login_link"):
        said = blog.manage(command, code=1)
        assert said.startswith(f"Longrun cannot start: the secret key {key} is gone") and said.count("\n") == 1
        assert not key.exists()
    (kept,) = blog.data.glob("backups/*/secret_key")
    assert f"cp '{kept}' '{blog.data}'. Only if" in said
    assert "`manage.py prepare --new-key` makes another: everybody is logged out" in said
    shutil.copy(kept, blog.data)
    assert key.read_text() == before
    assert "/accounts/" in blog.manage("login_link")


@pytest.mark.parametrize("rest", [None, "cut short"])
def test_a_new_one_is_made_where_it_is_asked_for(owned, prepared, tmp_path, rest):
    copy(owned, tmp_path / "data")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"))
    key = blog.data / "secret_key"
    before = key.read_text()
    key.unlink()
    if rest:
        key.write_text(rest)
    said = blog.manage("prepare", code=1)
    assert "No backup in" in said and ("is cut short" if rest else "is gone") in said
    blog.manage("prepare", "--new-key")
    made = key.read_text()
    assert len(made) > 50 and made != before and key.stat().st_mode & 0o077 == 0
    blog.manage("prepare", "--new-key")
    assert key.read_text() == made, "one that is there stays"


class Killed(BaseException):
    """The process ends here: nothing after it runs, not even what is in a `finally`."""


def killed(*_words, **_options):
    raise Killed


@pytest.fixture
def unset(monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)


@pytest.mark.parametrize(("where", "what"), [(os, "fsync"), (Path, "hardlink_to")])
def test_killed_while_the_first_key_is_written_there_is_none_and_the_next_start_makes_one(
    unset, tmp_path, monkeypatch, where, what
):
    with monkeypatch.context() as at, pytest.raises(Killed):
        at.setattr(where, what, killed)
        at.setattr(Path, "unlink", lambda path, missing_ok=False: None)
        create_key(tmp_path / "secret_key")
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(".part") and left.stat().st_mode & 0o077 == 0
    key = secret_key(tmp_path)
    assert len(key) > 50 and secret_key(tmp_path) == key


def test_the_key_is_on_the_disk_before_it_has_its_name(unset, tmp_path, monkeypatch):
    done = []

    def noting(name, function):
        return lambda *words: (done.append(name), function(*words))

    monkeypatch.setattr(os, "fsync", noting("fsync", os.fsync))
    monkeypatch.setattr(Path, "hardlink_to", noting("link", Path.hardlink_to))
    create_key(tmp_path / "secret_key")
    assert done == ["fsync", "link", "fsync"]
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_of_two_that_start_at_once_both_have_the_key_of_the_first(unset, tmp_path, monkeypatch):
    link = Path.hardlink_to

    def later(path, part):
        path.write_text("k" * 60)
        link(path, part)

    monkeypatch.setattr(Path, "hardlink_to", later)
    assert secret_key(tmp_path) == "k" * 60
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_file_system_without_links_has_a_key_too(unset, tmp_path, monkeypatch):
    def refused(*_words):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refused)
    assert len(secret_key(tmp_path)) > 50
