"""Pictures of authors that were uploaded here: at the desk, below posts, and beside comments."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import avatars
from core.models import SettingsChange
from tests.blog.test_front_page import text
from tests.furnished import drawn
from tests.reauthentication import proved


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk(as_, ada):
    return proved(as_(ada), ada)


def send(desk, person, **facts):
    known = {"name": person.name, "handle": person.handle or "", "bio": "Runs.", "website": "", "role": person.role}
    return desk.post(f"/desk/people/{person.pk}/", known | {"is_active": "on"} | facts)


def portrait(content=None, name="me.png"):
    return SimpleUploadedFile(name, drawn() if content is None else content, "image/png")


def test_a_picture_stands_below_posts_and_at_the_desk(desk, client, arthur, make_post):
    post = make_post(author=arthur)
    assert send(desk, arthur).status_code == 302
    assert "author__picture" not in text(client, post.path)
    assert send(desk, arthur, portrait=portrait()).status_code == 302
    arthur.refresh_from_db()
    box = text(client, post.path).partition('<aside class="author"')[2].partition("</aside>")[0]
    assert f'src="{arthur.picture_url}" width="80" height="80" alt=""' in box
    assert arthur.picture_url in desk.get(f"/desk/people/{arthur.pk}/").content.decode()
    picture = Image.open(io.BytesIO(client.get(arthur.picture_url).content))
    assert (picture.format, picture.size) == ("WEBP", (160, 160))
    assert ["Picture", "", "a new file"] in SettingsChange.objects.first().values


def test_a_picture_is_removed(desk, client, arthur, make_post):
    post = make_post(author=arthur)
    assert "no_portrait" not in desk.get(f"/desk/people/{arthur.pk}/").content.decode()
    send(desk, arthur, portrait=portrait())
    send(desk, arthur, no_portrait="on")
    arthur.refresh_from_db()
    assert arthur.picture == "" and "author__picture" not in text(client, post.path)


def test_no_login_replaces_a_picture_of_ones_own(desk, arthur, monkeypatch):
    asked = []
    monkeypatch.setattr(avatars, "fetch", SimpleNamespace(enqueue=lambda *said: asked.append(said)))
    send(desk, arthur, portrait=portrait())
    arthur.refresh_from_db()
    avatars.request_avatar(arthur, "https://provider.example/arthur.png")
    assert asked == []
    arthur.picture_from = ""
    avatars.request_avatar(arthur, "https://provider.example/arthur.png")
    assert asked == [(arthur.pk, "https://provider.example/arthur.png")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GIF89a and no more", "no picture that can be read"),
        (b"<svg/>", "no picture"),
        (b"x" * 3_000_001, "3 MB at most"),
    ],
)
def test_what_is_no_picture_is_said_at_its_field(desk, arthur, content, told):
    answer = send(desk, arthur, portrait=portrait(content), bio="Kept words")
    page = answer.content.decode()
    assert answer.status_code == 422 and told in page and 'id="id_portrait_error"' in page and "Kept words" in page
    arthur.refresh_from_db()
    assert arthur.picture == ""


def test_pictures_are_the_owners_to_change(as_, arthur, ed):
    assert send(as_(ed), arthur, portrait=portrait()).status_code == 403
    arthur.refresh_from_db()
    assert arthur.picture == ""
