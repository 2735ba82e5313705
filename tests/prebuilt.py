"""Test data shared by all processes of a check of run.py, in the folder LONGRUN_CHECKS.

Migrating an empty database takes seconds of CPU time, and every worker of xdist needs one. Without LONGRUN_CHECKS each
process makes its own.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest


def once(name, make):
    """The shared folder that `make(folder)` filled, by the first process to finish; None without LONGRUN_CHECKS."""
    if not (shared := os.environ.get("LONGRUN_CHECKS")):
        return None
    place = Path(shared) / name
    if not place.exists():
        mine = Path(shared) / f"{name}-{os.getpid()}"
        mine.mkdir()
        make(mine)
        try:
            mine.rename(place)
        except OSError:  # another process was faster
            return mine
    return place


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Initializes the in-memory database as a copy of the first one that was migrated."""
    from django.db import connection

    file = Path(os.environ.get("LONGRUN_CHECKS", "")) / "migrated" / "longrun.sqlite3"
    if connection.vendor != "sqlite" or not file.exists():
        yield
        return
    name = connection.creation._get_test_db_name()
    with closing(sqlite3.connect(name, uri=True)) as copy, closing(sqlite3.connect(file)) as first:
        first.backup(copy)
        yield  # while the copy is open, Django connects to it by its name and has nothing to migrate


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
