"""What comments by one spammer share: the hosts they link to and the shape of their text."""

import re
from urllib.parse import urlsplit

from django.conf import settings

from comments.models import Comment
from core.text import fold

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
LINK_IN_HTML = re.compile(r'<a\b[^>]*\bhref="(https?:[^"]*)"')
NUMBER = re.compile(r"\d+")
TOKEN = re.compile(r"\w+|[^\w\s]")
SHORTEST = 4  # tokens; "Thank you!" is too short to be compared
LONGEST = 60  # tokens


def hosts_of(comment: Comment) -> set[str]:
    """The hosts of the comment's links and of the author's website, without "www." and without the blog's own."""
    found = {host_of(url) for url in [comment.url, *LINK_IN_HTML.findall(comment.html)]}
    return found - {"", host_of(settings.LONGRUN_URL)}


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def shape_of(text: str) -> str:
    """The folded text with placeholders for links and numbers, at most `LONGEST` tokens; "" if it is too short."""
    tokens = TOKEN.findall(NUMBER.sub("0", LINK.sub(" LINK ", fold(text))))
    return " ".join(tokens[:LONGEST]) if len(tokens) >= SHORTEST else ""
