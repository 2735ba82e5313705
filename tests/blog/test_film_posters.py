"""The poster of a film: the picture that readers see until they play it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.models import Media
from core.jobs import run_ready
from tests.media_files import folder_of
from tests.recordings import film
from transfer.exporting import columns
from transfer.mirror.public import media_files
from transfer.restore import files as restored_files
from transfer.restore.parts import Refused

JSON = {"Accept": "application/json"}


def picture(colour="green", size=(1920, 1080), name="poster.jpg"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def ride(ada):
    return uploads.store_upload(SimpleUploadedFile("ride.mp4", film()), ada)


def choose(desk, media, poster, **asked):
    answer = desk.post(f"/desk/media/{media.pk}/", {"title": media.title, "new_poster": poster}, **asked)
    media.refresh_from_db()
    return answer


def names_in_folder(media):
    return sorted(file.name for file in folder_of(media).iterdir())


def test_a_film_without_one_says_so_and_takes_one(desk, client, make_post, ride):
    (facts,) = desk.get("/desk/media/", headers=JSON).json()["files"]
    assert facts["lacks_poster"]
    post = make_post(source=ride.markdown)
    assert "#t=0.1" in post.html and "poster" not in post.html
    assert not choose(desk, ride, picture(), headers=JSON).json()["lacks_poster"]
    run_ready()
    post.refresh_from_db()
    assert f'poster="{ride.poster_url}"' in post.html and "#t=0.1" not in post.html
    answer = client.get(ride.poster_url)
    assert answer["Content-Type"] == "image/webp" and "Content-Disposition" not in answer
    shown = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert (shown.format, shown.size) == ("WEBP", (1600, 900))
    assert names_in_folder(ride) == ["full.mp4", ride.poster_file]
    assert Media.objects.get() == ride  # it is no file of the library by itself
    page = desk.get(f"/desk/media/{ride.pk}/").content.decode()
    assert f'<img src="{ride.poster_url}" alt="The poster of the film">' in page


def test_another_one_has_another_address_and_takes_its_place(desk, ride):
    choose(desk, ride, picture())
    first = ride.poster_url
    choose(desk, ride, picture("red", (400, 300)))
    assert ride.poster_url != first and names_in_folder(ride) == ["full.mp4", ride.poster_file]
    assert desk.get(first).status_code == 404
    choose(desk, ride, picture("red", (400, 300)))
    assert names_in_folder(ride) == ["full.mp4", ride.poster_file]
    desk.post(f"/desk/media/{ride.pk}/", {"title": "Without a new one"})
    ride.refresh_from_db()
    assert (ride.title, bool(ride.poster)) == ("Without a new one", True)


def test_the_frame_of_a_browser_becomes_the_poster_and_changes_nothing_else(desk, make_post, ride):
    post = make_post(source=ride.markdown)
    answer = desk.post(f"/desk/media/{ride.pk}/", {"frame": picture()}, headers=JSON)
    ride.refresh_from_db()
    assert answer.json()["poster_url"] == ride.poster_url != ""
    assert ride.title == "ride.mp4"
    post.refresh_from_db()
    assert f'poster="{ride.poster_url}"' in post.html
    first = ride.poster
    assert desk.post(f"/desk/media/{ride.pk}/", {"frame": picture("red")}, headers=JSON).status_code == 200
    ride.refresh_from_db()
    assert ride.poster == first, "it takes no poster's place"


def test_a_frame_that_is_no_picture_is_refused(desk, ride):
    answer = desk.post(f"/desk/media/{ride.pk}/", {"frame": SimpleUploadedFile("a.mp4", film())}, headers=JSON)
    ride.refresh_from_db()
    assert (answer.status_code, ride.poster) == (422, "") and "a poster is a picture" in answer.json()["refused"][0]


def test_others_bring_no_frame(as_, arthur, cora, make_post, ride):
    make_post(source=ride.markdown)
    for user, status in ((arthur, 403), (cora, 403), (None, 403)):
        assert as_(user).post(f"/desk/media/{ride.pk}/", {"frame": picture()}, headers=JSON).status_code == status
    ride.refresh_from_db()
    assert ride.poster == ""


def test_a_poster_is_removed_and_does_not_come_back_by_itself(desk, client, make_post, ride):
    page = f"/desk/media/{ride.pk}/"
    assert "missing-poster" in desk.get(page).content.decode()
    choose(desk, ride, picture())
    post, first = make_post(source=ride.markdown), ride.poster_url
    assert "missing-poster" not in desk.get(page).content.decode()
    assert desk.post(page, {"title": ride.title, "remove_poster": "on"}).status_code == 302
    run_ready()
    ride.refresh_from_db(), post.refresh_from_db()
    assert (ride.poster, names_in_folder(ride)) == ("", ["full.mp4"]) and "poster" not in post.html
    assert client.get(first).status_code == 404
    assert "missing-poster" not in desk.get(page).content.decode()
    desk.post(page, {"frame": picture()}, headers=JSON)
    ride.refresh_from_db()
    assert ride.poster == "", "a frame that another page has sent late"
    choose(desk, ride, picture("red"))
    assert ride.poster and not ride.poster_removed


def test_who_chooses_another_and_ticks_the_box_gets_the_other(desk, ride):
    choose(desk, ride, picture())
    first = ride.poster
    desk.post(f"/desk/media/{ride.pk}/", {"title": "x", "new_poster": picture("red"), "remove_poster": "on"})
    ride.refresh_from_db()
    assert ride.poster not in ("", first)


def test_who_may_not_see_the_film_does_not_see_its_poster(desk, client, make_post, ride):
    choose(desk, ride, picture())
    assert client.get(ride.poster_url).status_code == 404
    post = make_post(source=ride.markdown, visibility="private")
    assert client.get(ride.poster_url).status_code == 404
    post.visibility = "public"
    post.save()
    assert client.get(ride.poster_url).status_code == 200


@pytest.mark.parametrize(
    ("poster", "told"),
    [
        (SimpleUploadedFile("a.jpg", picture().read()[:300]), "damaged or incomplete"),
        (SimpleUploadedFile("a.svg", b"<svg/>"), "SVG pictures can contain scripts"),
        (SimpleUploadedFile("a.mp4", film()), "a poster is a picture"),
        (SimpleUploadedFile("a.png", b""), "empty"),
    ],
)
def test_what_is_no_picture_is_refused_at_its_field(desk, ride, poster, told):
    answer = choose(desk, ride, poster)
    assert answer.status_code == 422 and told in answer.content.decode()
    assert ride.poster == "" and names_in_folder(ride) == ["full.mp4"]


def test_only_films_have_one(desk, ada):
    hills = uploads.store_upload(picture(name="hills.jpg"), ada)
    assert choose(desk, hills, picture("red")).status_code == 302
    assert hills.poster == "" and "new_poster" not in desk.get(f"/desk/media/{hills.pk}/").content.decode()


@pytest.mark.parametrize("address", ["same", "new"])
def test_a_film_in_its_place_has_none_of_it(desk, ride, address):
    choose(desk, ride, picture())
    new = SimpleUploadedFile("ride.mp4", film(seconds=20))
    assert desk.post(f"/desk/media/{ride.pk}/replace/", {"file": new, "address": address}).status_code == 302
    ride.refresh_from_db()
    assert (ride.poster, ride.poster_url) == ("", "")


def test_the_mirror_has_it_and_a_restore_takes_no_other_name(desk, ride):
    choose(desk, ride, picture())
    assert [file.path for file in media_files(ride)] == [
        f"media/{ride.name}/full.mp4",
        f"media/{ride.name}/{ride.poster_file}",
    ]
    facts = columns.row(ride, columns.MEDIA)
    restored_files.check(facts)
    for poster in ("../../etc", "f" * 7, "F" * 8):
        with pytest.raises(Refused):
            restored_files.check(facts | {"poster": poster})
