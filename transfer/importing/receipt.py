"""The receipt of an import: what became of every element of the file.

    {"source": …, "origin": …, "notices": [sentence, …],
     "totals": {"posts": {"in_file": n, "brought": n, "updated": n, "unchanged": n, "merged": n, "skipped": n,
                          "failed": n}, "pages": …, …},
     "lines": [{"kind": …, "ref": …, "title": …, "result": …, "reason": …, "file": …, "line": n}, …]}

`in_file` is counted by `transfer.wordpress.counting`, which does not use the reader. For every kind it equals the sum
of the others, because what was counted and not read has a line, too.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count

from transfer.models import ImportRun
from transfer.models.import_run import Result
from transfer.records import KINDS

RESULTS = tuple(Result.values)


def totals(run: ImportRun) -> dict[str, dict[str, int]]:
    """{kind: {"in_file": n, each result: n}} in the order of KINDS."""
    counted = run.lines.order_by().values_list("kind", "result").annotate(Count("pk"))
    return table(run.in_file, {(kind, result): number for kind, result, number in counted})


def table(in_file: Mapping[str, int], counted: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    return {
        kind: {"in_file": in_file.get(kind, 0)} | {result: counted.get((kind, result), 0) for result in RESULTS}
        for kind in KINDS
    }


def differences(figures: dict[str, dict[str, int]]) -> dict[str, int]:
    """{kind: how many elements of the file have no line} of the kinds that do not add up."""
    return {
        kind: row["in_file"] - sum(row[result] for result in RESULTS)
        for kind, row in figures.items()
        if row["in_file"] != sum(row[result] for result in RESULTS)
    }


def as_dict(run: ImportRun) -> dict[str, object]:
    return {
        "source": run.source,
        "system": run.system,
        "origin": run.origin,
        "state": run.state,
        "notices": run.notices,
        "totals": totals(run),
        "lines": list(receipt_lines(run)),
    }


def receipt_lines(run: ImportRun) -> Iterator[dict[str, object]]:
    for line in run.lines.order_by("pk").iterator():
        yield {
            "kind": line.kind,
            "ref": line.reference,
            "title": line.title,
            "result": line.result,
            "reason": line.reason,
            "file": line.file,
            "line": line.line,
        }


def write_json(run: ImportRun, file: Any) -> None:
    json.dump(as_dict(run), file, ensure_ascii=False, indent=1)
    file.write("\n")
