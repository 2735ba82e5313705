"""Exports at the desk: the worker writes the file, the page shows how far it is, the owner downloads it for a day."""

import io
import json
import shutil
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from comments.models import Comment
from core import jobs
from tests import furnished
from tests.reauthentication import proved
from transfer.exporting import downloads
from transfer.jobs import delete_old_exports, write_export
from transfer.models import ExportFile

pytestmark = pytest.mark.django_db
State = ExportFile.State


@pytest.fixture
def owner(as_, ada, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    furnished.furnish(ada)
    return proved(as_(ada), ada)


def asked(owner, chosen):
    owner.post(reverse("desk_exports"), {"format": chosen})
    return ExportFile.objects.get(format=chosen)


def written(owner, chosen):
    asked(owner, chosen)
    jobs.run_ready("long")
    return ExportFile.objects.get(format=chosen)


def body(owner, export):
    answer = owner.get(reverse("desk_export_download", args=[export.pk]))
    assert answer.status_code == 200, answer.headers.get("Location")
    return b"".join(answer), answer.headers["Content-Disposition"]


def test_each_format_is_what_the_command_writes(owner, tmp_path):
    content, name = body(owner, written(owner, "wordpress"))
    assert content.startswith(b"<?xml") and content.count(b"<wp:post_id>") > 10 and ".xml" in name
    content, name = body(owner, written(owner, "json"))
    whole = json.loads(content)
    assert {post["id"] for post in whole["posts"]} == set(Post.objects.values_list("pk", flat=True)) and ".json" in name
    content, name = body(owner, written(owner, "markdown"))
    packed = zipfile.ZipFile(io.BytesIO(content))
    call_command("export_markdown", tmp_path / "by command", stdout=io.StringIO())
    root = tmp_path / "by command"
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert {each: packed.read(each) for each in packed.namelist()} == files
    assert ".zip" in name


def test_the_page_shows_progress_and_then_the_link(owner):
    export = asked(owner, "json")
    page = owner.get(reverse("desk_exports")).content.decode()
    link = reverse("desk_export_download", args=[export.pk])
    assert "<progress" in page and "<noscript>" in page and f'href="{link}"' not in page
    ExportFile.objects.update(position=1, total=4)
    assert owner.get(reverse("desk_export_progress")).json() == {"exports": [{"id": export.pk, "percent": 25}]}
    asked(owner, "json")  # a second press begins no second one
    jobs.run_ready("long")
    page = owner.get(reverse("desk_exports")).content.decode()
    assert "<progress" not in page and f'href="{link}"' in page
    assert owner.get(reverse("desk_export_progress")).json() == {"exports": []}


@pytest.mark.parametrize("chosen", ["", "xml", "../etc"])
def test_an_unknown_format_begins_nothing(owner, chosen):
    page = owner.post(reverse("desk_exports"), {"format": chosen}, follow=True).content.decode()
    assert "Choose what to export" in page and not ExportFile.objects.exists()


def test_files_are_their_owners_alone_and_gone_after_a_day(owner):
    export = written(owner, "markdown")
    folder = downloads.folder_of(export)
    assert folder.stat().st_mode & 0o077 == 0 and downloads.file_of(export).stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.iterdir()] == ["export.zip"]
    (folder.parent / "left by a crash").mkdir()
    delete_old_exports()
    assert downloads.file_of(export).exists() and not (folder.parent / "left by a crash").exists()
    ExportFile.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert owner.get(reverse("desk_export_download", args=[export.pk])).status_code == 404
    delete_old_exports()
    assert not ExportFile.objects.exists() and not folder.exists()


def test_an_export_is_cancelled_while_it_is_written(owner, monkeypatch):
    export = asked(owner, "json")
    monkeypatch.setattr(downloads, "REPORT_EVERY", 0)
    owner.post(reverse("desk_export_delete", args=[export.pk]))
    with pytest.raises(downloads.Deleted):
        downloads.build(export, lambda: False)
    jobs.run_ready("long")
    delete_old_exports()
    assert not ExportFile.objects.exists() and not downloads.folder_of(export).exists()


def test_a_worker_that_stops_begins_again_later(owner, monkeypatch):
    export = asked(owner, "json")
    with monkeypatch.context() as patched:
        patched.setattr(downloads, "REPORT_EVERY", 0)
        patched.setattr("transfer.jobs.is_stopping", lambda: True)
        with pytest.raises(jobs.Requeue):
            write_export.call(export.pk)
    assert ExportFile.objects.get().state == State.RUNNING
    write_export.call(export.pk)
    assert ExportFile.objects.get().state == State.DONE


def test_a_full_disk_is_said(owner, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads, "write_parts", full)
    export = asked(owner, "wordpress")
    jobs.run_ready("long")
    export.refresh_from_db()
    assert export.state == State.FAILED
    assert "No space left on device" in owner.get(reverse("desk_exports")).content.decode()


def test_nobody_but_the_owner_downloads(owner, as_, client, rene):
    export = written(owner, "json")
    url = reverse("desk_export_download", args=[export.pk])
    assert client.get(url).status_code == 302  # to the login
    assert as_(rene).get(url).status_code == 403
    for role in ("editor", "author", "moderator"):
        rene.become(role)
        assert as_(rene).get(url).status_code == 403
        assert as_(rene).post(reverse("desk_exports"), {"format": "json"}).status_code == 403


def test_a_file_that_is_missing_is_a_404(owner):
    export = written(owner, "json")
    shutil.rmtree(downloads.folder_of(export))
    assert owner.get(reverse("desk_export_download", args=[export.pk])).status_code == 404


def test_an_export_of_a_large_blog_tells_how_far_it_is(owner, monkeypatch):
    monkeypatch.setattr(downloads, "REPORT_EVERY", 0)
    told = []
    export = asked(owner, "wordpress")
    progress = downloads.Progress(export, lambda: told.append(ExportFile.objects.get().percent))
    monkeypatch.setattr(downloads, "Progress", lambda *_arguments: progress)
    downloads.build(export, lambda: False)
    assert told == sorted(told) and 0 < told[-1] <= 100 and len(set(told)) > 5
    assert progress.done >= Post.objects.count() + Comment.objects.approved().count()
