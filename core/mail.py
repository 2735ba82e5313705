"""Letters: written as rows in the transaction of what they tell of, sent by the worker, kept as a ledger.

A letter is sent once; twice only if the worker dies between sending and marking, and then with the same
Message-ID. Without EMAIL_HOST or EMAIL_PROVIDER nothing is sent and letters wait. What the other side's answer
means is said in `core.smtp_errors`: a refusal of the recipient or the text is final; everything else (no server,
no TLS, no login, "try later") is tried again with growing pauses.
"""

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import salted_hmac

from core import smtp_errors
from core.email_addresses import spelled
from core.jobs import Again, at_start, job, minutely, stopping
from core.models import Email
from core.text import tidy, tidy_line

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30  # then other work has its turn
REST_SECONDS = 60  # after the server did not answer
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")
_OURS = {"to", "cc", "bcc", "from", "sender", "subject", "date", "message-id", "mime-version"}
_wanted: dict[str, Callable[[Email], bool]] = {}  # kind → function
_resting_until = 0.0  # monotonic seconds


def write(*, to: str, subject: str, text: str, html: str = "", kind: str = "", key: str = "", headers=None) -> Email:
    """Put a letter to one bare address into the ledger; it leaves after the caller's transaction commits.

    `key` names what the letter is about ("comment 12 held, to 1"): a second letter with the same key is not
    written, the first is returned. `headers` are extra ones (Reply-To, List-Unsubscribe). Raises
    BadHeaderError (a ValueError) for line breaks in the address, subject or headers and for headers that are
    ours to set, ValidationError for what is no address at all.
    """
    values = _drafted(to=to, subject=subject, text=text, html=html, kind=kind, headers=headers)
    with transaction.atomic():
        if key:
            letter, new = Email.objects.get_or_create(key=key, defaults=values)
        else:
            letter, new = Email.objects.create(**values), True
        if new and is_configured():
            deliver.enqueue(letter.pk)
    return letter


def write_all(letters, *, tidied=False) -> None:
    """The same for many in a few statements: each is the arguments of `write` as a mapping, with a key of its own.

    They leave with the next sweep, or earlier if the caller says `send_soon()` after the last of them. Whoever has
    sent one text through `core.text.tidy` for all of them says that it is `tidied`.
    """
    rows = [Email(key=letter["key"], **_drafted(**letter, tidied=tidied)) for letter in letters]
    Email.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)


def send_soon():
    if is_configured():
        deliver_many.enqueue()


def asked_before_sending(kind):
    """Have `function(letter)` asked right before a letter of this kind leaves; what it does not want is deleted."""

    def register(function):
        _wanted[kind] = function
        return function

    return register


def is_configured() -> bool:
    """Whether letters leave at all."""
    return bool(settings.EMAIL_HOST or settings.EMAIL_PROVIDER)


def write_now(**letter) -> Email:
    """Write a letter and hand it over while somebody waits for it, whatever happened to others; the row tells how."""
    row = Email.objects.create(**_drafted(**letter))
    if is_configured():
        _send(row)
        row.refresh_from_db()
    return row


def send_again(letter):
    """Let what was refused, came back or was given up start over, and what waits not wait."""
    with transaction.atomic():
        letter.again()
        deliver.enqueue(letter.pk)


@job
def deliver(letter_id: int):
    letter = Email.objects.due().filter(pk=letter_id).first()
    if letter and is_configured() and time.monotonic() >= _resting_until:
        _send(letter)


@job
def deliver_many():
    """What was written at once with others; between two rounds other work has its turn."""
    deliver_waiting()
    if is_configured() and time.monotonic() >= _resting_until and Email.objects.due().exists():
        raise Again(1)


@minutely
def deliver_waiting():
    """Find what no job carried out: its server was away, its worker died, mail was not configured."""
    if not is_configured():
        return
    deadline = time.monotonic() + SWEEP_SECONDS
    for letter in Email.objects.due().order_by("next_try", "id")[:500]:
        if stopping() or time.monotonic() > deadline or not _send(letter):
            return


@at_start
def take_back():
    Email.objects.take_back()


def _drafted(*, to, subject, text, html="", kind="", key="", headers=None, tidied=False):
    """The fields of a letter, looked through."""
    headers = dict(headers or {})
    _refuse_smuggling(to, subject, headers)
    validate_email(to)
    to = spelled(to)
    subject = tidy_line(subject)
    return {
        "to": to,
        "subject": subject if len(subject) <= 250 else subject[:249] + "…",
        "text": text if tidied else tidy(text),
        "html": html if tidied else tidy(html),
        "kind": kind,
        "headers": headers,
    }


def _refuse_smuggling(to, subject, headers):
    for name, value in {"To": to, "Subject": subject, **headers}.items():
        if not isinstance(value, str) or len((value + ".").splitlines()) > 1 or "\0" in value:
            raise BadHeaderError(f"{name} must be one line of text")
    for name in headers:
        if not _HEADER.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("content-"):
            raise BadHeaderError(f"{name!r} is no header for a letter to bring along")


def _send(letter) -> bool:
    """Send it if nobody else does, and mark what became of it; False if the server is out of reach."""
    if not letter.claim() or not _is_wanted(letter):
        return True
    server = get_connection()
    try:
        server.open()
    except OSError as error:  # smtplib's own errors are OSErrors too: no STARTTLS, wrong password
        letter.try_later(smtp_errors.read(error).words)
        _rest()
        return False
    else:
        return _hand_over(letter, server)
    finally:
        server.close()


def _is_wanted(letter) -> bool:
    """Whether it is still right to send it; takes it out of the ledger if not."""
    try:
        if letter.kind not in _wanted or _wanted[letter.kind](letter):
            return True
    except Exception as error:
        logger.exception("nobody can say whether letter %s should still be sent", letter.pk)
        _not_sent(letter, smtp_errors.read(error))
    else:
        letter.delete()
    return False


def _hand_over(letter, server) -> bool:
    message = _message(letter)
    try:
        server.send_messages([message])
    except Exception as error:
        answer = smtp_errors.read(error)
        if not (answer.final or isinstance(error, OSError)):
            logger.exception("letter %s cannot be sent as it is", letter.pk)
        _not_sent(letter, answer)
        if answer.away:
            _rest()
        return not answer.away
    if refused := smtp_errors.not_taken(message):
        _not_sent(letter, refused)
    else:
        letter.mark_sent(_provider_id(message))
    return True


def _provider_id(message) -> str:
    """How the provider's API calls the letter, "" for SMTP; its reports of bounces name it."""
    said = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return said if isinstance(said, str) else ""


def _message(letter) -> EmailMultiAlternatives:
    mark = salted_hmac("core.mail", f"{letter.pk} {letter.made_at.isoformat()}", algorithm="sha256")
    headers = {
        "Message-ID": f"<{letter.pk}.{mark.hexdigest()[:24]}@{urlsplit(settings.LONGRUN_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
        **letter.headers,
    }
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[letter.to], headers=headers)
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


def _not_sent(letter, answer):
    if answer.final:
        letter.mark_refused(answer.words)
    else:
        letter.try_later(answer.words)


def _rest():
    """A server that is away would hold up all other work with its timeouts, letter by letter."""
    global _resting_until
    _resting_until = time.monotonic() + REST_SECONDS
