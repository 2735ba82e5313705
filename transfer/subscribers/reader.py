"""Reads lists of subscribers (CSV, also several of them in a zip archive) into records."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from transfer.records import Loss, Notice, Record, Subscriber
from transfer.subscribers import tables
from transfer.subscribers.list_formats import OTHER, SERVICES, address_column, folded, service_of
from transfer.wordpress.errors import Refused
from transfer.wordpress.files import Source


def read(paths: Sequence[str | Path], service: str = "") -> Iterator[Record]:
    """The addresses of all lists, each row a Subscriber or a Loss.

    `service` is one of SERVICES, or "" to tell it by the columns. Raises Refused for files without a list of addresses
    and for a list of another service than the named one.
    """
    seen, columns = 0, ""
    for source in tables.tables(paths):
        rows = tables.rows(source)
        header = next(rows, None)
        names = [folded(cell) for cell in header.cells or []] if header else []
        columns = columns or ", ".join((header and header.cells) or [])[:200]
        if not address_column(names):
            continue
        seen += 1
        if service and not SERVICES[service].fits(names):
            raise Refused(f"This list does not have the columns of {SERVICES[service].name}.", 1, source.name)
        yield from records_of(source, rows, names, service)
    if not seen:
        raise Refused(
            f"There is no column of email addresses in it: its columns are {columns}." if columns
            else "There is no list of addresses in it.", file=", ".join(Path(path).name for path in paths)
        )  # fmt: skip


def records_of(source: Source, rows: Iterator[tables.Row], names: list[str], service: str) -> Iterator[Record]:
    writer = SERVICES[service] if service else service_of(names)
    if writer is OTHER:
        yield Notice(
            reason="The columns of this list are those of no service that is known here: nobody is subscribed by it.",
            line=1, file=source.name,
        )  # fmt: skip
    column, file = address_column(names), source.name.rpartition("/")[2].lower()
    for row in rows:
        if row.cells is None:
            yield Loss(kind="subscribers", reason=row.reason, line=row.line, file=source.name)
            continue
        cells = dict(zip(reversed(names), reversed(row.cells), strict=True))  # of a repeated column the first counts
        found = Subscriber(address=cells[column], line=row.line, file=source.name)
        writer.read(found, cells, file)
        yield found
    yield from source.notices
