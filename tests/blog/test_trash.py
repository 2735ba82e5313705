"""What is thrown away lies in the trash for thirty days: posts, pages and files; then it goes, and is said to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import jobs
from blog.models import Autosave, Media, Post
from tests.media_files import folder_of


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def paper(ada):
    return Media.objects.create(kind="document", title="Route.pdf", file_name="route.pdf", format="pdf", by=ada)


def thrown(thing, *, days):
    thing.trash()
    type(thing).objects.filter(pk=thing.pk).update(trashed_at=timezone.now() - timedelta(days=days))


@pytest.mark.db
def test_after_thirty_days_the_trash_lets_go(make_post, paper):
    for title, kind, days in (("old", "post", 31), ("old page", "page", 31), ("young", "post", 29)):
        thrown(make_post(title, kind=kind), days=days)
    make_post("kept")
    thrown(paper, days=31)
    young = Media.objects.create(kind="document", title="Young.pdf", file_name="young.pdf", format="pdf")
    thrown(young, days=29)
    for _again in range(2):
        jobs.delete_expired_trash()
    assert set(Post.objects.values_list("title", flat=True)) == {"young", "kept"}
    assert list(Media.objects.all()) == [young]


def test_what_was_emptied_answers_that_it_is_gone(client, make_post):
    post = make_post()
    address = post.get_absolute_url()
    thrown(post, days=40)
    jobs.delete_expired_trash()
    assert client.get(address).status_code == 410


@pytest.mark.db
def test_a_file_in_the_trash_leaves_the_library_and_comes_back_with_one_press(desk, paper):
    desk.post(f"/desk/media/{paper.pk}/trash/")
    assert (
        "Route.pdf"
        not in desk.get("/desk/media/").content.decode().partition('class="messages"')[2].partition("</div>")[2]
    )
    page = desk.get("/desk/media/trash/").content.decode()
    assert "Route.pdf" in page
    assert timezone.localtime(timezone.now() + timedelta(days=30)).strftime("%Y-%m-%d") in page
    assert "it will be deleted permanently" in desk.get(f"/desk/media/{paper.pk}/").content.decode()
    assert desk.post(f"/desk/media/{paper.pk}/restore/")["Location"] == f"/desk/media/{paper.pk}/"
    assert "Route.pdf" in desk.get("/desk/media/").content.decode()
    assert desk.get("/desk/media/trash/").context["page"].paginator.count == 0


def test_posts_go_on_showing_a_file_until_it_is_deleted_for_good(desk, client, make_post, paper):
    make_post(source=paper.markdown)
    folder_of(paper).mkdir(parents=True)
    (folder_of(paper) / paper.full).write_bytes(b"%PDF-1.4")
    paper.trash()
    assert client.get(paper.get_absolute_url()).status_code == 200
    assert "A long run" in desk.get(f"/desk/media/{paper.pk}/delete/").content.decode()
    desk.post(f"/desk/media/{paper.pk}/delete/")
    assert client.get(paper.get_absolute_url()).status_code == 410


def test_a_file_outside_the_trash_is_not_deleted(desk, paper):
    assert desk.post(f"/desk/media/{paper.pk}/delete/")["Location"] == f"/desk/media/{paper.pk}/"
    assert Media.objects.exists()


def test_no_picture_of_the_trash_is_offered_but_the_chosen_one_stays(desk, ada, make_post):
    facts = {"kind": "picture", "file_name": "a.jpg", "format": "jpeg", "widths": [480], "width": 900, "height": 600}
    chosen, other = (Media.objects.create(title=title, **facts) for title in ("Selected", "Other"))
    post = make_post(featured=chosen)
    for picture in (chosen, other):
        picture.trash()
    assert desk.get(f"/desk/posts/{post.pk}/").context["form"].pictures() == [chosen]


def test_deleting_a_post_says_what_goes(desk, ada, make_post):
    post = make_post()
    Autosave.objects.keep(ada, "1" * 32, 1, post=post, title="", source="Half", excerpt="", fields={})
    post.trash()
    page = desk.get(f"/desk/posts/{post.pk}/delete/").content.decode()
    for goes in ("its 1 revision", "the comments below it", "never saved", "410 Gone"):
        assert goes in page
    assert "deleted on" in desk.get("/desk/posts/?show=trash").content.decode()


def test_nobody_without_the_right_throws_files_away(as_, cora, paper):
    for deed in ("trash", "restore"):
        assert as_(cora).post(f"/desk/media/{paper.pk}/{deed}/").status_code == 403
        assert as_(None).post(f"/desk/media/{paper.pk}/{deed}/").status_code == 403
    assert as_(cora).get("/desk/media/trash/").status_code == 403
    assert Media.objects.get().trashed_at is None


def test_no_get_throws_anything_away(desk, paper):
    assert desk.get(f"/desk/media/{paper.pk}/trash/").status_code == 405
    paper.trash()
    assert desk.get(f"/desk/media/{paper.pk}/restore/").status_code == 405
    desk.get(f"/desk/media/{paper.pk}/delete/")
    assert Media.objects.trashed().exists()


def test_rows_that_only_knew_a_last_key_are_forgotten_and_no_text_is(ada, make_post):
    post, other = make_post(), make_post("Other")
    for each in (post, other):
        Autosave.objects.keep(ada, "1" * 32, 1, post=each, title="", source="Half", excerpt="", fields={})
    Autosave.objects.undo(ada, "1" * 32, 2, post=post)
    Autosave.objects.update(saved_at=timezone.now() - timedelta(days=400))
    jobs.delete_expired_trash()
    assert Autosave.objects.get().post == other


def test_thrown_away_twice_it_comes_back_as_it_was(desk, make_post):
    post = make_post()
    for _press in range(2):
        Post.objects.get(pk=post.pk).trash()
    desk.post(f"/desk/posts/{post.pk}/restore/")
    again = Post.objects.get(pk=post.pk)
    assert (again.status, again.path, again.trashed_at) == ("published", post.path, None)


def test_a_scheduled_post_that_comes_back_is_announced_at_its_time(make_post):
    later = make_post(at=timezone.now() + timedelta(days=1))
    out = make_post("Out")
    for post in (later, out):
        Post.objects.filter(pk=post.pk).update(announced_at=None)
        post.refresh_from_db()
        post.trash()
        post.restore()
    assert later.announced_at is None and out.announced_at is not None


@pytest.mark.db
def test_a_text_that_is_saved_while_its_pictures_are_described_stays(make_post, paper, monkeypatch):
    posts = [make_post(f"Post {number}", f"[Paper]({paper.get_absolute_url()})") for number in range(2)]
    save = Post.save
    new = f"Newer. [Paper]({paper.get_absolute_url()})"

    def and_somebody_else_saves(post, *args, **kwargs):
        save(post, *args, **kwargs)
        if post.pk == posts[0].pk:
            other = Post.objects.get(pk=posts[1].pk)
            other.source = new
            save(other)

    monkeypatch.setattr(Post, "save", and_somebody_else_saves)
    assert {post.pk for post in paper.posts()} == {post.pk for post in posts}
    paper.queue_post_updates()
    assert Post.objects.get(pk=posts[1].pk).source == new
