"""What comes back from a backup is the same blog; what would not be is not begun."""

import hashlib
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from contextlib import closing

import pytest

from server import backups
from server.backups.files import folder
from tests.blog_process import ROOT, Blog, wait_for
from tests.pace import often


def fetched(blog, path):
    """The status of a page and the hash of what it says."""
    try:
        with urllib.request.urlopen(f"{blog.url}{path}", timeout=20) as answer:
            return answer.status, hashlib.sha256(answer.read()).hexdigest()
    except urllib.error.HTTPError as answer:
        return answer.code, hashlib.sha256(answer.read()).hexdigest()


@pytest.mark.long
def test_the_restored_blog_has_the_same_pages(start_blog, tmp_path):
    first = start_blog(set_up=True)
    furnish = [sys.executable, "-m", "tests.furnished"]
    env = first.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    furnished = subprocess.run(furnish, cwd=ROOT, env=env, capture_output=True, text=True)
    assert furnished.returncode == 0, furnished.stderr
    listed = furnished.stdout
    guests = [
        path
        for _name, who, path in json.loads(listed.splitlines()[-1])
        if who == "guest" and not path.startswith("/accounts/")
    ]
    picture = next((first.data / "media").glob("*/*/full.*"))
    paths = [*guests, "/feed/", "/feed/atom/", "/comments/feed/", "/sitemap-posts.xml", "/robots.txt", "/not/there/",
             f"/media/{picture.parent.name}/bridge.png"]  # fmt: skip
    before = {path: fetched(first, path) for path in paths}
    # Pages of accounts carry a token of their own each time.
    assert len([status for status, _hash in before.values() if status == 200]) > 24
    printed = first.manage("backup")
    assert "checked:" in printed
    first.stop()

    new = tmp_path / "new"
    said = first.manage("restore", "last", "--into", new)
    assert f"LONGRUN_DATA={new}" in said
    shutil.move(first.data, tmp_path / "gone")
    second = Blog(new, LONGRUN_STATIC=first.env["LONGRUN_STATIC"], LONGRUN_URL=first.url)
    try:
        second.start()
        after = {path: fetched(second, path) for path in paths}
    finally:
        second.kill()
    assert {path for path in paths if after[path] != before[path]} == set()
    copied = new / picture.relative_to(first.data)
    assert copied.read_bytes() == (tmp_path / "gone" / picture.relative_to(first.data)).read_bytes()


@pytest.mark.long
def test_the_worker_makes_the_first_backup_by_itself(running_blog):
    def has_one():
        return list((running_blog.data / "backups").glob("????-??-??-??????"))

    wait_for(has_one, "no backup came", running_blog)
    assert "is complete" in running_blog.manage("restore", "last")


def restored(tmp_path):
    return {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


@pytest.fixture
def into(tmp_path):
    return tmp_path / "deep" / "new"


def test_from_its_folder_its_zip_or_carried_elsewhere_it_is_the_same(written, tmp_path, into):
    photo = written.upload("bridge")
    made = backups.create_backup()
    backups.restore(backups.find(made.name), into)
    assert (into / "media" / photo.relative_to(written.media)).read_bytes() == photo.read_bytes()
    assert sorted(path.name for path in into.iterdir()) == ["longrun.sqlite3", "media", "secret_key"]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in [into, *into.rglob("*")])

    packed = tmp_path / "longrun.zip"
    packed.write_bytes(b"".join(backups.stream(made)))
    shutil.copytree(folder(), tmp_path / "elsewhere")
    shutil.rmtree(folder())
    for number, found in enumerate((packed, tmp_path / "elsewhere" / made.name)):
        place = tmp_path / f"again {number}"
        backups.restore(backups.find(str(found)), place)
        assert restored(place) == restored(into)


def test_the_zip_is_a_data_folder_for_every_program_that_opens_zips(written, tmp_path):
    photo = written.upload("bridge")
    made = backups.create_backup()
    with zipfile.ZipFile(io.BytesIO(b"".join(backups.stream(made)))) as packed:
        assert packed.testzip() is None
        names = ["manifest.json", "SHA256SUMS", *made.sums]
        assert sorted(packed.namelist()) == sorted(names)
        assert packed.read(f"media/{photo.relative_to(written.media).as_posix()}") == photo.read_bytes()
    if shutil.which("unzip"):
        (tmp_path / "longrun.zip").write_bytes(b"".join(backups.stream(made)))
        subprocess.run(["unzip", "-q", tmp_path / "longrun.zip", "-d", tmp_path / "open"], check=True)
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "open", check=True)


def test_a_folder_in_use_is_not_written_to(written, into):
    made = backups.create_backup()
    into.mkdir(parents=True)
    (into / "diary.txt").write_text("mine")
    with pytest.raises(backups.BackupFailed, match=r"is not empty \(diary.txt\)"):
        backups.restore(made, into)
    with pytest.raises(backups.BackupFailed, match="is a file"):
        backups.restore(made, into / "diary.txt")
    assert restored(into) == {"diary.txt": b"mine"}


@pytest.mark.parametrize("zipped", [False, True])
def test_a_damaged_database_is_found_out_before_anything_is_written(written, into, tmp_path, zipped):
    made = backups.create_backup()
    with (made.path / "longrun.sqlite3").open("r+b") as file:
        file.seek(5000)
        file.write(b"rot")
    found = made
    if zipped:
        (tmp_path / "longrun.zip").write_bytes(b"".join(backups.stream(made)))
        found = backups.find(str(tmp_path / "longrun.zip"))
    with pytest.raises(backups.BackupFailed, match="longrun.sqlite3 is damaged"):
        backups.restore(found, into)
    assert not into.exists()


@pytest.mark.parametrize("zipped", [False, True])
def test_a_database_with_other_rows_than_it_had_is_refused(written, into, tmp_path, zipped):
    made = backups.create_backup()
    about = json.loads((made.path / "manifest.json").read_text())
    about["tables"]["upload"] += 1
    (made.path / "manifest.json").write_text(json.dumps(about))
    found = backups.find(made.name)
    if zipped:
        (tmp_path / "longrun.zip").write_bytes(b"".join(backups.stream(found)))
        found = backups.find(str(tmp_path / "longrun.zip"))
    for deed in (lambda: backups.restore(found, into), lambda: backups.verify_backup(found)):
        with pytest.raises(backups.BackupFailed, match="does not have the rows it had: upload"):
            deed()
    assert not into.exists()
    assert not list(written.folder.glob("checking*"))


def stored(made, path, written):
    found = made.sums[f"media/{path.relative_to(written.media).as_posix()}"]
    return folder() / "media" / found[:2] / found


@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_whole_comes_back_and_what_is_not_is_named(written, into, tmp_path, zipped):
    photos = [written.upload(number) for number in range(4)]
    with closing(written.connect()) as rows:
        rows.execute(
            "INSERT INTO blog_media (name, kind, title, file_name, format, size, width, height, widths, alt, caption,"
            " created_at, upload_key) VALUES (?, 'picture', 'bridge.jpg', 'b.jpg', 'jpeg', 1, 1, 1, '[]', '', '', '', '')",  # noqa: E501
            [photos[0].parent.name],
        )
    made = backups.create_backup()
    lost = stored(made, photos[1], written)
    if zipped:  # a zip of a backup with a file that is gone cannot be made
        lost.write_bytes(b"rot")
        (tmp_path / "longrun.zip").write_bytes(b"".join(backups.stream(made)))
        made = backups.find(str(tmp_path / "longrun.zip"))
    else:
        lost.unlink()
        stored(made, photos[0], written).write_bytes(b"rot")
    names = [f"media/{photo.relative_to(written.media).as_posix()}" for photo in photos]
    with pytest.raises(backups.BackupFailed, match="is damaged|cannot be read"):
        backups.restore(made, into, strict=True)
    assert not into.exists()
    result = backups.restore(made, into)
    gone = {names[1]} if zipped else {names[0], names[1]}
    assert set(result.missing) == gone
    assert {name for name in names if (into / name).exists()} == set(names) - gone
    assert (into / names[2]).read_bytes() == photos[2].read_bytes()
    listed = (into / "not_restored.txt").read_text()
    assert all(name in listed for name in gone)
    assert ("(“bridge.jpg”) is damaged" in listed) == (not zipped)


def test_the_command_restores_names_what_is_missing_and_refuses_with_strict(written, tmp_path):
    """It needs no room in the system's folder for temporary files: nothing is written there."""
    photo = written.upload("bridge")
    made = backups.create_backup()
    (tmp_path / "longrun.zip").write_bytes(b"".join(backups.stream(made)))
    stored(made, photo, written).unlink()
    (tmp_path / "tmp").mkdir()
    os.utime(tmp_path / "tmp", (1, 1))
    blog = Blog(written.folder, TMPDIR=str(tmp_path / "tmp"))
    name = f"media/{photo.relative_to(written.media).as_posix()}"
    said = blog.manage("restore", made.name, code=1)
    assert f"1 of 3 files of {made.name} are not whole: {name} cannot be read" in said
    said = blog.manage("restore", made.name, "--into", tmp_path / "new", "--strict", code=1)
    assert said.endswith("Nothing was restored.\n") and name in said and not (tmp_path / "new").exists()
    said = blog.manage("restore", made.name, "--into", tmp_path / "new")
    assert "NOT RESTORED: 1 of 3 files" in said and f"  {name} cannot be read" in said
    assert "is complete: 3 files." in blog.manage("restore", tmp_path / "longrun.zip")
    assert (tmp_path / "tmp").stat().st_mtime == 1
    assert not list(written.folder.glob("checking*"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda whole: whole[: len(whole) // 2], "not a readable zip file"),
        (lambda whole: b"something else", "not a readable zip file"),
        (lambda whole: whole.replace(b"SQLite format", b"SQLite farmat"), "damaged|cannot be read"),
        (lambda whole: whole[:4000] + b"\0" * 9 + whole[4009:], "damaged|cannot be read"),
    ],
)
def test_a_damaged_zip_is_found_out_before_anything_is_written(written, tmp_path, into, damage, said):
    written.upload("bridge", os.urandom(100_000))
    made = backups.create_backup()
    file = tmp_path / "longrun.zip"
    whole = b"".join(backups.stream(made))
    file.write_bytes(damage(whole) if damage(whole) != whole else whole[:-30])
    with pytest.raises(backups.BackupFailed, match=f"{said}|no zip"):
        backups.restore(backups.find(str(file)), into)
    assert not into.exists()


@pytest.mark.parametrize("name", ["../evil", "media/../../evil", "/etc/evil", "media//evil", "other", "media/a\\b"])
def test_a_zip_that_names_other_places_is_refused(tmp_path, into, written, name):
    text = f"{hashlib.sha256(b'evil').hexdigest()}  {name}\n".encode()
    about = {"format": 1, "made": "", "checked": "", "bytes": 0, "files": 1, "tables": {}}
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as evil:
        evil.writestr("manifest.json", json.dumps(about | {"list": hashlib.sha256(text).hexdigest()}))
        evil.writestr("SHA256SUMS", text)
        evil.writestr(name, b"evil")
    with pytest.raises(backups.BackupFailed, match="has a line that is none"):
        backups.restore(backups.find(str(tmp_path / "evil.zip")), into)
    assert not list(tmp_path.rglob("evil"))


def test_a_killed_restore_is_no_blog_and_in_nobodys_way(written, into):
    made = backups.create_backup()
    (into / "restoring.part/media").mkdir(parents=True)
    (into / "restoring.part/longrun.sqlite3").write_bytes(b"half")
    backups.restore(made, into)
    assert sorted(path.name for path in into.iterdir()) == ["longrun.sqlite3", "secret_key"]


@pytest.mark.parametrize("kills", [2, pytest.param(often(20, least=4), marks=pytest.mark.long)])
def test_killed_anywhere_it_leaves_a_whole_database_or_none(written, tmp_path, kills):
    for number in range(20):
        written.upload(number, os.urandom(100_000))
    made = backups.create_backup()
    for number in range(kills):
        into = tmp_path / f"into {number}"
        blog = Blog(written.folder)
        command = [sys.executable, ROOT / "manage.py", "restore", made.name, "--into", into]
        child = subprocess.Popen(command, cwd=ROOT, env=blog.env, stdout=subprocess.DEVNULL)
        while child.poll() is None and not into.exists():
            pass
        if child.poll() is None:
            child.send_signal(signal.SIGSTOP)  # it has begun to write
            child.kill()
        child.wait()
        whole = into / "longrun.sqlite3"
        if whole.exists():
            assert hashlib.sha256(whole.read_bytes()).hexdigest() == made.sums["longrun.sqlite3"]
        else:
            backups.restore(made, into)


def test_what_there_is_not_is_said(written):
    with pytest.raises(backups.BackupFailed, match="there is no backup 'yesterday'. The newest ones: none"):
        backups.find("yesterday")
    with pytest.raises(backups.BackupFailed, match="there is no backup 'last'"):
        backups.find("last")


def test_the_commands_say_one_line_when_it_cannot_be(written):
    blog = Blog(written.folder)
    assert "CommandError: there is no backup 'x'. The newest ones: none." in blog.manage("restore", "x", code=1)
    name = blog.manage("backup").splitlines()[0].rpartition("/")[2]
    said = blog.manage("restore", name, "--into", written.folder, code=1)
    assert said.endswith("Nothing was restored.\n")
    assert "Traceback" not in said
    for file in written.folder.glob("longrun.sqlite3*"):
        file.write_bytes(b"not a database at all")
    said = blog.manage("backup", code=1)
    assert "no backup was made" in said
    assert "Traceback" not in said
