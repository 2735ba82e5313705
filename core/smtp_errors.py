"""What the answer of a mail server, or of a provider's API, means for a letter."""

import smtplib
from dataclasses import dataclass

from core.text import tidy_line

# Of an API: what is wrong with this one letter, so that asking again changes nothing. What is wrong with our key, our
# domain or our purse (401 to 404) is the owner's to mend, and so no fault of the letter's.
FINAL = {400, 406, 409, 413, 415, 422}
# By their names: Anymail is installed where a provider is used, and known here in no other way.
FINAL_NAMES = {"AnymailRecipientsRefused", "AnymailInvalidAddress", "AnymailUnsupportedFeature"}


@dataclass(frozen=True)
class Answer:
    """`final`: this letter never. `away`: no letter at this moment. Neither: this one later."""

    words: str
    final: bool = False
    away: bool = False


def read(error) -> Answer:
    """What an exception of a mail backend says. Whatever nobody knows is tried again later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return Answer(spoken(code, answer), final=code >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return Answer(spoken(error.smtp_code, error.smtp_error), final=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):  # our own name or login is refused: the owner can mend that
        return Answer(spoken(error.smtp_code, error.smtp_error))
    if isinstance(error, (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError)):  # in the middle of the talk
        return Answer(in_a_line(error), away=True)
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & FINAL_NAMES:
        return Answer(in_a_line(error), final=True)
    if "AnymailRequestsAPIError" in names:
        status = getattr(error, "status_code", None)
        if status is None:  # nobody answered
            return Answer(in_a_line(error), away=True)
        # 2xx with nonsense instead of JSON: it may have left, and a provider knows the Message-ID when it comes again.
        return Answer(in_a_line(error), final=status in FINAL, away=status not in FINAL and status >= 400)
    return Answer(in_a_line(error))


def not_taken(message) -> Answer | None:
    """What a provider that raised nothing says of a letter that it has not taken all the same; None if it has."""
    status = getattr(message, "anymail_status", None)
    if status is None or status.status is None or status.status & {"sent", "queued"}:
        return None
    if status.status == {"unknown"} and getattr(status.esp_response, "ok", True):
        return None
    said = getattr(status.esp_response, "text", "") or ", ".join(map(str, status.status))
    return Answer(tidy_line(said), final=True)


def spoken(code, answer):
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"


def in_a_line(error):
    return tidy_line(str(error)) or type(error).__name__
