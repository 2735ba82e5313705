"""Remove tokens, passwords and email addresses from the log."""

import logging
import re

# Paths that are followed by a token which grants access.
TOKEN_PATHS = (
    "setup", "secret", "accounts/login/link", "accounts/invitation", "accounts/confirm-email",
    "accounts/password/reset/key", "comments/subscriptions/confirm", "comments/subscriptions/stop",
    "comments/subscriptions", "comments/decide", "comments/switch",
)  # fmt: skip
NOT_TOKENS = "confirm/|stop/|done/"  # fixed path segments in the place of a token
PATTERNS = [
    (re.compile(rf"(/(?:{'|'.join(TOKEN_PATHS)})/)(?!{NOT_TOKENS})[^/\s?#'\"]+"), r"\1…"),
    (re.compile(r"(?i)([?&](?:token|key|code|state|draft|secret|password|signature)=)[^&\s'\"]+"), r"\1…"),
    (re.compile(r"(://)[^/\s@]*:[^/\s@]+@"), r"\1…@"),  # user:password@
    (re.compile(r"[^…\s<>()\[\]{}\"'`,;:=/@|]+@[^\s<>()\[\]{}\"'`,;:=/@|]*[^\W_]"), "…@…"),
    # Django's signed values: value, time (optional), and a signature of 43 characters.
    (re.compile(r"[\w.=-]*(?::[A-Za-z0-9]{6})?:[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"), "…"),
]


class RedactingFormatter(logging.Formatter):
    """Formats a record and its traceback without tokens, passwords and email addresses."""

    def format(self, record):
        return redact(super().format(record))


def redact(text):
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text
