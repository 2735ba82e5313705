"""Where fenced code begins and ends."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def lines_outside_code(text: str) -> Iterator[tuple[int, str]]:
    """Each line that is no code and no fence, with its place in the text."""
    place, fence = 0, ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" \t>`~"):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield place, line
        place += len(line) + 1
