"""The owner's templates and apps are in each backup, come back from it, and are counted by the restore drill."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile

import pytest
from django.core.management import call_command

from server import backups
from server.backups import drill
from server.backups.files import folder
from tests.blog_process import ROOT, Blog, copy

EXAMPLE = ROOT / "docs" / "example_app" / "shoes"
COLOPHON = "<p>Printed by hand.</p>\n"


def place(data, name, content):
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture
def customized(written):
    """Two templates and an app, and beside them what no backup holds."""
    place(written.folder, "templates/_colophon.html", COLOPHON)
    place(written.folder, "templates/blog/_article.html", "{{ post.html }}")
    place(written.folder, "apps/shoes/apps.py", "name = 'shoes'")
    for name in ("apps/shoes/__pycache__/apps.pyc", "apps/shoes/.git/config", "templates/.draft.html.swp"):
        place(written.folder, name, "no text of the owner's")
    return written


OWN = {"templates/_colophon.html", "templates/blog/_article.html", "apps/shoes/apps.py"}


def test_templates_and_apps_come_back_from_the_folder_and_from_the_zip(customized, tmp_path, capsys):
    made = backups.create_backup()
    assert set(made.sums) == {"longrun.sqlite3", "secret_key"} | OWN
    assert (made.manifest["format"], made.manifest["custom_files"], made.manifest["left_out"]) == (2, 3, [])
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in [folder(), *folder().rglob("*")])
    packed = tmp_path / "longrun.zip"
    packed.write_bytes(b"".join(backups.stream(made)))
    for number, found in enumerate((made.name, str(packed))):
        into = tmp_path / f"again {number}"
        call_command("restore", found, "--into", str(into))
        assert "Its apps are used if LONGRUN_APPS names them" in capsys.readouterr().out
        assert {name: (into / name).read_text() for name in OWN} == {
            name: (customized.folder / name).read_text() for name in OWN
        }
        files = {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()}
        assert files == {"longrun.sqlite3", "secret_key"} | OWN


def test_a_blog_without_them_makes_backups_that_earlier_versions_read(written):
    assert backups.create_backup().manifest["format"] == 1


@pytest.mark.parametrize(
    ("name", "said"), [(b"old-\xff.html", r"old-\udcff.html"), (b"two\nlines.html", r"two\nlines.html")]
)
def test_a_file_whose_name_no_list_can_hold_is_named_and_the_desk_says_so(customized, as_, ada, name, said):
    path = place(customized.folder, f"templates/{os.fsdecode(name)}", COLOPHON)
    call_command("backup")
    assert backups.latest().manifest["left_out"] == [f"templates/{said}"]
    assert as_(ada).get("/desk/").status_code == 200
    assert f"templates/{said}" in as_(ada).get("/desk/backups/").content.decode()
    path.unlink()
    path.symlink_to("/elsewhere")
    call_command("backup")
    assert backups.latest().manifest["left_out"] == [f"templates/{said}"]


def test_links_are_not_followed_and_the_command_names_them(customized, tmp_path, capsys):
    secret = place(tmp_path, "elsewhere/secret.txt", "a secret")
    (customized.folder / "templates/stolen.html").symlink_to(secret)
    (customized.folder / "apps/linked").symlink_to(secret.parent)
    call_command("backup")
    said = capsys.readouterr().out
    assert "with 3 files of templates and apps" in said
    assert "NOT IN IT, since they are links, or have odd names: apps/linked, templates/stolen.html" in said
    made = backups.latest()
    assert set(made.sums) == {"longrun.sqlite3", "secret_key"} | OWN
    assert not [path for path in made.path.rglob("*") if path.is_file() and path.read_bytes() == b"a secret"]

    shutil.move(customized.folder / "apps", tmp_path / "apps")
    (customized.folder / "apps").symlink_to(tmp_path / "apps")
    assert backups.create_backup().manifest["left_out"] == ["apps", "templates/stolen.html"]


def test_a_restore_overwrites_no_template(customized, tmp_path):
    made = backups.create_backup()
    mine = place(tmp_path, "new/templates/_colophon.html", "mine")
    with pytest.raises(backups.BackupFailed, match=r"is not empty \(templates\)"):
        backups.restore(made, tmp_path / "new")
    assert mine.read_text() == "mine" and list((tmp_path / "new").rglob("*.*")) == [mine]


@pytest.mark.parametrize("name", ["templates/../evil", "apps/a/../../../evil", "apps//evil", "apps/a\\b", "apps"])
def test_a_zip_that_would_write_beside_them_is_refused(written, tmp_path, name):
    text = f"{hashlib.sha256(b'evil').hexdigest()}  {name}\n".encode()
    about = {"format": 2, "made": "", "checked": "", "bytes": 0, "files": 0, "tables": {}}
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as evil:
        evil.writestr("manifest.json", json.dumps(about | {"list": hashlib.sha256(text).hexdigest()}))
        evil.writestr("SHA256SUMS", text)
        evil.writestr(name, b"evil")
    with pytest.raises(backups.BackupFailed, match="has a line that is none"):
        backups.restore(backups.find(str(tmp_path / "evil.zip")), tmp_path / "deep" / "new")
    assert not (tmp_path / "deep").exists()


def test_one_that_is_damaged_is_left_out_and_named(customized, tmp_path):
    made = backups.create_backup()
    (made.path / "templates/_colophon.html").write_text("rot")
    done = backups.restore(made, tmp_path / "new")
    assert list(done.missing) == ["templates/_colophon.html"]
    assert "templates/_colophon.html is damaged" in (tmp_path / "new" / "not_restored.txt").read_text()
    assert not (tmp_path / "new/templates/_colophon.html").exists()
    assert (tmp_path / "new/apps/shoes/apps.py").exists()
    with pytest.raises(backups.BackupFailed, match="_colophon.html is damaged"):
        backups.restore(made, tmp_path / "strict", strict=True)


def test_copies_in_another_place_have_them_and_let_them_go_with_their_backup(customized, settings, tmp_path):
    settings.BACKUP_TO, settings.BACKUP_PASSPHRASE, settings.BACKUP_COMMAND = str(tmp_path / "disk"), "", []
    (tmp_path / "disk").mkdir()
    made = backups.create_backup()
    backups.copy_backups()
    assert (tmp_path / "disk" / made.name / "templates/blog/_article.html").read_text() == "{{ post.html }}"
    shutil.rmtree(folder())
    call_command("restore", "last", "--from", "--into", str(tmp_path / "new"))
    assert (tmp_path / "new/templates/_colophon.html").read_text() == COLOPHON

    backups.copies.send_backups()
    store = backups.copies.Destination(settings.BACKUP_TO).storage
    for path in sorted((tmp_path / "disk" / made.name).rglob("*")):
        if path.is_file():
            store.delete(path.relative_to(tmp_path / "disk").as_posix())
    assert not (tmp_path / "disk" / made.name).exists(), "no empty folders stay behind"


@pytest.fixture
def rendered(monkeypatch):
    """The values of `compare` with which pages are rendered; rendering starts a process, which the last test does."""
    asked = []
    monkeypatch.setattr(drill, "render_pages", lambda into, compare: (asked.append(compare), (7, 5))[1])
    return asked


def test_the_drill_counts_them_and_compares_pages_while_they_are_the_same(customized, ada, rendered, capsys):
    backups.create_backup()
    call_command("restore_drill")
    assert "3 files of templates and apps" in capsys.readouterr().out
    assert backups.last_drill().custom_files == 3
    place(customized.folder, "templates/_colophon.html", "<p>Printed by a machine.</p>")
    assert backups.run_drill().is_well
    place(customized.folder, "templates/_colophon.html", COLOPHON)
    place(customized.folder, "templates/_masthead.html", "new")
    assert backups.run_drill().is_well
    assert rendered == [True, False, False]


def test_the_drill_restores_a_blog_with_its_own_app_and_template(tmp_path, owned, prepared):
    copy(owned, tmp_path / "data")
    shutil.copytree(EXAMPLE, tmp_path / "data/apps/shoes", ignore=shutil.ignore_patterns("__pycache__"))
    place(tmp_path / "data", "templates/blog/_article.html", "<p>{{ post.title }}, printed by hand.</p>")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), LONGRUN_APPS="shoes")
    env = blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    blog.manage("migrate")
    done = subprocess.run(
        [sys.executable, "-m", "tests.furnished"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    blog.manage("backup")
    blog.manage("restore_drill")
    facts = json.loads((blog.data / "restore_drill").read_text())
    python = [path for path in EXAMPLE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert (facts["problem"], facts["custom_files"]) == ("", len(python) + 1)
    assert facts["compared"] > 3
