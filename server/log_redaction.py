"""What the log says of people: nothing that opens a door, and no email address."""

import logging
import re

# Addresses of pages that end in a token: whoever has it is let in.
TOKEN_PATHS = (
    "setup", "secret", "accounts/login/link", "accounts/invitation", "accounts/confirm-email",
    "accounts/password/reset/key", "comments/letters/confirm", "comments/letters/stop", "comments/letters",
    "comments/decide", "comments/switch",
)  # fmt: skip
NOT_TOKENS = "confirm/|stop/|done/"  # what stands where a token would
PATTERNS = [
    (re.compile(rf"(/(?:{'|'.join(TOKEN_PATHS)})/)(?!{NOT_TOKENS})[^/\s?#'\"]+"), r"\1…"),
    (re.compile(r"(?i)([?&](?:token|key|code|state|draft|secret|password|signature)=)[^&\s'\"]+"), r"\1…"),
    (re.compile(r"(://)[^/\s@]*:[^/\s@]+@"), r"\1…@"),  # a name and its password
    (re.compile(r"[^…\s<>()\[\]{}\"'`,;:=/@|]+@[^\s<>()\[\]{}\"'`,;:=/@|]*[^\W_]"), "…@…"),
    # What Django signs: a value or its time, and a signature of 43 characters.
    (re.compile(r"[\w.=-]*(?::[A-Za-z0-9]{6})?:[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"), "…"),
]


class RedactingFormatter(logging.Formatter):
    """A line of the log, with its traceback, without tokens, passwords and email addresses."""

    def format(self, record):
        return redact(super().format(record))


def redact(text):
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text
