"""Finding posts, pages and comments: the same words find the same things on SQLite (FTS5) and on PostgreSQL.

Their owners push what may be found (`put_post`, `put`) and take it back (`drop`); `find` shows a visitor only what that
visitor may see at the moment. Whatever is asked is words, never a query language.

    find("running café", user) -> Found(hits=[Hit, …], more=False)

Both databases see the same prepared text (`blog.search.tokens`): folded, stemmed by the language of the post
(Snowball's algorithms, snowballstem.org), scripts without spaces as pairs of characters. All words must occur; a word
in the title weighs ten times one in the text. Of more than `NEWEST` things that match the newest are ranked; `more`
says so.

What an older `INDEX_VERSION` filed is filed anew by the worker.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from blog.search import backends
from blog.search.highlight import highlighted
from blog.search.models import SearchEntry
from blog.search.tokens import INDEX_VERSION, Query, asked, prepared, stemmed
from core import cache_version, languages
from core.cache_version import cached_per_version
from core.jobs import Requeue, is_stopping, job
from core.site import absolute_url

NEWEST = 2000
AT_A_TIME = 200
SNIPPET = 40  # words
TABLES = ("blog_fts", "blog_searchentry")
PURGE_PAUSE = 30  # seconds, while others read what the database wants to write over


@dataclass(frozen=True)
class Hit:
    """One thing found. `title` and `snippet` are lists of (text, is_hit) to be printed one after the other."""

    kind: str
    url: str
    title: list
    snippet: list
    when: object
    language: str = ""  # of the words, where they name one

    @property
    def direction(self):
        return languages.direction(self.language)

    @property
    def kind_name(self):
        return {"post": _("Post"), "page": _("Page"), "comment": _("Comment")}[self.kind]


@dataclass(frozen=True)
class Found:
    """All that was found, best first: `count` things, and `hits(start, stop)` for a page of them."""

    entries: tuple
    query: Query
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
        algorithm = algorithm_of(entry.kind, entry.post)
        return Hit(
            kind=entry.kind_shown,
            url=absolute_url(entry.url_shown),
            title=highlighted(entry.title_shown, self.query, algorithm),
            snippet=highlighted(entry.text_shown, self.query, algorithm, around=SNIPPET),
            when=entry.at,
            language=entry.post.language if entry.kind == "post" else "",
        )


def engine():
    return backends.Postgres() if connection.vendor == "postgresql" else backends.Sqlite()


def put_post(post):
    """Files a post's or a page's words under its number. Who may find it is asked when somebody searches."""
    if post.status == post.Status.TRASH:
        drop("post", post.pk)
    else:
        made = tokens_of(post, post.plain, post.tokens)
        put("post", post.pk, post=post, title=post.title, text=post.plain, at=post.publish_at, tokens=made[-1])


def tokens_of(post, plain, made=None):
    """(text, stemmer, tokens) of what a post says; `made` itself if it is that of this text.

    Long texts take seconds: who saves a post asks for it before the database is held.
    """
    algorithm = algorithm_of("post", post)
    return made if made and made[:2] == (plain, algorithm) else (plain, algorithm, prepared(plain, algorithm))


def put(kind, pk, *, post, title="", text="", url="", at=None, tokens=None):
    """Files the words of one thing ("post" or "comment"), which is found by whoever may see `post`.

    A post's text stays in its own row; of a comment `text`, `url` (a path) and `at` are kept here. `tokens` are
    those of the text, where they are made already.
    """
    kept = "" if kind == "post" else text
    with transaction.atomic():
        entry, _made = SearchEntry.objects.update_or_create(
            kind=kind,
            thing=pk,
            defaults={
                "post": post, "title": title, "text": kept, "url": url, "at": at, "index_version": INDEX_VERSION
            },
        )  # fmt: skip
        algorithm = algorithm_of(kind, post)
        engine().put([(entry.pk, prepared(title, algorithm), prepared(text, algorithm) if tokens is None else tokens)])


def algorithm_of(kind, post):
    """The stemmer of a text: that of the post's language, else of the blog's. Answers are in the blog's."""
    return stemmed(post.language or None) if kind == "post" else stemmed()


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
            update_fields=["post", "text", "url", "at", "index_version"],
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


@job(queue="long")
def purge(tables=()):
    """Takes the words of what was dropped out of the index's own tables, where they stay until others are merged, and
    the rows that were erased on request out of the files of `tables`, where the database does not so by itself."""
    if not engine().purge(is_stopping, tables):
        raise Requeue(PURGE_PAUSE)


def find(text, user):
    """What this visitor may see of the posts, pages and comments that hold all words of `text`, best first."""
    query = asked(text, algorithms())
    if not query:
        return Found((), query, more=False)
    ranked = engine().ranked(query, NEWEST + 1)
    rank = {pk: weight for weight, pk in ranked[:NEWEST]}
    seen = SearchEntry.objects.filter(pk__in=rank).visible_to(user).values_list("pk", flat=True)
    best = tuple(sorted(seen, key=lambda pk: (-rank[pk], -pk)))
    return Found(best, query, more=len(ranked) > NEWEST)


@cached_per_version
def algorithms():
    """The stemmers of all that is filed: the blog's, and those of posts in other languages."""
    return frozenset({stemmed(), *map(stemmed, SearchEntry.objects.languages())})


def put_many(entries_with_texts):
    """Files many entries at once, for imports: pairs of a saved SearchEntry and the text to index. Those of posts have
    their posts at hand."""
    own = stemmed()
    rows = []
    for entry, text in entries_with_texts:
        algorithm = own if entry.kind != "post" else algorithm_of(entry.kind, entry.post)
        rows.append((entry.pk, prepared(entry.title, algorithm), prepared(text, algorithm)))
    engine().put(rows)


def rebuild():
    """Files everything anew, as after a change of the blog's language. Bears being stopped and run again."""
    SearchEntry.objects.update(index_version=0)
    file_old()


def file_old():
    """Files anew what an older Longrun filed, a part at a time: what is found now is found meanwhile. Raises Again
    where the worker wants to end."""
    old = SearchEntry.objects.filter(index_version__lt=INDEX_VERSION).order_by("pk")
    last = 0
    while True:
        if is_stopping():
            raise Requeue
        with transaction.atomic():
            # Locked before their texts are read: what somebody saves meanwhile is filed after this, or read here.
            entries = list(old.filter(pk__gt=last).select_for_update().prefetch_related("post")[:AT_A_TIME])
            if not entries:
                break
            last = entries[-1].pk
            put_many([(entry, entry.text_shown) for entry in entries])
            done = [entry.pk for entry in entries]
            SearchEntry.objects.filter(pk__in=done).update(index_version=INDEX_VERSION)
    cache_version.invalidate()  # whoever searched meanwhile found less than there is


def entries_in_order(pks):
    found = SearchEntry.objects.select_related("post").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]
