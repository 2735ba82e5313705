"""Primary keys given by hand, as an import gives them, and the database's own numbering."""

from django.db import connection, models


def reserve_ids(model: type[models.Model], highest: int) -> None:
    """Let the next row of `model` get an id above `highest`, so that ids up to there stay free to be given by hand.

    Only PostgreSQL needs it: its sequences do not look at the rows, SQLite's AUTOINCREMENT does.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
        cursor.execute(
            f"SELECT setval(%s, GREATEST(%s, (SELECT last_value FROM {sequence})))", [sequence, max(1, highest)]
        )
