"""What a dry run tells the owner before anything is stored.

{"totals": {kind: {"in_file": n, result: n, …}}, "states": [[kind, status, n], …],
 "authors": [[login, name, primary key of the person that the import would choose, null for a new one], …],
 "kept_addresses": n, "redirected": [[old path, new path], …] (at most 50), "redirected_count": n,
 "former": {"permalinks": [before, since]} once the import has changed them,
 "files": n, "first": "2010-09-09", "last": "2026-01-31", "losses": [sentence, …], "other": [[type, n], …]}
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transfer.importing.authors import shown_name
from transfer.importing.run import Importer
from transfer.importing.session import Session
from transfer.models import ImportRun
from transfer.records import THREAD, Item

EXAMPLES = 50


def examine(run: ImportRun, paths: list[Path]) -> dict[str, object]:
    """Read the files without storing anything. Raises `errors.Refused`."""
    trial = ImportRun(
        system=run.system, source=run.source, options=run.options | {"dry_run": True}, by=run.by, digest=run.digest
    )
    importer = Importer(trial, paths, lambda phase, done, total: None, lambda: False)
    totals = importer.go()
    run.origin, run.in_file, run.notices = trial.origin, trial.in_file, trial.notices
    session = importer.session
    states = Counter((record.kind, record.status) for record in importer.records() if isinstance(record, Item))
    known = ("post", "page", "attachment", "nav_menu_item", THREAD)
    days = sorted(str(entry.on) for entry in session.plan.entries.values() if entry.on)
    return {
        "totals": totals,
        "states": [[kind, status, number] for (kind, status), number in sorted(states.items()) if kind in known[:2]],
        "other": [[kind, number] for kind, number in sorted(by_type(states).items()) if kind not in known],
        "authors": list(authors(session)),
        "files": len(session.plan.attachments),
        "first": days[0] if days else "",
        "last": days[-1] if days else "",
        "losses": [f"{loss.file}, {loss.line}: {loss.reason}" for loss in session.plan.losses[:EXAMPLES]],
    } | addresses(session)


def authors(session: Session) -> Iterator[list[object]]:
    """Each author of the file, and those whom only a post names, with the person that the import would choose."""
    listed = session.plan.authors
    for login, author in listed.items():
        person = session.users.get(login)
        yield [login, shown_name(author, session), person.pk if person else None]
    for at, login in enumerate(login for login in session.users if login not in listed):
        yield [login, login, session.owner.pk if not listed and not at else None]


def by_type(states: "Counter[Any]") -> "Counter[Any]":
    found: Counter[Any] = Counter()
    for (kind, _status), number in states.items():
        found[kind] += number
    return found


def addresses(session: Session) -> dict[str, object]:
    """Which old addresses stay as they are, and which redirect."""
    moved = [[old, new] for old, new in session.paths.items() if old != new]
    return {
        "kept_addresses": len(session.paths) - len(moved),
        "redirected_count": len(moved),
        "redirected": moved[:EXAMPLES],
    }
