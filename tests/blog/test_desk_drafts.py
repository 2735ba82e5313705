"""Drafts shown to somebody by a secret link, changes that wait beside a published text, copies, minor edits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Media, Post, Revision
from blog.models.secret_link import SecretLink
from tests.blog.test_desk_pictures import picture
from tests.blog.write_form import fields, newest


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def send(desk, post, action, **typed):
    answer = desk.post(f"/desk/posts/{post.pk}/", fields(action=action, **as_it_is(post) | typed))
    assert answer.status_code == 302, answer.content.decode()
    return answer


def as_it_is(post):
    return {
        "title": post.title,
        "source": post.source,
        "status": post.status,
        "slug": post.slug,
        "author": post.author_id,
        "categories": [category.pk for category in post.categories.all()],
        "base_revision": newest(post),
    }


# The secret link


@pytest.fixture
def draft(make_post, ada):
    post = make_post("Not finished", "Half a thought.", draft=True)
    post.keep_revision(ada)
    return post


def test_a_draft_is_read_by_whoever_has_its_link_until_it_is_revoked(desk, draft, client):
    send(desk, draft, "share", source="A whole thought.")
    link = SecretLink.objects.get(post=draft)
    assert link.address in desk.get(f"/desk/posts/{draft.pk}/").content.decode()
    answer = client.get(link.get_absolute_url())
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "A whole thought." in page
    assert 'name="robots" content="noindex"' in page
    assert 'id="respond"' not in page
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert client.get(f"/?p={draft.pk}").status_code == 404
    send(desk, draft, "unshare", source="A whole thought.")
    assert client.get(link.get_absolute_url()).status_code == 404


def test_its_pictures_are_seen_with_the_link_and_not_without(desk, draft, client, mallory):
    desk.post("/desk/media/", {"files": picture()})
    media = Media.objects.get()
    send(desk, draft, "share", source=media.markdown)
    guest = type(client)()
    assert guest.get(media.get_absolute_url()).status_code == 404
    guest.get(SecretLink.objects.get().get_absolute_url())
    assert guest.get(media.get_absolute_url()).status_code == 200
    SecretLink.objects.all().delete()
    assert guest.get(media.get_absolute_url()).status_code == 404


def test_a_link_to_what_is_public_by_now_leads_there_and_to_the_trash_nowhere(desk, draft, client):
    send(desk, draft, "share")
    link = SecretLink.objects.get(post=draft)
    draft.refresh_from_db()
    draft.trash()
    assert client.get(link.get_absolute_url()).status_code == 404
    draft.restore()
    draft.publish()
    assert client.get(link.get_absolute_url())["Location"] == draft.get_absolute_url()


def test_nobody_shares_what_is_not_theirs(as_, cora, draft):
    answer = as_(cora).post(f"/desk/posts/{draft.pk}/", fields(title="x", action="share"))
    assert answer.status_code in (403, 404)
    assert not SecretLink.objects.exists()


# Changes that wait


@pytest.fixture
def public(make_post):
    return make_post("A long run", "Ten miles.")


@pytest.mark.db
def test_changes_are_kept_beside_the_public_text_until_update(desk, public, client):
    send(desk, public, "keep", source="Eleven miles.")
    assert "Ten miles." in client.get(public.get_absolute_url()).content.decode()
    page = desk.get(f"/desk/posts/{public.pk}/").content.decode()
    assert "These changes are not public yet" in page
    assert "Eleven miles.</textarea>" in page
    send(desk, public, "update", source="Eleven miles.")
    assert "Eleven miles." in client.get(public.get_absolute_url()).content.decode()
    assert "not public yet" not in desk.get(f"/desk/posts/{public.pk}/").content.decode()


def test_changes_can_be_previewed_and_discarded(desk, public):
    send(desk, public, "keep", source="Eleven miles.")
    seen = desk.post(f"/desk/posts/{public.pk}/preview/", fields(title="A long run", source="Eleven miles."))
    assert "Eleven miles." in seen.content.decode()
    send(desk, public, "discard", source="Eleven miles.")
    page = desk.get(f"/desk/posts/{public.pk}/").content.decode()
    assert "Ten miles.</textarea>" in page
    assert "not public yet" not in page
    assert public.revisions.filter(kind=Revision.Kind.KEPT, source="Eleven miles.").exists()


def test_updating_to_the_former_text_ends_the_waiting_too(desk, public):
    send(desk, public, "keep", source="Eleven miles.")
    send(desk, public, "update", source="Ten miles.")
    assert public.revisions.unpublished() is None


def test_what_a_draft_of_changes_has_no_room_for_stays_in_the_form_and_is_said(desk, public):
    typed = fields(action="keep", **as_it_is(public) | {"source": "Eleven miles.", "tag_names": "running"})
    answer = desk.post(f"/desk/posts/{public.pk}/", typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Not kept with it: Tags." in page and 'value="running"' in page
    assert public.revisions.unpublished().source == "Eleven miles." and not public.tags.exists()
    assert desk.post(f"/desk/posts/{public.pk}/", typed | {"action": "update"}).status_code == 302
    public.refresh_from_db()
    assert (public.source, [tag.name for tag in public.tags.all()]) == ("Eleven miles.", ["running"])


def test_of_a_draft_the_same_button_saves(desk, draft):
    send(desk, draft, "save", source="More.")
    assert Post.objects.get(pk=draft.pk).source == "More."


# Minor edits and copies


def test_a_minor_edit_leaves_the_date_of_the_last_change(desk, public):
    before = timezone.now() - timedelta(hours=5)
    Post.objects.filter(pk=public.pk).update(updated_at=before)
    send(desk, public, "update", source="Ten miles!", minor="on")
    public.refresh_from_db()
    assert (public.source, public.updated_at) == ("Ten miles!", before)
    send(desk, public, "update", source="Eleven miles!")
    public.refresh_from_db()
    assert public.updated_at > before


def test_a_copy_is_a_draft_of_whoever_made_it(as_, ed, make_post):
    post = make_post("A long run", "Ten miles.", tags=["run"], categories=["Sport"], excerpt="Ten.")
    answer = as_(ed).post(f"/desk/posts/{post.pk}/duplicate/")
    copy = Post.objects.exclude(pk=post.pk).get()
    assert answer["Location"] == f"/desk/posts/{copy.pk}/"
    assert (copy.title, copy.source, copy.status, copy.author, copy.path) == (
        "A long run (copy)", "Ten miles.", "draft", ed, None,
    )  # fmt: skip
    assert [tag.name for tag in copy.tags.all()] == ["run"]
    assert copy.guid != post.guid


def test_nobody_copies_what_they_may_not_edit(as_, cora, rene, public):
    assert as_(cora).post(f"/desk/posts/{public.pk}/duplicate/").status_code == 404
    assert as_(rene).post(f"/desk/posts/{public.pk}/duplicate/").status_code == 403
    assert Post.objects.count() == 1
