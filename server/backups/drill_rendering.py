"""Pages of a restored blog, for the restore drill: they render, and look as they do in the blog that is served.

A page is compared, by the hash of its post and conversation, if the rows that it shows are the same in both databases:
the same rows must make the same page.
"""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from server.backups.files import SQLITE, BackupFailed
from server.startup_checks import database_file

RENDER_SECONDS = 600
# Set for the blog and not for the restored one: it has a database of its own, sends nothing and shares no cache.
OWN_STORES = re.compile(r"(DATABASE_URL|CACHE_URL|SESSIONS|STORAGE_URL|EMAIL_\w+|LONGRUN_MIRROR|LONGRUN_DATA)(_FILE)?")
COPIES = re.compile(r"BACKUP_\w+")
# The rows on which every page depends, but for the columns that a login changes.
SHARED = ("core_site", "blog_readingsettings", "blog_category", "blog_tag", "blog_media", "comments_discussionsettings",
          "accounts_user")  # fmt: skip
OF_LOGINS = {"last_login", "password"}
# The rows of one post.
OWN = {
    "blog_post": "id",
    "blog_post_tags": "post_id",
    "blog_post_categories": "post_id",
    "blog_mediause": "post_id",
    "comments_comment": "post_id",
}


def render_pages(folder, *, compare=True):
    """Migrate the restored blog and render pages of it, and `compare` them with those of the blog that is served.
    Returns (how many, how many of these were compared). Raises BackupFailed."""
    inherited = [name for name in os.environ if not (OWN_STORES.fullmatch(name) or COPIES.fullmatch(name))]
    env = {name: os.environ[name] for name in inherited}
    env["LONGRUN_DATA"] = str(folder)
    restored = render("the restored blog does not start", env)
    if restored["failed"]:
        path, status = restored["failed"][0]
        count = len(restored["failed"])
        raise BackupFailed(f"{count} of {restored['pages']} pages do not render, such as {path} ({status})")
    return restored["pages"], compare_looks(restored["posts"], folder / SQLITE) if compare else 0


def compare_looks(posts, file):
    """Returns how many pages could be compared. Raises BackupFailed if one looks otherwise."""
    if not posts:
        return 0
    same = same_posts({each["post"] for each in posts.values()}, file)
    paths = [path for path, each in posts.items() if each["post"] in same]
    if not paths:
        return 0
    served = render("the blog that is served does not render", dict(os.environ), paths)["posts"]
    for path in paths:
        if path in served and served[path]["digest"] != posts[path]["digest"]:
            raise BackupFailed(f"{path} looks otherwise than in the blog that is served, and its rows are the same")
    return len([path for path in paths if path in served])


def same_posts(numbers, file):
    """Those of the posts whose rows, and what all pages depend on, are the same in the restored database."""
    with open_read_only(file) as restored, open_read_only(database_file()) as served:
        if any(rows(restored, table) != rows(served, table) for table in SHARED):
            return set()
        return {number for number in numbers if own_rows(restored, number) == own_rows(served, number)}


def open_read_only(file):
    return contextlib.closing(sqlite3.connect(f"{Path(file).absolute().as_uri()}?mode=ro", uri=True, timeout=10))


def own_rows(database, number):
    return [rows(database, table, f"WHERE {column} = {int(number)}") for table, column in OWN.items()]


def rows(database, table, where=""):
    """All rows of a table; None if it is not there (the restored one, of a development version)."""
    try:
        found = database.execute(f'SELECT * FROM "{table}" {where} ORDER BY id')
    except sqlite3.OperationalError:
        return None
    names = [column[0] for column in found.description]
    return [{name: value for name, value in zip(names, row, strict=True) if name not in OF_LOGINS} for row in found]


def render(what, env, paths=None):
    """Run server.drill_pages in a process of its own. Raises BackupFailed, which begins with `what`."""
    env = env | {"DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    env["LONGRUN_STATIC"] = str(Path(settings.STATIC_ROOT).absolute())  # an installed blog has them in its data folder
    command = [sys.executable, "-m", "server.drill_pages"]
    given = {"stdin": subprocess.DEVNULL}
    if paths is not None:
        command, given = [*command, "--paths"], {"input": json.dumps(paths)}
    try:
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=RENDER_SECONDS, **given
        )
    except subprocess.TimeoutExpired:
        raise BackupFailed(f"its pages were not rendered within {RENDER_SECONDS} seconds") from None
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        why = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise BackupFailed(f"{what}: {why}") from None
