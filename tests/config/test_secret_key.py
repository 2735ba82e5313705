"""A key that is lost is not replaced by another one that nobody asked for."""

import shutil

import pytest

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
