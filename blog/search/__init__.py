"""Full-text search of posts, pages and comments, with the same results on SQLite (FTS5) and on PostgreSQL.

The apps that own the texts add them to the index (`put_post`, `put`) and remove them (`drop`); `find` returns only what
the visitor may see now. A query consists of words only; there is no query syntax.

    find("running café", user) -> Found, best match first

Both databases index the same prepared text (`blog.search.tokens`): case-folded, stemmed by the language of the post
(Snowball's algorithms, snowballstem.org), scripts without spaces as pairs of characters. All words must occur; a word
in the title weighs ten times a word in the text. Of more than `NEWEST` matches only the newest are ranked, and `more`
is true.

The worker indexes again what was indexed with an older `INDEX_VERSION`.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from blog.search import backends
from blog.search.highlight import highlighted
from blog.search.models import SearchEntry
from blog.search.tokens import INDEX_VERSION, Query, algorithm_for, parse_query, tokenize
from core import cache_version, languages
from core.cache_version import cached_per_version
from core.jobs import Requeue, is_stopping, job
from core.site import absolute_url

NEWEST = 2000
AT_A_TIME = 200
SNIPPET = 40  # words
TABLES = ("blog_fts", "blog_searchentry")
PURGE_PAUSE = 30  # seconds before the next attempt, when another connection blocked the purge


@dataclass(frozen=True)
class Hit:
    """One search result. `title` and `snippet` are lists of (text, is_hit), to be printed one after the other."""

    kind: str
    url: str
    title: list
    snippet: list
    when: object
    language: str = ""  # BCP 47 tag of the post's text; "" for the blog's language

    @property
    def direction(self):
        return languages.direction(self.language)

    @property
    def kind_name(self):
        return {"post": _("Post"), "page": _("Page"), "comment": _("Comment")}[self.kind]


@dataclass(frozen=True)
class Found:
    """All results, best first: `len(found)` is their number, `found[start:stop]` a list of Hits for one page.

    `entries` are primary keys of SearchEntry. `more`: more entries matched than were ranked.
    """

    entries: tuple
    query: Query
    more: bool

    def __len__(self):
        return len(self.entries)

    def __getitem__(self, part):
        return [self.hit(entry) for entry in entries_in_order(self.entries[part])]

    def posts(self, most):
        """The primary keys of the posts and pages among the best `most` results, best first."""
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


def backend():
    return backends.Postgres() if connection.vendor == "postgresql" else backends.Sqlite()


def put_post(post):
    """Adds a post or page to the index, or updates it. Who may find it is checked at search time (`visible_to`)."""
    if post.status == post.Status.TRASH:
        drop("post", post.pk)
    else:
        made = tokens_of(post, post.plain, post.tokens)
        put("post", post.pk, post=post, title=post.title, text=post.plain, at=post.publish_at, tokens=made[-1])


def tokens_of(post, plain, made=None):
    """(text, stemmer, tokens) of a post's plain text; returns `made` unchanged if it belongs to this text and stemmer.

    Long texts take seconds, so call this before the transaction that saves the post.
    """
    algorithm = algorithm_of("post", post)
    return made if made and made[:2] == (plain, algorithm) else (plain, algorithm, tokenize(plain, algorithm))


def put(kind, pk, *, post, title="", text="", url="", at=None, tokens=None):
    """Indexes one thing: `kind` is "post" or "comment", `pk` its primary key. Whoever may see `post` may find it.

    A post's text is read from its own row; a comment's `text`, `url` (a path) and `at` (a datetime) are stored in the
    SearchEntry. `tokens`: the prepared tokens of the text, if the caller has them already.
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
        backend().put([(entry.pk, tokenize(title, algorithm), tokenize(text, algorithm) if tokens is None else tokens)])


def algorithm_of(kind, post):
    """The stemmer of a text: of the post's language if it names one, else of the blog's. Comments use the blog's."""
    return algorithm_for(post.language or None) if kind == "post" else algorithm_for()


def drop(kind, pk):
    """Removes one thing from the index; with a post, its comments too."""
    lost = SearchEntry.objects.filter(kind=kind, thing=pk)
    if kind == "post":
        lost = lost | SearchEntry.objects.filter(post=pk)
    with transaction.atomic():
        backend().drop(list(lost.values_list("pk", flat=True)))
        lost.delete()


def put_all(kind, things):
    """Indexes many things of one kind at once: dicts with `thing` (its primary key), `post_id`, `text`, `url`, `at`."""
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
    """Removes many things of one kind from the index."""
    for start in range(0, len(pks), 10_000):
        lost = SearchEntry.objects.filter(kind=kind, thing__in=pks[start : start + 10_000])
        with transaction.atomic():
            backend().drop(list(lost.values_list("pk", flat=True)))
            lost.delete()


@job(queue="long")
def purge(tables=()):
    """Removes deleted data from the database files: the index keeps the tokens of dropped entries until its segments
    are merged, and PostgreSQL keeps the bytes of deleted rows. `tables`: tables with rows that were erased on request.
    Raises Requeue when another connection blocks it or the worker stops."""
    if not backend().purge(is_stopping, tables):
        raise Requeue(PURGE_PAUSE)


def find(text, user):
    """The posts, pages and comments that contain all words of `text` and that `user` may see: a Found, best first."""
    query = parse_query(text, algorithms())
    if not query:
        return Found((), query, more=False)
    ranked = backend().ranked(query, NEWEST + 1)
    rank = {pk: weight for weight, pk in ranked[:NEWEST]}
    seen = SearchEntry.objects.filter(pk__in=rank).visible_to(user).values_list("pk", flat=True)
    best = tuple(sorted(seen, key=lambda pk: (-rank[pk], -pk)))
    return Found(best, query, more=len(ranked) > NEWEST)


@cached_per_version(cache_version.POSTS)
def algorithms():
    """The stemmers of all indexed texts: the blog's, and those of posts in other languages."""
    return frozenset({algorithm_for(), *map(algorithm_for, SearchEntry.objects.languages())})


def put_many(entries_with_texts, made=None):
    """Indexes many entries at once, for imports: pairs of a saved SearchEntry and the text to index. Select the post
    of entries with `kind` "post" beforehand, otherwise each costs a query.

    `made`: {post's primary key: what `tokens_of` returned for it}, which saves preparing those texts again."""
    own, made = algorithm_for(), made or {}
    rows = []
    for entry, text in entries_with_texts:
        if entry.kind == "post":
            _text, algorithm, tokens = tokens_of(entry.post, text, made.get(entry.thing))
        else:
            algorithm, tokens = own, tokenize(text, own)
        rows.append((entry.pk, tokenize(entry.title, algorithm), tokens))
    backend().put(rows)


def rebuild():
    """Indexes everything again, as after a change of the blog's language. Can be interrupted and run again."""
    SearchEntry.objects.update(index_version=0)
    reindex_old()


def reindex_old():
    """Indexes again the entries with an older `index_version`, `AT_A_TIME` per transaction; search keeps working
    meanwhile. Raises Requeue when the worker stops."""
    old = SearchEntry.objects.filter(index_version__lt=INDEX_VERSION).order_by("pk")
    last = 0
    while True:
        if is_stopping():
            raise Requeue
        with transaction.atomic():
            # Lock before reading the texts: a concurrent save is either read here or indexed after this transaction.
            entries = list(old.filter(pk__gt=last).select_for_update().prefetch_related("post")[:AT_A_TIME])
            if not entries:
                break
            last = entries[-1].pk
            put_many([(entry, entry.text_shown) for entry in entries])
            done = [entry.pk for entry in entries]
            SearchEntry.objects.filter(pk__in=done).update(index_version=INDEX_VERSION)
    cache_version.invalidate(cache_version.EVERYTHING)  # pages cached meanwhile may lack results


def entries_in_order(pks):
    found = SearchEntry.objects.select_related("post").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]
