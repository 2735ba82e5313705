"""The library of files: searched, and one file put in the place of another, with the posts that show it."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.models import Media, Post
from core.jobs import run_ready


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def file(name="hills.png", colour="green", size=(900, 600)):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, {"png": "PNG", "jpg": "JPEG"}[name[-3:]])
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def hills(ada):
    return uploads.store_upload(file(), ada)


@pytest.fixture
def post(make_post, hills):
    return make_post(source=f"Look:\n\n![Hills]({hills.get_absolute_url()})")


def replace(desk, media, **typed):
    return desk.post(f"/desk/media/{media.pk}/replace/", {"file": file(colour="red", size=(700, 350))} | typed)


def folders():
    return {folder.name for folder in Path(settings.MEDIA_ROOT).glob("??/*")}


@pytest.mark.django_db(transaction=True)
def test_a_new_file_at_a_new_address_is_followed_by_its_posts_and_its_old_address(desk, client, hills, post):
    old = hills.get_absolute_url()
    assert replace(desk, hills, address="new").status_code == 302
    run_ready()
    media = Media.objects.get()
    new = media.get_absolute_url()
    post.refresh_from_db()
    assert new != old and new in post.source and old not in post.source and old not in post.html
    assert 'width="700"' in post.html and [use.media for use in post.media_uses.all()] == [media]
    assert client.get(old)["Location"] == new
    assert Image.open(io.BytesIO(b"".join(client.get(new).streaming_content))).size == (700, 350)
    assert hills.name not in folders()


@pytest.mark.django_db(transaction=True)
def test_a_new_file_at_the_same_address_has_another_etag_and_size(desk, client, hills, post):
    address = hills.get_absolute_url()
    before = client.get(address)
    before.close()
    replace(desk, hills, address="same")
    run_ready()
    after = client.get(address, headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200 and after["ETag"] != before["ETag"]
    assert Image.open(io.BytesIO(b"".join(after.streaming_content))).size == (700, 350)
    assert 'width="700"' in Post.objects.get().html
    assert folders() >= {hills.name} and not any(name.startswith(".") for name in folders())


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"file": ""}, "required"),
        ({"file": file("hills.jpg"), "address": "same"}, "has to be PNG again"),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")}, "a picture can only be replaced with a picture"),
        ({"file": SimpleUploadedFile("a.png", file().read()[:60])}, "damaged or incomplete"),
        ({"file": SimpleUploadedFile("a.svg", b"<svg/>")}, "SVG pictures can contain scripts"),
        ({"address": "elsewhere"}, "valid choice"),
    ],
)
def test_what_cannot_take_its_place_is_said_and_leaves_everything(desk, client, hills, post, typed, told):
    known = folders()
    answer = replace(desk, hills, **{"address": "new"} | typed)
    assert answer.status_code == 422 and told in answer.content.decode()
    assert Media.objects.get().get_absolute_url() == hills.get_absolute_url()
    assert folders() == known and client.get(hills.get_absolute_url()).status_code == 200


def titles(answer):
    return {media.title for media in answer.context["page"]}


@pytest.mark.db
def test_files_are_found_by_name_and_description_and_by_shelf(desk, ada, post, hills):
    uploads.store_upload(file("fog.png"), ada)
    uploads.store_upload(SimpleUploadedFile("plan.pdf", b"%PDF-1.4 x"), ada)
    Media.objects.filter(title="fog.png").update(alt="A Bridge at six")
    assert titles(desk.get("/desk/media/?q=bridge")) == {"fog.png"}
    assert titles(desk.get("/desk/media/?show=pictures")) == {"fog.png", "hills.png"}
    assert titles(desk.get("/desk/media/?show=documents")) == {"plan.pdf"}
    assert titles(desk.get("/desk/media/?show=unused")) == {"fog.png", "plan.pdf"}
    assert titles(desk.get("/desk/media/?show=x' OR 1")) == {"fog.png", "hills.png", "plan.pdf"}
    assert "Nothing matches these filters." in desk.get("/desk/media/?q=nothing").content.decode()


def test_only_who_may_upload_replaces(as_, cora, mona, client, hills):
    for user in (cora, mona, None):
        assert replace(as_(user), hills, address="new").status_code == 403
    assert Media.objects.get().name == hills.name
