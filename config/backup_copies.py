"""Where copies of the backups go: BACKUP_TO, BACKUP_COMMAND and BACKUP_PASSPHRASE."""

import shlex
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, media_storage

PATH = "{path}"  # stands for the folder of backups in BACKUP_COMMAND
MIN_LENGTH = 12  # characters of a passphrase


def backup_to(folder):
    """A URL as STORAGE_URL has them, "" for none. Raises ImproperlyConfigured, which never names the key."""
    said = env("BACKUP_TO")
    if not said:
        return ""
    url = as_url(said)
    place, configuration = media_storage(folder, url, "BACKUP_TO")
    if "OPTIONS" not in configuration and Path(place).resolve().is_relative_to(folder.resolve()):
        raise ImproperlyConfigured("BACKUP_TO is in the data folder: name a folder on another disk.")
    return url


def as_url(said):
    """A folder may be given as a path, too."""
    return Path(said).as_uri() if Path(said).is_absolute() else said


def backup_command():
    """The words of the command, [] for none. Raises ImproperlyConfigured."""
    said = env("BACKUP_COMMAND")
    try:
        words = shlex.split(said)
    except ValueError:
        raise ImproperlyConfigured("BACKUP_COMMAND has a quotation mark without its partner.") from None
    if said and not any(PATH in word for word in words):
        raise ImproperlyConfigured(
            "BACKUP_COMMAND does not say {path}, which stands for the folder of backups: restic backup {path}"
        )
    return words


def backup_passphrase():
    said = env("BACKUP_PASSPHRASE")
    if said and not env("BACKUP_TO"):
        raise ImproperlyConfigured(
            "BACKUP_PASSPHRASE encrypts what goes to BACKUP_TO, which is not set; a command encrypts by itself."
        )
    if said and len(said) < MIN_LENGTH:
        raise ImproperlyConfigured(f"BACKUP_PASSPHRASE is too short: say at least {MIN_LENGTH} characters.")
    return said
