"""A damaged SQLite database: found before serving and by the worker after every start; named with the newest backup."""

import json
import logging
import sqlite3
import threading
from contextlib import closing, contextmanager
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.utils import timezone

from core.jobs import at_start
from server import backups
from server.startup_checks import database_file, file_size

logger = logging.getLogger(__name__)

MAGIC = b"SQLite format 3\0"
DAMAGE = ("malformed", "not a database", "disk I/O error", "unsupported file format")  # in the messages of SQLite
FINDING = "database_check"  # file in the data folder


def check_header_and_schema():
    """Read the first bytes of the database and its list of tables. Raises ImproperlyConfigured if they are damaged.

    Never in a process that serves or works: where a process closes the file, it loses the locks of all its connections,
    others then delete the journal that it goes on to write, and what it writes is lost
    (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    file = database_file()
    if not file_size(file):  # a new one
        return
    with file.open("rb") as opened:
        header = opened.read(100)
    if reason := header_problem(header, file):
        raise ImproperlyConfigured(damage_sentence(reason))
    with naming_damage(), closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA schema_version").fetchone()
        opened.execute("SELECT count(*) FROM sqlite_master").fetchone()


def header_problem(header, file):
    """What is wrong with the first 100 bytes of the file; "" if nothing is. https://sqlite.org/fileformat2.html"""
    if not header.startswith(MAGIC):
        return "file is not a database"
    size = int.from_bytes(header[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        return "its header names an impossible page size"
    pages = int.from_bytes(header[28:32], "big")
    has_log = file_size(file.with_name(f"{file.name}-wal"))  # what is missing may stand in it
    if header[24:28] == header[92:96] and pages * size > file_size(file) and not has_log:
        return f"{pages * size:,} bytes are expected, and the file has {file_size(file):,}"
    return ""


@contextmanager
def naming_damage():
    """Turn the errors by which SQLite reports damage into one sentence (ImproperlyConfigured)."""
    try:
        yield
    except (Error, sqlite3.Error) as error:
        if is_damage(error):
            raise ImproperlyConfigured(damage_sentence(str(error))) from None
        raise


def check_integrity():
    """SQLite recovers from an unclean stop by itself; this check finds a failing disk."""
    if found := quick_check():
        raise ImproperlyConfigured(damage_sentence(found))


def is_damage(error):
    """Whether this error of the database says that the SQLite file is damaged."""
    return connection.vendor == "sqlite" and any(words in str(error) for words in DAMAGE)


def damage_sentence(reason):
    """What is wrong, and what to do: the newest backup by its name."""
    return f"{problem(reason)} Nothing was changed. {way_back()}"


def problem(reason):
    return f"the database {database_file()} is damaged ({reason})."


def way_back():
    kept = next((backup for backup in backups.list_backups() if not backup.problem), None)
    if kept is None:
        return f"There is no backup in {backups.folder()}, so look for a copy of the data folder."
    command = f"manage.py restore {kept.name} --into FOLDER"
    return f"The newest backup is {kept.name}: `{command}` restores it into a new folder."


def quick_check():
    """What `PRAGMA quick_check` finds, in one line; "" if the database is whole. It reads the whole file."""
    uri = f"{database_file().absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as opened:
            found = [line for (line,) in opened.execute("PRAGMA quick_check(3)")]
    except sqlite3.Error as error:
        if is_damage(error):
            return str(error)
        raise
    return "" if found == ["ok"] else " ".join("; ".join(found).split())


@at_start
def check_in_background():
    """Check the database in a thread of its own: jobs, whose rows may lie on a damaged page, do not wait for it."""
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        threading.Thread(target=check_and_record, name="quick_check", daemon=True).start()


def check_and_record():
    try:
        found = quick_check()
    except sqlite3.Error as error:
        logger.warning("the database could not be checked: %s", error)
        return
    if found:
        logger.error("%s", damage_sentence(found))
    said = {"when": timezone.now().isoformat(timespec="seconds"), "found": found}
    try:
        (settings.LONGRUN_DATA / FINDING).write_text(json.dumps(said), encoding="utf-8")
    except OSError as error:
        logger.warning("the finding of the database check could not be written: %s", error)


def last_check():
    """(when, what was found) by the worker; (None, "") if it has not checked yet."""
    try:
        said = json.loads((settings.LONGRUN_DATA / FINDING).read_text(encoding="utf-8"))
        return datetime.fromisoformat(said["when"]), str(said["found"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, ""
