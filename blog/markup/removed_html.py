"""Notices for what the sanitizers will remove from a post: disallowed elements and URL schemes."""

import re

from blog.markup.notices import DROPPED, Notice
from blog.markup.policies import Policy
from blog.markup.sanitizer import DROPPED_WITH_CONTENT

_ELEMENT = re.compile(rf"<({'|'.join(sorted(DROPPED_WITH_CONTENT))})(?=[\s/>])", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""\b(?:href|src|cite|poster)\s{0,9}=\s{0,9}["']?\s{0,9}([a-z][a-z0-9+.-]{0,30}):""", re.IGNORECASE
)


def report_removed(html: str, policy: Policy, source: str, notices: list[Notice]) -> None:
    """Add a notice for every element name or URL scheme in `html` that the policy refuses.

    Skips those that already have a notice (with the exact line). The line is that of the first occurrence in `source`.
    """
    elements = {found.lower() for found in _ELEMENT.findall(html)} - policy.tags
    schemes = {found.lower() for found in _ADDRESS.findall(html)} - policy.schemes
    told = {notice.what for notice in notices}
    for written, what in [(f"<{name}", f"<{name}>") for name in elements] + [
        (f"{each}:", f"{each}:") for each in schemes
    ]:
        if what not in told:
            notices.append(Notice(line_of(source, written), DROPPED, what))


def line_of(source: str, written: str) -> int:
    """The line, from 1, of the first occurrence of `written` (case-insensitive); 0 if there is none."""
    found = re.search(re.escape(written), source, re.IGNORECASE)
    return source.count("\n", 0, found.start()) + 1 if found else 0
