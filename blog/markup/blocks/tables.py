"""The cells of GitHub's tables."""

import re

_DELIMITERS = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_PIPE = re.compile(r"\\.|\|", re.DOTALL)
_PIPE_OUTSIDE_CODE = re.compile(rf"(?<!`)(`+)(?!`).*?[^`]\1(?!`)|{_PIPE.pattern}", re.DOTALL)
_ALIGNMENTS = {(True, True): "center", (True, False): "left", (False, True): "right", (False, False): ""}
_LONG = 2_000


def alignments(line: str) -> list[str] | None:
    """The alignment of each column ("left", "center", "right" or "") if this is a delimiter row ("|:--|--:|"), else
    None."""
    if "|" not in line or not _DELIMITERS.fullmatch(line):
        return None
    return [_ALIGNMENTS[cell.startswith(":"), cell.endswith(":")] for cell in cells(line)]


def cells(line: str, columns: int = 0) -> list[str]:
    r"""The cells of a row, with `\|` as "|".

    A pipe in code separates cells too, as on GitHub, unless the row then has more cells than `columns`.
    """
    found = _parted(line, _PIPE)
    if columns and len(found) > columns and "`" in line and len(line) < _LONG:
        spared = _parted(line, _PIPE_OUTSIDE_CODE)
        found = spared if len(spared) >= columns else found
    return [cell.replace("\\|", "|") for cell in found]


def _parted(line: str, pattern: re.Pattern[str]) -> list[str]:
    line = line.strip(" \t")
    parts, start = [], 0
    for found in pattern.finditer(line):
        if found[0] == "|":
            parts.append(line[start : found.start()].strip(" \t"))
            start = found.end()
    parts.append(line[start:].strip(" \t"))
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts[1:] if line.startswith("|") else parts
