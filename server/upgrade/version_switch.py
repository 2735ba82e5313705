"""The moment at which another version takes over: one file decides it, the start of `serve` carries it out.

`upgrade/switch.json` names the program that shall run and the database that takes the place of the present one. From
its writing on nothing is written to the present database (`core/read_only.py`), whatever dies; every start of `serve`
first carries out what stands there, and each step may be done twice. Then the named program is run.
"""

import errno
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.utils.module_loading import import_string

from core.read_only import SWITCH, UNPROVEN
from server import startup_checks
from server.sqlite_copies import CopyFailed, checkpoint, copy, sync
from server.sqlite_copies import check_room as check_room_on_disks
from server.upgrade.programs import Program, current_program, run, this_program, versions_folder, write_file


def folder():
    return Path(settings.LONGRUN_DATA) / "upgrade"


def new_database():
    return folder() / "new.sqlite3"


def is_pending():
    return (Path(settings.LONGRUN_DATA) / SWITCH).exists()


def decide(program, instead_of, kept, *, is_return=False):
    """From now on `program` shall serve the blog, with `new_database()` if there is one; `kept` is the name that the
    present database gets, or None. `is_return`: because the version that was to take over never answered."""
    facts = {"program": program, "former": instead_of, "kept": str(kept or ""), "is_return": is_return}
    facts["at"] = datetime.now(UTC).isoformat()
    write_file(Path(settings.LONGRUN_DATA) / SWITCH, facts)


def complete():
    """Carry out what was decided; the caller holds the lock of `serve`, and no other process has the database open."""
    decided = Path(settings.LONGRUN_DATA) / SWITCH
    facts = json.loads(decided.read_text(encoding="utf-8"))
    connections.close_all()
    if connection.vendor == "sqlite" and new_database().exists():
        replace_database(startup_checks.database_file(), facts["kept"])
    write_file(unproven(), facts)
    write_file(versions_folder(Path(settings.LONGRUN_DATA)) / "current.json", facts["program"])
    decided.unlink()
    sync(decided.parent)


def replace_database(present, kept):
    """Put the new database in the place of the present one, which stays under the name `kept`, if it is to be kept:
    else it is not even opened, since it may be damaged."""
    if kept and not Path(kept).exists():
        keep_former_database(present, Path(kept))
    for ending in ("-wal", "-shm"):
        present.with_name(present.name + ending).unlink(missing_ok=True)
    move(new_database(), present)
    sync(present.parent)


def move(source, target):
    """Rename a file, or copy it if the database lies on another file system than the data folder (DATABASE_URL)."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(target.name + ".part")
        part.touch(mode=0o600)
        shutil.copyfile(source, part)
        sync(part)
        part.replace(target)
        sync(target.parent)  # first the one, then the other: a power cut between them repeats all
        source.unlink()


def keep_former_database(present, kept):
    """Raises ImproperlyConfigured if it cannot be kept."""
    if not checkpoint(present):  # a program that reads it keeps its journal in use: the file alone is not all of it
        try:
            copy(present, kept)
        except CopyFailed as failure:
            raise ImproperlyConfigured(f"the former database could not be kept: {failure}.") from None
        return
    part = kept.with_name(kept.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.link(present, part)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(present, part)
        sync(part)
    part.replace(kept)
    sync(kept.parent)


def check_room(present, kept):
    """Whether the disks have room for what `complete` copies, and for going back. Raises CopyFailed."""
    new, size = new_database(), present.stat().st_size
    copies = [(size, new.parent)]  # for going back
    if not can_link(present, kept.parent):
        copies.append((size, kept.parent))
    if new.parent.stat().st_dev != present.parent.stat().st_dev:
        copies.append((new.stat().st_size, present.parent))
    check_room_on_disks(copies)


def can_link(file, folder):
    probe = folder / ".link"
    probe.unlink(missing_ok=True)
    try:
        os.link(file, probe)
    except OSError:
        return False
    probe.unlink()
    return True


def unproven():
    """The file that stands for: the new version has not answered yet."""
    return Path(settings.LONGRUN_DATA) / UNPROVEN


def unfinished():
    """The file that stands for migrations of a PostgreSQL database by a version that has not served yet."""
    return folder() / "migrating.json"


def former():
    """The file that says from which version, with which database, the present one came."""
    return folder() / "former.json"


def proven():
    """The version that took over answers: it may write, and only `rollback` goes back.

    One that took over because another never answered is no upgrade: `rollback` still goes back behind the last one.
    """
    if not unproven().exists():
        return
    unfinished().unlink(missing_ok=True)
    if is_return():
        unproven().unlink()
    else:
        unproven().replace(former())


def is_return():
    """Whether what is not proven yet is the former version again, after one that never answered."""
    return json.loads(unproven().read_text(encoding="utf-8")).get("is_return", False)


def go_back_if_unproven(say):
    """After a version that never answered: decide for the former one, with the database of before. Returns whether.

    If the former one does not come up either, it stays: otherwise the two would take turns for ever.
    """
    if not unproven().exists() or is_return():
        return False
    facts = json.loads(unproven().read_text(encoding="utf-8"))
    if unfinished().exists():
        import_string("server.upgrade.steps.undo_migrations")(say)
    if facts["kept"]:
        part = new_database().with_name("back.sqlite3.part")
        shutil.copyfile(facts["kept"], part)
        sync(part)
        part.replace(new_database())
    decide(Program(**facts["former"]), this_program(), None, is_return=True)
    unproven().unlink()  # the file of the decision keeps everything read-only now
    return True


def start_current(words):
    """Become the program that is current now."""
    data = Path(settings.LONGRUN_DATA)
    run(current_program(data) or this_program(), words)
