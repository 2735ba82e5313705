"""What the tests of emails to readers have in common: emails in the log, and the links in them."""

import re

from core.models import Email

HOME = "http://localhost:8000"


def link_in(email, what):
    """The path of a link in an email: "confirm", "stop", or "page"."""
    pattern = {
        "confirm": "/comments/subscriptions/confirm/",
        "stop": "/comments/subscriptions/stop/",
        "page": "/comments/subscriptions/",
    }
    links = re.findall(rf"{HOME}({pattern[what]}\S+)", email.text)
    return links[-1] if what == "page" else links[0]


def sent_to(address, kind=None):
    emails = Email.objects.filter(to=address).order_by("pk")
    return list(emails.filter(kind=kind) if kind else emails)
