"""The one-time link to the set-up page: printed in the terminal; the data folder stores its hash."""

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare

from core.site import absolute_url


def create_link():
    """A new link with a token of 128 random bits; it invalidates the one before.

    The hash is stored in a file that only this user may read, so that a running server accepts a link made by
    `manage.py setup_link`.
    """
    token = secrets.token_urlsafe(16)
    fresh = link_path().with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(fresh, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_hash(token))
    fresh.replace(link_path())
    return absolute_url(f"/setup/{token}/")


def is_valid_link(token):
    try:
        return constant_time_compare(link_path().read_text(), _hash(token))
    except FileNotFoundError:
        return False


def delete_link():
    link_path().unlink(missing_ok=True)


def link_path():
    return Path(settings.LONGRUN_DATA) / "setup_link"


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()
