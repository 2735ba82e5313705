"""The restore drill: restore the newest backup into a scratch folder, read every byte again, and render its pages.

A backup that was never restored is a hope. The worker does it once a month; the button on the desk's page Backups and
`manage.py restore_drill` do it at once. The result is kept in the file `restore_drill` of the data folder. With
`--from` the command does it with the newest copy elsewhere (BACKUP_TO), as a machine would that has lost all else.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from blog.models import Post
from core import mail
from core.file_locks import exclusive_lock
from core.site import absolute_url, site, site_locale
from server.backups.custom_files import are_unchanged, custom_sums
from server.backups.destination import copies_address
from server.backups.drill_rendering import OWN_STORES, render_pages
from server.backups.files import MANIFEST, PART, POSTGRES, SQLITE, BackupFailed, file_hash, make_folder
from server.backups.manifests import Backup, is_without_library, latest
from server.backups.restore import restore
from server.sqlite_copies import open_immutable

logger = logging.getLogger(__name__)

SCRATCH = f"restore_drill{PART}"  # folder in the data folder; a killed drill leaves it, and the next one deletes it
RESULT, LOCK = "restore_drill", "restore_drill.lock"
EVERY = timedelta(days=30)
SAMPLE = 20  # posts whose texts are compared with those of the blog
COPY = re.compile(rb'COPY \w+\."?(\w+)"? \(')


@dataclass(frozen=True)
class Drill:
    """One restore drill. `problem` says why it failed, in one sentence; "" if the backup restores."""

    when: datetime
    backup: str  # its name; "" if there was none
    problem: str = ""
    posts: int = 0
    comments: int = 0
    files: int = 0
    custom_files: int = 0
    pages: int = 0
    compared: int = 0  # of these pages, with the blog that is served
    seconds: float = 0

    @property
    def is_well(self):
        return not self.problem

    @property
    def days(self):
        """Age in calendar days of the blog's time zone: 0 today, 1 yesterday."""
        return (timezone.localdate() - timezone.localdate(self.when)).days


def run_drill() -> Drill:
    """Restore the newest backup and record the result; owners get an email if it fails. Raises AlreadyLocked."""
    backup = latest()
    drill = timed_drill(backup.name if backup else "", lambda place: rehearse(backup, place / "data"))
    save_drill(drill)
    if not drill.is_well:
        logger.error("the newest backup does not restore: %s", drill.problem)
        tell_owners(drill)
    return drill


def run_drill_of_copy(address="") -> Drill:
    """Do the same with the newest copy at `address` (default: BACKUP_TO), without a file of this machine. Nothing is
    recorded. Raises AlreadyLocked."""
    return timed_drill("", lambda place: rehearse_copy(address, place))


def timed_drill(name, deed):
    """The drill that `deed(scratch folder)` is, which returns its facts or raises BackupFailed or OSError."""
    place, began = Path(settings.LONGRUN_DATA, SCRATCH), time.monotonic()
    with exclusive_lock(Path(settings.LONGRUN_DATA, LOCK)):
        facts, problem = {"backup": name}, ""
        try:
            shutil.rmtree(place, ignore_errors=True)
            make_folder(place)
            facts |= deed(place)
        except (BackupFailed, OSError) as error:
            problem = f"{error}"
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return Drill(timezone.now(), problem=problem, seconds=round(time.monotonic() - began, 1), **facts)


def rehearse(backup, into):
    """Restore it and check what came back. Returns the facts. Raises BackupFailed."""
    if backup is None:
        raise BackupFailed("there is no backup")
    restore(backup, into, strict=True)
    return inspect(backup, into)


def rehearse_copy(address, place):
    """Fetch and restore the newest copy with the command of docs/operations.md, in a process whose data folder is
    empty. Returns the facts. Raises BackupFailed."""
    machine, into = place / "machine", place / "data"
    make_folder(machine)
    env = {name: value for name, value in os.environ.items() if not OWN_STORES.fullmatch(name)}
    env |= {"LONGRUN_DATA": str(machine), "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    env |= {"BACKUP_TO": copies_address(address), "BACKUP_PASSPHRASE": settings.BACKUP_PASSPHRASE}
    command = [sys.executable, "-m", "django", "restore", "last", "--from", "--strict", "--into", str(into)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise BackupFailed(said.removeprefix("CommandError: ").removesuffix(" Nothing was restored.").removesuffix("."))
    (fetched,) = machine.glob(f"backups/*/{MANIFEST}")
    return inspect(Backup(fetched.parent), into)


def inspect(backup, into):
    """Check what was restored of a backup. Returns the facts. Raises BackupFailed."""
    for name, wanted in backup.sums.items():
        if file_hash(into / name) != wanted:
            raise BackupFailed(f"{name} is not what was restored a moment ago: is the disk failing?")
    check_media(backup)
    pages = compared = 0
    if SQLITE in backup.sums:
        compare_texts(into / SQLITE)
        pages, compared = render_pages(into, compare=are_unchanged(backup, settings.LONGRUN_DATA))
    else:
        count_dumped_rows(into / POSTGRES, backup.manifest["tables"])
    tables = backup.manifest["tables"]
    facts = {"backup": backup.name, "posts": tables.get("blog_post", 0), "comments": tables.get("comments_comment", 0)}
    facts |= {"files": backup.manifest["files"], "custom_files": len(custom_sums(backup))}
    return facts | {"pages": pages, "compared": compared}


def check_media(backup):
    """A backup that was made while the disk of the media was away is whole, and has none of them."""
    tables = backup.manifest["tables"]
    if is_without_library(tables, backup.sums):
        count = tables["blog_media"]
        raise BackupFailed(
            f"it has none of the {count:,} files in the media library: were they there when it was made?"
        )


def compare_texts(file):
    """Compare the texts of some posts, by hash, with those of the blog that have not changed since the backup."""
    with contextlib.closing(open_immutable(file)) as rows:
        numbers = [number for (number,) in rows.execute("SELECT id FROM blog_post ORDER BY id")]
        chosen = numbers[:: max(1, len(numbers) // SAMPLE)][:SAMPLE]
        marks = ", ".join("?" * len(chosen))
        found = rows.execute(f"SELECT id, title, source, updated_at FROM blog_post WHERE id IN ({marks})", chosen)
        theirs = {number: (parse_datetime(moment), text_hash(*texts)) for number, *texts, moment in found}
    ours = Post.objects.filter(pk__in=chosen).values_list("pk", "title", "source", "updated_at")
    for number, *texts, moment in ours:
        then, digest = theirs[number]
        if then == timezone.make_naive(moment, UTC) and digest != text_hash(*texts):
            raise BackupFailed(f"post {number}, unchanged since then, has another text in the backup")


def text_hash(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def count_dumped_rows(file, tables):
    """Let pg_restore read the whole dump, and count the rows of each table. Raises BackupFailed."""
    program = shutil.which("pg_restore")
    if not program:
        raise BackupFailed("pg_restore is not installed here (postgresql-client)")
    counts = dict.fromkeys(tables, 0)
    command = [program, "--data-only", "--file=-", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        table = None
        for line in running.stdout:
            if table is None:
                found = COPY.match(line)
                table = found[1].decode() if found else None
            elif line == b"\\.\n":
                table = None
            else:
                counts[table] = counts.get(table, 0) + 1
        said = running.stderr.read().decode("utf-8", "replace").strip()
    if running.returncode:
        raise BackupFailed(f"pg_restore said: {(said.splitlines() or ['nothing'])[-1]}")
    differing = sorted(name for name in counts if counts[name] != tables.get(name))
    if differing:
        raise BackupFailed(f"its database does not have the rows it had: {', '.join(differing[:5])}")


def save_drill(drill):
    facts = asdict(drill) | {"when": drill.when.isoformat()}
    try:
        Path(settings.LONGRUN_DATA, RESULT).write_text(json.dumps(facts), encoding="utf-8")
    except OSError as error:
        logger.error("the result of the restore drill could not be written: %s", error)


def last_drill() -> Drill | None:
    """The newest result; None if there is none, or if it cannot be read."""
    try:
        facts = json.loads(Path(settings.LONGRUN_DATA, RESULT).read_text(encoding="utf-8"))
        return Drill(**facts | {"when": datetime.fromisoformat(facts["when"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_due():
    """Once a month; a drill that failed is repeated with the next backup."""
    newest, last = latest(), last_drill()
    if newest is None or last is None:
        return newest is not None
    if not last.is_well:
        return newest.name != last.backup
    return not timedelta() <= timezone.now() - last.when < EVERY


def tell_owners(drill):
    """One email a day at most."""
    with site_locale():
        subject = _("[%(site)s] The newest backup does not restore") % {"site": site().title}
        text = _(
            "Longrun restored the newest backup (%(backup)s) to see whether it would help you, and it did not:\n\n"
            "%(problem)s.\n\n"
            "Your blog goes on as it is. Make a new backup and try it on this page:\n%(url)s\n\n"
            "If that fails too, read docs/operations.md, “Error messages on the desk”."
        ) % {"backup": drill.backup or "—", "problem": drill.problem, "url": absolute_url(reverse("desk_backups"))}
        for owner in get_user_model().objects.owners_with_email():
            mail.queue(
                to=owner.email,
                subject=subject,
                text=text,
                kind="restore drill",
                key=f"restore drill {timezone.localdate():%Y-%m-%d}, to {owner.pk}",
            )
