"""A query that is written down once answers like the queryset that it was made of."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from blog.models import Media, Post
from core.written_queries import Parameter, PreparedModels, PreparedQuery, PreparedUpdate, parameter_values, parameters

pytestmark = pytest.mark.db

FIELDS = ("pk", "title", "publish_at", "announced_at")


def test_it_answers_as_the_queryset_does_for_whatever_is_given(make_post, ada):
    posts = [make_post(f"Run {number}", at=timezone.now() - timedelta(days=number)) for number in range(1, 5)]
    until = PreparedQuery(
        lambda: (
            Post.objects.filter(author=Parameter("who"), publish_at__lte=Parameter("until", DateTimeField()))
            .order_by("publish_at")
            .values_list("pk", "title", "publish_at", "announced_at")[:2]
        )
    )
    for moment in (posts[0].publish_at, posts[2].publish_at, posts[3].publish_at - timedelta(days=9)):
        rows = Post.objects.filter(author=ada, publish_at__lte=moment).order_by("publish_at")
        assert until(who=ada.pk, until=moment) == list(
            rows.values_list("pk", "title", "publish_at", "announced_at")[:2]
        )
    assert until(who=ada.pk + 1, until=posts[0].publish_at) == []


def test_it_is_written_down_once(make_post, ada, monkeypatch):
    make_post("Run")
    built = []
    titled = PreparedQuery(lambda: built.append(1) or Post.objects.filter(pk=Parameter("pk")).values_list("title"))
    assert [titled(pk=number) for number in (0, Post.objects.get().pk)] == [[], [("Run",)]]
    assert built == [1]


def test_what_is_given_is_bound_and_never_sql(make_post):
    make_post("x' OR 1=1 --")
    make_post("%s")
    titled = PreparedQuery(lambda: Post.objects.filter(title=Parameter("title", CharField())).values_list("title"))
    for title in ("x' OR 1=1 --", "%s", "' OR ''='"):
        assert titled(title=title) == [(post.title,) for post in Post.objects.filter(title=title)]
    with pytest.raises(KeyError):
        titled()


def test_a_number_that_no_row_can_have_finds_nothing(make_post):
    post = make_post("Run")
    titles = PreparedQuery(lambda: Post.objects.filter(pk__in=parameters(2)).values_list("title"))
    assert titles(**parameter_values([2**63, 10**30])) == []
    assert titles(**parameter_values([post.pk, 0])) == [("Run",)]


@pytest.mark.django_db(transaction=True)
def test_threads_ask_on_their_own_connections(make_post):
    make_post("Run")
    titles = PreparedQuery(lambda: Post.objects.filter(pk__gt=Parameter("pk")).values_list("title"))
    answers = []

    def ask():
        answers.append(titles(pk=0))
        connection.close()
        answers.append(titles(pk=0))
        connection.close()

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[("Run",)]] * 6


def test_models_come_with_what_belongs_to_them_and_without_what_is_deferred(make_post, ada, django_assert_num_queries):
    picture = Media.objects.create(title="Bridge", widths=[320, 640])
    posts = [make_post("Run", featured=picture), make_post("Rest")]
    shown = Post.objects.filter(pk__gte=Parameter("first")).order_by("pk")
    found = PreparedModels(lambda: shown, defer=["source"], select_related=["author", "featured"])
    with django_assert_num_queries(1):
        one, other = found(first=posts[0].pk)
        assert (one, other) == tuple(posts)
        assert one.author == other.author == ada and one.author.name == "Ada"
        assert one.featured == picture and other.featured is None
        assert one.featured.widths == [320, 640] and one.render_notices == []
        assert (one.publish_at, one.trashed_at) == (posts[0].publish_at, None)
        assert one.author.date_joined == ada.date_joined
    assert one.get_deferred_fields() == {"source"} and one.source == "Ten miles before breakfast."
    assert found(first=posts[1].pk + 1) == []
    other.title = "Rest day"
    other.save()
    assert Post.objects.get(pk=other.pk).title == "Rest day"


def test_an_update_is_written_while_queries_are_logged(make_post, django_assert_num_queries):
    post = make_post()
    rename = PreparedUpdate(lambda: (Post.objects.filter(pk=Parameter("pk")), {"title": "Renamed"}))
    with django_assert_num_queries(2):  # the first is caught before it reaches the database
        assert rename(pk=post.pk) == 1
    assert Post.objects.get().title == "Renamed"
