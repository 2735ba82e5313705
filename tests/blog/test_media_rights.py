"""Files have rights of their own: who may not see or change one does not by naming it, counting it or using it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.media import uploads
from blog.models import Media, MediaUse, Post
from tests.matrix import drawn

# What the write page sends when nothing else is filled in.
WHOLE = {"title": "Coras", "excerpt": "", "slug": "", "format": "standard", "visibility": "public", "status": "draft",
         "comments_open": "on", "action": "save"}  # fmt: skip
PEOPLE = ("ada", "ed", "arthur", "cora", "mona", "rene")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bring():
    def take(by, name="Hidden words"):
        media = uploads.store_upload(SimpleUploadedFile(f"{name}.png", drawn(), "image/png"), by)
        Media.objects.filter(pk=media.pk).update(alt=f"Alt of {name}")
        return media

    return take


@pytest.fixture
def in_a_draft(ada, bring, make_post):
    """A picture in a draft of the owner's."""
    media = bring(ada)
    make_post("Draft", f"![]({media.get_absolute_url()})", draft=True)
    return media


@pytest.mark.parametrize("who", ["arthur", "cora"])
def test_counting_shows_no_picture_of_somebody_elses_draft(in_a_draft, as_, request, who):
    client = as_(request.getfixturevalue(who))
    address, url = in_a_draft.name, in_a_draft.get_absolute_url()
    for form in ({"featured": in_a_draft.pk}, {"source": f"![]({url})"}, {"source": f"[x]({url})", "featured": "x"}):
        page = client.post("/desk/preview/", {"title": "x", "source": ""} | form).content.decode()
        assert "Alt of" not in page and "srcset" not in page
        assert address not in page or "source" in form
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("who", "action"), [("arthur", "save"), ("arthur", "publish"), ("cora", "save"), ("cora", "submit")]
)
def test_naming_a_file_in_ones_own_post_opens_nothing(in_a_draft, as_, client, request, who, action):
    person = request.getfixturevalue(who)
    mallory, url = as_(person), in_a_draft.get_absolute_url()
    form = WHOLE | {"title": "Mine", "source": f"![]({url})", "action": action, "featured": in_a_draft.pk}
    mallory.post("/desk/write/", form)
    mallory.post("/desk/write/", form | {"featured": ""})
    post = Post.objects.filter(author=person).first()
    assert post is not None and "Alt of" not in post.html and "srcset" not in post.html
    assert not MediaUse.objects.filter(post=post).exists() and post.featured is None
    assert mallory.get(url).status_code == client.get(url).status_code == 404


def test_what_an_editor_puts_into_somebodys_draft_is_seen_by_its_author(ada, ed, cora, bring, as_):
    post = Post(title="Coras", source="x", author=cora)
    post.save()
    url = bring(ed).get_absolute_url()
    assert as_(cora).get(url).status_code == 404
    answer = as_(ed).post(f"/desk/posts/{post.pk}/", WHOLE | {"source": f"![]({url})", "author": cora.pk})
    assert answer.status_code == 302
    assert as_(cora).get(url).status_code == 200
    Post.objects.get(pk=post.pk).revise(cora, source=f"Mine, too\n\n![]({url})")
    assert "srcset" in Post.objects.get(pk=post.pk).html and as_(cora).get(url).status_code == 200


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("whose", ["own", "ada"])
@pytest.mark.parametrize("deed", ["", "replace/", "trash/", "restore/", "delete/"])
def test_a_file_is_changed_by_whoever_brought_it_and_by_editors(bring, as_, ada, request, who, whose, deed):
    person = request.getfixturevalue(who)
    media = bring(person if whose == "own" else ada)
    if deed in ("restore/", "delete/"):
        media.trash()
    files = (
        {"file": SimpleUploadedFile("new.png", drawn(), "image/png"), "address": "new"} if deed == "replace/" else {}
    )
    answer = as_(person).post(f"/desk/media/{media.pk}/{deed}", {"title": "Renamed", "alt": "", "caption": ""} | files)
    allowed = who in ("ada", "ed") or who == "arthur" and whose == "own"
    assert (answer.status_code == 302) is allowed, answer.status_code
    assert allowed or answer.status_code in (403, 404)
    if not allowed:
        kept = Media.objects.get(pk=media.pk)
        assert (kept.title, kept.name) == (media.title, media.name) and bool(kept.trashed_at) == bool(media.trashed_at)


@pytest.mark.parametrize("deed", ["", "replace/", "trash/"])
def test_a_file_that_somebody_elses_post_shows_is_not_ones_own_to_change(bring, arthur, make_post, as_, deed):
    media = bring(arthur)
    make_post("Adas", f"![]({media.get_absolute_url()})")
    files = {"file": SimpleUploadedFile("new.png", drawn(), "image/png"), "address": "same"} if deed else {}
    assert as_(arthur).post(f"/desk/media/{media.pk}/{deed}", {"title": "Renamed"} | files).status_code == 403
    page = as_(arthur).get(f"/desk/media/{media.pk}/").content.decode()
    assert "an editor can change it" in page and "Move to Trash" not in page


def test_the_library_and_the_picker_show_what_one_may_see(bring, ada, arthur, as_):
    bring(ada, "Adas"), bring(arthur, "Arthurs")
    for address in ("/desk/media/", "/desk/write/"):
        page = as_(arthur).get(address).content.decode()
        assert "Arthurs" in page and "Adas" not in page
        assert "Adas" in as_(ada).get(address).content.decode()


def test_the_trash_shows_what_one_may_see(bring, ada, arthur, as_):
    for by, name in ((ada, "Adas"), (arthur, "Arthurs")):
        bring(by, name).trash()
    page = as_(arthur).get("/desk/media/trash/").content.decode()
    assert "Arthurs" in page and "Adas" not in page
