"""Files that come to the desk: whole in one request, or in pieces by a script (static/js/desk/import-upload.js)."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from transfer import uploads
from transfer.desk.requests import DeskRequest
from transfer.importing.systems import SYSTEMS
from transfer.models import ImportRun

Received = TypeVar("Received")

EXPORT = uploads.Purpose(
    tuple(sorted({ending for system in SYSTEMS.values() for ending in system.endings})),
    500 * uploads.MB,
    gettext_noop("Choose the file that your old blog gave you: it ends in .xml, .xml.gz, .zip or .json."),
)
MEDIA = uploads.Purpose(
    (".zip", ".tar", ".tar.gz", ".tgz"),
    8192 * uploads.MB,
    gettext_noop("Choose a copy of your old blog’s files: it ends in .zip or .tar."),
)
LISTS = uploads.Purpose(
    (*EXPORT.endings, ".txt"),
    uploads.LARGEST_AT_ONCE,
    gettext_noop("Choose a sitemap, an export or a list of addresses: it ends in .xml, .zip, .json or .txt."),
)


def receive_whole(request: DeskRequest, purpose: uploads.Purpose, then: Callable[[str], Received]) -> Received | None:
    """Store a file that came in one request; returns `then(key)`, or None, with a message, if it was refused."""
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, _("Choose a file first."))
        return None
    key = secrets.token_hex(16)
    try:
        uploads.store_whole(key, upload, purpose)
        return then(key)
    except uploads.Refused as refusal:
        messages.error(request, str(refusal))
        return None


def upload_attributes(purpose: uploads.Purpose, *, what: str, run: ImportRun | None = None) -> dict[str, Any]:
    """What the script needs to send a file: `what` is one of transfer.desk.chunked_uploads.RECEIVERS."""
    return {
        "key": secrets.token_hex(16),
        "piece": uploads.PIECE,
        "largest": purpose.largest,
        "what": what,
        "run": run.pk if run else "",
    }
