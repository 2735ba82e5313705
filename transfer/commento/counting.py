"""Counts what is in exports of Commento by the brackets of the JSON text, without building the document.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

from collections.abc import Sequence
from pathlib import Path

from transfer.commento.reader import documents
from transfer.ghost.counting import rows
from transfer.records import KINDS


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS: threads are other items."""
    found = dict.fromkeys(KINDS, 0)
    for _name, text in documents(paths):
        comments = [facts for table, facts in rows(text) if table == "comments"]
        found["comments"] += len(comments)
        found["other"] += len({(facts.get("domain", ""), facts.get("url", "")) for facts in comments})
    return found
