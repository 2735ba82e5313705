"""Whatever is changed at the desk is seen at the very next request, by everybody, in every process."""

import io
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from blog.media import uploads
from blog.models import BulkAction, Category, Post, Tag
from comments.models import Comment, DiscussionSettings, ModerationAction, Person
from core import cache_version
from core.jobs import run_ready
from tests.asking import ask, process
from tests.filling import fill


@pytest.fixture(autouse=True)
def no_limits(settings, tmp_path):
    settings.LONGRUN_LIMITS = False
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def kept(ada):
    """Two web processes that have kept what they answered."""
    host = django_settings.LONGRUN_HOST
    return Kept(process(host), process(host))


class Kept:
    """The public pages of a blog as two processes show them, before and after something changes."""

    def __init__(self, first, second):
        self.first, self.second, self.shown = first, second, None

    def pages(self):
        return {path: ask(self.first, path).body for path in self.paths()} | {"second": ask(self.second, "/").body}

    def paths(self):
        yield from ("/", "/feed/", "/comments/feed/atom/", "/search/?q=heron", "/author/ada/")
        yield from (post.path for post in Post.objects.published().exclude(path=None)[:2])
        yield from (term.path for term in [*Category.objects.all()[:2], *Tag.objects.all()[:2]])

    def check(self, name, deed, *, is_seen=True):
        """Do it, and ask for every page; what is said must be what is made from nothing."""
        commit()
        before, number = self.shown or self.pages(), cache_version.current()
        assert len(self.first.pages) > 5, "the pages are kept"
        deed()
        commit()
        after = self.pages()
        if not is_seen:
            assert cache_version.current() == number, f"{name} makes everything anew, and nobody sees why"
        cache_version.increment()
        truth = self.shown = self.pages()
        stale = [path for path in truth if after.get(path) != truth[path]]
        assert not stale, f"after “{name}” these are of before: {stale}"
        assert truth != before or not is_seen, f"“{name}” changed nothing that is shown"


def commit():
    """A test's transaction never ends: do now what it would do after its commit."""
    while connection.run_on_commit:
        _savepoints, deed, _robust = connection.run_on_commit.pop(0)
        deed()


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def picture(name="hills.png", colour="green"):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_posts_and_pages(kept, desk, ada, make_post):
    post = make_post(source="A heron at dawn.", tags=["birds"], categories=["Walks"], comments_open=True)
    other = make_post("Another", source="No heron.")
    write = f"/desk/posts/{post.pk}/"
    kept.check("a post is edited", lambda: fill(desk, write, source="Two herons, one heron.", press="action=update"))
    kept.check("a tag is added", lambda: fill(desk, write, tag_names="birds, dawn", press="action=update"))
    kept.check("comments are closed", lambda: fill(desk, write, comments_open=None, press="action=update"))
    kept.check("it becomes sticky", lambda: fill(desk, write, sticky="on", press="action=update"))
    kept.check(
        "a new post", lambda: fill(desk, "/desk/write/", title="Fresh heron", source="x", press="action=publish")
    )
    kept.check("quick edit", lambda: fill(desk, f"/desk/posts/{post.pk}/quick-edit/", title="A short run"))
    bulk = {"post": [post.pk, other.pk], "kind": "post"}
    kept.check(
        "a tag for many", lambda: desk.post("/desk/posts/bulk/", bulk | {"bulk_action": "tag", "new_tag": "mornings"})
    )
    there = bulk | {"bulk_action": "tag", "new_tag": "birds"}
    kept.check("a tag that is there", lambda: desk.post("/desk/posts/bulk/", there))
    kept.check("and not", lambda: undo(desk))
    filed = bulk | {"bulk_action": "category", "new_category": Category.objects.called(["Dawn"])[0].pk}
    kept.check("a category for many", lambda: desk.post("/desk/posts/bulk/", filed))
    kept.check("and none", lambda: undo(desk))
    kept.check("many into the trash", lambda: desk.post("/desk/posts/bulk/", bulk | {"bulk_action": "trash"}))
    kept.check("that is undone", lambda: undo(desk))
    kept.check("one into the trash", lambda: desk.post(f"/desk/posts/{other.pk}/trash/"))
    kept.check("and back", lambda: desk.post(f"/desk/posts/{other.pk}/restore/"))
    first = Post.objects.get(pk=post.pk).revisions.order_by("pk").first()
    kept.check("an older text", lambda: desk.post(f"/desk/posts/{post.pk}/revisions/{first.pk}/"))


def undo(desk):
    desk.post(f"/desk/posts/bulk/{BulkAction.objects.latest('pk').pk}/undo/", {"kind": "post"})


def test_categories_and_tags(kept, desk, ada, make_post):
    make_post(source="A heron.", tags=["birds", "fog"], categories=["Walks", "Sport"])
    walks, sport = Category.objects.get(name="Walks"), Category.objects.get(name="Sport")
    birds, fog = Tag.objects.get(name="birds"), Tag.objects.get(name="fog")
    kept.check("a category is renamed", lambda: fill(desk, f"/desk/categories/{walks.pk}/", name="Rambles"))
    kept.check("it moves below another", lambda: fill(desk, f"/desk/categories/{walks.pk}/", parent=str(sport.pk)))
    kept.check("a tag is renamed", lambda: fill(desk, f"/desk/tags/{birds.pk}/", name="Waders"))
    kept.check("a tag gets words", lambda: fill(desk, f"/desk/tags/{birds.pk}/", description="On long legs."))
    kept.check("tags are merged", lambda: fill(desk, f"/desk/tags/merge/?term={fog.pk}", into=str(birds.pk)))
    kept.check("a tag goes", lambda: desk.post(f"/desk/tags/{birds.pk}/delete/"))
    kept.check("a category goes", lambda: desk.post(f"/desk/categories/{walks.pk}/delete/"))


def test_settings(kept, desk, ada, make_post):
    for number in range(3):
        make_post(f"Heron {number}", source="A heron.\n\n<!--more-->\n\nMore.")
    DiscussionSettings.objects.create()
    hills = uploads.store_upload(picture(), ada)
    hills.save()
    room = "/desk/settings/"
    kept.check("the title", lambda: fill(desk, room, site__title="Ada walks"))
    kept.check("the timezone", lambda: fill(desk, room, site__timezone="Pacific/Auckland"))
    kept.check("the language", lambda: fill(desk, room, site__language="de"))
    kept.check("posts on a page", lambda: fill(desk, room, reading__posts_per_page="1"))
    kept.check("feeds without texts", lambda: fill(desk, room, reading__feed_full=None))
    look, around = "/desk/settings/appearance/", "/desk/settings/menu-and-sidebar/"
    kept.check("a colour", lambda: fill(desk, look, accent="#884422"))
    kept.check("always dark", lambda: fill(desk, look, scheme="dark"))
    kept.check("a header picture", lambda: fill(desk, look, header_picture=str(hills.pk)))
    kept.check("its words", lambda: fill(desk, f"/desk/media/{hills.pk}/", alt="Hills behind a lake"))
    kept.check("an icon", lambda: fill(desk, look, picture=square()))
    kept.check("a footer", lambda: fill(desk, around, footer="Made of paper"))
    kept.check("no sidebar", lambda: fill(desk, around, sidebar=None))
    discussion = "/desk/settings/discussion/"
    kept.check("an account is needed", lambda: fill(desk, discussion, must_log_in="on"))
    kept.check("old posts close", lambda: fill(desk, discussion, close_after_days="1"))
    kept.check("and not any more", lambda: fill(desk, discussion, close_after_days="0"))
    kept.check("nobody can comment", lambda: desk.post("/desk/comments/hold-all/", {"do": "close 4"}))
    kept.check("and again", lambda: desk.post("/desk/comments/hold-all/", {"do": "off"}))


def square():
    out = io.BytesIO()
    Image.new("RGB", (512, 512), "red").save(out, "PNG")
    return SimpleUploadedFile("icon.png", out.getvalue(), "image/png")


def test_comments(kept, desk, ada, make_post):
    post, other = make_post(source="A heron."), make_post("Other", source="x")
    DiscussionSettings.objects.create(thread_depth=5)
    person = Person.objects.of_browser("b" * 32)

    def comment(text, state="approved", **facts):
        return Comment.objects.create(post=post, text=text, state=state, name="Ann", person=person, **facts)

    one, two = comment("One heron."), comment("Two.", parent=None)
    waiting = comment("May I?", "pending")
    queue = "/desk/comments/decide/"
    kept.check("a comment that waits", lambda: comment("Hello?", "pending"), is_seen=False)
    kept.check("it is spam", lambda: desk.post(queue, {"one": f"spam {Comment.objects.last().pk}"}), is_seen=False)
    kept.check("approved", lambda: desk.post(queue, {"one": f"approve {waiting.pk}"}))
    newest = ModerationAction.objects.latest("pk")
    kept.check("undone", lambda: desk.post(f"/desk/comments/history/{newest.pk}/undo/"))
    both = {"comment": [one.pk, two.pk]}
    kept.check("many into the trash", lambda: desk.post(queue, both | {"all": "trash"}))
    kept.check("many back", lambda: desk.post(queue, both | {"all": "restore"}))
    kept.check("edited", lambda: fill(desk, f"/desk/comments/{one.pk}/edit/", text="One grey heron."))
    kept.check("answered", lambda: fill(desk, f"/desk/comments/{one.pk}/reply/", text="Where?"))
    kept.check("moved", lambda: fill(desk, f"/desk/comments/{two.pk}/move/", post=str(other.pk)))
    kept.check("a guest writes", lambda: ask_to_post(post))
    kept.check("erased", lambda: Comment.objects.filter(pk=one.pk).erase())
    kept.check("anonymised", lambda: Comment.objects.filter(post=post).anonymise())


def ask_to_post(post):
    Person.objects.update(trust=Person.Trust.KNOWN)
    DiscussionSettings.objects.update(previously_approved=False)
    cache_version.increment()
    guest = Client(headers={"origin": "http://localhost:8000"})
    sent = {"comment": "A heron as well, in the reeds at noon.", "author": "Bo", "email": "bo@example.org"}
    guest.post(f"/comments/{post.pk}/", sent)
    assert Comment.objects.last().state == "approved"


def test_people_and_files(kept, desk, as_, ada, arthur, make_post):
    hills = uploads.store_upload(picture(), ada)
    hills.save()
    make_post(source=f"A heron.\n\n![Hills]({hills.get_absolute_url()})", author=arthur)
    make_post("Featured", source="x", featured=hills)
    kept.check("an author's name", lambda: fill(as_(arthur), "/accounts/", name="Arthur Dent"))
    kept.check("a file's words", lambda: fill(desk, f"/desk/media/{hills.pk}/", caption="In fog"))

    def replace():
        fill(desk, f"/desk/media/{hills.pk}/replace/", file=picture(colour="red"))
        commit()
        run_ready()

    kept.check("a file replaced", replace)
    hills.refresh_from_db()
    hills.trash()
    kept.shown = None
    kept.check("a featured picture is gone for good", hills.delete)


def test_a_post_that_is_due_is_seen_by_time_alone(kept, make_post):
    make_post("First", source="A heron.")
    commit()
    for each in (kept.first, kept.second):
        ask(each, "/")  # the first page takes long: before the moment is set
    make_post("Soon", source="A heron at noon.", at=timezone.now() + timedelta(seconds=2))
    commit()
    before = [ask(each, "/").body for each in (kept.first, kept.second)]
    assert all(b"Soon" not in page for page in before)
    while Post.objects.scheduled().exists():
        pass
    for each in (kept.first, kept.second):
        assert b"Soon" in ask(each, "/").body
        assert b"Soon" in ask(each, "/feed/").body
