"""Prepare to serve: check the environment, copy the database and migrate, collect static files."""

import hashlib
import os
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.file_locks import AlreadyLocked, exclusive_lock
from server import damaged_database, sqlite_copies, startup_checks

UMASK = 0o077  # only this user may read the database, its copies and other new files


@contextmanager
def serving():
    """Lock the data folder while serving; yields whether the last server was killed rather than stopped."""
    marker = settings.LONGRUN_DATA / "running"  # SIGKILL and power cuts leave it behind
    try:
        with exclusive_lock(settings.LONGRUN_DATA / "serve.lock"):
            unclean = marker.exists()
            marker.touch(mode=0o600)
            try:
                yield unclean
            finally:
                marker.unlink(missing_ok=True)
    except AlreadyLocked:
        raise ImproperlyConfigured(f"another Longrun serves the data folder {settings.LONGRUN_DATA} already.") from None


def prepare(say, unclean=False):
    """Do what serving needs and is not done yet; `say` prints progress. Raises ImproperlyConfigured."""
    os.umask(UMASK)
    startup_checks.check_log_file()
    sqlite = connection.vendor == "sqlite"
    if sqlite:
        startup_checks.check_local_file_system(startup_checks.database_file().parent)
        damaged_database.check_header_and_schema()
    startup_checks.check_connection()
    # Servers that start at the same time prepare one after the other.
    with exclusive_lock(settings.LONGRUN_DATA / "prepare.lock", timeout=600), damaged_database.naming_damage():
        if sqlite and unclean:
            say("Longrun was not stopped properly; checking the database …")
            damaged_database.check_integrity()
        if warning := startup_checks.disk_space_warning():
            say(warning)
        migrate(say)
        if not settings.DEBUG:
            collect_static(say)


def migrate(say):
    """Apply new migrations, after a copy of the database if it is not new."""
    executor = MigrationExecutor(connection)
    startup_checks.check_migrations(executor.loader)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return
    if executor.loader.applied_migrations:
        copy_before_migrating(plan[0][0], say)
        say(f"Applying {len(plan)} migrations …" if len(plan) > 1 else f"Applying {plan[0][0]} …")
    call_command("migrate", interactive=False, verbosity=0)


def copy_before_migrating(migration, say):
    if connection.vendor != "sqlite":
        say("PostgreSQL's copies are made by its own tools (pg_dump); Longrun keeps none.")
        return
    folder = settings.LONGRUN_DATA / "backups"
    target = folder / f"before-{migration.app_label}.{migration.name}.sqlite3"
    try:
        sqlite_copies.copy(startup_checks.database_file(), target)
    except sqlite_copies.CopyFailed as failure:
        raise ImproperlyConfigured(f"nothing was migrated, because no copy could be kept first: {failure}.") from None
    sqlite_copies.delete_old_copies(folder, "before-*.sqlite3")
    say(f"A copy of the database is kept in {target}")


def collect_static(say):
    """Collect the static files if they have changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with exclusive_lock(root / ".lock", timeout=600):
            wanted = static_hash()
            if stamp.exists() and stamp.read_text() == wanted:
                return
            say("Collecting static files …")
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(wanted)
    except OSError as error:
        raise ImproperlyConfigured(
            f"the folder for static files, {root}, cannot be written ({error.strerror}). LONGRUN_STATIC names another."
        ) from None


def static_hash():
    """A hash of every static file and of the code that minifies and compresses them."""
    versions = [version(name) for name in ("django", "whitenoise", "brotli")]
    code = hashlib.sha256(f"{versions} {settings.STORAGES}".encode())
    code.update((settings.BASE_DIR / "server" / "static_files.py").read_bytes())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            with storage.open(name) as file:
                code.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return code.hexdigest()
