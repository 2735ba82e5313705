"""What an author may want to mend, and the page that shows it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog import publish_checks
from blog.media import uploads
from blog.models import Media
from tests.furnished import drawn


def told(post):
    post.refresh_from_db()
    return " ".join(note.message for note in publish_checks.run_checks(post))


@pytest.fixture
def flawless(make_post):
    return make_post("Fog", "## A\n\n### B\n\nWords.", draft=True, excerpt="Fog.", tags=["fog"])


def test_a_post_without_flaws_gets_no_word(flawless):
    assert told(flawless) == ""


def test_a_picture_without_words_and_one_that_is_heavy(flawless, ada):
    media = uploads.store_upload(SimpleUploadedFile("bridge.png", drawn(), "image/png"), ada)
    Media.objects.update(size=3 * 1024 * 1024)
    flawless.revise(ada, source=f"![]({media.get_absolute_url()})")
    assert "1 picture has no alternative text: bridge.png" in told(flawless)
    assert "has 3.0 MB" in told(flawless)
    flawless.revise(ada, source=f"![A bridge]({media.get_absolute_url()})")
    assert "alternative" not in told(flawless)


def test_a_decorative_picture_needs_no_words(flawless, ada):
    facts = {"kind": "picture", "format": "png", "by": ada}
    plant, bridge = (Media.objects.create(file_name=f"{name}.png", **facts) for name in ("plant", "bridge"))
    flawless.revise(ada, source=f"![]({plant.get_absolute_url()})\n\nWords.\n\n![]({bridge.get_absolute_url()})")
    assert "2 pictures have no alternative text: plant.png, bridge.png" in told(flawless)
    Media.objects.filter(pk=plant.pk).update(decorative=True)
    assert "1 picture has no alternative text: bridge.png" in told(flawless)
    Media.objects.update(decorative=True)
    assert "alternative" not in told(flawless)


def test_a_level_that_is_left_out(flawless, ada):
    flawless.revise(ada, source="## A\n\n#### B\n\n## C\n\n### D")
    assert "A heading of level 4 follows one of level 2" in told(flawless)


@pytest.mark.parametrize(
    ("link", "is_told"),
    [
        ("/nothing/", True),
        ("http://localhost:8000/nothing/", True),
        ("/tag/nothing/", True),
        ("/media/00000000000000000000000000000000/a.png", True),
        ("/tag/fog/", False),
        ("/", False),
        ("#here", False),
        ("https://example.org/nothing/", False),
        ("http://[", False),
    ],
)
def test_own_links_that_lead_nowhere(flawless, ada, link, is_told):
    flawless.revise(ada, source=f'<a href="{link}">x</a>')
    assert ("leads to a page that readers cannot see" in told(flawless)) is is_told


def test_links_to_posts_answer_when_readers_may_see_them(flawless, ada, make_post):
    public, private = make_post("Public"), make_post("Private", visibility="private")
    flawless.revise(ada, source=f"[a]({public.get_absolute_url()})")
    assert told(flawless) == ""
    former = public.path
    public.move_to("elsewhere")
    assert told(flawless) == "", f"{former} leads on"
    flawless.revise(ada, source=f"[a]({private.get_absolute_url()})")
    assert "leads to a page that readers cannot see" in told(flawless)


def test_excerpt_slug_tags_and_date(make_post, ada, on):
    make_post("Bread", tags=["loaf"])
    post = make_post("Bread", draft=True, tags=["loafs"], publish_at=on(2020, 1, 1))
    post.revise(ada)
    words = told(post)
    assert "There is no excerpt" in words
    assert "has the slug “bread” already" in words
    assert "“loafs” and “loaf”" in words
    assert "The date is in the past" in words


def test_a_note_needs_neither_title_nor_excerpt(make_post):
    assert told(make_post("", "Rain.", format="note")) == ""


def test_the_page_shows_it_and_never_blocks(as_, ada, make_post):
    post = make_post("Bread", draft=True)
    page = as_(ada).get(f"/desk/posts/{post.pk}/checks/").content.decode()
    assert "There is no excerpt" in page
    assert page.count("<iframe") == 4


def test_changes_that_wait_are_what_is_looked_at(as_, ada, make_post):
    post = make_post("Bread", "Old.")
    post.store_as_revision(ada, kind="kept", title="Bread", source="New.", excerpt="")
    assert "New." in as_(ada).get(f"/desk/posts/{post.pk}/in-iframe/").content.decode()
    post.refresh_from_db()
    assert post.source == "Old."


def test_only_our_own_desk_may_frame_the_page(as_, ada, make_post):
    post = make_post("Bread")
    framed = as_(ada).get(f"/desk/posts/{post.pk}/in-iframe/?scheme=dark")
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert 'data-scheme="dark"' in framed.content.decode()
    assert "frame-ancestors 'none'" in as_(ada).get(post.get_absolute_url())["Content-Security-Policy"]


def test_nobody_else_looks(as_, rene, cora, make_post):
    post = make_post("Bread", draft=True)
    for page in ("checks", "in-iframe"):
        assert as_(rene).get(f"/desk/posts/{post.pk}/{page}/").status_code == 403
        assert as_(cora).get(f"/desk/posts/{post.pk}/{page}/").status_code == 404
        assert as_(None).get(f"/desk/posts/{post.pk}/{page}/").status_code == 302
