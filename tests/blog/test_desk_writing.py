"""The write page: what one types becomes a post, and nothing that was typed is ever lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Category, Post, Tag
from core.models import Site
from tests.blog.write_form import LONG, fields, newest
from tests.filling import fill


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_a_draft_is_saved_and_can_be_gone_on_with(desk, ada):
    answer = desk.post("/desk/write/", fields(title="A long run", source="Ten miles.", author=ada.pk))
    post = Post.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/desk/posts/{post.pk}/"
    assert (post.status, post.author, post.newest_revision.source) == ("draft", ada, "Ten miles.")
    page = desk.get(answer["Location"]).content.decode()
    assert "Draft saved." in page
    assert "Ten miles.</textarea>" in page


@pytest.mark.db
def test_publish_puts_it_at_its_permalink_with_categories_and_tags(desk, ada, client):
    running = Category.objects.create(name="Running")
    typed = fields(title="A long run", source="Ten *miles*.", author=ada.pk, categories=[running.pk], action="publish")
    answer = desk.post("/desk/write/", typed | {"tag_names": "dogs, Early Mornings,, dogs"}, follow=True)
    post = Post.objects.get()
    assert post.is_public
    assert [tag.name for tag in post.tags.all()] == ["dogs", "Early Mornings"]
    assert list(post.categories.all()) == [running]
    assert f'href="{post.get_absolute_url()}"' in answer.content.decode()
    assert "<em>miles</em>" in client.get(post.get_absolute_url()).content.decode()


def test_a_post_without_a_category_gets_the_default_one(desk, ada, blog):
    desk.post("/desk/write/", fields(title="A run", author=ada.pk))
    assert list(Post.objects.get().categories.all()) == [blog.default_category]


def test_a_new_category_is_made_while_writing(desk, ada):
    sport = Category.objects.create(name="Sport")
    typed = {"new_category": " Long  Runs ", "new_category_parent": sport.pk}
    desk.post("/desk/write/", fields(title="A run", author=ada.pk) | typed)
    assert Post.objects.get().categories.get().route == "sport/long-runs"


def test_a_date_that_lies_ahead_schedules(desk, ada, client, blog):
    typed = fields(title="Later", source="Soon.", author=ada.pk, action="publish", publish_at="2999-01-02T10:30")
    page = desk.post("/desk/write/", typed, follow=True).content.decode()
    post = Post.objects.get()
    assert post.is_scheduled
    assert "Scheduled for:" in page
    assert client.get(post.get_absolute_url()).status_code == 404


def test_the_date_is_the_blogs_local_time(desk, ada):
    from core.models import Site

    site = Site.objects.get()
    site.timezone = "America/New_York"
    site.save()
    desk.post(
        "/desk/write/", fields(title="Then", source="x", author=ada.pk, action="publish", publish_at="2010-09-09T20:23")
    )
    post = Post.objects.get()
    assert post.publish_at.isoformat() == "2010-09-10T00:23:00+00:00"
    assert post.path == "/2010/09/09/then/"
    assert "2010-09-09T20:23" in desk.get(f"/desk/posts/{post.pk}/").content.decode()


def test_saving_again_moves_no_date_by_its_seconds(desk, ada, make_post):
    post = make_post(at=timezone.now() - timedelta(days=3, seconds=7))
    shown = timezone.localtime(post.publish_at).strftime("%Y-%m-%dT%H:%M")
    typed = fields(title="Changed", source="x", author=ada.pk, status="published", publish_at=shown, action="update")
    desk.post(f"/desk/posts/{post.pk}/", typed | {"base_revision": newest(post)})
    after = Post.objects.get(pk=post.pk)
    assert (after.title, after.publish_at, after.status) == ("Changed", post.publish_at, "published")


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"publish_at": "31 February, late"}, "publish_at", "Enter a valid date and time"),
        ({"publish_at": "0001-01-01T00:00"}, "publish_at", "Enter a valid date and time"),
        ({"publish_at": "9999-12-31T23:59"}, "publish_at", "Enter a valid date and time"),
        ({"tag_names": "run, " + "x" * 300}, "tag_names", "at most 200 characters"),
        ({"tag_names": ", ".join(f"tag {n}" for n in range(60))}, "tag_names", "At most 50 tags"),
        ({"title": "x" * 501}, "title", "at most 500 characters"),
        ({"format": "link", "link_url": "javascript:alert(1)"}, "link_url", "valid URL"),
        ({"format": "link", "link_url": "ftp://example.org/"}, "link_url", "starts with http"),
        ({"format": "link"}, "link_url", "needs a link"),
        ({"visibility": "password"}, "password", "Choose a password"),
        ({"visibility": "everybody"}, "visibility", "valid choice"),
        ({"categories": ["0"]}, "categories", "valid choice"),
        ({"featured": "0"}, "featured", "valid choice"),
        ({"slug": "s" * 201}, "slug", "at most 200 characters"),
        ({"slug": "’’"}, "slug", "needs at least one letter or digit"),
        ({"title": "क\u093c" * 400}, "title", "at most 500 characters"),
        ({"new_category": "\u0958" * 150}, "new_category", "at most 200 characters"),
        ({"tag_names": '"x, ' + "\u0958" * 150 + '"'}, "tag_names", "at most 200 characters"),
        ({"format": "link", "link_url": "https://example.org/" + "x" * 1000}, "link_url", "at most 1000 characters"),
        ({"visibility": "password", "password": "x" * 201}, "password", "at most 200 characters"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_the_text_stays(desk, ada, typed, field, told):
    answer = desk.post("/desk/write/", fields(title="A run", source=LONG, author=ada.pk) | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Post.objects.exists()
    assert told in page.replace("&quot;", '"')
    assert f'id="id_{field}_error"' in page
    assert "<title>Error:" in page
    assert 'id="errors" role="alert" tabindex="-1"' in page
    assert f'href="#id_{field}' in page
    assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG


def test_nothing_at_all_is_not_saved(desk, ada):
    assert desk.post("/desk/write/", fields(source="  \n", author=ada.pk)).status_code == 422


def test_a_post_needs_no_title(desk, ada):
    desk.post("/desk/write/", fields(source="Only a few words.", author=ada.pk, action="publish"))
    assert Post.objects.get().slug == "only-a-few-words"


def test_a_slug_that_is_taken_gets_a_number(desk, ada, make_post):
    make_post(slug="run")
    desk.post("/desk/write/", fields(title="Another", slug="run", author=ada.pk, action="publish"))
    assert Post.objects.get(title="Another").slug == "run-2"


def test_a_text_of_200_kb_is_saved_in_time(desk, ada):
    text = "[a](" * 50_000
    assert desk.post("/desk/write/", fields(source=text, author=ada.pk)).status_code == 302
    assert Post.objects.get().source == text


def test_nul_and_control_characters_are_left_out(desk, ada):
    desk.post("/desk/write/", fields(title="A\x08 run\x07", source="b\x08c", author=ada.pk))
    assert (Post.objects.get().title, Post.objects.get().source) == ("A run", "bc")


def test_a_password_is_kept_until_another_one_is_typed(desk, ada, make_post):
    post = make_post(password="first")
    same = fields(title="T", source="x", author=ada.pk, status="published", visibility="password", action="update")
    desk.post(f"/desk/posts/{post.pk}/", same | {"base_revision": newest(post)})
    assert Post.objects.get().opens_with("first")
    desk.post(f"/desk/posts/{post.pk}/", same | {"base_revision": newest(post), "password": " second "})
    assert Post.objects.get().opens_with(" second ")
    assert "second" not in desk.get(f"/desk/posts/{post.pk}/").content.decode()


def test_switching_to_draft_takes_it_back(desk, ada, client, make_post):
    post = make_post()
    typed = fields(title="T", source="x", author=ada.pk, status="draft", base_revision=newest(post), action="update")
    desk.post(f"/desk/posts/{post.pk}/", typed)
    assert Post.objects.get().status == "draft"
    assert client.get(post.get_absolute_url()).status_code in (404, 410)


def test_a_page_has_a_parent_and_an_order(desk, ada, make_post):
    parent = make_post("About", kind="page")
    typed = fields(title="Me", source="x", author=ada.pk, parent=parent.pk, menu_order="3", action="publish")
    desk.post("/desk/write/?kind=page", typed)
    page = Post.objects.get(title="Me")
    assert (page.kind, page.path, page.menu_order) == ("page", "/about/me/", 3)
    circle = fields(title="About", source="x", author=ada.pk, parent=page.pk, status="published")
    answer = desk.post(f"/desk/posts/{parent.pk}/", circle | {"base_revision": newest(parent)})
    assert "cannot be its own parent" in answer.content.decode()


def test_preview_saves_a_draft_and_shows_the_real_page(desk, ada, client):
    answer = desk.post("/desk/write/", fields(title="A run", source="Ten *miles*.", author=ada.pk, action="preview"))
    post = Post.objects.get()
    assert answer["Location"] == f"/desk/posts/{post.pk}/preview/"
    page = desk.get(answer["Location"])
    assert "<em>miles</em>" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
    assert client.get(answer["Location"]).status_code == 302


def test_preview_of_a_published_post_shows_the_form_and_saves_nothing(desk, ada, make_post):
    post = make_post(source="Before.")
    answer = desk.post(f"/desk/posts/{post.pk}/preview/", fields(title="New", source="*After*.", author=ada.pk))
    assert "<em>After</em>" in answer.content.decode()
    assert Post.objects.get().source == "Before."
    assert post.revisions.count() == 1


def test_tags_are_offered_while_typing(desk, ada):
    Tag.objects.create(name="Dogs")
    assert '<option value="Dogs">' in desk.get("/desk/write/").content.decode()


def test_no_get_changes_anything(desk, ada, make_post):
    post = make_post(draft=True)
    before = Post.objects.values().get()
    for address in ("", "preview/", "revisions/", "trash/", "restore/", "delete/"):
        desk.get(f"/desk/posts/{post.pk}/{address}")
        desk.head(f"/desk/posts/{post.pk}/{address}")
    assert Post.objects.values().get() == before


def test_an_author_who_writes_no_more_keeps_their_post(as_, ada, arthur, make_post):
    post = make_post(author=arthur)
    arthur.role = "reader"
    arthur.save()
    fill(as_(ada), f"/desk/posts/{post.pk}/", source="Mended.", press="action=update")
    post.refresh_from_db()
    assert (post.source, post.author) == ("Mended.", arthur)


@pytest.mark.parametrize("hour", [0, 1])
def test_an_hour_that_comes_twice_can_be_saved(as_, ada, make_post, blog, hour, on):
    Site.objects.update(timezone="Europe/Berlin")
    moment = on(2025, 10, 26, hour, 30)
    post = make_post(at=moment)
    for address, button in (("", "action=update"), ("quick-edit/", "")):
        fill(as_(ada), f"/desk/posts/{post.pk}/{address}", title=f"Mended {address}x", press=button)
        post.refresh_from_db()
        assert (post.title, post.publish_at) == (f"Mended {address}x", moment)


def test_what_waits_beside_a_post_survives_a_new_title_in_the_list(as_, ada, make_post):
    post = make_post()
    desk = as_(ada)
    fill(desk, f"/desk/posts/{post.pk}/", source="Long changes.", press="action=keep")
    assert post.revisions.unpublished().source == "Long changes."
    fill(desk, f"/desk/posts/{post.pk}/quick-edit/", title="Another title")
    waiting = post.revisions.unpublished()
    assert (waiting.source, waiting.title) == ("Long changes.", "Another title")
