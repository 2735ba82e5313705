"""Avatars from login providers: fetched once and stored here, so that readers' browsers never contact the provider."""

import hashlib
import logging
import re
from pathlib import PurePosixPath

from django.contrib.auth import get_user_model
from django.utils.crypto import salted_hmac

from core import safe_fetch
from core.jobs import job
from core.media_storage import media_storage

log = logging.getLogger(__name__)

MAX_BYTES = 3_000_000
SECONDS = 10
FOLDER = "faces"  # in the storage of media
OWN = "own"  # `picture_from` of a picture that was uploaded here; no login replaces it
NAME = re.compile(r"[0-9a-f]{32}")


def request_avatar(person, url):
    """Queue a job that fetches the picture at this URL, unless it is the stored one."""
    if url and person.picture_from not in (OWN, url_hash(url)):
        fetch.enqueue(person.pk, url)


@job
def fetch(person_id, url):
    from accounts import avatar_images  # Pillow is large, and only this job needs it

    person = get_user_model().objects.filter(pk=person_id).first()
    if person is None or person.picture_from in (OWN, url_hash(url)):
        return
    try:
        answer = safe_fetch.fetch(url, max_bytes=MAX_BYTES, seconds=SECONDS, accept="image/*")
        if answer.status != 200:
            raise avatar_images.InvalidImage(f"status {answer.status}")
        image = avatar_images.render_avatar(answer.body)
    except (safe_fetch.FetchError, avatar_images.InvalidImage) as trouble:
        log.info("no picture of person %s: %s", person_id, trouble)
        return
    person.picture, person.picture_from = store_avatar(image), url_hash(url)
    person.save(update_fields=["picture", "picture_from"])


def store_avatar(image):
    """Store it and return its name: a keyed hash, so that nobody can guess it and equal pictures share a file."""
    name = salted_hmac("accounts.avatars", image.hex(), algorithm="sha256").hexdigest()[:32]
    media_storage().put(stored_name(name), image)
    return name


def stored_name(name):
    """Where the storage of media has the avatar with this name."""
    return f"{FOLDER}/{name}.webp"


def read(name):
    """The bytes of the avatar with this name, or None."""
    try:
        return b"".join(media_storage().read(stored_name(name))) if NAME.fullmatch(name) else None
    except FileNotFoundError:
        return None


def delete_unused(wanted, *, older_than):
    """Delete avatars whose names are not in `wanted` and that are older than a datetime. Returns how many."""
    storage, old = media_storage(), older_than.timestamp()
    useless = [
        name for name, facts in storage.files(FOLDER) if PurePosixPath(name).stem not in wanted and facts.modified < old
    ]
    for name in useless:
        storage.delete(name)
    return len(useless)


def url_hash(url):
    return hashlib.sha256(url.encode()).hexdigest()
