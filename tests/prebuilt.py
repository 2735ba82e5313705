"""What is made once for all processes and lines of a check of run.py, which names a folder for it: LONGRUN_CHECKS.

Migrating an empty database takes seconds of a processor, and every worker of xdist needs one. Without that folder
each process makes its own.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest


def once(name, make):
    """The folder that `make(folder)` filled; whoever is later gets what the first one made."""
    if not (shared := os.environ.get("LONGRUN_CHECKS")):
        return None
    place = Path(shared) / name
    if not place.exists():
        mine = Path(shared) / f"{name}-{os.getpid()}"
        mine.mkdir()
        make(mine)
        try:
            mine.rename(place)
        except OSError:  # somebody else was quicker
            return mine
    return place


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """A database in memory begins as a copy of the first one that was migrated."""
    from django.db import connection

    file = Path(os.environ.get("LONGRUN_CHECKS", "")) / "migrated" / "longrun.sqlite3"
    if connection.vendor != "sqlite" or not file.exists():
        yield
        return
    name = connection.creation._get_test_db_name()
    with closing(sqlite3.connect(name, uri=True)) as copy, closing(sqlite3.connect(file)) as first:
        first.backup(copy)
        yield  # while this is open, Django finds it by its name, and nothing to migrate


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    from django.db import connection

    def keep(folder):
        with closing(sqlite3.connect(folder / "longrun.sqlite3")) as file:
            connection.connection.backup(file)

    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            connection.ensure_connection()
            once("migrated", keep)
