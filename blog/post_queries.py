"""Posts with everything that a page prints, by queries whose SQL is built once (core.written_queries)."""

from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from blog.models import Category, Post, Tag
from blog.models.queryset import FOR_PAGES
from core.written_queries import Parameter, PreparedModels, PreparedQuery, parameter_values, parameters


def published_now():
    return Post.objects.published(Parameter("now", DateTimeField()))


# The post at a path, if everybody may see it.
for_guests = PreparedModels(lambda: published_now().filter(path=Parameter("path", CharField())), **FOR_PAGES)

# The post with a pk, if everybody may see it, for handling a comment on it.
answered_by_guests = PreparedModels(lambda: published_now().filter(pk=Parameter("number")), defer=("source", "html"))


def post_at(path, user):
    """The post or page at this path if this user may see it, with its author and picture; or None."""
    if isinstance(user, AnonymousUser) or not user.is_authenticated:
        found = for_guests(path=path, now=timezone.now())
    else:
        found = Post.objects.visible_to(user).filter(path=path).for_pages()[:1]
    return next(iter(found), None)


def post_answered(number, user):
    """The post or page with this pk if this user may see it, for handling a comment on it; or None."""
    if user.is_authenticated:
        return Post.objects.visible_to(user).filter(pk=number).first()
    return next(iter(answered_by_guests(number=number, now=timezone.now())), None)


def posts_in_order(numbers):
    """The posts with these pks, in the given order, with everything that an entry in a list prints."""
    found = {post.pk: post for post in posts_of(len(numbers))(**parameter_values(numbers))} if numbers else {}
    attach_terms(found.values())
    return [found[number] for number in numbers if number in found]


class ShownTerm(NamedTuple):
    """What a page prints of a category or tag."""

    pk: int
    name: str
    url: str

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return self.url


def attach_terms(posts):
    """Set the categories and tags of each post, by name, in two queries."""
    posts = list(posts)
    for term, term_attribute in ((Category, "shown_categories"), (Tag, "shown_tags")):
        terms = {post.pk: [] for post in posts}
        for post, number, name, place in term_rows(term, len(posts))(**parameter_values(terms)) if posts else ():
            terms[post].append(ShownTerm(number, name, quote(term.path_of(place))))
        for post in posts:
            setattr(post, term_attribute, terms[post.pk])


@cache
def posts_of(number):
    """The query for `number` posts by their pks."""
    return PreparedModels(lambda: Post.objects.filter(pk__in=parameters(number)), **FOR_PAGES)


@cache
def term_rows(term, number):
    """The query for the categories or tags of `number` posts."""
    name = term._meta.model_name
    order = [f"{name}__{field}" for field in term._meta.ordering]
    columns = ("post", name, f"{name}__name", f"{name}__{term.place}")
    rows = term.posts.through.objects.filter(post__pk__in=parameters(number)).order_by(*order)
    return PreparedQuery(lambda: rows.values_list(*columns))
