"""Whether the newest backup would help is tried once a month, and what comes of it is told."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from core import jobs
from core.models import Email
from server import backups
from server.backups import drill, drill_rendering
from server.backups.files import folder
from server.backups.schedule import run_monthly_drill, run_restore_drill
from server.doctor import data
from server.doctor.problem import Problem
from tests.blog_process import ROOT, Blog, copy

PAGE = "/desk/backups/"


@pytest.fixture
def furnished(tmp_path, owned, prepared):
    """Ada's blog with posts, comments and a picture, which nobody serves."""
    copy(owned, tmp_path / "data")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"))
    command = [sys.executable, "-m", "tests.furnished"]
    env = blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return blog


def result(blog):
    return json.loads((blog.data / "restore_drill").read_text())


def test_a_backup_is_restored_read_and_rendered_and_nothing_stays_behind(furnished):
    furnished.manage("backup")
    before = sorted(path.relative_to(furnished.data) for path in furnished.data.rglob("*"))
    said = furnished.manage("restore_drill")
    facts = result(furnished)
    assert re.search(rf"{facts['posts']} posts and pages, {facts['comments']} comments, {facts['files']} media", said)
    assert facts["problem"] == "" and facts["posts"] > 5 and facts["comments"] > 5 and facts["files"] > 1
    assert facts["pages"] > facts["compared"] > 3 and f"{facts['compared']} of them compared with this blog" in said
    after = {path.relative_to(furnished.data) for path in furnished.data.rglob("*")} - set(before)
    assert {str(path) for path in after} == {"restore_drill", "restore_drill.lock"}

    # The blog has another title: its pages are not compared with those of the backup.
    run(furnished, "UPDATE core_site SET title = 'Another title'")
    furnished.manage("restore_drill")
    assert (result(furnished)["problem"], result(furnished)["compared"]) == ("", 0)

    # A text that changed without anybody changing it.
    run(furnished, "UPDATE blog_post SET source = source || '!' WHERE id = (SELECT min(id) FROM blog_post)")
    assert "unchanged since then, has another text" in furnished.manage("restore_drill", code=1)

    # A database without a table: its hashes are right, and no page renders.
    run(furnished, "DROP TABLE blog_menulink")
    shutil.rmtree(furnished.data / "backups")
    furnished.manage("backup")
    assert "pages do not render, such as / (" in furnished.manage("restore_drill", code=1)
    findings = json.loads(furnished.manage("doctor", "--json", code=1))["findings"]
    assert "pages do not render" in next(found["text"] for found in findings if found["name"] == "drill")


def test_the_newest_copy_elsewhere_is_restored_without_a_file_of_this_machine(furnished, tmp_path):
    elsewhere = tmp_path / "other disk"
    elsewhere.mkdir()
    assert "BACKUP_TO is not set" in furnished.manage("restore_drill", "--from", code=1)
    furnished.env |= {"BACKUP_TO": str(elsewhere), "BACKUP_PASSPHRASE": "twelve hills and dales"}
    furnished.manage("backup")
    (name,) = (path.name for path in (furnished.data / "backups").glob("2*"))
    shutil.rmtree(furnished.data / "backups")  # nothing of it is asked
    said = furnished.manage("restore_drill", "--from")
    facts = re.search(r"(\S+) restores: (\d+) posts and pages, (\d+) comments, (\d+) media files", said)
    assert facts[1] == name and all(int(count) > 1 for count in facts.groups()[1:])
    assert re.search(r" (?!0 )\d+ of them compared with this blog", said)
    assert not (furnished.data / "restore_drill").exists(), "the desk tells of the backups here"
    assert not (furnished.data / drill.SCRATCH).exists()

    # The address may be another one; what is wrong there is said.
    empty = tmp_path / "empty"
    empty.mkdir()
    said = furnished.manage("restore_drill", "--from", str(empty), code=1)
    assert f"The newest copy does not restore: there are no copies at {empty}" in said
    assert "is not there" in furnished.manage("restore_drill", "--from", str(tmp_path / "gone"), code=1)
    next((elsewhere / "media").glob("*/*")).write_bytes(b"damaged")
    assert "does not restore: media/" in furnished.manage("restore_drill", "--from", code=1)


def run(blog, sql):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as rows, rows:
        rows.execute(sql)


@pytest.fixture
def quick(written, monkeypatch):
    """Without rendering, which starts a process; the test above does that."""
    monkeypatch.setattr(drill, "render_pages", lambda folder, compare: (7, 5))
    return written


def test_a_lost_picture_fails_it_and_the_owner_hears_of_it_once_a_day(quick, ada, as_):
    quick.upload("bridge")
    made = backups.create_backup()
    assert backups.run_drill().is_well
    assert data.drill().endswith("restores")
    next((folder() / "media").glob("*/*")).unlink()
    for _ in range(2):
        found = backups.run_drill()
    assert "cannot be read" in found.problem and found.backup == made.name
    (email,) = Email.objects.filter(kind="restore drill")
    assert (email.to, "cannot be read" in email.text) == (ada.email, True)
    assert email.subject.endswith("The newest backup does not restore")
    with pytest.raises(Problem, match="cannot be read"):
        data.drill()
    page = as_(ada).get(PAGE).content.decode()
    assert "does not restore" in page and "cannot be read" in page
    assert not (quick.folder / drill.SCRATCH).exists()


def test_a_backup_made_while_the_disk_of_the_media_was_away_fails_it(quick, ada):
    """Earlier versions made such backups, and `--without-media` does."""
    quick.upload("bridge")
    quick.add_to_library()
    backups.create_backup()
    assert backups.run_drill().is_well
    shutil.rmtree(quick.media)
    (quick.media / "faces").mkdir(parents=True)
    (quick.media / "faces" / "a.webp").write_bytes(b"a face")
    backups.create_backup(without_media=True)
    assert "none of the 1 files in the media library" in backups.run_drill().problem


def test_the_desk_says_what_a_backup_brings_back(quick, ada, as_):
    desk = as_(ada)
    assert "Your backup restores" not in desk.get(PAGE).content.decode()
    backups.create_backup()
    response = desk.post(f"{PAGE}drill/", follow=True)
    assert "The newest backup is being restored" in response.content.decode()
    assert drill.last_drill() is None, "nobody waits for it"
    assert jobs.run_ready("long") == 1
    page = " ".join(desk.get(PAGE).content.decode().split())
    assert "Your backup restores: 0 posts and pages, 0 comments, checked today" in page
    found = drill.last_drill()
    drill.save_drill(
        drill.Drill(**vars(found) | {"when": timezone.now() - timedelta(days=1), "posts": 412, "comments": 1903})
    )
    page = " ".join(desk.get(PAGE).content.decode().split())
    assert "Your backup restores: 412 posts and pages, 1,903 comments, checked yesterday" in page


def test_asked_twice_before_the_worker_comes_it_runs_once(quick, ada):
    backups.create_backup()
    asked = timezone.now().isoformat()
    run_restore_drill.call(asked)
    first = drill.last_drill()
    run_restore_drill.call(asked)
    assert drill.last_drill() == first


def test_it_comes_once_a_month_and_again_with_the_next_backup_if_it_failed(quick, ada):
    def asked():
        run_monthly_drill()
        return jobs.run_ready("long")

    assert asked() == 0, "there is no backup yet"
    made = backups.create_backup()
    assert (asked(), asked()) == (1, 0)
    found = vars(drill.last_drill())
    drill.save_drill(drill.Drill(**found | {"when": timezone.now() - timedelta(days=31)}))
    assert asked() == 1
    drill.save_drill(drill.Drill(**found | {"problem": "it failed"}))
    assert asked() == 0, "the same backup would fail again"
    drill.save_drill(drill.Drill(**found | {"problem": "it failed", "backup": "2020-01-01-000000"}))
    assert asked() == 1 and drill.last_drill().backup == made.name


def test_without_a_backup_it_fails(quick, ada):
    assert backups.run_drill().problem == "there is no backup"


def test_its_pages_have_the_static_files_of_this_blog(settings, tmp_path, monkeypatch):
    """Those of an installed Longrun are in the data folder, and no backup has them."""
    settings.STATIC_ROOT, given = tmp_path / "static", {}

    def run(command, *, env, **options):
        given.update(env)
        return subprocess.CompletedProcess(command, 0, '{"pages": 3, "failed": [], "posts": {}}', "")

    monkeypatch.delenv("LONGRUN_STATIC", raising=False)
    monkeypatch.setattr(drill_rendering.subprocess, "run", run)
    assert drill.render_pages(tmp_path / "restored") == (3, 0)
    assert given["LONGRUN_STATIC"] == str(tmp_path / "static")
    assert given["LONGRUN_DATA"] == str(tmp_path / "restored")


@pytest.fixture
def two_databases(written, tmp_path, monkeypatch):
    """The database that is served, and the restored one, with post 1 and its comment; a function that renders both."""
    with closing(written.connect()) as rows:
        rows.execute("DROP TABLE blog_post")
        rows.execute("CREATE TABLE blog_post (id INTEGER PRIMARY KEY, title TEXT)")
        rows.execute("DROP TABLE comments_comment")
        rows.execute("CREATE TABLE comments_comment (id INTEGER PRIMARY KEY, post_id INTEGER, text TEXT)")
        rows.execute("INSERT INTO blog_post VALUES (1, 'The first mile')")
        rows.execute("INSERT INTO comments_comment VALUES (1, 1, 'Well said')")
        rows.execute("VACUUM INTO ?", [str(tmp_path / "restored.sqlite3")])

    def compare(restored, served):
        answer = {"posts": {"/first/": {"post": None, "digest": served}} if served else {}}
        monkeypatch.setattr(drill_rendering, "render", lambda what, env, paths: answer)
        return drill_rendering.compare_looks(
            {"/first/": {"post": 1, "digest": restored}}, tmp_path / "restored.sqlite3"
        )

    return compare


def test_the_same_rows_must_make_the_same_page(two_databases, written):
    assert two_databases("as it was", "as it was") == 1
    with pytest.raises(backups.BackupFailed, match="/first/ looks otherwise than in the blog that is served"):
        two_databases("without its picture", "as it was")
    assert two_databases("as it was", None) == 0, "it is not public any more"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE blog_post SET title = 'The second mile'",
        "INSERT INTO comments_comment VALUES (2, 1, 'Indeed')",
        "INSERT INTO blog_tag (id, name, key, slug, description) VALUES (1, 'a', 'a', 'a', '')",
        "DROP TABLE blog_mediause",
    ],
)
def test_a_page_that_has_changed_since_is_not_compared(two_databases, written, change):
    with closing(written.connect()) as rows:
        rows.execute(change)
    assert two_databases("as it was", "with the change") == 0
