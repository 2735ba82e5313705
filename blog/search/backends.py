"""The two full-text indexes. Both hold prepared tokens under an entry's number, and neither knows more of them than
where one ends; what a visitor types is bound, never spliced. This is the only place of the project that speaks SQL."""

from django.db import OperationalError, connection

TITLE_WEIGHT = 10
MOST_PLACES, LAST_PLACE = 255, 16_383  # of one token, and of any, in a tsvector
ROOM = 1_000_000  # bytes; a tsvector has 1,048,575
LOCK_NOT_AVAILABLE = "55P03"  # of PostgreSQL
MERGED_AT_ONCE = 500  # pages of FTS5's index; others write between two parts


class Sqlite:
    """FTS5, with every term quoted so that nothing in it is syntax."""

    def put(self, rows):
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM blog_fts WHERE rowid = %s", [(pk,) for pk, _title, _body in rows])
            cursor.executemany("INSERT INTO blog_fts (rowid, title, body) VALUES (%s, %s, %s)", rows)

    def drop(self, pks):
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM blog_fts WHERE rowid = %s", [(pk,) for pk in pks])

    def purge(self, stopping, tables):
        """Leave nothing of dropped entries, whose tokens FTS5 only crosses out; whether that could be done. Of other
        tables nothing is left anyway (`secure_delete`).

        The segments of the index are merged into one, in parts ("optimize" would lock out all writers meanwhile). The
        pages that this frees are written over (`secure_delete`), and the log that had them begins anew.
        """
        with connection.cursor() as cursor:
            pages, unchanged = -MERGED_AT_ONCE, 2  # a negative number begins a merge of all segments
            while not stopping():
                before = connection.connection.total_changes
                cursor.execute("INSERT INTO blog_fts (blog_fts, rank) VALUES ('merge', %s)", [pages])
                if connection.connection.total_changes - before < unchanged:
                    break
                pages = MERGED_AT_ONCE
            else:
                return False
            if connection.in_atomic_block:
                return True
            patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute("PRAGMA busy_timeout = 1000")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
            return not busy

    def ranked(self, query, most):
        """(weight, number) of the newest `most` entries that the query asks for; more weight is better."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT -bm25(blog_fts, %s, 1.0), rowid FROM blog_fts"
                " WHERE blog_fts MATCH %s ORDER BY rowid DESC LIMIT %s",
                [TITLE_WEIGHT, written(query, " AND ", " OR ", fts5_term), most],
            )
            return cursor.fetchall()


class Postgres:
    """A tsvector made here and not by PostgreSQL's parser, which takes the marks of many scripts for spaces."""

    def put(self, rows):
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO blog_fts (id, words) VALUES (%s, %s::tsvector)"
                " ON CONFLICT (id) DO UPDATE SET words = excluded.words",
                [(pk, vector(title, body)) for pk, title, body in rows],
            )

    def drop(self, pks):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM blog_fts WHERE id = ANY(%s)", [pks])

    def purge(self, stopping, tables):
        """Leave nothing in the files of these tables of rows that are no more; whether that could be done.

        A VACUUM only frees the place of a row, whose bytes stand there until others are written over them. VACUUM FULL
        writes table and indexes anew, and nobody reads the table meanwhile; so it is done after an erasure on request,
        a table at a time, and begins only where it need not wait. ANALYZE, as the statistics name common values.
        """
        if connection.in_atomic_block:
            return True
        with connection.cursor() as cursor:
            try:
                cursor.execute("SET lock_timeout = '2s'")
                for table in tables:
                    if stopping():
                        return False
                    cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                return False
            finally:
                cursor.execute("RESET lock_timeout")
        return True

    def ranked(self, query, most):
        """(weight, number) of the newest `most` entries that the query asks for; more weight is better."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH asked AS (SELECT %s::tsquery AS query)"
                " SELECT ts_rank(ARRAY[0.1, 0.1, 0.1, 1.0]::real[], words, query, 1), id FROM blog_fts, asked"
                " WHERE words @@ query ORDER BY id DESC LIMIT %s",
                [written(query, " & ", " | ", tsquery_term), most],
            )
            return cursor.fetchall()


def written(query, and_, or_, term):
    """The query in a database's own words."""

    def one(alternative):
        return and_.join(term(word.removesuffix("*"), word.endswith("*")) for word in alternative)

    groups = (or_.join(f"({one(alternative)})" for alternative in group) for group in query.groups)
    return and_.join(f"({group})" for group in groups)


def fts5_term(word, is_beginning):
    return f'"{word}"*' if is_beginning else f'"{word}"'


def tsquery_term(word, is_beginning):
    return f"'{word}':*" if is_beginning else f"'{word}'"


def vector(title, body):
    """Tokens between spaces as a tsvector: those of the title have weight A, the others D."""
    places, room, place = {}, ROOM, 0
    for words, weight in ((title.split(), "A"), (body.split(), "")):
        for word in words:
            place = min(place + 1, LAST_PLACE)
            if word not in places:
                room -= len(word.encode()) + 8
                if room < 0:
                    break
                places[word] = []
            if len(places[word]) < MOST_PLACES and (room := room - 2) > 0:
                places[word].append(f"{place}{weight}")
    return " ".join(f"'{word}':{','.join(at)}" if at else f"'{word}'" for word, at in places.items())
