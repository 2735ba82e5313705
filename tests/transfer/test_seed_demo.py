"""`manage.py seed_demo`: a believable blog, the same for the same seed, with everything in order as if by hand."""

import time
from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection

from blog import search
from blog.models import Category, Post, ReadingSettings, Redirect, SearchEntry, Tag
from blog.models.redirect import key_of
from comments.models import Comment, Person
from core.models import Email, Site
from core.site import absolute_url
from transfer.demo.corpus import corpus
from transfer.demo.post_rows import PASSWORD

LAST_DAY = "2024-02-29"


def seed(posts=40, comments=250, seed="1", until=LAST_DAY):
    """Runs the command; what it said to a person, and what it said on the way."""
    said, on_the_way = StringIO(), StringIO()
    call_command(
        "seed_demo", posts=posts, comments=comments, seed=seed, until=date.fromisoformat(until),
        stdout=said, stderr=on_the_way,
    )  # fmt: skip
    return said.getvalue(), on_the_way.getvalue()


def what_readers_see():
    """Every post and comment by its words, dates and places, without the numbers that the database gave."""
    posts = Post.objects.posts().order_by("publish_at", "guid")
    fields = (
        "guid",
        "title",
        "path",
        "source",
        "html",
        "status",
        "visibility",
        "publish_at",
        "comment_count",
        "sticky",
    )
    comments = Comment.objects.order_by("posted_at", "post__guid", "text", "name")
    said = ("post__guid", "parent__text", "name", "email", "url", "text", "html", "state", "posted_at")
    return list(posts.values_list(*fields)), list(comments.values_list(*said))


def test_the_same_seed_gives_the_same_blog(ada):
    seed(posts=30, comments=80)
    first = what_readers_see()
    Comment.objects.all().delete()
    Post.objects.all().delete()
    Tag.objects.all().delete()
    seed(posts=30, comments=80)
    assert what_readers_see() == first


def test_another_seed_gives_another_blog_beside_it(ada):
    seed(posts=30, comments=80)
    seed(posts=30, comments=80, seed="spring")
    posts, comments = what_readers_see()
    assert (len(posts), len(comments)) == (60, 160)
    assert len({source for _, _, _, source, *_ in posts}) > 50
    assert len({path for _, _, path, *_ in posts if path}) == Post.objects.posts().exclude(path=None).count()


def test_the_same_seed_twice_is_refused_and_changes_nothing(ada):
    seed(posts=5, comments=5)
    with pytest.raises(CommandError, match="use another --seed"):
        seed(posts=5, comments=5)
    assert (Post.objects.posts().count(), Comment.objects.count()) == (5, 5)


@pytest.mark.db
def test_there_are_as_many_as_were_asked_for_and_eight_years_of_them(ada):
    said, on_the_way = seed(posts=120, comments=600)
    assert said.startswith("Made 120 posts and 600 comments in ")
    assert "posts: 120 of 120, " in on_the_way
    assert "comments: 600 of 600, " in on_the_way
    assert Post.objects.posts().count() == 120
    assert Comment.objects.count() == 600
    days = list(Post.objects.listed().order_by("published_on").values_list("published_on", flat=True))
    assert (days[0], days[-1]) == (date(2016, 2, 29), date(2024, 2, 29))
    assert Comment.objects.order_by("posted_at").last().posted_at.date() <= date(2024, 2, 29)


def test_comments_wait_are_spam_and_answer_one_another_in_the_promised_shares(ada):
    seed(posts=100, comments=1000)
    assert Comment.objects.all().counts() == {"pending": 30, "approved": 950, "spam": 20, "trash": 0, "gone": 0}
    depths = Counter(map(depth_of, Comment.objects.select_related("parent__parent__parent__parent__parent")))
    assert set(depths) == {1, 2, 3, 4, 5}
    assert 0.4 < depths[1] / 1000 < 0.8
    assert Comment.objects.pending().exclude(reasons=[]).count() == 30


def depth_of(comment):
    return 1 + depth_of(comment.parent) if comment.parent else 1


def test_an_answer_is_later_than_what_it_answers_below_the_same_post_and_in_its_thread(ada):
    seed()
    for comment in Comment.objects.select_related("parent", "post"):
        assert comment.posted_at >= comment.post.publish_at
        if comment.parent is None:
            assert comment.thread_id is None
        else:
            assert comment.parent.post_id == comment.post_id
            assert comment.parent.posted_at <= comment.posted_at
            assert comment.parent.is_approved
            assert comment.thread_id == (comment.parent.thread_id or comment.parent_id)


def test_a_few_posts_are_popular_and_some_are_answered_by_nobody(ada):
    seed(posts=120, comments=600)
    counts = sorted(Post.objects.listed().values_list("comment_count", flat=True))
    assert counts[0] == 0
    assert counts[-1] > 5 * sum(counts) / len(counts)


def test_some_posts_are_drafts_scheduled_sticky_private_protected_or_in_the_trash(ada):
    seed(posts=120, comments=0)
    posts = Post.objects.posts()
    assert posts.drafts().exists()
    assert posts.scheduled().count() == 1
    assert posts.trashed().count() == 1
    assert posts.filter(visibility=Post.Visibility.PRIVATE).count() == 1
    assert posts.get(visibility=Post.Visibility.PASSWORD).opens_with(PASSWORD)
    assert posts.filter(sticky=True, visibility=Post.Visibility.PUBLIC).count() == 2
    assert set(posts.values_list("format", flat=True)) == set(Post.Format.values)
    assert Post.objects.pages().filter(parent__title="Recipes", path="/recipes/soup-all-of-it/").exists()
    assert posts.listed().filter(teaser_html__gt="").exists()


@pytest.mark.long
@pytest.mark.parametrize("structure", ReadingSettings.Permalinks.values)
def test_every_post_is_just_as_its_own_verbs_would_have_made_it(ada, structure):
    reading = ReadingSettings.objects.get()
    reading.permalinks = structure
    reading.save()
    Site.objects.update(timezone="Pacific/Auckland")
    seed(posts=40, comments=0)
    for post in Post.objects.posts().exclude(status=Post.Status.TRASH):
        before = {field.attname: getattr(post, field.attname) for field in Post._meta.concrete_fields}
        post.save()
        post.file()
        assert {name: getattr(post, name) for name in before} == before
        assert post.revisions.get().same_text_as(post.keep_revision(ada))
    assert not Redirect.objects.exclude(post__status=Post.Status.TRASH).exists()
    trashed = Post.objects.trashed().get()
    old = trashed.redirects.get()
    trashed.restore()
    assert key_of(trashed.path) == old.key


def test_every_comment_is_just_as_its_own_verbs_would_have_made_it(ada):
    seed()
    for comment in Comment.objects.exclude(fingerprint=None):
        html, fingerprint = comment.html, comment.fingerprint
        comment.render()
        by_ada = comment.person.account_id == ada.pk
        comment.sign(f"account {ada.pk}" if by_ada else f"{comment.name}\n{comment.email}".casefold())
        assert (comment.html, comment.fingerprint) == (html, fingerprint)


def test_every_post_knows_how_many_approved_answers_it_has(ada):
    seed()
    approved = Counter(Comment.objects.approved().values_list("post", flat=True))
    for post in Post.objects.all():
        assert post.comment_count == approved[post.pk]


def test_nobody_is_told_of_anything(ada):
    seed()
    assert not Post.objects.to_announce().exists()
    assert not Post.objects.scheduled().filter(announced_at=None).exists()
    assert not Email.objects.exists()


@pytest.mark.db
def test_a_guest_finds_posts_and_comments_and_nothing_that_is_hidden(ada):
    seed(posts=120, comments=600)
    hits = search.find("potatoes", AnonymousUser())[:200]
    assert {hit.kind for hit in hits} == {"post", "page", "comment"}
    readable = {absolute_url(post.get_absolute_url()) for post in Post.objects.open()}
    assert {hit.url.partition("#")[0] for hit in hits if hit.kind != "comment"} <= readable


def test_the_search_knows_the_same_as_if_everything_had_been_put_there_one_by_one(ada):
    seed()
    entries = SearchEntry.objects.order_by("kind", "thing").values()
    filed = list(entries)
    SearchEntry.objects.all().delete()
    for post in Post.objects.all():
        search.put_post(post)
    approved = Comment.objects.approved()
    approved.update_visibility(list(approved.values_list("pk", flat=True)), [])
    assert [entry | {"id": 0} for entry in entries.all()] == [entry | {"id": 0} for entry in filed]


@pytest.mark.db
def test_life_goes_on_after_it(ada, make_post):
    """On PostgreSQL a new row would take a number that is in use if its sequences had been left behind."""
    seed()
    post = make_post("The next morning")
    comment = Comment.objects.create(post=post, text="First!", state=Comment.State.APPROVED)
    post.refresh_from_db()
    assert post.pk > Post.objects.exclude(pk=post.pk).order_by("-pk")[0].pk
    assert comment.pk == Comment.objects.order_by("-pk")[0].pk
    assert post.comment_count == 1


def test_categories_stand_in_one_another_and_tags_are_used(ada):
    seed(posts=120, comments=0)
    assert set(Category.objects.filter(parent__name="Running").values_list("route", flat=True)) == {
        "running/races", "running/long-runs",
    }  # fmt: skip
    assert Category.objects.in_use().count() == len(corpus().categories)
    assert Tag.objects.in_use().count() > 50


def test_the_owners_own_categories_are_used_and_not_made_twice(ada):
    own = Category.objects.create(name="running", description="Mine.")
    seed(posts=40, comments=0)
    assert Category.objects.filter(key="running").get() == own
    assert own.posts.exists()


def test_readers_are_many_and_a_few_are_friends(ada):
    seed(posts=100, comments=1000)
    assert len(set(Comment.objects.approved().values_list("name", flat=True))) > 48
    assert Person.objects.filter(trust=Person.Trust.FRIEND).count() == 3
    assert Comment.objects.filter(person__account=ada).approved().count() > 20
    waiting = Comment.objects.filter(state__in=["pending", "spam"]).select_related("person")
    assert not any(comment.person.is_known_as(comment.name, comment.email) for comment in waiting)


def test_each_distinct_text_is_rendered_once(ada, monkeypatch):
    from blog import markup
    from transfer.demo import comment_rows, post_rows

    post_rows.rendered.cache_clear()
    comment_rows.rendered.cache_clear()
    rendered, render = Counter(), markup.render

    def counted(text, policy, **how):
        rendered[text, policy.name] += 1
        return render(text, policy, **how)

    monkeypatch.setattr(markup, "render", counted)
    seed(posts=50, comments=300)
    pages = set(Post.objects.pages().values_list("source", flat=True))
    assert {count for (text, _), count in rendered.items() if text not in pages} == {1}


def test_a_blog_that_is_not_set_up_is_refused_with_the_way_to_do_it(db):
    with pytest.raises(CommandError, match="not set up yet.*setup_link"):
        seed()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--posts=-1"], "not a whole number"),
        (["--posts=many"], "not a whole number"),
        (["--posts=1e3"], "not a whole number"),
        (["--comments=2.5"], "not a whole number"),
        (["--comments=99999999999"], "not a whole number"),
        (["--posts=0", "--comments=5"], "need posts"),
        (["--until=yesterday"], "is not a date"),
        (["--until=2023-02-30"], "is not a date"),
        (["--until=1066-10-14"], "too early for a blog"),
        (["--until=2999-01-01"], "must be over"),
    ],
)
def test_nonsense_is_refused_in_one_line(ada, arguments, why):
    with pytest.raises(CommandError, match=why) as refusal:
        call_command("seed_demo", *arguments)
    assert "\n" not in str(refusal.value)
    assert not Post.objects.posts().exists()


def test_a_blog_of_one_post_and_one_of_none_are_possible(ada):
    seed(posts=0, comments=0)
    assert not Post.objects.posts().exists()
    seed(posts=1, comments=3, seed="2")
    assert Post.objects.listed().get().comment_count == 3


def test_stopping_keeps_what_is_finished_and_says_so(ada, monkeypatch):
    def ctrl_c(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("transfer.demo.seed.create_comments", ctrl_c)
    with pytest.raises(CommandError, match="What was created so far is kept: 30 posts and 0 comments"):
        seed(posts=30, comments=30)
    assert Post.objects.posts().count() == 30


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_posts_and_fifty_thousand_comments_take_two_minutes(ada, capsys):
    """Two minutes of our own work are the bound; where others keep the machine busy it may last twice as long."""
    worked = time.process_time()
    said, _ = seed(posts=10_000, comments=50_000)
    worked = time.process_time() - worked
    with capsys.disabled():
        print(f"\n{connection.vendor}: {said.splitlines()[0]} {worked:.0f} s of them were our own work.")
    assert (Post.objects.posts().count(), Comment.objects.count()) == (10_000, 50_000)
    assert worked <= 120
    assert int(said.partition(" in ")[2].partition(" s")[0]) <= 240
