"""Files that the write page brings by itself, answered in JSON."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.models import Media
from tests.furnished import drawn
from tests.media_files import folder_of

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


def test_a_file_that_is_sent_again_because_its_answer_was_lost_is_there_once(desk, as_, ed):
    key = "0123456789abcdef" * 2
    first, again = (desk.post("/desk/media/", {"files": picture(), "key": key}, headers=JSON).json() for _ in "12")
    assert first["taken"] == again["taken"]
    for client, other in ((desk, key[::-1]), (desk, ""), (desk, ""), (as_(ed), key)):
        assert client.post("/desk/media/", {"files": picture(), "key": other}, headers=JSON).status_code == 200
    assert Media.objects.count() == 5
    two = desk.post("/desk/media/", {"files": [picture("a.png"), picture("b.png")], "key": key}, headers=JSON)
    assert [taken["title"] for taken in two.json()["taken"]] == ["a.png", "b.png"]


def test_two_answers_to_one_file_at_the_same_time_are_one(ada, monkeypatch):
    """The second one looks before the first one has stored, and is refused by the database."""
    key = "f" * 32
    first = uploads.store_upload(picture(), ada, key)
    looks = iter([None, first])
    monkeypatch.setattr(uploads, "uploaded_before", lambda by, key: next(looks))
    assert uploads.store_upload(picture(), ada, key) == first
    assert [folder.name for folder in folder_of(first).parent.parent.glob("*/*")].count(first.name) == 1
    assert Media.objects.get() == first


@pytest.mark.parametrize("key", ["../../etc/passwd", "f" * 33, "F" * 32, "é"])
def test_no_other_key_is_taken(desk, key):
    answer = desk.post("/desk/media/", {"files": picture(), "key": key}, headers=JSON)
    assert answer.status_code == 422
    assert not Media.objects.exists()


def test_what_it_shows_is_kept_in_the_library(desk):
    desk.post("/desk/media/", {"files": picture()}, headers=JSON)
    media = Media.objects.get()
    said = {"title": media.title, "alt": "Fog", "caption": "At six"}
    assert desk.post(f"/desk/media/{media.pk}/", said, headers=JSON).json()["markdown"].startswith("![Fog](")
    media.refresh_from_db()
    assert (media.alt, media.caption, media.decorative) == ("Fog", "At six", False)


def test_what_is_decorative_has_no_words_and_the_library_says_so(desk):
    desk.post("/desk/media/", {"files": picture()}, headers=JSON)
    media = Media.objects.get()
    page = desk.get(f"/desk/media/{media.pk}/").content.decode()
    assert "Decorative: it adds nothing to the text" in page and " checked" not in page
    said = {"title": media.title, "alt": "Fog", "caption": "At six", "decorative": "on"}
    assert desk.post(f"/desk/media/{media.pk}/", said, headers=JSON).json()["decorative"]
    media.refresh_from_db()
    assert (media.alt, media.caption, media.decorative) == ("", "At six", True)
    assert " checked" in desk.get(f"/desk/media/{media.pk}/").content.decode()
    (listed,) = library_of(desk, show="pictures")["files"]
    assert (listed["alt"], listed["caption"], listed["decorative"]) == ("", "At six", True)
    assert not desk.post(f"/desk/media/{media.pk}/", {"title": "Fog"}, headers=JSON).json()["decorative"]


def test_the_editor_asks_which_pictures_are_decorative(desk, as_, ada, arthur, cora):
    line, photo = (uploads.store_upload(picture(name), ada) for name in ("line.png", "photo.png"))
    Media.objects.filter(pk=line.pk).update(decorative=True)
    asked = {"decorative": [line.name, photo.name, "0" * 32, "x' OR 1"]}
    assert desk.get("/desk/media/", asked, headers=JSON).json() == {"decorative": [line.name]}
    assert as_(arthur).get("/desk/media/", asked, headers=JSON).json() == {"decorative": []}
    assert as_(cora).get("/desk/media/", asked, headers=JSON).status_code == 403


def test_who_may_not_upload_brings_nothing(as_, cora, rene):
    for person in (rene, None):
        assert as_(person).post("/desk/media/", {"files": picture()}, headers=JSON).status_code == 403
    assert not Media.objects.exists()


@pytest.mark.long
@pytest.mark.parametrize("asks", [JSON, {}])
def test_a_film_that_became_a_still_says_so_where_it_lands(desk, asks):
    frames = [Image.new("P", (4000, 3000), number) for number in range(3)]
    film = io.BytesIO()
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:], duration=100)
    brought = SimpleUploadedFile("film.gif", film.getvalue(), "image/gif")
    answer = desk.post("/desk/media/", {"files": brought}, headers=asks, follow=True)
    told = answer.json()["taken"][0]["notice"] if asks else answer.content.decode()
    assert "the animation \u2068film.gif\u2069 is too long: it is kept as a still picture." in told
    assert desk.post("/desk/media/", {"files": picture()}, headers=JSON).json()["taken"][0]["notice"] == ""


# The library, for the dialog of the write page


def library_of(client, **asked):
    return client.get("/desk/media/", asked, headers=JSON).json()


def test_the_library_is_answered_newest_first_in_pages(desk, ada):
    facts = {"kind": "picture", "format": "png", "widths": [480], "alt": "A hill", "by": ada}
    for number in range(13):
        media = Media.objects.create(title=f"hill {number}.png", file_name="hill.png", **facts)
    answer = library_of(desk, show="pictures")
    assert [file["title"] for file in answer["files"]] == [f"hill {number}.png" for number in range(12, 0, -1)]
    assert (answer["page"], answer["pages"]) == (1, 2)
    assert answer["files"][0]["alt"] == "A hill"
    assert answer["files"][0]["markdown"] == f"![A hill]({media.get_absolute_url()})"
    assert [file["title"] for file in library_of(desk, show="pictures", page=2)["files"]] == ["hill 0.png"]
    assert library_of(desk, show="pictures", page="99")["page"] == 2
    assert library_of(desk, show="pictures", page="x")["page"] == 1


def test_the_library_is_searched_without_documents_and_trash_and_is_for_uploaders(desk, as_, ada, cora):
    def file(title, **facts):
        facts = {"kind": "picture", "format": "png", "widths": [480], "by": ada} | facts
        return Media.objects.create(title=title, file_name=title, **facts)

    file("fog.png")
    file("fog.pdf", kind="document", format="pdf")
    file("rain.png", alt="Rain, then fog")
    file("fog over trash.png").trash()
    found = library_of(desk, show="pictures", q="fog")["files"]
    assert [each["title"] for each in found] == ["rain.png", "fog.png"]
    assert library_of(desk, show="pictures", q="sea")["files"] == []
    assert as_(cora).get("/desk/media/", headers=JSON).status_code == 403


def test_without_scripts_the_library_stays_a_page(desk):
    page = desk.get("/desk/media/", {"show": "pictures"}, headers={"Accept": "text/html"})
    assert page["Content-Type"].startswith("text/html")
