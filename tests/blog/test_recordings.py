"""The library's own sounds and films are players in a post."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.media import recordings, uploads
from blog.recording_players import clock
from tests.recordings import SILENCE, box, film


@pytest.fixture
def upload(ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda name, content: uploads.store_upload(SimpleUploadedFile(name, content), ada)


@pytest.mark.django_db
def test_a_sound_alone_in_its_paragraph_is_a_player(make_post, upload):
    sound = upload("Ten miles & more.mp3", SILENCE)
    assert sound.seconds == 6
    html = make_post(source=f"Listen:\n\n{sound.markdown}\n\nNice.").html
    address = sound.get_absolute_url()
    assert f'<audio controls preload="metadata" src="{address}" aria-label="Ten miles &amp; more.mp3"></audio>' in html
    assert f'<a href="{address}" download>Download</a>' in html
    assert "· 0:06 ·" in html
    assert "<audio" not in make_post(source=f"Hear {sound.markdown} now.").html


@pytest.mark.django_db
@pytest.mark.parametrize(("words", "language"), [("Ride", "he"), ("רכיבה", ""), ("רכיבה", "he")])
def test_a_sound_is_a_player_in_every_direction_of_writing(make_post, upload, words, language):
    sound = upload("ride.mp3", SILENCE)
    link = f"[{words}]({sound.get_absolute_url()})"
    assert make_post(source=f"{link}\n{link}", language=language).html.count("<audio") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.mp4", film()),
        ("a.m4v", film(b"M4V ")),
        ("a.mov", film(b"qt  ")),
        ("a.webm", b"\x1aE\xdf\xa3\x9fB\x82\x84webm"),
    ],
)
def test_films_are_taken_and_played(make_post, upload, client, name, content):
    stored = upload(name, content)
    assert stored.format == name.partition(".")[2]
    assert stored.seconds in (75, None if name == "a.webm" else 75)
    assert not stored.upload_notice
    post = make_post(source=stored.markdown)
    assert f'<video controls preload="metadata" playsinline src="{stored.get_absolute_url()}#t=0.1"' in post.html
    assert "content.css" in client.get(post.path).content.decode()
    served = client.get(stored.get_absolute_url())
    assert served.headers["Content-Type"] == ("video/webm" if name == "a.webm" else "video/mp4")


@pytest.mark.django_db
@pytest.mark.parametrize("codec", [b"hvc1", b"hev1"])
def test_a_film_that_not_every_browser_plays_is_taken_and_named(upload, codec):
    assert "HEVC" in upload("a.mov", film(b"qt  ", codec)).upload_notice


@pytest.mark.django_db
def test_other_containers_are_refused(upload):
    with pytest.raises(uploads.Refused, match="Matroska"):
        upload("a.mkv", b"\x1aE\xdf\xa3\x9fB\x82\x88matroska")
    with pytest.raises(uploads.Refused, match="is MOV"):
        upload("a.mp4", film(b"qt  "))


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 40, film()[:40], b"\0\0\0\1moov" + b"\xff" * 8, film() + b"\0\0\0\0free"]
)
def test_a_damaged_film_says_nothing(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert recordings.duration_of(path, "mp4") in (None, 75)
    assert recordings.is_hevc(path) is False


@pytest.mark.parametrize("junk", [b"\xff", b"\xff\xfb"])
def test_the_search_for_the_length_ends(tmp_path, monkeypatch, junk):
    monkeypatch.setattr(recordings, "MOST_READS", 500)
    path = tmp_path / "a.mp3"
    path.write_bytes(SILENCE)
    assert recordings.duration_of(path, "mp3") == 6
    read = []
    whole = io.FileIO.readinto
    monkeypatch.setattr(
        recordings.io,
        "FileIO",
        type("Counted", (io.FileIO,), {"readinto": lambda *each: read.append(1) or whole(*each)}),
    )
    path.write_bytes(junk * 3_000_000)
    assert recordings.duration_of(path, "mp3") is None
    assert 0 < len(read) < 100


def test_the_search_for_the_codec_ends(tmp_path, monkeypatch):
    path = tmp_path / "a.mov"
    path.write_bytes(box(b"free") * 3 + film(codec=b"hvc1"))
    assert recordings.is_hevc(path) is True
    monkeypatch.setattr(recordings, "MOST_BOXES", 3)
    assert recordings.is_hevc(path) is False


@pytest.mark.django_db
def test_a_link_to_a_file_that_is_not_ones_own_stays_a_link(make_post):
    html = make_post(source="[a.mp3](/media/0123456789abcdef0123456789abcdef/a.mp3)").html
    assert "<audio" not in html and 'href="/media/0123' in html


@pytest.mark.django_db
def test_an_email_links_to_it_and_a_feed_encloses_it(make_post, upload, client):
    sound = upload("a.mp3", SILENCE)
    post = make_post(source=sound.markdown)
    assert "<audio" not in post.email_body and "Play it on the page" in post.email_body
    assert f'<enclosure length="{sound.size}" type="audio/mpeg"' in client.get("/feed/").content.decode()


def test_lengths():
    assert [clock(seconds) for seconds in (1, 65, 3723)] == ["0:01", "1:05", "1:02:03"]
