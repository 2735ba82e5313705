"""Keep the mirror up to date: a cheap look each minute whether anything may have changed, then a comparison."""

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Media, Post, Redirect, Revision
from comments.models import Comment, CommentRevision, ModerationAction, Person, Report, Subscription
from core import cache_version
from core.file_locks import exclusive_lock
from core.models import SettingsChange
from transfer.mirror import folder, git
from transfer.mirror.folder import PRIVATE, PUBLIC, STATE, File, Written
from transfer.mirror.private import private_files
from transfer.mirror.public import public_files
from transfer.models import MirrorSettings

LOOK_ANYWAY = timedelta(hours=1)  # for changes that no number tells
QUICK = timedelta(seconds=20)
REST = 3  # times as long as the last writing took, so that a large blog is not compared all the time
COUNTED = (Post, Revision, Comment, CommentRevision, ModerationAction, Person, Report, Subscription, Media, Redirect)


def is_due() -> bool:
    """Whether the mirror is on, and something may have changed since it was written. An erasure does not wait."""
    mirror = MirrorSettings.load()
    if not mirror.is_on:
        return False
    state = folder.read_json(folder.root() / STATE)
    if mirror.written_at is None or newest_erasure() > mirror.erasure:
        return True
    since = timezone.now() - mirror.written_at
    took = timedelta(seconds=state.get("seconds", 0))
    if took > QUICK and since < REST * took:
        return False
    if since > LOOK_ANYWAY:
        return True
    coming = state.get("next_change")
    if coming and datetime.fromisoformat(coming) <= timezone.now():
        return True
    return bool(state.get("signature") != signature(mirror))


def signature(mirror: MirrorSettings) -> list[Any]:
    """Numbers that differ after a change: the cache version, and of each table its rows and the newest."""
    found: list[Any] = [settings.LONGRUN_URL, mirror.with_private, cache_version.current()]
    for model in (*COUNTED, SettingsChange, get_user_model()):
        found += model._default_manager.order_by().aggregate(number=Count("pk"), newest=Max("pk")).values()
    return found


def write_mirror(should_stop: Callable[[], bool] = lambda: False) -> Written:
    """Compare every row with the folder and write what differs. Raises OSError, folder.Interrupted, AlreadyLocked.

    The signature is taken first: what changes while this runs makes the next look write again.
    """
    mirror, here = MirrorSettings.load(), folder.root()
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = {"signature": signature(mirror), "next_change": None}
    if coming := Post.objects.next_change():
        state["next_change"] = coming.isoformat()
    with exclusive_lock(here / "lock"):
        private = mirror.with_private and not git_around(here)
        parts: dict[str, Iterable[File]] = {PUBLIC: public_files()}
        if private:
            parts[PRIVATE] = private_files()
        written = folder.update(here, parts, state, should_stop)
        if not private:
            shutil.rmtree(here / PRIVATE, ignore_errors=True)
        record(here, mirror, written)
    return written


def git_around(here: Path) -> bool:
    """Whether a Git repository would take what is private: then it is not written."""
    return (here / ".git").exists() or (here / PRIVATE / ".git").exists()


def record(here: Path, mirror: MirrorSettings, written: Written) -> None:
    """Store when it was written, and after an erasure what the history of a Git repository still has."""
    facts: dict[str, Any] = {"written_at": timezone.now(), "error": ""}
    if mirror.with_private and git_around(here):
        facts["error"] = _(
            "The private part is not written: the folder is inside a Git repository, which would keep it."
        )
    newest = newest_erasure()
    if newest > mirror.erasure:
        facts["traces"] = git.traces(here / PUBLIC)
        facts["erasure"] = newest
    MirrorSettings.objects.update_or_create(pk=1, defaults=facts)


def newest_erasure() -> int:
    rows = ModerationAction.objects.filter(what=ModerationAction.What.ERASE).order_by("-pk")
    return rows.values_list("pk", flat=True).first() or 0


def failed(trouble: Exception) -> None:
    MirrorSettings.objects.filter(pk=1).update(error=str(trouble) or type(trouble).__name__, written_at=timezone.now())
