"""Pictures are drawn and pages made before the database is held: what takes seconds keeps nobody's comment waiting."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from blog import search
from blog.media import encoding, uploads
from blog.models import BulkAction, Icon, Media, Post, rendering
from core.models import SettingsChange
from tests.matrix import drawn
from tests.media_files import folder_of


@pytest.fixture
def depths(monkeypatch, settings, tmp_path):
    """How deep in transactions of the code's own each drawing was."""
    settings.MEDIA_ROOT = tmp_path
    found, around = [], len(connection.savepoint_ids)

    def watch(module, name):
        work = getattr(module, name)

        def watched(*args, **kwargs):
            found.append(len(connection.savepoint_ids) - around)
            return work(*args, **kwargs)

        monkeypatch.setattr(module, name, watched)

    watch(uploads, "store")
    watch(rendering, "rendering")
    watch(encoding, "squares")
    return found


def test_nor_what_the_search_files_of_a_long_text(ada, monkeypatch):
    around, held, prepare = len(connection.savepoint_ids), [], search.tokenize

    def watched(text, *args):
        if len(text) > 100:
            held.append(len(connection.savepoint_ids) - around)
        return prepare(text, *args)

    monkeypatch.setattr(search, "tokenize", watched)
    post = Post(author=ada, title="Long", source="&#1" * 3_000)
    post.get_ready()
    with transaction.atomic():
        post.save()
        post.revise(ada)
    assert held == [0], "once, and before"
    post.revise(ada, source="word " * 3_000)
    assert held == [0, 0]
    assert [hit.url for hit in search.find("word", ada)[:9]] == []
    post.publish()
    assert held == [0, 0]
    assert len(search.find("word", ada)) == 1


def a_picture():
    return SimpleUploadedFile("a.png", drawn(), "image/png")


@pytest.mark.parametrize("address", ["new", "same"])
def test_neither_a_file_that_comes_nor_one_that_takes_its_place(depths, as_, ada, address):
    client = as_(ada)
    client.post("/desk/media/", {"files": a_picture()})
    media = Media.objects.get()
    answer = client.post(f"/desk/media/{media.pk}/replace/", {"file": a_picture(), "address": address})
    assert answer["Location"] == f"/desk/media/{media.pk}/"
    assert depths == [0, 0]
    media.refresh_from_db()
    assert (folder_of(media) / media.full).exists()


def test_nor_the_icon(depths, as_, ada):
    look = {"accent": "", "type": "", "width": "", "scheme": "", "header_picture": ""}
    page = as_(ada).get("/desk/settings/appearance/").context["form"]
    look |= {name: page[name].value() or "" for name in look}
    assert as_(ada).post("/desk/settings/appearance/", look | {"picture": a_picture()}).status_code == 302
    assert depths == [0] and Icon.objects.count() == 4
    assert ["Icon", "", "a new file"] in SettingsChange.objects.get().values


QUICK = {"title": "Another", "slug": "", "status": "draft"}


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/desk/posts/{}/quick-edit/", QUICK),
        ("/desk/posts/{}/quick-edit/", QUICK | {"status": "published"}),
        ("/desk/posts/{}/restore/", {}),
        ("/desk/posts/bulk/", {"bulk_action": "publish"}),
        ("/desk/posts/bulk/", {"bulk_action": "restore"}),
        ("undo", {"bulk_action": "publish"}),
        ("undo", {"bulk_action": "trash"}),
    ],
)
def test_nor_the_page_of_a_post_that_an_older_longrun_made(depths, as_, ada, make_post, address, form):
    post, client = make_post("Old", "An *old* word", draft=True), as_(ada)
    if "restore" in (form.get("bulk_action"), address.split("/")[-2:][0]):
        post.trash()
    if address == "undo":
        client.post("/desk/posts/bulk/", form | {"post": post.pk, "kind": "post"})
        address, form = f"/desk/posts/bulk/{BulkAction.objects.get().pk}/undo/", {}
    Post.objects.update(html_version=0)
    depths.clear()
    assert client.post(address.format(post.pk), form | {"post": post.pk, "kind": "post"}).status_code == 302
    assert depths == [0], address
    post.refresh_from_db()
    assert post.html_version and "<em>old</em>" in post.html
