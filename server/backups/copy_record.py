"""Copy the backups to where BACKUP_TO and BACKUP_COMMAND say, and keep what came of it for the desk and the doctor."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from server.backups.copies import send_backups
from server.backups.copy_command import run_command
from server.backups.destination import Destination
from server.backups.files import PART, BackupFailed, folder, make_folder
from server.backups.manifests import OLD_AFTER, latest

logger = logging.getLogger(__name__)

RECORD = "copied.json"


@dataclass(frozen=True)
class Copied:
    """What came of one way of copying. `problem` says why the last try failed, `since` since when they all do."""

    way: str
    place: str
    when: datetime | None = None  # of the last try that succeeded
    backup: str = ""
    problem: str = ""
    since: datetime | None = None

    @property
    def is_late(self):
        """Whether the newest backup, or one of the last days, has not arrived."""
        newest = latest()
        return newest is not None and timezone.now() - (self.when or newest.made) > OLD_AFTER

    @property
    def days(self):
        return (timezone.localdate() - timezone.localdate(self.when)).days


def copies_elsewhere() -> list[Copied]:
    """Those that are configured, and what came of them."""
    places = {}
    if settings.BACKUP_TO:
        places["BACKUP_TO"] = label(settings.BACKUP_TO)
    if settings.BACKUP_COMMAND:
        places["BACKUP_COMMAND"] = Path(settings.BACKUP_COMMAND[0]).name  # the rest may have a password
    return [recorded(way, place) for way, place in places.items()]


def label(address):
    try:
        return Destination(address).label
    except BackupFailed:
        return address.partition(":")[0]


def copy_backups(should_stop: Callable[[], bool] = lambda: False, *, seconds: float | None = None) -> list[Copied]:
    """Do all that is configured. Raises BackupFailed if one of them failed, after the others; or Interrupted, also if
    there is more to send after so many seconds."""
    deadline, done = time.monotonic() + (seconds or float("inf")), []

    def is_over():
        return should_stop() or time.monotonic() > deadline

    for last in copies_elsewhere():
        try:
            if last.way == "BACKUP_TO":
                backup = send_backups(is_over, had_copies=bool(last.backup))
            else:
                backup = copy_by_command(last, should_stop)
        except BackupFailed as failure:
            logger.error("backups are not copied to %s: %s", last.place, failure)
            now = replace(last, problem=str(failure), since=last.since or timezone.now())
        else:
            now = Copied(last.way, last.place, timezone.now(), backup)
        record(now)
        done.append(now)
    failed = [each for each in done if each.problem]
    if failed:
        raise BackupFailed("; ".join(f"no copy at {each.place}: {each.problem}" for each in failed))
    return done


def copy_by_command(last, should_stop):
    """Not again for a backup that it has copied: the job is repeated if something else failed."""
    newest = latest()
    if newest is None:
        raise BackupFailed("there is no backup to copy")
    if last.problem or last.backup != newest.name:
        run_command(should_stop)
    return newest.name


def recorded(way, place) -> Copied:
    """Of another place nothing is known."""
    found = read_record().get(way)
    try:
        moments = {name: found[name] and datetime.fromisoformat(found[name]) for name in ("when", "since")}
        known = Copied(**found | moments)
    except (KeyError, TypeError, ValueError):
        return Copied(way, place)
    return known if known.place == place else Copied(way, place)


def read_record():
    try:
        found = json.loads((folder() / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def record(copied: Copied):
    facts = asdict(copied) | {
        name: (moment := getattr(copied, name)) and moment.isoformat() for name in ("when", "since")
    }
    known = read_record() | {copied.way: facts}
    part = folder() / f"{RECORD}{PART}"
    try:
        make_folder(folder())
        part.write_text(json.dumps(known, indent=1), encoding="utf-8")
        part.chmod(0o600)
        part.replace(folder() / RECORD)
    except OSError as error:
        logger.error("what became of the copies could not be written down: %s", error)
