"""Notices for the author about the rendering: what was removed, and what is shown as typed.

A notice holds only data; `blog.desk.markup_notices` turns it into a sentence.
"""

from dataclasses import dataclass

DROPPED = "dropped"  # an element or URL that is not allowed in a post
AS_TYPED = "as_typed"  # a block, or the whole text, that exceeds a limit
MISTAKE = "mistake"  # a formula that is no TeX
EMBED = "embed"  # an embed code that became our video player or a link


@dataclass(frozen=True, order=True)
class Notice:
    line: int  # of the source, from 1; 0 if unknown
    kind: str
    what: str  # "<script>", "tel:", "table" …
