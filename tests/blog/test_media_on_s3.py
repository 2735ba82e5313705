"""The library on S3-compatible storage (moto's server, tests/s3_server.py): seen, kept and deleted as in a folder."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image

from accounts import avatars
from blog.media import uploads
from blog.models import Media
from core.jobs import run_ready
from core.media_storage import media_storage


@pytest.fixture(autouse=True)
def on_s3(ada, bucket, settings, tmp_path):
    """No file of the library may ever be in the media folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    yield
    assert not settings.MEDIA_ROOT.exists()


def jpeg(color="green", size=(1000, 500)):
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "JPEG")
    return file.getvalue()


PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4000


@pytest.fixture
def photo(ada):
    return uploads.store_upload(SimpleUploadedFile("Hills.jpg", jpeg()), ada)


@pytest.fixture
def paper(ada):
    return uploads.store_upload(SimpleUploadedFile("Race plan.pdf", PDF), ada)


def body(response):
    return b"".join(response)


def test_a_picture_and_its_widths_are_in_the_bucket_alone(photo, bucket, s3_server):
    wanted = {f"{photo.folder}/{name}" for name in [photo.full, *(f"{width}.webp" for width in photo.widths)]}
    assert set(s3_server.keys(bucket)) == wanted and len(wanted) > 1


def test_readers_get_what_they_may_see_through_the_blog(client, as_, ada, rene, photo, paper, make_post):
    address = paper.get_absolute_url()
    assert client.get(address).status_code == as_(rene).get(address).status_code == 404
    assert body(as_(ada).get(address)) == PDF
    make_post(source=paper.markdown)
    answer = client.get(address)
    assert body(answer) == PDF and answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    part = client.get(address, headers={"Range": "bytes=100-1000099"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 100-1000099/{len(PDF)}")
    assert body(part) == PDF[100:1000100]
    assert client.get(address, headers={"Range": f"bytes={len(PDF)}-"}).status_code == 416
    assert client.head(address)["Content-Length"] == str(len(PDF))
    make_post(source=photo.markdown)
    narrow = client.get(photo.small_url)
    assert Image.open(io.BytesIO(body(narrow))).width == photo.widths[0]


def test_what_is_gone_from_the_bucket_is_a_404(client, photo, make_post):
    make_post(source=photo.markdown)
    media_storage().delete_folder(photo.folder)
    assert client.get(photo.get_absolute_url()).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_file_is_replaced_at_its_address_and_at_a_new_one(client, photo, make_post, bucket, s3_server):
    make_post(source=photo.markdown)
    address = photo.get_absolute_url()
    before = client.get(address)["ETag"]
    uploads.replace(photo, SimpleUploadedFile("Blue.jpg", jpeg("blue", (700, 300))), same_address=True)
    answer = client.get(address)
    assert Image.open(io.BytesIO(body(answer))).size == (700, 300) and answer["ETag"] != before
    former = photo.folder
    uploads.replace(photo, SimpleUploadedFile("Red.jpg", jpeg("red", (800, 300))), same_address=False)
    photo.refresh_from_db()
    assert photo.folder != former
    assert {key.rpartition("/")[0] for key in s3_server.keys(bucket)} == {photo.folder} != {former}


@pytest.mark.django_db(transaction=True)
def test_a_deleted_file_is_gone_from_the_bucket_at_once_or_as_soon_as_it_answers(
    photo, paper, bucket, s3_server, monkeypatch
):
    photo.delete()
    assert {key.rpartition("/")[0] for key in s3_server.keys(bucket)} == {paper.folder}
    storage = media_storage()
    with monkeypatch.context() as away:
        away.setitem(storage.__dict__, "client", dead_client(s3_server))
        paper.delete()
    assert s3_server.keys(bucket)
    run_ready()
    assert not s3_server.keys(bucket)


def dead_client(s3_server):
    """boto3's client for a port at which nobody listens."""
    import boto3
    from botocore.config import Config

    retries = Config(retries={"max_attempts": 0}, connect_timeout=1)
    return boto3.client("s3", endpoint_url="http://127.0.0.1:1", aws_access_key_id="a", aws_secret_access_key="b",
                        region_name="us-east-1", config=retries)  # fmt: skip


def test_while_the_storage_is_away_a_file_and_an_upload_are_asked_for_again(
    client, as_, ada, photo, make_post, s3_server, monkeypatch
):
    make_post(source=photo.markdown)
    client.raise_request_exception = False
    monkeypatch.setitem(media_storage().__dict__, "client", dead_client(s3_server))
    answer = client.get(photo.get_absolute_url())
    assert answer.status_code == 503 and answer["Retry-After"]
    with pytest.raises(uploads.Busy, match="does not answer"):
        uploads.store_upload(SimpleUploadedFile("Two.jpg", jpeg()), ada)
    assert Media.objects.count() == 1


def test_avatars_are_there_too(client, bucket, s3_server):
    from datetime import timedelta

    from django.utils.timezone import now

    name = avatars.store_avatar(b"RIFF a face")
    assert list(s3_server.keys(bucket)) == [f"faces/{name}.webp"]
    assert client.get(f"/accounts/picture/{name}.webp").content == b"RIFF a face"
    assert client.get(f"/accounts/picture/{'0' * 32}.webp").status_code == 404
    assert avatars.delete_unused({name}, older_than=now() + timedelta(days=1)) == 0
    assert avatars.delete_unused(set(), older_than=now() + timedelta(days=1)) == 1
    assert not s3_server.keys(bucket)


def test_exports_and_the_mirror_have_the_files(photo, paper, make_post, settings, tmp_path):
    make_post(source=f"{photo.markdown}\n\n{paper.markdown}")
    call_command("export_markdown", str(tmp_path / "export"), stdout=io.StringIO())
    assert (tmp_path / f"export/static/media/{paper.name}/{paper.file_name}").read_bytes() == PDF
    settings.LONGRUN_MIRROR = str(tmp_path / "mirror")
    call_command("mirror", "on", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("mirror", "write", stdout=io.StringIO())
    found = {path.name: path.read_bytes() for path in (tmp_path / "mirror").rglob(f"media/{paper.name}/*")}
    assert found[paper.full] == PDF
    manifest = json.loads((tmp_path / "mirror/public/manifest.json").read_text())
    assert f"media/{photo.name}/{photo.full}" in manifest["files"]
