"""The restore drill: restore the newest backup into a scratch folder, read every byte again, and render its pages.

A backup that was never restored is a hope. The worker does it once a month; the button on the desk's page Backups and
`manage.py restore_drill` do it at once. The result is kept in the file `restore_drill` of the data folder.
"""

import contextlib
import hashlib
import json
import logging
import re
import shutil
import subprocess
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
from server.backups.drill_rendering import render_pages
from server.backups.files import PART, POSTGRES, SQLITE, BackupFailed, file_hash, make_folder
from server.backups.manifests import is_without_library, latest
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
    place, began = Path(settings.LONGRUN_DATA, SCRATCH), time.monotonic()
    with exclusive_lock(Path(settings.LONGRUN_DATA, LOCK)):
        backup = latest()
        name, facts, problem = backup.name if backup else "", {}, ""
        try:
            shutil.rmtree(place, ignore_errors=True)
            if backup is None:
                raise BackupFailed("there is no backup")
            make_folder(place)
            facts = rehearse(backup, place / "data")
        except (BackupFailed, OSError) as error:
            problem = f"{error}"
        finally:
            shutil.rmtree(place, ignore_errors=True)
        drill = Drill(timezone.now(), name, problem, seconds=round(time.monotonic() - began, 1), **facts)
        save_drill(drill)
    if problem:
        logger.error("the newest backup does not restore: %s", problem)
        tell_owners(drill)
    return drill


def rehearse(backup, into):
    """Restore it and check what came back. Returns the counts. Raises BackupFailed."""
    restore(backup, into, strict=True)
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
    counts = {"posts": tables.get("blog_post", 0), "comments": tables.get("comments_comment", 0)}
    counts |= {"files": backup.manifest["files"], "custom_files": len(custom_sums(backup))}
    return counts | {"pages": pages, "compared": compared}


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
