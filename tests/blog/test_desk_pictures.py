"""Files that the write page brings by itself, answered in JSON."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.models import Media
from tests.furnished import drawn

JSON = {"Accept": "application/json"}


def picture(name="fog.png"):
    return SimpleUploadedFile(name, drawn(), "image/png")


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_what_is_taken_is_described(desk):
    answer = desk.post("/desk/media/", {"files": picture()}, headers=JSON)
    media = Media.objects.get()
    (taken,) = answer.json()["taken"]
    assert (taken["pk"], taken["url"], taken["markdown"]) == (media.pk, media.get_absolute_url(), media.markdown)
    assert taken["picture"]
    assert answer.json()["refused"] == []


def test_what_is_refused_says_why_and_keeps_nothing_else_out(desk):
    pdf = SimpleUploadedFile("a.jpg", b"%PDF-1.4 and so on", "image/jpeg")
    answer = desk.post("/desk/media/", {"files": [pdf, picture()]}, headers=JSON)
    assert len(answer.json()["taken"]) == 1
    assert "a.jpg" in answer.json()["refused"][0]
    assert desk.post("/desk/media/", {"files": pdf}, headers=JSON).status_code == 422
    assert desk.post("/desk/media/", {}, headers=JSON).json()["refused"] == ["Choose at least one file."]


def test_what_it_shows_is_kept_in_the_library(desk):
    desk.post("/desk/media/", {"files": picture()}, headers=JSON)
    media = Media.objects.get()
    said = {"title": media.title, "alt": "Fog", "caption": "At six"}
    assert desk.post(f"/desk/media/{media.pk}/", said, headers=JSON).json()["markdown"].startswith("![Fog](")
    media.refresh_from_db()
    assert (media.alt, media.caption) == ("Fog", "At six")


def test_who_may_not_upload_brings_nothing(as_, cora, rene):
    for person in (rene, None):
        assert as_(person).post("/desk/media/", {"files": picture()}, headers=JSON).status_code == 403
    assert not Media.objects.exists()
