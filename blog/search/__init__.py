"""Finding posts, pages and comments: the same words find the same things on SQLite (FTS5) and on PostgreSQL.

Their owners push what may be found (`put_post`, `put`) and take it back (`drop`); `find` shows a visitor only what that
visitor may see at the moment. Whatever is asked is words, never a query language.

    find("running café", user) -> Found(hits=[Hit, …], more=False)

Both databases see the same prepared text (`blog.search.words`): folded, stemmed by the blog's language (Snowball's
algorithms, snowballstem.org), Chinese, Japanese and Korean as pairs of characters. All words must occur; a word in the
title weighs ten times one in the text. Of more than `NEWEST` things that match the newest are ranked; `more` says so.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from blog.search import engines
from blog.search.words import highlighted, prepared, query_words, stemmed
from ground import generation
from ground.site import absolute

NEWEST = 2000
SNIPPET = 40  # words


@dataclass(frozen=True)
class Hit:
    """One thing found. `title` and `snippet` are lists of (text, is_hit) to be printed one after the other."""

    kind: str
    url: str
    title: list
    snippet: list
    when: object

    @property
    def kind_name(self):
        return {"post": _("Post"), "page": _("Page"), "comment": _("Comment")}[self.kind]


@dataclass(frozen=True)
class Found:
    """All that was found, best first: `count` things, and `hits(start, stop)` for a page of them."""

    entries: tuple
    words: tuple
    more: bool

    def __len__(self):
        return len(self.entries)

    def __getitem__(self, part):
        return [self.hit(entry) for entry in entries_in_order(self.entries[part])]

    def posts(self, most):
        """The numbers of the posts and pages among the best `most`, best first."""
        posts = dict(SearchEntry.objects.filter(pk__in=self.entries[:most], kind="post").values_list("pk", "thing"))
        return [posts[pk] for pk in self.entries[:most] if pk in posts]

    def hit(self, entry):
        return Hit(
            kind=entry.kind_shown,
            url=absolute(entry.url_shown),
            title=highlighted(entry.title_shown, self.words),
            snippet=highlighted(entry.text_shown, self.words, around=SNIPPET),
            when=entry.at,
        )


def engine():
    return engines.Postgres() if connection.vendor == "postgresql" else engines.Sqlite()


def put_post(post):
    """Files a post's or a page's words under its number. Who may find it is asked when somebody searches."""
    if post.status == post.Status.TRASH:
        drop("post", post.pk)
    else:
        put("post", post.pk, post=post, title=post.title, text=post.plain, at=post.publish_at)


def put(kind, pk, *, post, title="", text="", url="", at=None):
    """Files the words of one thing ("post" or "comment"), which is found by whoever may see `post`.

    A post's text stays in its own row; of a comment `text`, `url` (a path) and `at` are kept here.
    """
    kept = "" if kind == "post" else text
    with transaction.atomic():
        entry, _made = SearchEntry.objects.update_or_create(
            kind=kind, thing=pk, defaults={"post": post, "title": title, "text": kept, "url": url, "at": at}
        )
        engine().put([(entry.pk, prepared(title), prepared(text))])


def drop(kind, pk):
    """Forgets one thing; with a post goes all that was found through it."""
    lost = SearchEntry.objects.filter(kind=kind, thing=pk)
    if kind == "post":
        lost = lost | SearchEntry.objects.filter(post=pk)
    with transaction.atomic():
        engine().drop(list(lost.values_list("pk", flat=True)))
        lost.delete()


def put_all(kind, things):
    """Files many things at once: dicts with `thing` (its number), `post_id`, `text`, `url` and `at`."""
    with transaction.atomic():
        SearchEntry.objects.bulk_create(
            [SearchEntry(kind=kind, **thing) for thing in things],
            update_conflicts=True,
            unique_fields=["kind", "thing"],
            update_fields=["post", "text", "url", "at"],
        )
        entries = SearchEntry.objects.filter(kind=kind, thing__in=[thing["thing"] for thing in things])
        put_many([(entry, entry.text) for entry in entries])


def drop_all(kind, pks):
    """Forgets many things at once."""
    for start in range(0, len(pks), 10_000):
        lost = SearchEntry.objects.filter(kind=kind, thing__in=pks[start : start + 10_000])
        with transaction.atomic():
            engine().drop(list(lost.values_list("pk", flat=True)))
            lost.delete()


def find(text, user):
    """What this visitor may see of the posts, pages and comments that hold all words of `text`, best first."""
    words = query_words(text)
    if not words:
        return Found((), (), more=False)
    ranked = engine().ranked(words, NEWEST + 1)
    rank = {pk: weight for weight, pk in ranked[:NEWEST]}
    seen = SearchEntry.objects.filter(pk__in=rank).visible_to(user).values_list("pk", flat=True)
    best = tuple(sorted(seen, key=lambda pk: (-rank[pk], -pk)))
    return Found(best, tuple(words), more=len(ranked) > NEWEST)


def put_many(entries_with_texts):
    """Files many new entries at once, for imports: pairs of a saved SearchEntry and the text to index."""
    language = stemmed()
    engine().put(
        [(entry.pk, prepared(entry.title, language), prepared(text, language)) for entry, text in entries_with_texts]
    )


def rebuild():
    """Files everything anew, as after a change of the blog's language. Bears being stopped and run again."""
    entries = SearchEntry.objects.select_related("post").order_by("pk")
    engine().clear()
    for start in range(0, entries.count(), 500):
        put_many([(entry, entry.text_shown) for entry in entries[start : start + 500]])
    generation.changed()  # whoever searched meanwhile found less than there is


def entries_in_order(pks):
    found = SearchEntry.objects.select_related("post").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


from blog.models.search import SearchEntry  # noqa: E402 (Post files itself here, and an entry knows its Post)
