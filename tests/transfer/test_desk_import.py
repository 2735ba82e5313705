"""Bringing another blog at the desk: upload by pieces or at once, a summary first, then the import, undo."""

import hashlib
import os
import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from blog.models import Post
from comments.models import Comment
from core import jobs
from tests.matrix import drawn
from tests.transfer.wxr_text import author, comment, export, item
from transfer import uploads
from transfer.exporting.json_export import json_parts
from transfer.importing import receipt
from transfer.importing import run as running
from transfer.jobs import delete_old_uploads
from transfer.models import ImportRun, MediaFile

pytestmark = pytest.mark.django_db
State = ImportRun.State


@pytest.fixture
def owner(as_, ada, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return as_(ada)


def work():
    jobs.run_ready("long")


PICTURE = {"post_type": "attachment", "status": "inherit",
           "attachment_url": "https://getyourmoveon.example/wp-content/uploads/2010/09/finish.png"}  # fmt: skip
TEXT = '<img src="https://getyourmoveon.example/wp-content/uploads/2010/09/finish-300x200.png" alt="x">'


def file(*parts, name="export.xml"):
    content = export(author("ada"), *(parts or (item(7, "A", TEXT, comment(31)), item(12, "Finish", "", **PICTURE))))
    return SimpleUploadedFile(name, content.encode())


def uploaded(owner, *parts):
    answer = owner.post(reverse("desk_imports"), {"file": file(*parts)})
    work()
    return ImportRun.objects.get(), answer.url


def test_a_file_is_read_before_anything_is_stored(owner):
    run, url = uploaded(owner)
    assert run.state == State.WAITING and not Post.objects.filter(pk=7).exists()
    page = owner.get(url).content.decode()
    assert run.summary["totals"]["posts"]["brought"] == 1 and "1 published" in page
    assert 'value="start"' in page and "getyourmoveon.example" in page
    assert "Addresses that stay as they are: 1." in page


def test_a_list_of_subscribers_says_nothing_of_addresses_of_posts(owner):
    members = (
        b"id,email,name,subscribed_to_emails,created_at\r\n1,rene@example.org,Rene,true,2024-01-01T00:00:00.000Z\r\n"
    )
    url = owner.post(reverse("desk_imports"), {"file": SimpleUploadedFile("members.csv", members)}).url
    work()
    page = owner.get(url).content.decode()
    assert 'value="start"' in page and "Addresses that stay" not in page


def test_start_brings_it_and_undo_takes_it_back(owner):
    run, url = uploaded(owner)
    owner.post(url, {"action": "start", "media_from": "skip"})
    work()
    run.refresh_from_db()
    assert run.state == State.DONE and Post.objects.filter(pk=7).exists() and Comment.objects.filter(pk=31).exists()
    assert "Receipt" in owner.get(url).content.decode()
    owner.post(url, {"action": "undo"})
    work()
    run.refresh_from_db()
    assert run.state == State.UNDONE and not Post.objects.filter(pk=7).exists()


def test_two_presses_are_one(owner):
    _run, url = uploaded(owner)
    owner.post(url, {"action": "start"})
    owner.post(url, {"action": "start"})
    work()
    assert Post.objects.filter(title="A").count() == 1


def test_a_stopped_import_goes_on(owner):
    run, url = uploaded(owner)
    owner.post(url, {"action": "start"})
    owner.post(url, {"action": "cancel"})
    work()
    run.refresh_from_db()
    assert run.state == State.CANCELLED and 'value="resume"' in owner.get(url).content.decode()
    owner.post(url, {"action": "resume"})
    work()
    run.refresh_from_db()
    assert run.state == State.DONE and Post.objects.filter(pk=7).exists()


@pytest.mark.parametrize("content", [b"", b"<html>Not found</html>", b"%PDF-1.7 x", b"<rss><channel></channel></rss>"])
def test_another_file_is_refused_in_words(owner, content):
    owner.post(reverse("desk_imports"), {"file": SimpleUploadedFile("export.xml", content)})
    work()
    run = ImportRun.objects.first()
    answer = owner.get(reverse("desk_imports") if run is None else reverse("desk_import", args=[run.pk]))
    assert answer.status_code == 200
    assert run is None or run.state == State.FAILED and run.error and "Traceback" not in run.error


def test_a_file_with_another_ending_is_refused(owner):
    answer = owner.post(reverse("desk_imports"), {"file": SimpleUploadedFile("../x.exe", b"MZ")}, follow=True)
    assert "ends in .xml" in answer.content.decode() and not ImportRun.objects.exists()


def piece(owner, key, content, offset, part, changed=()):
    facts = {"key": key, "name": "export.xml", "offset": offset, "size": len(content),
             "sha256": hashlib.sha256(part).hexdigest(), "piece": SimpleUploadedFile("piece", part)}  # fmt: skip
    return owner.post(reverse("desk_import_piece"), facts | dict(changed))


def test_pieces_make_the_file_in_any_case(owner):
    key, content = secrets.token_hex(16), file().read()
    half = len(content) // 2
    assert piece(owner, key, content, 0, content[:half]).json() == {"received": half}
    assert owner.get(reverse("desk_import_piece"), {"key": key}).json() == {"received": half}
    assert piece(owner, key, content, 0, content[:half]).json() == {"received": half}  # sent again
    done = piece(owner, key, content, half, content[half:]).json()
    run = ImportRun.objects.get()
    assert done["url"] == reverse("desk_import", args=[run.pk])
    assert uploads.files(key)[0].read_bytes() == content
    assert piece(owner, key, content, half, content[half:]).json()["url"] == done["url"]
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"sha256": "0" * 64}, 409),
        ({"offset": 5}, 409),
        ({"offset": "x"}, 400),
        ({"size": 10**12}, 409),
        ({"key": "../../etc"}, 409),
        ({"key": "A" * 32}, 409),
        ({"name": "x.php"}, 409),
    ],
)
def test_a_wrong_piece_is_refused(owner, changed, status, tmp_path):
    answer = piece(owner, secrets.token_hex(16), b"x" * 20, 0, b"x" * 10, changed)
    assert answer.status_code == status and not list(tmp_path.rglob("*.part"))


def test_a_file_that_did_not_come_is_uploaded_by_hand(owner):
    _run, url = uploaded(owner)
    owner.post(url, {"action": "start", "media_from": "skip"})
    work()
    row = MediaFile.objects.get()
    assert "finish.png" in owner.get(reverse("desk_import_files")).content.decode()
    picture = SimpleUploadedFile("anything.png", drawn())
    answer = owner.post(reverse("desk_import_file"), {"url": row.url, "file": picture}, follow=True)
    row.refresh_from_db()
    post = Post.objects.get(pk=7)
    assert row.media and "is here now" in answer.content.decode()
    assert row.media.get_absolute_url() in post.html and "getyourmoveon.example" not in post.html
    assert owner.get("/wp-content/uploads/2010/09/finish-300x200.png").url == row.media.get_absolute_url()
    assert owner.get("/files/2010/09/finish.png").url == row.media.get_absolute_url()
    owner.post(url, {"action": "undo"})  # the text has not been changed by anybody
    work()
    assert not Post.objects.filter(pk=7).exists()


def test_the_receipt_is_searched_and_downloaded(owner):
    run, url = uploaded(owner)
    owner.post(url, {"action": "start", "media_from": "skip"})
    work()
    page = reverse("desk_import_receipt", args=[run.pk])
    assert "31" in owner.get(page, {"kind": "comments"}).content.decode()
    assert "No line matches" in owner.get(page, {"q": "nothing of the kind"}).content.decode()
    for odd in ({"page": "9" * 5000}, {"result": "x", "kind": "y"}):
        assert owner.get(page, odd).status_code == 200
    lines = owner.get(page, {"as": "json"}).json()["lines"]
    assert {line["kind"] for line in lines} == {"posts", "comments", "attachments", "authors"}


def test_old_uploads_are_deleted(owner, tmp_path):
    run, _url = uploaded(owner)
    folder = uploads.folder_of(run.upload)
    delete_old_uploads()
    assert folder.exists()
    os.utime(folder, (0, 0))
    delete_old_uploads()
    assert not folder.exists()


@pytest.mark.parametrize("state", State.values)
def test_no_button_in_any_state_is_an_error(owner, state):
    run, url = uploaded(owner)
    for _has_file in (True, False):
        for action in ("start", "resume", "undo", "cancel", "cards", "", "delete"):
            ImportRun.objects.filter(pk=run.pk).update(state=state, phase="")
            assert owner.post(url, {"action": action, "media_from": "/etc"}, follow=True).status_code == 200
            work()
            run.refresh_from_db()
            assert not run.is_active or run.state == state  # a button that does not fit changes nothing
            assert owner.get(url).status_code == 200
        uploads.delete_upload(run.upload)


def test_an_import_without_its_file_says_so(owner):
    run, url = uploaded(owner)
    owner.post(url, {"action": "start"})
    uploads.delete_upload(run.upload)
    work()
    run.refresh_from_db()
    assert run.state == State.FAILED and "not here any more" in run.error and run.in_file["posts"] == 1


def test_an_import_of_the_command_cannot_be_resumed_at_the_desk(owner, ada):
    run = ImportRun.objects.create(source="x.xml", digest="0", by=ada, state=State.CANCELLED, phase="items")
    url = reverse("desk_import", args=[run.pk])
    owner.post(url, {"action": "resume"})
    work()
    run.refresh_from_db()
    assert run.state == State.FAILED and owner.get(url).status_code == 200


def test_an_import_that_was_undone_starts_again_with_a_new_receipt(owner):
    run, url = uploaded(owner)
    for action in ("start", "undo", "start"):
        owner.post(url, {"action": action})
        work()
    run.refresh_from_db()
    assert run.state == State.DONE and receipt.differences(receipt.totals(run)) == {}
    assert run.lines.filter(kind="posts").count() == 1 and Post.objects.filter(pk=7).exists()


def test_a_cancel_while_the_file_is_read_again_is_heard(owner, monkeypatch):
    run, url = uploaded(owner)
    prepared = running.Importer.prepared

    def cancelled(importer):
        session = prepared(importer)
        owner.post(url, {"action": "cancel"})
        return session

    monkeypatch.setattr(running.Importer, "prepared", cancelled)
    owner.post(url, {"action": "start"})
    work()
    run.refresh_from_db()
    assert run.state == State.CANCELLED and not Post.objects.filter(pk=7).exists()


def test_an_undo_asked_for_before_the_import_has_stopped_is_done(owner, monkeypatch):
    run, url = uploaded(owner)

    def asked(importer, session):
        owner.post(url, {"action": "cancel"})
        owner.post(url, {"action": "undo"})
        raise running.Cancelled

    monkeypatch.setattr(running.Importer, "items", asked)
    owner.post(url, {"action": "start"})
    work()
    run.refresh_from_db()
    assert run.state == State.UNDONE


def test_an_empty_piece_is_refused(owner):
    key = secrets.token_hex(16)
    for size in (0, 20):
        facts = {"key": key, "name": "x.xml", "offset": 0, "size": size, "sha256": hashlib.sha256(b"").hexdigest(),
                 "piece": SimpleUploadedFile("piece", b"")}  # fmt: skip
        answer = owner.post(reverse("desk_import_piece"), facts)
        assert answer.status_code == 409 and "empty" in answer.json()["why"]


NAMES = ['a"b\'c.xml', "\u202eלמx.xml", "日" * 120 + ".xml", "\U00020000" * 90 + ".xml.gz", ".xml", "..\\..\\x.xml",
         "a/../b.xml", "x\x00y.xml", "-rf.zip"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file_is_kept_in_its_folder(owner, name, tmp_path):
    key, content = secrets.token_hex(16), file().read()
    answer = piece(owner, key, content, 0, content, {"name": name})
    assert answer.status_code == 200, answer.content
    (path,) = uploads.files(key)
    assert path.parent == tmp_path / "imports" / key and path.read_bytes() == content
    assert owner.get(answer.json()["url"]).status_code == 200


def test_a_key_belongs_to_one_file(owner):
    key, content = secrets.token_hex(16), b"x" * 20
    assert piece(owner, key, content, 0, content[:10]).status_code == 200
    assert piece(owner, key, content, 0, content[:10], {"name": "other.xml"}).status_code == 409


def test_two_browsers_that_send_one_file_at_once_make_one_import(owner, monkeypatch):
    key, content = secrets.token_hex(16), file().read()
    complete = uploads.complete

    def slower(part, size):  # another request has renamed it meanwhile
        complete(part, size)
        return complete(part, size)

    monkeypatch.setattr(uploads, "complete", slower)
    assert piece(owner, key, content, 0, content).status_code == 200
    assert ImportRun.objects.count() == 1


def test_a_json_export_of_longrun_is_not_imported_and_the_page_names_the_command(owner, ada, settings):
    Post.objects.create(author=ada, title="One", source="A mile")
    content = "".join(json_parts()).encode()
    answer = owner.post(reverse("desk_imports"), {"file": SimpleUploadedFile("blog.json", content)}, follow=True)
    assert "manage.py restore_from does that" in answer.content.decode()
    assert not ImportRun.objects.exists() and not list((settings.LONGRUN_DATA / "imports").glob("*"))
    piece = {"key": secrets.token_hex(16), "name": "blog.json", "offset": 0, "size": len(content), "what": "export"}
    piece |= {"sha256": hashlib.sha256(content).hexdigest(), "piece": SimpleUploadedFile("piece", content)}
    answer = owner.post(reverse("desk_import_piece"), piece)
    assert answer.status_code == 409 and answer.json()["final"] and "restore_from" in answer.json()["why"]
