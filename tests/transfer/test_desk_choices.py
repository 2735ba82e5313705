"""What the owner decides before an import begins: the system, the old address, the files, the authors, the timezone."""

import io
import secrets
import tarfile
import zipfile
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import roles
from blog.models import Media, Post
from tests.cast import person
from tests.matrix import drawn
from tests.transfer.blogger.test_import_blogger import HEAD, entry
from tests.transfer.ghost import ghost_files
from tests.transfer.test_desk_import import PICTURE, TEXT, file, piece, work
from tests.transfer.test_desk_import import owner as owner
from tests.transfer.wxr_text import author, export, item
from transfer import uploads
from transfer.models import ImportRun, MediaFile

pytestmark = pytest.mark.django_db
State = ImportRun.State
INSIDE = "wp-content/uploads/2010/09/finish.png"


def sent(owner, content, name):
    """The run of an uploaded file after it was read, and its page."""
    owner.post(reverse("desk_imports"), {"file": SimpleUploadedFile(name, content)})
    work()
    run = ImportRun.objects.first()
    return run, reverse("desk_import", args=[run.pk])


def page(owner, url):
    return owner.get(url).content.decode()


def after(run, owner, where, **facts):
    """The run after a button was pressed and the worker has worked."""
    owner.post(where, facts)
    work()
    run.refresh_from_db()
    return run


GHOST = ghost_files.export(ghost_files.post(html='<p><a href="https://old.example/post-5f1/">Again</a></p>')).encode()
MARKDOWN = {"content/posts/first.md": b"---\ntitle: First\ndate: 2020-02-03\n---\n![x](finish.png)\n",
            "content/posts/finish.png": drawn()}  # fmt: skip


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "system"),
    [
        (GHOST, "ghost.json", "Ghost"),
        (f"{HEAD}{entry(1)}</feed>".encode(), "feed.atom", "Blogger"),
        (zipped(MARKDOWN), "hugo.zip", "Markdown"),
        (file().read(), "export.xml", "WordPress"),
    ],
)
def test_the_system_is_seen_from_the_file(owner, content, name, system):
    run, url = sent(owner, content, name)
    assert run.state == State.WAITING, run.error
    assert f"<dd>{system}</dd>" in page(owner, url)
    run = after(run, owner, url, action="start")
    assert run.state == State.DONE and Post.objects.exclude(pk=None).exists()


def test_the_old_address_is_asked_for_where_the_file_does_not_say_it(owner):
    run, url = sent(owner, GHOST, "ghost.json")
    assert "does not say where the old blog was" in page(owner, url)
    run = after(run, owner, url, action="read", system="ghost", url="old.example/")
    assert (run.options["url"], run.origin) == ("https://old.example", "old.example")
    assert "does not say where the old blog was" not in page(owner, url) and 'value="https://old.example"' in page(
        owner, url
    )
    after(run, owner, url, action="start")
    assert 'href="/post-5f1/"' in Post.objects.get(title="Post 5f1").html


def test_a_file_that_says_its_address_is_not_asked(owner):
    run, url = sent(owner, file().read(), "export.xml")
    assert 'name="url"' not in page(owner, url)
    run = after(run, owner, url, action="read", system="wordpress", url="https://other.example")
    assert run.origin == "getyourmoveon.example" and "url" not in run.options


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x", "https://", "https://x:y", "x" * 400, "\x00"])
def test_an_address_that_is_none_is_refused_in_words(owner, address):
    run, url = sent(owner, GHOST, "ghost.json")
    answer = owner.post(url, {"action": "read", "system": "ghost", "url": address}, follow=True)
    run.refresh_from_db()
    assert answer.status_code == 200 and "Address of the old blog: " in answer.content.decode()
    assert run.state == State.WAITING and "url" not in run.options


def test_the_owner_corrects_the_system(owner):
    run, url = sent(owner, GHOST, "ghost.json")
    run = after(run, owner, url, action="read", system="wordpress")
    assert run.state == State.FAILED and run.error
    assert 'value="read"' in page(owner, url)
    run = after(run, owner, url, action="read", system="ghost")
    assert run.state == State.WAITING and run.summary["totals"]["posts"]["brought"] == 1


def test_a_system_that_is_none_is_refused(owner):
    run, url = sent(owner, GHOST, "ghost.json")
    assert (
        "The file comes from: " in owner.post(url, {"action": "read", "system": "../x"}, follow=True).content.decode()
    )
    run.refresh_from_db()
    assert run.system == "ghost" and run.state == State.WAITING


def test_local_dates_are_read_in_the_chosen_timezone(owner):
    texts = export(
        author("ada"), item(7, "A", "x", post_date="2010-09-09 20:00:00", post_date_gmt="0000-00-00 00:00:00")
    )
    run, url = sent(owner, texts.encode(), "export.xml")
    assert "not a known timezone" in owner.post(
        url, {"action": "read", "system": "wordpress", "timezone": "Mars/Olympus"}, follow=True
    ).content.decode()  # fmt: skip
    run = after(run, owner, url, action="read", system="wordpress", timezone="America/New_York")
    after(run, owner, url, action="start")
    assert Post.objects.get(pk=7).publish_at == datetime(2010, 9, 10, 0, 0, tzinfo=UTC)


AUTHORS = [author("ada", "ada@x.example", "Ada L."), author("bob", "bob@x.example", "Bob"), author("eve", "", "Eve")]
ITEMS = [item(7, "A", "x", creator="ada"), item(8, "B", "x", creator="bob"), item(9, "C", "x", creator="eve")]


def test_each_author_becomes_whom_the_owner_chooses(owner, ada):
    editor = person("Edith", role=roles.EDITOR)
    run, url = sent(owner, export(*AUTHORS, *ITEMS).encode(), "export.xml")
    assert [row[:2] for row in run.summary["authors"]] == [["ada", "Ada L."], ["bob", "Bob"], ["eve", "Eve"]]
    shown = page(owner, url)
    assert "Ada L." in shown and f"Me ({ada})" in shown and "Edith" in shown
    run = after(run, owner, url, action="start", author_0=str(ada.pk), author_1=str(editor.pk), author_2="new")
    assert run.state == State.DONE, run.error
    writers = {post.title: post.author for post in Post.objects.filter(pk__in=[7, 8, 9])}
    assert (writers["A"], writers["B"], writers["C"].name) == (ada, editor, "Eve")
    assert not writers["C"].is_active and not writers["C"].has_usable_password()


def test_the_only_author_can_be_a_new_person(owner, ada):
    run, url = sent(
        owner, export(author("ada", ada.email, "Former Ada"), item(7, "A", "x", creator="ada")).encode(), "a.xml"
    )
    assert run.summary["authors"] == [["ada", "Former Ada", ada.pk]]
    after(run, owner, url, action="start", author_0="new")
    writer = Post.objects.get(pk=7).author
    assert writer != ada and writer.name == "Former Ada" and writer.email is None


@pytest.mark.parametrize("who", ["0", "999999", "x", "-1", "new'", "9" * 400])
def test_an_author_is_nobody_who_may_not_write_here(owner, who):
    reader = person("Rene", role=roles.READER)
    run, url = sent(owner, export(*AUTHORS, *ITEMS).encode(), "export.xml")
    for sent_who in (who, str(reader.pk)):
        answer = owner.post(url, {"action": "start", "author_0": sent_who}, follow=True)
        run.refresh_from_db()
        assert answer.status_code == 200 and "Ada L.: " in answer.content.decode() and run.state == State.WAITING


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_files_come_from_an_uploaded_copy(owner, pack):
    run, url = sent(owner, file().read(), "export.xml")
    name = "uploads.zip" if pack is zipped else "media-export.tar"
    packed = SimpleUploadedFile(name, pack({INSIDE: drawn(), "wp-content/uploads/2011/finish.png": b"other"}))
    owner.post(url, {"action": "media", "file": packed})
    shown = page(owner, url)
    assert name in shown and "Take them from the files uploaded here" in shown
    run = after(run, owner, url, action="start", media_from="uploads")
    row = MediaFile.objects.get()
    assert run.state == State.DONE and row.media, row.reason
    assert row.media.get_absolute_url() in Post.objects.get(pk=7).html


def test_a_copy_of_the_files_goes_up_in_pieces(owner):
    run, url = sent(owner, file().read(), "export.xml")
    key, content = secrets.token_hex(16), zipped({INSIDE: drawn()})
    half = len(content) // 2
    more = {"what": "media", "run": run.pk, "name": "uploads.zip"}
    assert piece(owner, key, content, 0, content[:half], more).json() == {"received": half}
    assert piece(owner, key, content, half, content[half:], more).json()["url"] == url
    run.refresh_from_db()
    assert run.options["media_uploads"] == [key] and ImportRun.objects.count() == 1
    after(run, owner, url, action="forget_media")
    assert run.options["media_uploads"] == [] and not uploads.folder_of(key).exists()


def test_several_copies_follow_one_another(owner):
    run, url = sent(owner, export(author("ada"), item(7, "A", TEXT), item(12, "F", "", **PICTURE)).encode(), "e.xml")
    for packed in ({"2009/other.png": drawn()}, {"2010/09/finish-scaled.png": drawn()}):
        owner.post(url, {"action": "media", "file": SimpleUploadedFile("part.zip", zipped(packed))})
    after(run, owner, url, action="start", media_from="uploads")
    assert MediaFile.objects.get().media  # by its other name


def test_a_damaged_copy_is_refused_in_words(owner):
    run, url = sent(owner, file().read(), "export.xml")
    damaged = b"PK\x03\x04 no zip"
    answer = owner.post(url, {"action": "media", "file": SimpleUploadedFile("u.zip", damaged)}, follow=True)
    assert "no whole zip or tar archive" in answer.content.decode()
    key = secrets.token_hex(16)
    answer = piece(owner, key, damaged, 0, damaged, {"what": "media", "run": run.pk, "name": "u.zip"})
    assert answer.status_code == 409 and answer.json()["final"] and not uploads.folder_of(key).exists()
    run.refresh_from_db()
    assert run.state == State.WAITING and not run.options.get("media_uploads")


def test_a_picture_is_no_copy_of_the_files(owner):
    _run, url = sent(owner, file().read(), "export.xml")
    answer = owner.post(url, {"action": "media", "file": SimpleUploadedFile("x.png", drawn())}, follow=True)
    assert "ends in .zip or .tar" in answer.content.decode()


def test_pictures_that_lie_beside_the_texts_are_taken_from_there(owner):
    run, url = sent(owner, zipped(MARKDOWN), "hugo.zip")
    assert "Take them from the same file as the texts" in page(owner, url)
    run = after(run, owner, url, action="start", media_from="inside")
    assert run.state == State.DONE and Media.objects.count() == 1
    assert Media.objects.get().get_absolute_url() in Post.objects.get(title="First").html


def test_an_upload_that_the_disk_has_no_room_for_is_refused(owner, monkeypatch):
    monkeypatch.setattr(uploads, "FREE", 10**18)
    answer = piece(owner, secrets.token_hex(16), b"x" * 20, 0, b"x" * 10)
    assert answer.status_code == 409 and "room on the disk" in answer.json()["why"] and answer.json()["final"]


@pytest.mark.parametrize("options", [{"media": "/etc"}, {"media_from": "/etc"}, {"media_from": ["skip", "/etc"]}])
def test_no_folder_of_the_server_can_be_named(owner, options):
    run, url = sent(owner, file().read(), "export.xml")
    run = after(run, owner, url, action="start", **options)
    assert run.options["media"] in ("skip", "download") and not MediaFile.objects.exclude(media=None).exists()


def test_only_people_who_may_write_are_offered(owner):
    person("Rene", role=roles.READER)
    person("Away", role=roles.EDITOR, is_active=False)
    _run, url = sent(owner, export(*AUTHORS, *ITEMS).encode(), "export.xml")
    assert "Rene" not in page(owner, url) and "Away" not in page(owner, url)
    assert get_user_model().objects.filter(name="Rene").exists()
