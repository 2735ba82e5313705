"""The secret key: SECRET_KEY, else a file in the data folder, which is made for a new blog and never replaced."""

import os
import secrets
import shlex
import sys
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

NEW_KEY = "--new-key"  # option of `manage.py prepare`
MIN_LENGTH = 50
# What is in the folder of a blog that has been used: files that are not empty, or folders.
TRACES = ("longrun.sqlite3", "cache_version", "backups")
BROKEN = (
    "everybody is logged out, links in all emails sent so far end (also those by which readers stop emails), "
    "invitations too, and visitors can no longer see or change comments that wait"
)


def secret_key(folder):
    """The key. Raises ImproperlyConfigured if the blog has been used and its key is lost, or cut short."""
    if key := env("SECRET_KEY"):
        return key
    path = folder / "secret_key"
    wants_new = sys.argv[1:2] == ["prepare"] and NEW_KEY in sys.argv
    if not path.exists() and not wants_new and is_used(folder):
        raise ImproperlyConfigured(f"the secret key {path} is gone, and this blog has been used. {way_back(folder)}")
    try:
        create_key(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(f"the secret key {path} cannot be written: {error.strerror}.") from None
    key = path.read_text(encoding="utf-8").strip()
    if len(key) < MIN_LENGTH and wants_new:
        path.unlink()
        return secret_key(folder)
    if len(key) < MIN_LENGTH:
        raise ImproperlyConfigured(f"the secret key in {path} is cut short. {way_back(folder)}")
    return key


def is_used(folder):
    """Whether a blog has run in this data folder."""
    traces = [folder / name for name in TRACES]
    return any(path.exists() and path.stat().st_size for path in traces)


def create_key(path):
    """Make the file, whole or not at all, whenever the process is killed. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(path)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-", suffix=".part")  # only this user reads it
    part = Path(name)
    try:
        with open(number, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(MIN_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        link(part, path)
    finally:
        part.unlink(missing_ok=True)
    if os.name != "nt":  # has no way to sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def link(part, path):
    """Give the file its name. Of processes that start at once the first does; the others raise FileExistsError."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        part.replace(path)


def way_back(folder):
    """How to get the key back, as sentences."""
    kept = sorted((folder / "backups").glob("????-??-??-??????/secret_key"))
    bring = (
        f"Bring it back from the newest backup that has it: {shlex.join(['cp', str(kept[-1]), str(folder)])}"
        if kept
        else f"No backup in {folder / 'backups'} has it; look for other copies of the data folder, or for SECRET_KEY"
    )
    return f"{bring}. Only if that is not possible, `manage.py prepare {NEW_KEY}` makes another: {BROKEN}."
