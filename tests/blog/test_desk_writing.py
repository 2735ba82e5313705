"""The write page: what one types becomes a post, and nothing that was typed is ever lost."""

from datetime import timedelta

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Category, Post, Tag
from ground.models import Site
from tests.filling import fill


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


LONG = "Nine miles, and the tenth for the dog. 🐕 Ü\n\n    indented\n" * 150


def fields(**typed):
    """What a browser sends from a write page that nobody has touched, and what was typed."""
    return {
        "title": "",
        "source": "",
        "excerpt": "",
        "slug": "",
        "format": "standard",
        "visibility": "public",
        "status": "draft",
        "comments_open": "on",
        "action": "save",
    } | typed


def newest(post):
    return Post.objects.get(pk=post.pk).newest_revision.pk


def given_back(answer):
    """The text on the page that says that a login has ended."""
    return next(value for name, label, value in answer.context["texts"] if name == "source")


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
    from ground.models import Site

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
        ({"publish_at": "31 February, late"}, "publish_at", "That is no date and time"),
        ({"publish_at": "0001-01-01T00:00"}, "publish_at", "That is no date and time"),
        ({"publish_at": "9999-12-31T23:59"}, "publish_at", "That is no date and time"),
        ({"tag_names": "run, " + "x" * 300}, "tag_names", "at most 200 characters"),
        ({"tag_names": ", ".join(f"tag {n}" for n in range(60))}, "tag_names", "At most 50 tags"),
        ({"title": "x" * 501}, "title", "at most 500 characters"),
        ({"link_url": "javascript:alert(1)"}, "link_url", "valid URL"),
        ({"link_url": "ftp://example.org/"}, "link_url", "starts with http"),
        ({"format": "link"}, "link_url", "needs an address"),
        ({"visibility": "password"}, "password", "Choose a password"),
        ({"visibility": "everybody"}, "visibility", "valid choice"),
        ({"categories": ["0"]}, "categories", "valid choice"),
        ({"featured": "0"}, "featured", "valid choice"),
        ({"slug": "s" * 201}, "slug", "at most 200 characters"),
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


# Two tabs


@pytest.mark.db
def test_the_second_of_two_tabs_overwrites_nothing_and_shows_both_texts(desk, ada, make_post):
    post = make_post(source="The first text.")
    opened = newest(post)
    same = fields(title="A long run", author=ada.pk, status="published", action="update", base_revision=opened)
    assert desk.post(f"/desk/posts/{post.pk}/", same | {"source": "From the first tab."}).status_code == 302
    answer = desk.post(f"/desk/posts/{post.pk}/", same | {"source": "From the second tab."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert Post.objects.get(pk=post.pk).source == "From the first tab."
    assert "From the first tab." in page
    assert "From the second tab.</textarea>" in page
    assert "Save mine over it" in page
    assert "<title>Error:" in page
    refused = post.revisions.first()
    assert (refused.kind, refused.source) == ("refused", "From the second tab.")


def test_a_plain_save_after_a_conflict_is_a_conflict_again(desk, ada, make_post):
    post = make_post(source="The first text.")
    stale = fields(title="T", author=ada.pk, status="published", base_revision=newest(post) - 1, source="Mine.")
    for _again in range(2):
        assert desk.post(f"/desk/posts/{post.pk}/", stale | {"action": "update"}).status_code == 409
    assert post.revisions.filter(kind="refused").count() == 1


@pytest.mark.db
def test_mine_goes_over_it_only_when_i_have_seen_it(desk, ada, make_post):
    post = make_post(source="The first text.")
    opened = newest(post)
    post.revise(ada, source="A newer text.")
    seen = newest(post)
    mine = fields(title="T", source="Mine.", author=ada.pk, status="published", base_revision=opened)
    over = mine | {"action": "overwrite", "wanted": "update", "over": seen}
    post.revise(ada, source="A still newer text.")
    assert desk.post(f"/desk/posts/{post.pk}/", over).status_code == 409
    assert desk.post(f"/desk/posts/{post.pk}/", over | {"over": newest(post)}).status_code == 302
    assert Post.objects.get(pk=post.pk).source == "Mine."
    assert {"A newer text.", "A still newer text."} <= set(post.revisions.values_list("source", flat=True))


def test_an_equal_text_is_no_conflict(desk, ada, make_post):
    post = make_post(title="T", source="The same.")
    typed = fields(title="T", source="The same.", author=ada.pk, status="published", base_revision=1, action="update")
    assert desk.post(f"/desk/posts/{post.pk}/", typed).status_code == 302


@pytest.mark.db
def test_a_new_form_sent_twice_makes_one_post(desk, ada):
    mark = desk.get("/desk/write/").context["form"]["mark"].value()
    typed = fields(title="A run", source="x", author=ada.pk, mark=mark, action="publish")
    assert desk.post("/desk/write/", typed)["Location"] == desk.post("/desk/write/", typed)["Location"]
    assert desk.post("/desk/write/", typed | {"source": "y"}).status_code == 409
    assert Post.objects.get().source == "x"


def test_the_mark_of_somebody_elses_form_opens_nothing(as_, ada, arthur):
    mark = "0" * 32
    as_(ada).post("/desk/write/", fields(title="Mine", source="x", author=ada.pk, mark=mark))
    answer = as_(arthur).post("/desk/write/", fields(title="Yours", source="y", mark=mark))
    assert answer.status_code == 422
    assert Post.objects.get().title == "Mine"


# Nothing typed is lost


def test_a_login_that_ended_gives_the_text_back(client, blog, ada, make_post):
    post = make_post()
    for address in ("/desk/write/", f"/desk/posts/{post.pk}/"):
        answer = client.post(address, fields(title="Mine & yours", source=LONG, password="geheim"))
        page = answer.content.decode()
        assert answer.status_code == 403
        assert given_back(answer).replace("\r\n", "\n") == LONG
        assert "Mine &amp; yours" in page
        assert "geheim" not in page
        assert f'action="{address}"' in page
        assert "no-store" in answer["Cache-Control"]
    assert Post.objects.count() == 1


def test_after_logging_in_elsewhere_the_text_goes_on_in_the_write_page(as_, ada):
    desk = as_(ada)
    answer = desk.post("/desk/write/", {"title": "Mine", "source": LONG, "action": "again"})
    assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG
    assert "Nothing is saved yet" in answer.content.decode()
    assert not Post.objects.exists()


def test_from_an_ended_login_to_a_saved_post_without_a_script(ada):
    def filled_in(answer, **pressed):
        """What the browser would send from this page, by its hidden fields and textareas."""
        form = html5lib.parse(answer.content, namespaceHTMLElements=False).find(".//main//form[@method='post']")
        inputs = {box.get("name"): box.get("value", "") for box in form.iter("input") if box.get("type") == "hidden"}
        texts = {box.get("name"): "".join(box.itertext()) for box in form.iter("textarea")}
        return form.get("action"), inputs | texts | pressed

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    address, typed = filled_in(browser.get("/desk/write/"), action="publish")
    typed |= {"title": "Mine", "source": LONG, "tag_names": "run", "visibility": "public", "author": ada.pk}
    browser.logout()
    browser.get("/accounts/login/")  # another tab: the browser has a cookie for tokens again
    typed["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    address, typed = filled_in(browser.post(address, typed), action="again")
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    address, typed = filled_in(browser.post(address, typed), action="publish", visibility="public", author=ada.pk)
    assert not Post.objects.exists()
    assert browser.post(address, typed).status_code == 302
    post = Post.objects.get()
    assert (post.title, post.source, post.is_public) == ("Mine", LONG, True)


def test_a_form_whose_token_expired_comes_back_with_its_text_and_a_fresh_token(ada, make_post):
    post = make_post()
    desk = Client(enforce_csrf_checks=True)
    desk.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in ("/desk/write/", f"/desk/posts/{post.pk}/"):
        answer = desk.post(address, fields(title="Mine", source=LONG, csrfmiddlewaretoken="x" * 64))
        page = answer.content.decode()
        assert answer.status_code == 403
        assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG
        assert 'name="csrfmiddlewaretoken"' in page
        assert 'name="action" value="save"' in page or 'value="update"' in page
    assert Post.objects.get().source != LONG


def test_a_form_from_a_foreign_page_is_refused_without_its_text(ada):
    desk = Client(enforce_csrf_checks=True)
    desk.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = desk.post("/desk/write/", fields(title="Buy this"), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Buy this" not in answer.content.decode()


def test_a_post_deleted_meanwhile_gives_the_text_back(desk, ada, make_post):
    post = make_post()
    address = f"/desk/posts/{post.pk}/"
    post.trash()
    post.delete()
    answer = desk.post(address, fields(title="Mine", source=LONG))
    assert answer.status_code == 404
    assert given_back(answer).replace("\r\n", "\n") == LONG
    assert 'action="/desk/write/"' in answer.content.decode()


def test_a_post_trashed_meanwhile_comes_back_as_a_draft(desk, ada, make_post):
    post = make_post(source="Before.")
    opened = newest(post)
    post.trash()
    typed = fields(title="T", source="After.", author=ada.pk, base_revision=opened, action="save")
    assert desk.post(f"/desk/posts/{post.pk}/", typed).status_code == 302
    post = Post.objects.get(pk=post.pk)
    assert (post.status, post.source) == ("draft", "After.")


def test_moving_to_the_trash_keeps_what_was_typed(desk, ada, make_post):
    post = make_post(source="Before.")
    typed = fields(title="", source="Typed and not saved.", visibility="nonsense", action="trash")
    desk.post(f"/desk/posts/{post.pk}/", typed)
    post = Post.objects.get(pk=post.pk)
    assert (post.status, post.source) == ("trash", "Before.")
    assert post.revisions.first().source == "Typed and not saved."


# Who may


def test_a_contributor_submits_and_cannot_publish(as_, cora):
    desk = as_(cora)
    page = desk.get("/desk/write/").content.decode()
    assert "Submit for Review" in page
    assert 'value="publish"' not in page
    answer = desk.post("/desk/write/", fields(title="Mine", source=LONG, action="publish", status="published"))
    assert answer.status_code == 403
    assert answer.context["form"]["source"].value().replace("\r\n", "\n") == LONG
    assert not Post.objects.exists()
    desk.post(
        "/desk/write/", fields(title="Mine", source="x", action="submit", sticky="on", publish_at="2001-01-01T01:01")
    )
    post = Post.objects.get()
    assert (post.status, post.author, post.sticky, post.publish_at) == ("pending", cora, False, None)


def test_a_contributors_text_is_kept_when_an_editor_was_quicker(as_, cora, make_post):
    post = make_post(author=cora, source="Before.")
    answer = as_(cora).post(f"/desk/posts/{post.pk}/", fields(title="Mine", source=LONG))
    assert answer.status_code == 403
    assert given_back(answer).replace("\r\n", "\n") == LONG
    assert Post.objects.get(pk=post.pk).source == "Before."
    assert as_(cora).get(f"/desk/posts/{post.pk}/").status_code == 403


def test_an_author_cannot_touch_another_ones_post(as_, arthur, make_post):
    post = make_post()
    assert as_(arthur).get(f"/desk/posts/{post.pk}/").status_code == 404
    assert as_(arthur).post(f"/desk/posts/{post.pk}/", fields(title="Mine")).status_code == 404
    assert as_(arthur).get(f"/desk/posts/{post.pk}/preview/").status_code == 404
    assert Post.objects.get().title == "A long run"


def test_an_author_cannot_give_a_post_away(as_, arthur, ada):
    as_(arthur).post("/desk/write/", fields(title="Mine", source="x", author=ada.pk))
    assert Post.objects.get().author == arthur


def test_an_editor_chooses_the_author(as_, ed, arthur, rene):
    desk = as_(ed)
    desk.post("/desk/write/", fields(title="His", source="x", author=arthur.pk))
    assert Post.objects.get().author == arthur
    assert desk.post("/desk/write/", fields(title="His", source="x", author=rene.pk)).status_code == 422


@pytest.mark.parametrize("who", ["rene", "mona"])
def test_who_may_not_write_has_no_write_page(as_, request, who):
    desk = as_(request.getfixturevalue(who))
    assert desk.get("/desk/write/").status_code == 403
    assert desk.post("/desk/write/", fields(title="Mine")).status_code == 403


def test_a_guest_is_sent_to_log_in(client, blog, ada):
    answer = client.get("/desk/write/?kind=page")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/desk/write/%3Fkind%3Dpage"


# The rest of the page


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
    assert "cannot stand below itself" in answer.content.decode()


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
    for address, button in (("", "action=update"), ("quick/", "")):
        fill(as_(ada), f"/desk/posts/{post.pk}/{address}", title=f"Mended {address}x", press=button)
        post.refresh_from_db()
        assert (post.title, post.publish_at) == (f"Mended {address}x", moment)


def test_what_waits_beside_a_post_survives_a_new_title_in_the_list(as_, ada, make_post):
    post = make_post()
    desk = as_(ada)
    fill(desk, f"/desk/posts/{post.pk}/", source="Long changes.", press="action=keep")
    assert post.revisions.unpublished().source == "Long changes."
    fill(desk, f"/desk/posts/{post.pk}/quick/", title="Another title")
    waiting = post.revisions.unpublished()
    assert (waiting.source, waiting.title) == ("Long changes.", "Another title")
