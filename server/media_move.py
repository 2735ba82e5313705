"""Copy all media into another storage, and compare what arrived by hash. It can be interrupted and run again."""

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from blog.models import Media
from config.environment import media_storage as storage_at
from core.media_storage import FolderStorage, Unreadable, media_storage


class CopyFailed(Exception):
    """`str()` is a sentence for the owner; what was copied stays, and the next run goes on from there."""


@dataclass
class MediaReceipt:
    """`files`: name in the storage → SHA-256, as read from the other storage."""

    files: dict[str, str] = field(default_factory=dict)
    size: int = 0
    copied: int = 0
    others: int = 0  # files that are only there

    def write(self):
        """Into the data folder. Returns its path."""
        path = settings.LONGRUN_DATA / f"moved-media-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        return path


def storage_of(url):
    """The storage at a STORAGE_URL. Raises ImproperlyConfigured."""
    root, configuration = storage_at(settings.LONGRUN_DATA, url)
    if "OPTIONS" not in configuration:
        return FolderStorage(location=root)
    return import_string(configuration["BACKEND"])(**configuration["OPTIONS"])


def move_media(target, source=None, say=lambda line: None):
    """Copy every file of `source` (default: this blog's media) that `target` lacks. Raises CopyFailed."""
    is_named, source, receipt = source is not None, source or media_storage(), MediaReceipt()
    if place_of(source) == place_of(target):
        raise CopyFailed("the media are there already")
    if not (source.is_remote or Path(source.location).is_dir()) and (is_named or Media.objects.exists()):
        raise CopyFailed(f"{source.location} is not there")  # else a lost disk would be moved, as no files
    try:
        for name, facts in source.files():
            with tempfile.NamedTemporaryFile(dir=settings.LONGRUN_DATA, prefix="moving-") as part:
                wanted = copy(source.read(name), part)
                if digest_there(target, name, facts.size) != wanted:
                    say(name)
                    target.put(name, Path(part.name))
                    receipt.copied += 1
                    if digest_there(target, name, facts.size) != wanted:
                        raise CopyFailed(f"{name} is not the same there")
            receipt.files[name] = wanted
            receipt.size += facts.size
        receipt.others = sum(name not in receipt.files for name, _facts in target.files())
    except (OSError, Unreadable) as error:
        raise CopyFailed(str(error)) from error
    return receipt


def place_of(storage):
    remote = storage.is_remote
    return (storage.endpoint_url, storage.bucket_name, storage.location) if remote else Path(storage.location).resolve()


def copy(pieces, file):
    """Write them; returns their SHA-256."""
    digest = hashlib.sha256()
    for data in pieces:
        digest.update(data)
        file.write(data)
    file.flush()
    return digest.hexdigest()


def digest_there(storage, name, size):
    """The SHA-256 of a file of this size, read from the storage; None if there is none."""
    try:
        if storage.facts(name).size != size:
            return None
        digest = hashlib.sha256()
        for data in storage.read(name):
            digest.update(data)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
