"""What a writer has to be told about how a text was read: what was left out, and what stays as it was typed.

A notice names the place and the thing; the sentence is made where it is shown (`blog.desk.markup_notices`).
"""

from dataclasses import dataclass

DROPPED = "dropped"  # an element, or the address of a link, that may not stand in a post
AS_TYPED = "as_typed"  # a block, or the whole text, that is over a count
EMBED = "embed"  # an embed code that became a player of ours or a link


@dataclass(frozen=True, order=True)
class Notice:
    line: int  # of the source, from 1; 0 where it is not known
    kind: str
    what: str  # "<script>", "tel:", "table" …
