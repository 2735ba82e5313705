"""Checks of what is kept: the database, the data folder, the media files, the backups."""

import shutil
import stat
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from blog.models import Media
from core.media_storage import media_storage
from server import backups, damaged_database, startup_checks
from server.doctor.problem import Problem

NEW = timedelta(days=2)  # a blog may be so old without a backup
PROBES = 200  # media files
REMOTE_PROBES = 20  # each is a request to the storage


def database():
    """Open the database and read all of it: for a process that is there for this alone."""
    if connection.vendor == "sqlite":
        damaged_database.check_header_and_schema()
    said = checked_database()
    if connection.vendor == "sqlite" and (found := damaged_database.quick_check()):
        raise Problem(damaged_database.problem(found), damaged_database.way_back())
    return said


def checked_database():
    """Open the database; what the worker found when it read all of it."""
    if connection.vendor == "sqlite":
        startup_checks.check_local_file_system(startup_checks.database_file().parent)
    with damaged_database.naming_damage():
        startup_checks.check_connection()
    if connection.vendor != "sqlite":
        return f"PostgreSQL {connection.pg_version // 10000}, {startup_checks.db_name()}"
    _when, found = damaged_database.last_check()
    if found:
        raise Problem(damaged_database.problem(found), damaged_database.way_back())
    size = startup_checks.database_size() // 2**10
    return f"{startup_checks.db_name()}, {size:,} kB, journal_mode=wal, synchronous=FULL"


def migrations():
    with damaged_database.naming_damage():
        executor = MigrationExecutor(connection)
        startup_checks.check_migrations(executor.loader)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        raise Problem(f"{waiting} not applied yet.", "`manage.py prepare` keeps a copy first, then applies them.")
    return "all applied"


def folder():
    data = settings.LONGRUN_DATA
    seen = [path for path in (data, data / "secret_key") if path.exists() and path.stat().st_mode & stat.S_IRWXO]
    if seen:
        names = " ".join(map(str, seen))
        raise Problem(f"every user of this machine can read {names}.", f"chmod o-rwx {names}")
    return str(data)


def space():
    if short := startup_checks.disk_space_warning():
        raise Problem(short, "Free disk space; docs/operations.md, “The disk is full”, says what takes it.")
    return f"{shutil.disk_usage(settings.LONGRUN_DATA).free // 2**20:,} MB free on the disk"


def media_files():
    """Whether the files are where the rows say, asked of the newest."""
    storage, root, count = media_storage(), Path(settings.MEDIA_ROOT), Media.objects.count()
    if storage.is_remote:
        return remote_files(storage, count)
    if not root.is_dir():
        if not count:
            return "none yet"
        raise Problem(f"the folder {root} is gone, and {count:,} files belong there.", media_way_back(root))
    missing, asked = missing_files(storage, PROBES)
    if missing:
        raise Problem(
            f"{len(missing):,} of the {asked:,} newest files are missing, such as {root / missing[0]}.",
            media_way_back(root),
        )
    return f"{count:,} files, the newest are where they belong" if count else "none yet"


def missing_files(storage, most):
    """(those of the newest `most` files that are not in the storage, how many were looked for)."""
    names = [f"{row.folder}/{row.full}" for row in Media.objects.order_by("-pk")[:most]]
    return [name for name in names if not storage.exists(name)], len(names)


def remote_files(storage, count):
    try:
        next(iter(storage.files()), None)  # also a key that may not read says so
        missing, asked = missing_files(storage, REMOTE_PROBES)
    except OSError as error:
        raise Problem(
            f"{storage.endpoint_url}: {error}.",
            "Correct STORAGE_URL, or ask whoever runs the storage; until then pictures and uploads answer 503.",
        ) from None
    if missing:
        raise Problem(
            f"{len(missing):,} of the {asked:,} newest files are missing there, such as {missing[0]}.",
            "`manage.py move_media --from file:///FOLDER --to …` copies what a backup or the former folder has.",
        )
    return f"{count:,} files, at {storage.endpoint_url}"


def media_way_back(root):
    if root.is_symlink():
        return f"{root} leads to {root.readlink()}: mount that disk."
    if kept := backups.latest():
        return f"`manage.py restore {kept.name} --into FOLDER`, then copy FOLDER/media here; or mount the disk."
    return "There is no backup to take it from: mount the disk it was on, or look for a copy of the data folder."


def backup():
    newest, failure = backups.latest(), backups.last_failure()
    if failure:
        raise Problem(
            f"the last try failed: {failure['why'] or 'the log says why'}.",
            "docs/operations.md, “Error messages on the desk”; then `manage.py backup`.",
        )
    if newest is None:
        if is_new():
            return "none yet; the worker makes one every day"
        raise Problem("there is none.", "`manage.py backup` makes one now; the worker makes one every day.")
    if newest.problem:
        raise Problem(f"{newest.name} is damaged: {newest.problem}.", "`manage.py backup` makes another.")
    if newest.is_old:
        raise Problem(
            f"the newest, {newest.name}, is {(timezone.now() - newest.made).days} days old.",
            "`manage.py backup` makes one now; the worker, which makes one every day, may not be running.",
        )
    return f"{newest.name}, {newest.size // 2**10:,} kB"


def copies():
    """Whether the backups arrive where BACKUP_TO and BACKUP_COMMAND send them."""
    sent = backups.copies_elsewhere()
    if failed := [each for each in sent if each.problem]:
        raise Problem(
            "; ".join(f"none at {each.place} since {each.since:%Y-%m-%d}: {each.problem}" for each in failed) + ".",
            "docs/operations.md, “Copying backups to another place”; then `manage.py backup`, which copies as well.",
        )
    if late := [each for each in sent if each.is_late]:
        raise Problem(
            "; ".join(
                f"the last one at {each.place}: {f'{each.when:%Y-%m-%d}' if each.when else 'none'}" for each in late
            )
            + ".",
            "`manage.py backup` copies now; the worker, which does it every day, may not be running.",
        )
    if not sent:
        return "none on another machine (BACKUP_TO)"
    return "; ".join(f"{each.place}: {each.backup or 'nothing was sent yet'}" for each in sent)


def drill():
    """What the last restore drill found."""
    last = backups.last_drill()
    if last is None:
        return "none yet; the worker does one once there is a backup, and then every month"
    if not last.is_well:
        raise Problem(
            f"{last.backup or 'the newest backup'} does not restore: {last.problem}.",
            "`manage.py backup` makes another, `manage.py restore_drill` tries it.",
        )
    return f"{last.when:%Y-%m-%d}: {last.backup} restores"


def is_new():
    """Whether the first owner came lately."""
    first = get_user_model().objects.owners().order_by("date_joined").first()
    return first is None or first.date_joined > timezone.now() - NEW
