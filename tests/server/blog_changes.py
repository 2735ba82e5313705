"""Every kind of change of a blog, at random: `changes` has a function for each, which gets a `World`."""

import io
import random
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from blog.media import uploads
from blog.models import BulkAction, Category, Media, MenuLink, Podcast, Post, ReadingSettings, Redirect, Series, Tag
from blog.models.redirect import key_of
from comments import privacy
from comments.models import Comment, DiscussionSettings, Message, ModerationAction, Person
from comments.views import claim
from comments.views.identity import copy_avatar
from core.models import Site

WORDS = "heron reed fog dawn lake path mill frost gull pine".split()
ACTIONS = BulkAction.Action
MODERATION = ("approve", "hold", "mark_spam", "trash", "restore")

changes = []


def change(deed):
    """Registers a kind of change. It may find nothing that it could change."""
    changes.append(deed)
    return deed


class World:
    """A blog, the person who changes it, and the random numbers by which it is changed."""

    def __init__(self, seed, ada, arthur, make_post):
        self.random, self.ada, self.arthur, self.make_post = random.Random(seed), ada, arthur, make_post
        self.person = Person.objects.of_browser("b" * 32)
        ada.picture = "0" * 32
        ada.save()

    def words(self, most=4):
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, most)))

    def any(self, rows):
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.random.choice(pks)) if pks else None

    def some(self, rows):
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.filter(pk__in=self.random.sample(pks, min(len(pks), self.random.randint(1, 3))))

    def post(self, **where):
        return self.any(Post.objects.exclude(status=Post.Status.TRASH).filter(**where))

    def maybe(self):
        return self.random.random() < 0.5


@change
def a_post_is_edited(world):
    if post := world.post():
        facts = {"title": world.words(), "source": world.words(30), "sticky": world.maybe()}
        post.revise(world.ada, **facts, comments_open=world.maybe())


@change
def a_draft_is_saved(world):
    posts = Post.objects.drafts()
    post = world.any(posts) if world.maybe() else None
    post = post or Post(author=world.ada, comments_open=True, language=world.random.choice(["", "", "de", "fr"]))
    post.revise(world.ada, title=world.words(), source=world.words(30))
    post.tags.set(Tag.objects.called([world.words(1)]))


@change
def a_post_is_published(world):
    if post := world.any(Post.objects.drafts()):
        post.categories.set(Category.objects.called([world.words(1)]))
        post.publish(timezone.now() - timedelta(days=world.random.randint(0, 90)), by=world.ada)


@change
def a_post_is_scheduled(world):
    if post := world.any(Post.objects.drafts()):
        post.publish(timezone.now() + timedelta(days=world.random.randint(1, 9)), by=world.ada)


@change
def a_redirect_is_kept_or_deleted(world):
    desk = Client()
    desk.force_login(world.ada)
    if rows := Redirect.objects.filter(key=key_of("/xmlrpc.php")):
        answer = desk.post(f"/desk/redirects/{rows.get().pk}/delete/")
    else:
        answer = desk.post("/desk/redirects/", {"old": "/xmlrpc.php", "to": "/feed/"})
    assert answer.status_code == 302


@change
def a_post_is_withdrawn(world):
    if post := world.post(status="published"):
        post.withdraw(world.random.choice([Post.Status.DRAFT, Post.Status.PENDING]))


@change
def a_posts_visibility(world):
    if post := world.post():
        post.visibility = world.random.choice(Post.Visibility.values)
        if post.visibility == Post.Visibility.PASSWORD:
            post.set_password("reeds")
        post.save()


@change
def a_posts_terms(world):
    if post := world.post():
        post.tags.set(Tag.objects.called(world.words().split()))
        post.categories.set(Category.objects.called([world.words(1)]))
        post.revise(world.ada)


@change
def a_posts_series(world):
    if post := world.post():
        post.series = Series.objects.called([world.words(2)])[0] if world.maybe() else world.any(Series.objects.all())
        post.series_number = world.random.choice([None, 1, 2])
        post.save()


@change
def series_are_merged(world):
    kept, merged = Series.objects.called([world.words(2), "Merged"])
    world.some(Post.objects.all()).update(series=merged)
    merged.merge_into(kept)


@change
def a_series_is_deleted(world):
    if series := world.any(Series.objects.all()):
        series.delete()


@change
def a_podcast_begins_or_ends(world):
    if podcast := world.any(Podcast.objects.all()):
        podcast.delete()
    elif category := world.any(Category.objects.all()):
        Podcast.objects.create(
            category=category, title=world.words(), language="en", cover=world.any(Media.objects.all())
        )


@change
def a_posts_featured_picture(world):
    if post := world.post():
        post.featured = world.any(Media.objects.all())
        post.save(update_fields=["featured"])


@change
def a_posts_author(world):
    if post := world.post():
        post.author = world.random.choice([world.ada, world.arthur])
        post.save()


@change
def a_page_is_made(world):
    page = Post(kind=Post.Kind.PAGE, author=world.ada, title=world.words(), source=world.words(9), menu_order=3)
    page.save()
    page.publish(by=world.ada)


@change
def a_post_goes_into_the_trash(world):
    if post := world.post():
        post.trash()


@change
def a_post_comes_back(world):
    if post := world.any(Post.objects.trashed()):
        post.restore()


@change
def a_post_is_deleted(world):
    if post := world.any(Post.objects.trashed()) or (world.post() if world.maybe() else None):
        post.delete()


@change
def many_posts(world):
    action = world.random.choice(ACTIONS.values)
    term = {
        ACTIONS.TAG: {"tag": world.any(Tag.objects.all())},
        ACTIONS.CATEGORY: {"category": world.any(Category.objects.all())},
        ACTIONS.SERIES: {"series": world.any(Series.objects.all())},
    }.get(action, {})
    if all(term.values()):
        BulkAction.carry_out(action, world.some(Post.objects.posts()), world.ada, **term)


@change
def a_tag_for_many_posts(world):
    tag = Tag.objects.called([world.words(3)])[0]
    BulkAction.carry_out(ACTIONS.TAG, world.some(Post.objects.listed()), world.ada, tag=tag)


@change
def many_posts_undone(world):
    if bulk := world.any(BulkAction.objects.filter(undone_at=None)):
        bulk.undo()


@change
def a_term_is_made(world):
    world.random.choice([Tag, Category]).objects.called([world.words(2)])


@change
def a_term_is_edited(world):
    if term := world.any(world.random.choice([Tag, Category]).objects.all()):
        name = world.words(2)
        if not type(term).objects.named(name):
            term.name, term.slug = name, ""
        term.description = world.words()
        term.save()


@change
def a_category_moves(world):
    inner, outer = world.any(Category.objects.filter(children=None)), world.any(Category.objects.all())
    if inner and outer and inner != outer and outer.parent_id != inner.pk:
        inner.parent = outer
        inner.save()


@change
def terms_are_merged(world):
    kind = world.random.choice([Tag, Category])
    one, other = world.any(kind.objects.all()), world.any(kind.objects.all())
    if one and other and one != other:
        one.merge_into(other)


@change
def a_term_is_deleted(world):
    terms = Tag.objects.all() if world.maybe() else Category.objects.filter(children=None)
    if term := world.any(terms):
        term.delete()


@change
def the_site(world):
    site = Site.objects.get()
    site.title, site.tagline = world.words(), world.words()
    site.timezone = world.random.choice(["UTC", "Pacific/Auckland", "America/Lima"])
    site.language = world.random.choice(["en", "de"])
    site.save()


@change
def the_reading_settings(world):
    row = ReadingSettings.objects.get()
    row.sidebar, row.feed_full = world.maybe(), world.maybe()
    row.posts_per_page = world.random.randint(1, 4)
    names = [name for name, _lines in row.widgets]
    row.widgets = [[name, world.random.randint(1, 5)] for name in world.random.sample(names, len(names))]
    row.save()


@change
def a_widget_goes_or_comes(world):
    row = ReadingSettings.objects.get()
    others = [each for each in row.widgets if each[0] != "comments"]
    row.widgets = others if len(others) < len(row.widgets) else [["comments", 0], *others]
    row.save()


@change
def the_permalinks(world):
    row = ReadingSettings.objects.get()
    row.permalinks = world.random.choice(["day", "month", "name"])
    row.save()
    Post.objects.update_paths()


@change
def the_discussion_settings(world):
    row = DiscussionSettings.objects.get()
    row.close_after_days, row.thread_depth = world.random.choice([0, 0, 30]), world.random.randint(1, 5)
    row.comments_per_page, row.must_log_in = world.random.randint(1, 3), world.maybe()
    row.order = world.random.choice(["oldest", "newest"])
    row.save()


@change
def a_menu_link(world):
    if link := world.any(MenuLink.objects.all()):
        link.delete()
    if not link or world.maybe():
        MenuLink.objects.create(title=world.words(), url="/feed/", number=world.random.randint(0, 5))


@change
def a_file_is_kept(world):
    out = io.BytesIO()
    Image.new("RGB", (world.random.randint(300, 900), 300), "green").save(out, "PNG")
    uploads.store_upload(SimpleUploadedFile("reeds.png", out.getvalue(), "image/png"), world.ada).save()


@change
def a_files_words(world):
    if media := world.any(Media.objects.all()):
        media.alt, media.caption = world.words(), world.words()
        media.save()


@change
def a_file_is_deleted(world):
    if media := world.any(Media.objects.all()):
        media.delete()


@change
def a_person_is_renamed(world):
    world.arthur.name = f"Arthur {world.words(1)}"
    world.arthur.save()


@change
def a_comment_arrives(world):
    if post := world.post(status="published"):
        parent = world.any(Comment.objects.on(post).approved()) if world.maybe() else None
        state = world.random.choice(["pending", "approved", "approved", "spam"])
        Comment.objects.create(
            post=post, parent=parent, text=world.words(9), state=state, name=world.words(1), person=world.person
        )


@change
def a_comment_is_edited(world):
    if comment := world.any(Comment.objects.exclude(state="gone")):
        comment.revise(world.ada, text=world.words(9))


@change
def comments_are_moderated(world):
    comments = world.some(Comment.objects.exclude(state="gone"))
    getattr(comments, world.random.choice(MODERATION))(world.ada)


@change
def moderation_is_undone(world):
    if action := world.any(ModerationAction.objects.standing()):
        action.undo()


@change
def a_comment_moves(world):
    comment, post = world.any(Comment.objects.exclude(state="gone")), world.post(status="published")
    if comment and post and comment.post_id != post.pk:
        comment.move_to(post, None, world.ada)


@change
def comments_are_erased(world):
    world.some(Comment.objects.all()).erase()


@change
def a_comment_gets_its_picture(world):
    if comment := world.any(Comment.objects.filter(avatar="").exclude(state="gone")):
        comment.itself.update(person=Person.objects.of_account(world.ada), posted_at=timezone.now())
        copy_avatar.func(comment.pk)


@change
def comments_are_claimed(world):
    claim.claim(world.ada, list(Comment.objects.values_list("pk", flat=True)))


@change
def messages_are_forgotten(world):
    Message.objects.create(text=world.words(9), name=world.words(1), email="arthur@example.org", fingerprint="x")
    privacy.forget_messages(Message.objects.of_address("arthur@example.org"))


@change
def comments_become_anonymous(world):
    world.some(Comment.objects.all()).anonymise()
