"""The picture that somebody has at their provider: fetched once, kept by us, so that no reader's browser asks there."""

import hashlib
import logging
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.crypto import salted_hmac

from core import safe_fetch
from core.jobs import job

log = logging.getLogger(__name__)

MOST_BYTES = 3_000_000
SECONDS = 10
NAME = re.compile(r"[0-9a-f]{32}")


def want(person, url):
    """Have the picture at this address fetched, unless it is the one we have."""
    if url and person.picture_from != mark(url):
        fetch.enqueue(person.pk, url)


@job
def fetch(person_id, url):
    from accounts import avatar_images  # Pillow is large, and only this job needs it

    person = get_user_model().objects.filter(pk=person_id).first()
    if person is None or person.picture_from == mark(url):
        return
    try:
        answer = safe_fetch.fetch(url, max_bytes=MOST_BYTES, seconds=SECONDS, accept="image/*")
        if answer.status != 200:
            raise avatar_images.NotReadable(f"status {answer.status}")
        face = avatar_images.drawn(answer.body)
    except (safe_fetch.FetchError, avatar_images.NotReadable) as trouble:
        log.info("no picture of person %s: %s", person_id, trouble)
        return
    person.picture, person.picture_from = keep(face), mark(url)
    person.save(update_fields=["picture", "picture_from"])


def keep(face):
    """Store it under a name that nobody guesses; the same picture has the same name."""
    name = salted_hmac("accounts.avatars", face.hex(), algorithm="sha256").hexdigest()[:32]
    path = path_of(name)
    path.parent.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(face)
    Path(file.name).replace(path)
    return name


def path_of(name):
    return settings.MEDIA_ROOT / "faces" / f"{name}.webp"


def stored(name):
    """The file of this name, or None."""
    path = path_of(name) if NAME.fullmatch(name) else None
    return path if path and path.is_file() else None


def keep_only(wanted, *, older_than):
    """Remove the pictures that nobody shows: not in `wanted`, and stored before that moment. How many went."""
    old = older_than.timestamp()
    useless = [
        path
        for path in (settings.MEDIA_ROOT / "faces").glob("*")
        if path.stem not in wanted and path.stat().st_mtime < old
    ]
    for path in useless:
        path.unlink(missing_ok=True)
    return len(useless)


def mark(url):
    return hashlib.sha256(url.encode()).hexdigest()
