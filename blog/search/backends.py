"""The two full-text indexes: SQLite's FTS5 and PostgreSQL's tsvector. Both store prepared tokens (separated by spaces)
under an entry's primary key. The query is passed as a parameter, never put into the SQL."""

import time

from django.db import OperationalError, connection

TITLE_WEIGHT = 10
MOST_PLACES, LAST_PLACE = 255, 16_383  # limits of a tsvector: positions of one token, and the highest position
ROOM = 1_000_000  # bytes; a tsvector may have 1,048,575
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's SQLSTATE
MERGED_AT_ONCE = 500  # pages of FTS5's index; other connections can write between two steps


class Sqlite:
    """FTS5; every term is quoted, so that none is read as query syntax."""

    def put(self, rows):
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM blog_fts WHERE rowid = %s", [(pk,) for pk, _title, _body in rows])
            cursor.executemany("INSERT INTO blog_fts (rowid, title, body) VALUES (%s, %s, %s)", rows)

    def drop(self, pks):
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM blog_fts WHERE rowid = %s", [(pk,) for pk in pks])

    def purge(self, stopping, tables):
        """Remove the tokens of dropped entries, which FTS5 only marks as deleted, from the database file. Returns
        whether that is complete. `tables` is ignored: SQLite overwrites deleted rows itself (`secure_delete`).

        The segments of the index are merged into one, in steps ("optimize" would block all writers meanwhile).
        `secure_delete` overwrites the pages that this frees, and the write-ahead log is truncated.
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
        """[(weight, primary key)] of the newest `most` entries that match the query; a higher weight is better."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT -bm25(blog_fts, %s, 1.0), rowid FROM blog_fts"
                " WHERE blog_fts MATCH %s ORDER BY rowid DESC LIMIT %s",
                [TITLE_WEIGHT, query_expression(query, " AND ", " OR ", fts5_term), most],
            )
            return cursor.fetchall()


class Postgres:
    """The tsvector is built here, not by PostgreSQL's parser, which treats the combining marks of many scripts as
    spaces."""

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
        """Remove the bytes of deleted rows from the files of these tables. Returns whether that is complete.

        A plain VACUUM only marks a row's space as free; its bytes stay until they are overwritten. VACUUM FULL rewrites
        the table and its indexes under an exclusive lock, so it is only used after an erasure on request, one table at
        a time, and gives up if it does not get the lock in 2 s. ANALYZE because the statistics contain common values.
        It keeps rows that an older transaction could still see, one in another database of the server included: those
        are waited for first, 2 s as well.
        """
        if connection.in_atomic_block:
            return True
        with connection.cursor() as cursor:
            if not _older_transactions_ended(cursor, seconds=2):
                return False
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
        """[(weight, primary key)] of the newest `most` entries that match the query; a higher weight is better."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH asked AS (SELECT %s::tsquery AS query)"
                " SELECT ts_rank(ARRAY[0.1, 0.1, 0.1, 1.0]::real[], words, query, 1), id FROM blog_fts, asked"
                " WHERE words @@ query ORDER BY id DESC LIMIT %s",
                [query_expression(query, " & ", " | ", tsquery_term), most],
            )
            return cursor.fetchall()


def query_expression(query, and_, or_, term):
    """A tokens.Query in a database's query syntax; `term(word, is_prefix)` writes one term."""

    def one(alternative):
        return and_.join(term(word.removesuffix("*"), word.endswith("*")) for word in alternative)

    groups = (or_.join(f"({one(alternative)})" for alternative in group) for group in query.groups)
    return and_.join(f"({group})" for group in groups)


def fts5_term(word, is_beginning):
    return f'"{word}"*' if is_beginning else f'"{word}"'


def tsquery_term(word, is_beginning):
    return f"'{word}':*" if is_beginning else f"'{word}'"


def vector(title, body):
    """The text form of a tsvector. `title`, `body`: tokens separated by spaces; the title's get weight A, the others D.

    Tokens that exceed PostgreSQL's limits are left out.
    """
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


def _older_transactions_ended(cursor, seconds):
    """Whether every transaction that runs now ends within `seconds`. What was deleted before is dead to all others.

    A write anywhere on the server holds back the snapshot that VACUUM FULL takes (`pg_snapshot_xmin`); a read holds
    back rows of its own database (`backend_xmin`).
    """
    cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    (next_id,) = cursor.fetchone()
    deadline = time.monotonic() + seconds
    while True:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8 AND NOT EXISTS ("
            " SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND age(backend_xmin) > age(%s::xid8::xid))",
            [next_id, next_id],
        )
        if cursor.fetchone()[0]:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
