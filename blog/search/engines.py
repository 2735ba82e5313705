"""The two full-text indexes. Both hold prepared words under an entry's number; what a visitor types is bound, never
spliced. This is the only place of the project that speaks SQL."""

from django.db import connection

TITLE_WEIGHT = 10


class Sqlite:
    """FTS5, with every word quoted so that nothing in it is syntax."""

    def put(self, rows):
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM blog_fts WHERE rowid = %s", [(pk,) for pk, _title, _body in rows])
            cursor.executemany("INSERT INTO blog_fts (rowid, title, body) VALUES (%s, %s, %s)", rows)

    def drop(self, pks):
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM blog_fts WHERE rowid = %s", [(pk,) for pk in pks])

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM blog_fts")

    def ranked(self, words, most):
        """(weight, number) of the newest `most` entries with all words; more weight is better."""
        query = " AND ".join(f'"{word}"' for word in words)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT -bm25(blog_fts, %s, 1.0), rowid FROM blog_fts"
                " WHERE blog_fts MATCH %s ORDER BY rowid DESC LIMIT %s",
                [TITLE_WEIGHT, query, most],
            )
            return cursor.fetchall()


class Postgres:
    """A tsvector of prepared words under the configuration "simple": stemming was done before."""

    def put(self, rows):
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO blog_fts (id, words) VALUES (%s, setweight(to_tsvector('simple', %s), 'A') ||"
                " setweight(to_tsvector('simple', %s), 'D'))"
                " ON CONFLICT (id) DO UPDATE SET words = excluded.words",
                [(pk, title, body[:400_000]) for pk, title, body in rows],
            )

    def drop(self, pks):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM blog_fts WHERE id = ANY(%s)", [pks])

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM blog_fts")

    def ranked(self, words, most):
        """(weight, number) of the newest `most` entries with all words; more weight is better."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH asked AS (SELECT plainto_tsquery('simple', %s) AS query)"
                " SELECT ts_rank(ARRAY[0.1, 0.1, 0.1, 1.0]::real[], words, query, 1), id FROM blog_fts, asked"
                " WHERE words @@ query ORDER BY id DESC LIMIT %s",
                [" ".join(words), most],
            )
            return cursor.fetchall()
