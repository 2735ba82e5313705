"""The steps of an upgrade and of a rollback, in their order.

1. Install the new version beside the present one, make a backup.
2. Read-only from here on: forms answer 503 and keep their text.
3. Copy the database; the new version migrates the copy and shows that it answers with it.
4. Decide (`version_switch.decide`), and wait until the new version serves.

A failure, or the death of any process, before the decision leaves the present version as it was; after it, the new one
comes up at the next start. With PostgreSQL the database itself is migrated, and migrated back after a failure.
"""

import json
import shutil
import sqlite3
import subprocess
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import folders
from core.file_locks import AlreadyLocked, exclusive_lock
from core.read_only import read_only
from server import backups, sqlite_copies, startup_checks
from server.upgrade import environments, since, version_switch, writers
from server.upgrade.programs import STAY, Program, as_numbers, current_program, this_program, write_file
from transfer.exporting.files import write_parts
from transfer.exporting.json_export import json_parts

WRITERS = 120  # seconds to wait for those that write, such as a job that runs, unless `--wait` says
ROUND = 5  # seconds after which those that write are looked at again
PATIENCE = 180  # seconds to wait for the new version


class UpgradeFailed(Exception):
    """The present version goes on; the message says why."""


def upgrade(source, say, *, is_confirmed, wait=WRITERS):
    """Install the version of a wheel or tag and let it serve. `is_confirmed(news)` is asked after showing what is new;
    `wait`: how many seconds to wait for those that write.

    Raises UpgradeFailed."""
    data, present = Path(settings.LONGRUN_DATA), this_program()
    with one_at_a_time():
        undo_unfinished(say)
        try:
            program, changes = candidate(source, present, data, say)
        except environments.InstallFailed as failure:
            raise UpgradeFailed(str(failure)) from None
        if not is_confirmed(environments.news(changes, present.version)):
            raise UpgradeFailed("nothing was changed")
        say("Making a backup …")
        try:
            backups.create_backup()
        except backups.BackupFailed as failure:
            raise UpgradeFailed(str(failure)) from None
        with read_only_now(say, wait):
            kept = try_out(program, say)
            version_switch.decide(program, present, kept)
            wait_until_it_serves(program, say)
        environments.delete_unused(data, [program, present])
        sqlite_copies.delete_old_copies(data / "backups", "version-*.sqlite3")


def candidate(source, present, data, say):
    """(program, its changelog) of a wheel or tag, installed. Refused before that if it is not newer: with the number of
    the present version it would be installed in the place of what runs."""
    wheel = Path(source).resolve() if source.endswith(".whl") else None
    version, changes = environments.read_version(wheel) if wheel else (environments.tag_version(source), "")
    if as_numbers(version) <= as_numbers(present.version):
        raise UpgradeFailed(f"{source} is version {version}, and {present.version} is running: `rollback` goes back")
    say(f"Installing {source} beside the present version …")
    if wheel:
        return environments.install_wheel(wheel, version, data), changes
    return environments.install_tag(source, version, data)


@contextmanager
def one_at_a_time():
    try:
        with exclusive_lock(Path(settings.LONGRUN_DATA) / "upgrade.lock"):
            yield
    except AlreadyLocked:
        raise UpgradeFailed("another upgrade is at work") from None


@contextmanager
def read_only_now(say, wait=WRITERS):
    """Nothing is written while the block runs. Everything that it leaves unfinished is deleted."""
    with ExitStack() as lock:
        wait_for_writers(lock, say, wait)
        say("The blog is read-only from here on …")
        try:
            yield
        finally:
            # In this order: while `serve` goes back, there is always one of the two, the second at the end.
            if not (version_switch.unproven().exists() or version_switch.is_pending()):
                version_switch.new_database().unlink(missing_ok=True)
            shutil.rmtree(static_folder(), ignore_errors=True)


def wait_for_writers(lock, say, wait):
    """Enter the read-only time on `lock`, an ExitStack, once nobody writes. Until then the blog is written to."""
    deadline, said = time.monotonic() + wait, ""
    while True:
        try:
            lock.enter_context(read_only(max(min(ROUND, deadline - time.monotonic()), 0)))
            return
        except AlreadyLocked:
            what = writers.describe()
        if time.monotonic() >= deadline:
            raise UpgradeFailed(
                f"after {wait} seconds this still writes: {what}. "
                "Try again when it is done, or let this wait for longer: --wait 3600"
            )
        if what != said:
            say(f"Waiting up to {wait} seconds for what writes now: {what} …")
            said = what


def try_out(program, say):
    """Let the new version migrate and answer; returns the name that the present database gets, or None."""
    if connection.vendor == "sqlite":
        return try_out_with_copy(program, say)
    before = applied_migrations()
    write_file(version_switch.unfinished(), {"program": program, "before": before})
    try:
        check(program, {}, say)
    except UpgradeFailed:
        undo_unfinished(say)
        raise
    return None


def try_out_with_copy(program, say):
    say("Copying the database …")
    connection.close()
    present, new = startup_checks.database_file(), version_switch.new_database()
    for ending in ("", "-wal", "-shm"):
        new.with_name(new.name + ending).unlink(missing_ok=True)
    try:
        sqlite_copies.copy(present, new)
    except sqlite_copies.CopyFailed as failure:
        raise UpgradeFailed(f"{failure}") from None
    try:
        check(program, {"DATABASE_URL": sqlite_url(new)}, say)
    except UpgradeFailed:
        new.unlink(missing_ok=True)
        raise
    try:
        is_free = sqlite_copies.checkpoint(new)
    except sqlite3.Error as error:
        raise UpgradeFailed(f"after the migration the copy cannot be used: {error}") from None
    if not is_free:
        raise UpgradeFailed(f"a process of version {program.version} still has {new} open")
    for ending in ("-wal", "-shm"):
        new.with_name(new.name + ending).unlink(missing_ok=True)
    try:
        sqlite_copies.verify(new)
    except sqlite_copies.CopyFailed as failure:
        raise UpgradeFailed(f"after the migration {failure}") from None
    sqlite_copies.sync(new)
    return room_for_former(present)


def room_for_former(present):
    """The name that the present database gets, for which there is room. Raises UpgradeFailed."""
    stamp = time.strftime("%Y-%m-%d-%H%M%S", time.gmtime())
    kept = Path(settings.LONGRUN_DATA) / "backups" / f"version-{this_program().version}-{stamp}.sqlite3"
    try:
        version_switch.check_room(present, kept)
    except sqlite_copies.CopyFailed as failure:
        raise UpgradeFailed(f"{failure}") from None
    return kept


def sqlite_url(file):
    """DATABASE_URL of a file, whose path may have characters that mean something in a URL."""
    return f"sqlite:///{quote(str(file))}"


def check(program, environment, say):
    """Migrate with the new version, then let it answer. Raises UpgradeFailed with what it said."""
    say(f"Version {program.version} migrates the database …")
    call(program, environment, "prepare")
    say(f"Version {program.version} answers on a port of its own …")
    call(program, environment, "check_pages")


def static_folder():
    """Where a version that is tried out collects static files: the folder of the present one is in use."""
    return version_switch.folder() / "static"


def call(program, environment, *words):
    ours = {"LONGRUN_DATA": str(settings.LONGRUN_DATA), "LONGRUN_STATIC": str(static_folder()), STAY: "on"}
    everything = folders.ENVIRONMENT | ours | environment
    try:
        done = subprocess.run(
            program.command(*words), env=everything, capture_output=True, text=True, timeout=3600, errors="replace"
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UpgradeFailed(f"version {program.version} could not be run: {error}") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise UpgradeFailed(f"version {program.version}, {words[0]}: " + "\n".join(said))


def wait_until_it_serves(program, say):
    """The running `serve` sees the decision and becomes the other version; without one it is carried out here."""
    data = Path(settings.LONGRUN_DATA)
    try:
        with exclusive_lock(data / "serve.lock"):
            version_switch.complete()
            version_switch.proven()
            say(f"Version {program.version} is installed; the next start runs it.")
            return
    except AlreadyLocked:
        pass
    say(f"Version {program.version} takes over …")
    deadline = time.monotonic() + PATIENCE
    while version_switch.is_pending() or version_switch.unproven().exists():
        if time.monotonic() > deadline:
            raise UpgradeFailed(f"version {program.version} has not answered for {PATIENCE} s; its log says why")
        time.sleep(0.2)
    if this_is_current():
        raise UpgradeFailed(f"version {program.version} did not come up, and the former one serves again")
    say(f"Version {program.version} serves the blog.")


def this_is_current():
    current = current_program(Path(settings.LONGRUN_DATA))
    return current is None or current.manage == this_program().manage


def applied_migrations():
    return sorted(MigrationRecorder(connection).applied_migrations())


def undo_unfinished(say):
    """Migrate a PostgreSQL database back after an upgrade that was killed or failed."""
    try:
        facts = json.loads(version_switch.unfinished().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    program, before = Program(**facts["program"]), {tuple(each) for each in facts["before"]}
    for app in sorted({app for app, _name in set(applied_migrations()) - before}):
        target = max((name for label, name in before if label == app), default="zero")
        say(f"Undoing the migrations of {app} …")
        call(program, {}, "migrate", app, target)
    version_switch.unfinished().unlink()


def undo_killed(say):
    """At the start of `serve`: undo what a killed upgrade left. Raises ImproperlyConfigured."""
    try:
        with one_at_a_time():
            undo_migrations(say)
    except UpgradeFailed as failure:
        raise ImproperlyConfigured(f"an upgrade was not finished, and cannot be undone: {failure}.") from None


def undo_migrations(say):
    """Before `serve` goes back to the former version, or after a killed upgrade. Raises ImproperlyConfigured."""
    try:
        undo_unfinished(say)
    except UpgradeFailed as failure:
        raise ImproperlyConfigured(f"the migrations of a failed upgrade cannot be undone: {failure}.") from None


def rollback(say, *, is_confirmed, wait=WRITERS):
    """Let the former version serve again, with the database of before the upgrade. What came since is exported first;
    `is_confirmed(what)` is asked with a sentence of it. Raises UpgradeFailed."""
    data = Path(settings.LONGRUN_DATA)
    with one_at_a_time():
        try:
            facts = json.loads(version_switch.former().read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UpgradeFailed("there is no former version: nothing was upgraded here") from None
        program, kept = Program(**facts["former"]), Path(facts["kept"])
        if connection.vendor != "sqlite":
            raise UpgradeFailed("PostgreSQL: restore the backup of before the upgrade (docs/operations.md)")
        for needed in (Path(program.manage), kept):
            if not needed.is_file():
                raise UpgradeFailed(f"{needed} is not there any more, so this cannot be undone")
        stamp = time.strftime("%Y-%m-%d-%H%M%S", time.gmtime())
        export = data / "backups" / f"before-rollback-{stamp}.json"
        export.parent.mkdir(mode=0o700, exist_ok=True)
        with read_only_now(say, wait):
            say("Exporting everything that is there now …")
            write_parts(export, json_parts())
            what = since.describe(datetime.fromisoformat(facts["at"]))
            if not is_confirmed(f"{what}\nAll of it is in {export}."):
                raise UpgradeFailed("nothing was changed")
            try:
                sqlite_copies.copy(kept, version_switch.new_database())
            except sqlite_copies.CopyFailed as failure:
                raise UpgradeFailed(f"{failure}") from None
            version_switch.decide(program, this_program(), room_for_former(startup_checks.database_file()))
            wait_until_it_serves(program, say)
