import shutil
import sqlite3
import stat
import sys
from importlib.metadata import version

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core import email_log
from core.file_locks import AlreadyLocked, exclusive_lock
from core.models import Email, ScheduledTask
from server import startup_checks
from server.connection_limit import max_connections, raise_file_limit
from server.setup import owner_exists


class Command(BaseCommand):
    help = "Check everything that Longrun depends on; the exit code is 1 if something is wrong."
    requires_system_checks = []

    def handle(self, **options):
        self.problems = 0
        for look in CHECKS:
            bad = self.report(look)
            if bad and look in (database, migrations):  # later checks query tables that may not exist
                break
        if self.problems:
            sys.exit(1)

    def report(self, look):
        """Run a check and print its result; one that begins with "!" is a problem. Returns whether it is."""
        try:
            found = look()
        except ImproperlyConfigured as problem:
            found = f"! {problem}"
        bad = found.startswith("!")
        self.problems += bad
        self.stdout.write(f"{'LOOK' if bad else 'ok':5}{look.__name__:12}{found.removeprefix('! ')}")
        return bad


def versions():
    python = ".".join(map(str, sys.version_info[:3]))
    server = f"granian {version('granian')}"
    return f"Python {python}, Django {django.__version__}, {server}, SQLite {sqlite3.sqlite_version}"


def address():
    said = settings.LONGRUN_URL
    if not settings.LONGRUN_LIMITS:
        return f"! {said}, and LONGRUN_LIMITS=off: there are no rate limits."
    return f"{said}{', DEBUG is on' if settings.DEBUG else ''}"


def folder():
    data = settings.LONGRUN_DATA
    seen = [path for path in (data, data / "secret_key") if path.exists() and path.stat().st_mode & stat.S_IRWXO]
    if seen:
        return f"! {', '.join(map(str, seen))} can be read by every user of this machine (chmod o-rwx)."
    return str(data)


def space():
    free = shutil.disk_usage(settings.LONGRUN_DATA).free
    return f"! {short}" if (short := startup_checks.disk_space_warning()) else f"{free // 2**20:,} MB free on the disk"


def capacity():
    raise_file_limit()  # as `serve` does
    return f"{max_connections():,} at once, by the limit of open files"


def database():
    if connection.vendor == "sqlite":
        startup_checks.check_local_file_system(startup_checks.database_file().parent)
    startup_checks.check_connection()
    if connection.vendor != "sqlite":
        return f"PostgreSQL {connection.pg_version // 10000}, {startup_checks.db_name()}"
    size = startup_checks.database_size() // 2**10
    return f"{startup_checks.db_name()}, {size:,} kB, journal_mode=wal, synchronous=FULL"


def migrations():
    executor = MigrationExecutor(connection)
    startup_checks.check_migrations(executor.loader)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return f"! {waiting} not applied yet: `manage.py prepare` keeps a copy first." if waiting else "all applied"


def owner():
    return "the blog has one" if owner_exists() else "! nobody yet: `manage.py setup_link` prints the link."


def worker():
    try:
        with exclusive_lock(settings.LONGRUN_DATA / "worker.lock"):
            return "! no worker is running: emails and announcements wait. `manage.py serve` starts one."
    except AlreadyLocked:
        return "at work"


def schedule():
    failed = ScheduledTask.objects.exclude(last_error="").values_list("name", "last_error")
    told = [f"{name} ({error.strip().splitlines()[-1]})" for name, error in failed]
    return (
        f"! the last run failed: {'; '.join(told)}" if told else f"{ScheduledTask.objects.count()} entries, none failed"
    )


def mail():
    waiting = Email.objects.waiting().count()
    by = settings.EMAIL_PROVIDER or f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if not (settings.EMAIL_HOST or settings.EMAIL_PROVIDER):
        return f"not configured (EMAIL_HOST or EMAIL_PROVIDER): nothing is sent, {waiting} emails wait"
    if trouble := email_log.delivery_problem():
        return f"! by {by}: {waiting} emails wait, and none was accepted for days. {trouble.error}".rstrip()
    lost = Email.objects.filter(state__in=[Email.State.REFUSED, Email.State.BOUNCED, Email.State.FAILED]).count()
    return f"by {by}, {waiting} emails wait, {lost} could not be delivered"


def providers():
    names = []
    for name, options in settings.SOCIALACCOUNT_PROVIDERS.items():
        names += [app["name"] for app in options["APPS"]] if "APPS" in options else [name]
    return f"readers can log in with {', '.join(names)}" if names else "none configured: readers comment as guests"


CHECKS = [versions, address, folder, space, capacity, database, migrations, owner, worker, schedule, mail, providers]
