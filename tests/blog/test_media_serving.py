"""Who gets a file, in which parts, and for how long a browser may keep it; and how pictures stand in a post."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.media.encoding import WIDTHS
from blog.models import Media, MediaUse, Post
from blog.models.media import NARROW
from tests.media_files import folder_of


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def photo(db):
    file = io.BytesIO()
    Image.new("RGB", (1000, 500), "green").save(file, "JPEG")
    return uploads.store_upload(SimpleUploadedFile("Hills.jpg", file.getvalue()), None)


@pytest.fixture
def paper(db):
    return uploads.store_upload(SimpleUploadedFile("Race plan.pdf", PDF), None)


def shown(media, alt=""):
    return f"![{alt}]({media.get_absolute_url()})"


def body(response):
    return b"".join(response)


# Who


def test_a_file_that_no_post_shows_is_seen_by_editors_and_whoever_brought_it(
    as_, ada, ed, arthur, cora, rene, client, photo
):
    photo.by = arthur
    photo.save()
    address = photo.get_absolute_url()
    for user, status in ((ada, 200), (ed, 200), (arthur, 200), (cora, 404), (rene, 404), (None, 404)):
        response = as_(user).get(address)
        assert response.status_code == status
        if status == 200:
            assert response["Cache-Control"] == "private, no-store"


@pytest.mark.db
@pytest.mark.parametrize(
    ("facts", "everybody"),
    [({}, True), ({"draft": True}, False), ({"visibility": "private"}, False), ({"password": "x"}, False)],
)
def test_a_file_is_as_public_as_its_post(client, ada, as_, make_post, photo, facts, everybody):
    make_post(source=shown(photo), **facts)
    for address in (photo.get_absolute_url(), photo.small_url):
        response = client.get(address)
        assert response.status_code == (200 if everybody else 404)
        if everybody:
            assert response["Cache-Control"] == "public, max-age=31536000, immutable"
            assert "Set-Cookie" not in response
        assert as_(ada).get(address).status_code == 200


def test_a_scheduled_post_shows_nothing_early(client, make_post, photo, on):
    make_post(source=shown(photo), at=on(2999, 1, 1))
    assert client.get(photo.get_absolute_url()).status_code == 404


def test_a_featured_picture_is_as_public_as_its_post(client, make_post, photo):
    make_post(featured=photo)
    assert client.get(photo.get_absolute_url()).status_code == 200


def test_a_contributor_sees_the_pictures_that_an_editor_put_into_their_draft(as_, cora, ed, make_post, photo):
    make_post(draft=True, author=cora).revise(ed, source=shown(photo))
    assert as_(cora).get(photo.get_absolute_url()).status_code == 200


def test_the_password_of_a_post_opens_its_pictures_too(client, make_post, photo):
    post = make_post(source=shown(photo), password="hills")
    assert client.get(photo.get_absolute_url()).status_code == 404
    client.post(f"/posts/{post.pk}/unlock/", {"password": "hills"}, headers={"Sec-Fetch-Site": "same-origin"})
    response = client.get(photo.get_absolute_url())
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_a_trashed_post_takes_its_pictures_along(client, make_post, photo):
    post = make_post(source=shown(photo))
    post.trash()
    assert client.get(photo.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("file", ["full.jpg", "480.webp", "hills-481.webp", "..", "%2e%2e%2ffull.jpg", "hills.png"])
def test_only_its_own_addresses_lead_to_a_file(client, make_post, photo, file):
    make_post(source=shown(photo))
    assert client.get(f"/media/{photo.name}/{file}").status_code == 404
    assert client.get(f"/media/{'0' * 32}/hills.jpg").status_code == 404


def test_a_narrow_picture_answers_at_the_address_of_the_narrowest_width(client, make_post):
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(file, "PNG")
    small = uploads.store_upload(SimpleUploadedFile("dot.png", file.getvalue()), None)
    make_post(source=shown(small))
    addresses = [f"/media/{small.name}/dot-{width}.webp" for width in (30, NARROW, 960)]
    answers = [client.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    assert body(answers[0]) == body(answers[1])
    assert WIDTHS[0] == NARROW


# In which parts


@pytest.fixture
def public(make_post, paper):
    make_post(source=f"[The plan]({paper.get_absolute_url()})")
    return paper.get_absolute_url()


def test_a_document_is_an_attachment_in_a_sandbox(client, public):
    response = client.get(public)
    assert body(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="race-plan.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Accept-Ranges"] == "bytes"


def test_a_picture_is_shown_in_its_place(client, make_post, photo):
    make_post(source=shown(photo))
    response = client.get(photo.small_url)
    assert (response["Content-Type"], response.get("Content-Disposition")) == ("image/webp", None)
    assert Image.open(io.BytesIO(body(response))).size == (480, 240)


SIZE = len(PDF)


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-9", 5, 9),
        (f"bytes={SIZE - 3}-", SIZE - 3, SIZE - 1),
        ("bytes=-4", SIZE - 4, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes=10-{SIZE * 2}", 10, SIZE - 1),
    ],
)
def test_a_part_is_answered_with_that_part(client, public, wanted, start, end):
    response = client.get(public, headers={"Range": wanted})
    assert response.status_code == 206
    assert body(response) == PDF[start : end + 1]
    assert response["Content-Range"] == f"bytes {start}-{end}/{SIZE}"
    assert response["Content-Length"] == str(end - start + 1)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_part_beyond_the_end_is_416(client, public, wanted):
    response = client.get(public, headers={"Range": wanted})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize("wanted", ["bytes=9-5", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=a-b", "bytes"])
def test_a_part_that_makes_no_sense_is_the_whole(client, public, wanted):
    response = client.get(public, headers={"Range": wanted})
    assert (response.status_code, body(response)) == (200, PDF)


def test_a_part_of_another_version_is_the_whole(client, public):
    etag = client.get(public)["ETag"]
    assert client.get(public, headers={"Range": "bytes=0-1", "If-Range": etag}).status_code == 206
    assert client.get(public, headers={"Range": "bytes=0-1", "If-Range": '"old"'}).status_code == 200


def test_what_is_known_is_not_sent_again(client, public):
    etag = client.get(public)["ETag"]
    response = client.get(public, headers={"If-None-Match": etag})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert "immutable" in response["Cache-Control"]


def test_head_says_everything_but_the_content(client, public):
    response = client.head(public)
    assert (response.status_code, response["Content-Length"], response.content) == (200, str(SIZE), b"")
    assert client.post(public).status_code == 405


# In a post


def test_a_picture_in_a_post_comes_in_the_width_that_fits_and_moves_nothing(make_post, photo):
    html = make_post(source=f"Look:\n\n{shown(photo, 'Hills & “dales”')}\n\nThere.").html
    assert f'srcset="/media/{photo.name}/hills-480.webp 480w, /media/{photo.name}/hills-960.webp 960w' in html
    assert 'width="1000" height="500"' in html
    assert 'loading="lazy"' in html
    assert 'alt="Hills &amp; “dales”"' in html
    assert html.count("<picture>") == html.count("<img") == 1


def test_the_teaser_has_the_same_picture(make_post, photo):
    post = make_post(source=f"{shown(photo)}\n\n<!--more-->\n\nMore.")
    assert "<picture>" in post.teaser_html


def test_pictures_of_others_and_code_stay_as_they_are(make_post, photo):
    post = make_post(source=f'![x](https://example.org/a.jpg)\n\n    {shown(photo)}\n\n`<img src="{photo.small_url}">`')
    assert "<picture>" not in post.html


def test_alternative_text_of_the_library_stands_in_where_the_post_says_none(as_, ada, make_post, photo):
    silent = make_post(source=shown(photo))
    says = make_post(source=shown(photo, "My own words"))
    as_(ada).post(f"/desk/media/{photo.pk}/", {"title": "Hills", "alt": 'Green "hills"', "caption": ""})
    assert 'alt="Green &quot;hills&quot;"' in Post.objects.get(pk=silent.pk).html
    assert 'alt="My own words"' in Post.objects.get(pk=says.pk).html


@pytest.mark.db
def test_a_post_remembers_what_it_shows(make_post, photo, paper):
    post = make_post(source=f"{shown(photo)} {shown(photo)} [plan]({paper.get_absolute_url()})")
    assert {use.media for use in post.media_uses.all()} == {photo, paper}
    post.revise(post.author, source=f"{shown(photo)} /media/{'0' * 32}/gone.jpg")
    assert {use.media for use in post.media_uses.all()} == {photo}
    post.revise(post.author, source="Nothing.")
    assert not MediaUse.objects.exists()


# In the library


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def jpeg(name="photo.jpg"):
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue())


def test_several_files_come_at_once_and_one_that_is_refused_keeps_none_out(desk):
    svg = SimpleUploadedFile("logo.svg", b"<svg/>")
    answer = desk.post("/desk/media/", {"files": [jpeg("a.jpg"), svg, jpeg("b.jpg")]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "logo.svg: SVG pictures can contain scripts" in page
    assert "2 files are in the library." in page
    assert {media.title for media in Media.objects.all()} == {"a.jpg", "b.jpg"}
    assert answer.content.count(b'class="media-grid') == 1


def test_one_file_leads_to_its_own_page_with_the_line_for_a_post(desk, ada):
    answer = desk.post("/desk/media/", {"files": [jpeg("My hill.jpg")]}, follow=True)
    media = Media.objects.get()
    assert answer.redirect_chain == [(f"/desk/media/{media.pk}/", 302)]
    assert f"![]({media.get_absolute_url()})" in answer.content.decode()
    assert media.by == ada


def test_the_line_for_a_post_holds_its_words_and_makes_a_figure(make_post, photo):
    photo.alt, photo.caption = "Green [hills]", 'In the "morning"'
    photo.save()
    html = make_post(source=photo.markdown).html
    assert 'alt="Green (hills)"' in html
    assert "<figcaption>In the ”morning”</figcaption>" in html
    assert "<figure><picture>" in html


def test_no_file_at_all_is_said(desk):
    answer = desk.post("/desk/media/", {})
    assert answer.status_code == 422
    assert "Choose at least one file." in answer.content.decode()


def test_deleting_says_who_will_miss_it_and_deletes_the_files(
    desk, client, make_post, photo, django_capture_on_commit_callbacks
):
    make_post("Up the hills", source=shown(photo))
    assert "Up the hills" in desk.get(f"/desk/media/{photo.pk}/").content.decode()
    desk.post(f"/desk/media/{photo.pk}/trash/")
    assert "Up the hills" in desk.get(f"/desk/media/{photo.pk}/delete/").content.decode()
    assert folder_of(photo).exists()
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"/desk/media/{photo.pk}/delete/")
    assert not folder_of(photo).exists()
    assert client.get(photo.get_absolute_url()).status_code == 410


def test_who_may_not_upload_has_no_library(as_, cora, photo):
    desk = as_(cora)
    for address in ("/desk/media/", f"/desk/media/{photo.pk}/", f"/desk/media/{photo.pk}/delete/"):
        assert desk.get(address).status_code == 403
        assert desk.post(address, {"files": [jpeg()], "title": "Mine"}).status_code == 403
    assert Media.objects.get().title == "Hills.jpg"


@pytest.mark.django_db(transaction=True)
def test_the_library_asks_the_same_number_of_questions_for_one_and_for_forty(
    desk, photo, django_assert_max_num_queries
):
    for number in range(40):
        Media.objects.create(kind="picture", title=f"{number}", file_name="a.jpg", format="jpeg", widths=[480])
    desk.get("/desk/")  # the layout is built
    with django_assert_max_num_queries(8):
        assert desk.get("/desk/media/").content.count(b'<li id="row-') >= 40


@pytest.mark.django_db
def test_a_picture_without_narrower_ones_is_its_own_small_one(desk, ada):
    media = Media.objects.create(name="a" * 32, file_name="tiny.png", kind="picture", title="Tiny", by=ada, size=1)
    assert media.small_url == media.get_absolute_url()
    assert media.small_url in desk.get("/desk/media/").content.decode()
