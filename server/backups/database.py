"""The database of a backup: a snapshot made by the database itself, and its row counts."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection, transaction

from server import sqlite_copies
from server.backups.files import POSTGRES, SQLITE, BackupFailed, check_space
from server.startup_checks import database_file, database_size

MIGRATIONS_TABLE = "django_migrations"  # never empty in a database of Longrun


def dump(into: Path) -> tuple[Path, dict[str, int]]:
    """Write a snapshot of the database into a folder. Returns the file and {table: number of rows}."""
    return (dump_sqlite if connection.vendor == "sqlite" else dump_postgres)(into)


def dump_sqlite(into):
    target = into / SQLITE
    check_space(database_size(), into)
    try:
        sqlite_copies.copy(database_file(), target)
    except sqlite_copies.CopyFailed as failure:
        raise BackupFailed(str(failure)) from failure
    return target, count_rows(target)


def count_rows(file: Path) -> dict[str, int]:
    """{table: number of rows} of an SQLite file. Raises BackupFailed if the file is damaged or empty."""
    try:
        sqlite_copies.verify(file)
        with closing(sqlite_copies.open_immutable(file)) as made:
            names = made.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            # A table name cannot be a query parameter, so it is quoted here.
            rows = {name: count_table(made, name.replace('"', '""')) for (name,) in names.fetchall()}
    except (sqlite_copies.CopyFailed, sqlite3.Error) as error:
        raise BackupFailed(f"its database is not whole: {error}") from error
    if not rows.get(MIGRATIONS_TABLE):
        raise BackupFailed("its database is empty")
    return rows


def count_table(made, quoted):
    return made.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]


def dump_postgres(into):
    """Run pg_dump on the exported snapshot in which the rows are counted, so that both agree."""
    program = shutil.which("pg_dump")
    if not program:
        raise BackupFailed("PostgreSQL is copied by its own pg_dump, which is not installed here (postgresql-client)")
    target = into / POSTGRES
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = {}
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            rows[name] = cursor.fetchone()[0]
        command = [program, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}"]
        done = subprocess.run(command, env=os.environ | pg_environment(), capture_output=True, text=True)
    if done.returncode:
        raise BackupFailed(f"pg_dump said: {last_line(done.stderr)}")
    target.chmod(0o600)
    sqlite_copies.sync(target)
    if not rows.get(MIGRATIONS_TABLE):
        raise BackupFailed("its database is empty")
    return target, rows


def pg_environment():
    """The connection as environment variables for pg_dump: every user can see a password on the command line."""
    its = connection.settings_dict
    named = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    said = {variable: str(its[key]) for variable, key in named.items() if its.get(key)}
    if mode := its.get("OPTIONS", {}).get("sslmode"):
        said["PGSSLMODE"] = mode
    return said


def last_line(text):
    return (text.strip().splitlines() or ["nothing"])[-1]
