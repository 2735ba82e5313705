"""Classify the errors of a mail server or a provider's API: final, server unavailable, or to be retried."""

import smtplib
from dataclasses import dataclass

from django.core.mail import EmailMessage

from core.text import tidy_line

# Status codes of an API that reject this email for good. A wrong key or domain, or a missing payment (401 to 404), can
# be corrected by the owner, so such email is retried.
FINAL_STATUSES = {400, 406, 409, 413, 415, 422}
# By name, since Anymail is only installed where a provider is used.
FINAL_EXCEPTIONS = {"AnymailRecipientsRefused", "AnymailInvalidAddress", "AnymailUnsupportedFeature"}


@dataclass(frozen=True)
class DeliveryFailure:
    """`is_final`: do not retry this email. `is_unavailable`: pause all email. Neither: retry this one later."""

    message: str
    is_final: bool = False
    is_unavailable: bool = False


def classify(error: Exception) -> DeliveryFailure:
    """The DeliveryFailure for an exception of a mail backend. Unknown exceptions are retried later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return DeliveryFailure(format_reply(code, answer), is_final=code >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return DeliveryFailure(format_reply(error.smtp_code, error.smtp_error), is_final=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):  # HELO or login refused: the owner can correct that
        return DeliveryFailure(format_reply(error.smtp_code, error.smtp_error))
    if isinstance(error, (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError)):  # connection lost
        return DeliveryFailure(one_line(error), is_unavailable=True)
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & FINAL_EXCEPTIONS:
        return DeliveryFailure(one_line(error), is_final=True)
    if "AnymailRequestsAPIError" in names:
        status = getattr(error, "status_code", None)
        if status is None:  # no response
            return DeliveryFailure(one_line(error), is_unavailable=True)
        # 2xx with an invalid body: it may have been sent; providers recognize a second attempt by its Message-ID.
        return DeliveryFailure(
            one_line(error),
            is_final=status in FINAL_STATUSES,
            is_unavailable=status not in FINAL_STATUSES and status >= 400,
        )
    return DeliveryFailure(one_line(error))


def provider_failure(message: EmailMessage) -> DeliveryFailure | None:
    """The failure in the status of a message for which the backend raised nothing; None if it was accepted."""
    status = getattr(message, "anymail_status", None)
    if status is None or status.status is None or status.status & {"sent", "queued"}:
        return None
    if status.status == {"unknown"} and getattr(status.esp_response, "ok", True):
        return None
    said = getattr(status.esp_response, "text", "") or ", ".join(map(str, status.status))
    return DeliveryFailure(tidy_line(said), is_final=True)


def format_reply(code: int, answer: bytes | str) -> str:
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"


def one_line(error: Exception) -> str:
    return tidy_line(str(error)) or type(error).__name__
