"""Checks before serving. A failed one raises ImproperlyConfigured with one plain sentence."""

import errno
import re
import shutil
import socket
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection

MOUNTS = Path("/proc/self/mounts")

# Only databases of the development versions before 0.2.0 have these.
RETIRED_APPS = {"ground", "moving"}
RETIRED_MIGRATIONS = {
    (app, name)
    for app, names in {
        "accounts": "0001_first 0002_pictures 0003_invitations",
        "blog": "0001_first 0002_search 0003_never_lost 0003_post_was_public 0004_visits"
        " 0005_secret_link 0006_rest_of_the_desk 0007_lists_by_index_alone",
        "comments": "0001_first 0002_the_writer_and_the_desk 0003_what_is_learned 0004_quiet_closing_and_traces"
        " 0005_letters_to_readers 0006_letters_to_the_owner 0007_equal_comments_by_index",
    }.items()
    for name in names.split()
}

# File systems to which another machine, or the host of this virtual one, may write at the same time.
REMOTE = re.compile(
    r"(nfs\d?|cifs|smb\w*|afs|9p|ncpfs|ceph|lustre|gpfs|beegfs|vboxsf|prl_fs|vmhgfs"
    r"|fuse\.(sshfs|rclone|s3fs|glusterfs|davfs2?|vmhgfs-fuse|ceph|goofys|gcsfuse))$"
)


def check_port(host, port):
    """(address, port) to listen at, after trying to open it."""
    if not 0 < port < 65536:
        raise ImproperlyConfigured(f"PORT is {port}: ports go from 1 to 65535.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        place = found[0][4][:2]
        socket.create_server(place, family=found[0][0]).close()
    except socket.gaierror:
        raise ImproperlyConfigured(f"HOST is {host!r}: this machine has no such name.") from None
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"port {port} is in use. Stop the program that uses it, or choose another: "
            f"PORT={port + 1} make run",
            errno.EACCES: f"port {port} may not be opened by this user. Choose one above 1023, such as PORT=8000.",
            errno.EADDRNOTAVAIL: f"HOST is {host!r}: this machine has no such address.",
        }
        reason = reasons.get(error.errno, f"port {port} at {host} cannot be opened: {error.strerror}.")
        raise ImproperlyConfigured(reason) from None
    return place


def check_local_file_system(path, mounts=None):
    """SQLite's write-ahead log needs memory shared by all processes: across machines it corrupts the database."""
    kind = file_system(path, (mounts or MOUNTS))
    if REMOTE.match(kind):
        raise ImproperlyConfigured(
            f"{path} lies on a network file system ({kind}), where SQLite loses data. "
            "Choose a folder on a local disk (LONGRUN_DATA), or PostgreSQL (DATABASE_URL)."
        )


def file_system(path, mounts):
    """The type of the file system of `path`, read from `mounts`; "" without that file (only Linux has it)."""
    if not mounts.exists():
        return ""
    path, best, kind = Path(path).resolve(), -1, ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, found, *_ = line.split(" ")
        point = Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), point))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), found
    return kind


def check_log_file():
    """The log of requests can be written: else each request would write a traceback instead of its line."""
    file = settings.LONGRUN_LOG_PATH
    if settings.LONGRUN_LOG == "off" or not file:
        return
    try:
        open(file, "ab").close()
    except OSError as error:
        raise ImproperlyConfigured(f"LONGRUN_LOG_PATH is {file}, which cannot be written: {error.strerror}.") from None


def check_connection():
    try:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            check_sqlite_settings()
    except Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise ImproperlyConfigured(f"the database {db_name()} cannot be opened: {reason}.") from None


def check_sqlite_settings():
    """Ask the database whether the settings of config.environment.SQLITE are in effect."""
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with connection.cursor() as cursor:
        for name, wanted in expected.items():
            found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted:
                raise ImproperlyConfigured(
                    f"the database {db_name()} answers {name}={found} where Longrun needs {wanted}: "
                    "is its folder on a local disk?"
                )


def check_migrations(loader):
    """Reject a database with unknown migrations of ours: a newer version made it. Squashed migrations are known.

    Versions before 0.2.0 had other migrations; there is no upgrade from them.
    """
    of_before = sorted(key for key in loader.applied_migrations if key[0] in RETIRED_APPS or key in RETIRED_MIGRATIONS)
    if of_before:
        raise ImproperlyConfigured(
            f"{place()} was made by a development version before 0.2.0 (it has {'.'.join(of_before[-1])}); its "
            "database cannot be upgraded. Set up a new one (LONGRUN_DATA=…), or go on with the program that made it."
        )
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR}
    known = loader.disk_migrations.keys() | {old for new in loader.disk_migrations.values() for old in new.replaces}
    unknown = sorted(key for key in loader.applied_migrations.keys() - known if key[0] in ours)
    if unknown:
        raise ImproperlyConfigured(
            f"the database {db_name()} was served by a newer Longrun (this one does not know "
            f"{'.'.join(unknown[-1])}): start that version, or restore an older backup."
        )


def place():
    """The data folder for SQLite, else the database, as a phrase for messages."""
    return f"the data folder {settings.LONGRUN_DATA}" if connection.vendor == "sqlite" else f"the database {db_name()}"


def db_name():
    """The database's file, or its name and host; never its password."""
    its = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return str(its["NAME"])
    return f"{its['NAME']!r} at {its.get('HOST') or 'this machine'}" + (f":{its['PORT']}" if its.get("PORT") else "")


def disk_space_warning():
    """A warning if the disk is nearly full, else "": SQLite needs room for its log and a copy."""
    folder = settings.LONGRUN_DATA
    free, size = shutil.disk_usage(folder).free, database_size()
    if free < max(3 * size, 100 * 2**20):
        return f"Only {free // 2**20} MB are left on the disk of {folder}; the database has {size // 2**20} MB."
    return ""


def database_size():
    if connection.vendor != "sqlite":
        return 0
    file = database_file()
    log = file.with_name(f"{file.name}-wal")
    return file_size(file) + file_size(log)  # SQLite deletes the log when the last connection closes, at any time


def file_size(path):
    """In bytes; 0 if there is no such file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def database_file():
    return Path(settings.DATABASES["default"]["NAME"])
