"""Primary keys given by hand, as an import gives them, and the database's own numbering."""

from django.db import connection as default_connection
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


def reserve_ids(model: type[models.Model], highest: int, *, connection: BaseDatabaseWrapper | None = None) -> None:
    """Let the next row of `model` get an id above `highest`, so that ids up to there stay free to be given by hand.

    SQLite's AUTOINCREMENT looks at the rows that are there or were; PostgreSQL's sequences look at none.
    """
    database = connection or default_connection
    table = model._meta.db_table
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            sequence = _sequence_of(model, database)
            cursor.execute(
                f"SELECT setval(%s, GREATEST(%s, (SELECT last_value FROM {sequence})))", [sequence, max(1, highest)]
            )
        elif connection is not None:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [highest, table])
            if not cursor.rowcount and highest:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest])


def last_id(model: type[models.Model], connection: BaseDatabaseWrapper) -> int:
    """The highest id that the database has given, or that a row has; 0 if it has given none."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = _sequence_of(model, connection)
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        given = cursor.fetchone()
    rows: models.QuerySet[models.Model] = models.QuerySet(model, using=connection.alias)
    highest: int | None = rows.aggregate(highest=models.Max("pk"))["highest"]
    return max(given[0] if given else 0, highest or 0)


def _sequence_of(model: type[models.Model], connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{model._meta.db_table}"', model._meta.pk.column])
        found: str = cursor.fetchone()[0]
    return found
