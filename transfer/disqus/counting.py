"""Counts what is in exports of Disqus by their tags alone, without parsing the XML.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.wordpress.files import sources

TAG = re.compile(r"<!\[CDATA\[|<!--|<(/?)(thread|category|post)\b[^<>]*?(/?)>")
LONGEST = 4 << 20  # characters in which CDATA has to end: text without an end is no text


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS: its posts are our comments."""
    found = dict.fromkeys(KINDS, 0)
    for source in sources(paths):
        inside = ""
        for closing, name, is_empty in tags(source.pieces()):
            if closing:
                inside = "" if name == inside else inside
            elif name == "post" or not inside or inside == name:
                found["comments" if name == "post" else "other"] += 1
                inside = "" if is_empty else name
    return found


def tags(pieces: Iterable[str]) -> Iterator[tuple[bool, str, bool]]:
    """(whether it closes, name, whether it is empty) of each tag outside CDATA and comments."""
    text = ""
    for piece in itertools.chain(pieces, [""]):
        text += piece
        at = 0
        while match := TAG.search(text, at):
            at = match.end()
            if match[2]:
                yield bool(match[1]), match[2], bool(match[3])
                continue
            end = text.find("]]>" if match[0] != "<!--" else "-->", at)
            if end >= 0:
                at = end + 3
            elif piece and len(text) - match.start() < LONGEST:
                at = match.start()
                break
        else:
            last = text.rfind("<", at)
            at = last if last >= 0 and ">" not in text[last:] else len(text)
        text = text[at:]
