"""Outgoing email: queued as rows in the caller's transaction, sent by the worker, kept as the email log.

An email is sent once; twice only if the worker dies between sending it and marking it, and then with the same
Message-ID. Without EMAIL_HOST or EMAIL_PROVIDER nothing is sent and email waits. `core.smtp_errors` classifies
failures: a refusal of the recipient or the content is final; everything else (no server, no TLS, login refused, "try
again later") is retried with growing delays.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import salted_hmac

from core import smtp_errors
from core.email_addresses import encode_idna
from core.jobs import Requeue, at_start, is_only_worker, is_stopping, job, minutely
from core.mail_message import Message, named
from core.models import Email
from core.site import site
from core.text import tidy, tidy_line

logger = logging.getLogger(__name__)
Check = TypeVar("Check", bound=Callable[[Email], bool])

SWEEP_SECONDS = 30  # longest run of deliver_waiting(), so that other jobs are not held up
PAUSE_SECONDS = 60  # without an attempt after the server did not answer
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")
_RESERVED_HEADERS = {"to", "cc", "bcc", "from", "sender", "subject", "date", "message-id", "mime-version"}
_checks: dict[str, Callable[[Email], bool]] = {}  # kind → function
_paused_until = 0.0  # monotonic seconds


def queue(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    kind: str = "",
    key: str = "",
    headers: Mapping[str, str] | None = None,
) -> Email:
    """Queue an email to one bare address; it is sent after the caller's transaction commits.

    `key` identifies the reason for the email ("comment 12 held, to 1"): if there is one with the same key, no second is
    queued and the first is returned. `headers` are additional ones (Reply-To, List-Unsubscribe). Raises ValueError
    (a ValueError) for line breaks in the address, subject or headers and for headers that only this module sets, and
    ValidationError for an invalid address.
    """
    values = _email_fields(to=to, subject=subject, text=text, html=html, kind=kind, headers=headers)
    with transaction.atomic():
        if key:
            email, new = Email.objects.get_or_create(key=key, defaults=values)
        else:
            email, new = Email.objects.create(**values), True
        if new and is_configured():
            deliver.enqueue(email.pk)
    return email


def queue_all(emails: Iterable[Mapping[str, Any]], *, tidied: bool = False) -> None:
    """Queue many emails in a few statements. Each is a mapping of the arguments of `queue`, with a unique key.

    They are sent by the next `deliver_waiting`, or earlier if the caller calls `deliver_soon()` after the last of them.
    `tidied`: the bodies have been through `core.text.tidy` already.
    """
    rows = [Email(key=email["key"], **_email_fields(**email, tidied=tidied)) for email in emails]
    Email.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)


def deliver_soon() -> None:
    if is_configured():
        deliver_many.enqueue()


def check_before_sending(kind: str) -> Callable[[Check], Check]:
    """Decorator: call `function(email)` right before an email of this kind is sent; if it returns False, delete it."""

    def register(function: Check) -> Check:
        _checks[kind] = function
        return function

    return register


def is_configured() -> bool:
    """Whether a mail server or provider is configured."""
    return bool(settings.EMAIL_HOST or settings.EMAIL_PROVIDER)


def send_now(**fields: Any) -> Email:
    """Send an email at once, even during a pause after errors; the `state` of the returned row is the result."""
    email = Email.objects.create(**_email_fields(**fields))
    if is_configured():
        _send(email)
        email.refresh_from_db()
    return email


def resend(email: Email) -> None:
    """Send an email again that was refused, has bounced or was given up; send a waiting one without further delay."""
    with transaction.atomic():
        email.reset()
        deliver.enqueue(email.pk)


@job
def deliver(email_id: int) -> None:
    email = Email.objects.due().filter(pk=email_id).first()
    if email and is_configured() and time.monotonic() >= _paused_until:
        _send(email)


@job
def deliver_many() -> None:
    """Send email that was queued by `queue_all`, letting other jobs run in between."""
    deliver_waiting()
    if is_configured() and time.monotonic() >= _paused_until and Email.objects.due().exists():
        raise Requeue(1)


@minutely
def deliver_waiting() -> None:
    """Send email that no job has sent: the server was unreachable, the worker died, or mail was not configured."""
    if not is_configured():
        return
    deadline = time.monotonic() + SWEEP_SECONDS
    for email in Email.objects.due().order_by("next_try", "id")[:500]:
        if is_stopping() or time.monotonic() > deadline or not _send(email):
            return


@at_start
def requeue_interrupted() -> None:
    if is_only_worker():  # otherwise the others may be sending them; the lease of an email ends after five minutes
        Email.objects.requeue_interrupted()


def _email_fields(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    kind: str = "",
    key: str = "",
    headers: Mapping[str, str] | None = None,
    tidied: bool = False,
) -> dict[str, Any]:
    """The validated and normalized fields of an Email."""
    own = dict(headers or {})
    _check_headers(to, subject, own)
    validate_email(to)
    to = encode_idna(to)
    subject = tidy_line(subject)
    return {
        "to": to,
        "subject": subject if len(subject) <= 250 else subject[:249] + "…",
        "text": text if tidied else tidy(text),
        "html": html if tidied else tidy(html),
        "kind": kind,
        "headers": own,
    }


def _check_headers(to: str, subject: str, headers: Mapping[str, str]) -> None:
    for name, value in {"To": to, "Subject": subject, **headers}.items():
        if not isinstance(value, str) or len((value + ".").splitlines()) > 1 or "\0" in value:
            raise ValueError(f"{name} must be one line of text")
    for name in headers:
        if not _HEADER.fullmatch(name) or name.lower() in _RESERVED_HEADERS or name.lower().startswith("content-"):
            raise ValueError(f"the header {name!r} cannot be set")


def _send(email: Email) -> bool:
    """Send it unless another process has claimed it, and store the result; False if the server is unreachable."""
    if not email.claim() or not _passes_check(email):
        return True
    server = get_connection()
    try:
        server.open()
    except OSError as error:  # includes smtplib's exceptions: no STARTTLS, wrong password
        email.retry_later(smtp_errors.classify(error).message)
        _pause()
        return False
    else:
        return _submit(email, server)
    finally:
        server.close()


def _passes_check(email: Email) -> bool:
    """Whether the registered check still wants it sent; deletes the email if not."""
    try:
        if email.kind not in _checks or _checks[email.kind](email):
            return True
    except Exception as error:
        logger.exception("the check whether email %s should still be sent failed", email.pk)
        _mark_failure(email, smtp_errors.classify(error))
    else:
        email.delete()
    return False


def _submit(email: Email, server: Any) -> bool:
    message = _message(email)
    try:
        server.send_messages([message])
    except Exception as error:
        failure = smtp_errors.classify(error)
        if not (failure.is_final or isinstance(error, OSError)):
            logger.exception("email %s cannot be sent", email.pk)
        _mark_failure(email, failure)
        if failure.is_unavailable:
            _pause()
        return not failure.is_unavailable
    if refused := smtp_errors.provider_failure(message):
        _mark_failure(email, refused)
    else:
        email.mark_sent(_provider_id(message))
    return True


def _provider_id(message: Message) -> str:
    """The message id that the provider's API returned, by which its bounce reports name it; "" for SMTP."""
    said = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return said if isinstance(said, str) else ""


def _message(email: Email) -> Message:
    mark = salted_hmac("core.mail", f"{email.pk} {email.created_at.isoformat()}", algorithm="sha256")
    headers = {
        "Message-ID": f"<{email.pk}.{mark.hexdigest()[:24]}@{urlsplit(settings.LONGRUN_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
        **email.headers,
    }
    sender = named(settings.DEFAULT_FROM_EMAIL, site().title)
    message = Message(email.subject, email.text, sender, to=[email.to], headers=headers)
    if email.html:
        message.attach_alternative(email.html, "text/html")
    return message


def _mark_failure(email: Email, failure: smtp_errors.DeliveryFailure) -> None:
    if failure.is_final:
        email.mark_refused(failure.message)
    else:
        email.retry_later(failure.message)


def _pause() -> None:
    """Stop sending for a while: the timeouts of an unreachable server would hold up all other jobs."""
    global _paused_until
    _paused_until = time.monotonic() + PAUSE_SECONDS
