"""A log is read by more people than a blog's database: it holds nothing that opens a door, and no address."""

import logging
import sys

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, get_resolver, reverse

from server.log_redaction import RedactingFormatter, redact

TOKEN = "Se-cret_Token123"
# What signing.dumps([7, "ann@example.org"]) gave once: a test's name must not follow the clock.
SIGNED = "WzcsImFubkBleGFtcGxlLm9yZyJd:1xXR4q:JzE0DfvnawUfRo7sJKNPNgdkoLonXErHgX0AC7Du1F0"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f"Not Found: /setup/{TOKEN}/", "Not Found: /setup/…/"),
        (f"Internal Server Error: /accounts/login/link/{SIGNED}/", "Internal Server Error: /accounts/login/link/…/"),
        (f"Forbidden: /accounts/password/reset/key/1x-{TOKEN}/", "Forbidden: /accounts/password/reset/key/…/"),
        (f"Not Found: /comments/subscriptions/stop/{SIGNED}/", "Not Found: /comments/subscriptions/stop/…/"),
        (f"/comments/subscriptions/{SIGNED}/ gone", "/comments/subscriptions/…/ gone"),
        (f'"GET /x/?p=1&token={TOKEN}&b=2 HTTP/1.1" 200', '"GET /x/?p=1&token=…&b=2 HTTP/1.1" 200'),
        (f"/login/callback/?code={TOKEN}&state={TOKEN}", "/login/callback/?code=…&state=…"),
        (f"bad value {SIGNED}", "bad value …"),
        ("Key (email)=(ann@example.org) already exists.", "Key (email)=(…@…) already exists."),
        ("{'Ann.O+x@mail.example.org': (550, b'no such user')}", "{'…@…': (550, b'no such user')}"),
        ("no letter to ännchen@bücher.example, again", "no letter to …@…, again"),
        ("to <a@b.example>: refused", "to <…@…>: refused"),
        ("postgres://runs:password@db/runs", "postgres://…@db/runs"),
        ("redis://:secret@cache:6379/0 does not answer", "redis://…@cache:6379/0 does not answer"),
        # What tells an owner something stays.
        ("Not Found: /2010/09/09/run-a-long-way/", "Not Found: /2010/09/09/run-a-long-way/"),
        ("comments.privacy.forget failed 5 times", "comments.privacy.forget failed 5 times"),
        ("connection to 10.0.0.5:5432 failed @ start", "connection to 10.0.0.5:5432 failed @ start"),
        ("Not Found: /comments/subscriptions/stop/", "Not Found: /comments/subscriptions/stop/"),
        ("/accounts/password/reset/key/done/", "/accounts/password/reset/key/done/"),
    ],
)  # fmt: skip
def test_what_opens_a_door_or_names_somebody_is_left_out(said, logged):
    assert redact(said) == logged


def test_a_traceback_names_nobody_either():
    try:
        raise ValueError("ann@example.org is no address")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "for %s", ("bob@example.org",), sys.exc_info())
    line = RedactingFormatter("%(levelname)s %(message)s").format(record)
    assert line.startswith("ERROR for …@…\nTraceback")
    assert "ValueError: …@… is no address" in line
    assert "example.org" not in line


def doors(resolver=None, before=""):
    """The addresses that are opened by a token or key."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from doors(pattern)
        elif pattern.name and {"token", "key"} & pattern.pattern.regex.groupindex.keys():
            others = dict.fromkeys(pattern.pattern.regex.groupindex, "1")
            yield pattern.name, others | dict.fromkeys({"token", "key"} & others.keys(), TOKEN)


def test_every_address_with_a_token_is_known_to_the_log():
    found = dict(doors())
    assert {"setup", "secret", "login_link", "invitation"} <= found.keys()
    for name, fill in found.items():
        try:
            path = reverse(name, kwargs=fill)
        except NoReverseMatch:
            continue  # hidden behind an address of ours
        assert TOKEN not in redact(f"Not Found: {path}"), path


def test_every_line_goes_this_way():
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
    assert settings.LOGGING["formatters"]["line"]["class"] == "server.log_redaction.RedactingFormatter"
    assert not settings.ADMINS, "nor does one by mail"
