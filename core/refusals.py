"""A line in the log for each refusal, which programs such as fail2ban read: its kind and the client's hashed network.

    2026-11-30 04:10:00,123 WARNING core.refusals refused login network=0123456789abcdef0123456789abcdef

The kinds are `rate-limit` (429), `forbidden` (403), `busy` (no place in a queue), `login` (a wrong password, code or
second factor) and
`spam`. A flood writes at most LINES_A_MINUTE of its kind, so that nobody hides guessed passwords behind another one.
"""

import logging
import threading
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any

from core.request import client_network

logger = logging.getLogger(__name__)

LINES_A_MINUTE = 600
KINDS = {429: "rate-limit", 403: "forbidden"}  # a 503 may also mean a database that is away, or an upgrade

_lock = threading.Lock()
_minute, _lines = 0, Counter[str]()


def log_refusal(environ: dict[str, Any], kind: str) -> None:
    """Write the line for a request, by its WSGI environ (`request.META`)."""
    global _minute
    now = int(time.monotonic() / 60)
    with _lock:
        if now != _minute:
            _minute = now
            _lines.clear()
        _lines[kind] += 1
        if _lines[kind] > LINES_A_MINUTE:
            return
    request: Any = SimpleNamespace(META=environ)
    logger.warning("refused %s network=%s", kind, client_network(request))
