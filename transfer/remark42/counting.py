"""Counts what is in backups of Remark42 by their lines, without parsing the JSON.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.remark42.json_lines import lines_of

LOCATOR = re.compile(r'"locator"\s*:\s*\{[^{}]*?"url"\s*:\s*("(?:[^"\\]|\\.)*")')


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS: threads are other items."""
    found = dict.fromkeys(KINDS, 0)
    threads = set()
    file = ""
    for line in lines_of(paths):
        is_first, file = line.file != file, line.file
        if is_first and '"locator"' not in line.text:
            continue
        found["comments"] += 1
        if line.text.rstrip().endswith("}"):
            url = LOCATOR.search(line.text)
            threads.add(json.loads(url[1], strict=False) if url else "")
    found["other"] = len(threads)
    return found
