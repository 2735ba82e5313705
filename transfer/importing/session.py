"""The state of a running import: what has been found out, which rows belong to which foreign elements, and the lines of
the receipt that the next transaction stores."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.db.models import Model

from accounts.models import User
from blog.models import Media
from core.text import tidy_line
from transfer.importing.plan import Plan
from transfer.importing.post_addresses import PostAddresses
from transfer.models import ImportLine, ImportRef, ImportRun, MediaFile
from transfer.old_urls import belongs, urlsplit_or_none
from transfer.wordpress.values import plain_line

SET = "set_by_import"  # key of an ImportRef's kept facts: {"parent": number, "featured": number} that were set


@dataclass
class Session:
    run: ImportRun
    plan: Plan
    owner: User
    zone: ZoneInfo
    structure: str
    dry: bool = False  # decide everything, store nothing
    users: dict[str, User] = field(default_factory=dict)  # by login
    users_by_number: dict[int, User] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)  # {slug in the file: primary key}
    tags: dict[str, int] = field(default_factory=dict)
    media: dict[int, Media] = field(default_factory=dict)  # {number of an attachment: Media}
    media_rows: dict[str, MediaFile] = field(default_factory=dict)  # {number: MediaFile}
    paths: dict[str, str] = field(default_factory=dict)  # {path on the old blog: path here}
    texts: Any = None  # transfer.importing.texts.Texts
    renderings: Any = None  # transfer.importing.renderings.Renderings
    passwords: dict[str, str] = field(default_factory=dict)  # {password: hash}, since hashing is slow by design
    seen: set[tuple[str, str]] = field(default_factory=set)  # (kind, reference) of the items so far
    addresses: PostAddresses | None = None  # for threads of a comment system
    posts_with_threads: set[int] = field(default_factory=set)  # primary keys
    waiting: dict[str, str] = field(default_factory=dict)  # {reference: address} of threads without a post
    lines: list[ImportLine] = field(default_factory=list)
    refs: list[ImportRef] = field(default_factory=list)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.run.origin

    def line(self, text: str) -> str:
        """A title or name of the file as plain text in one line: WordPress stores them as HTML."""
        return tidy_line(plain_line(text) if self.run.system == "wordpress" else text)

    def add_line(
        self, kind: str, record: object, result: str, reason: str = "", *, reference: object = "", title: str = ""
    ) -> None:
        """Add a line to the receipt."""
        self.lines.append(
            ImportLine(
                run=self.run,
                kind=kind,
                reference=str(reference or "")[:300],
                title=self.line(title)[:300] if title else "",
                result=result,
                reason=reason[:500],
                file=getattr(record, "file", "")[:200],
                line=getattr(record, "line", 0) or 0,
            )
        )

    def remember(
        self, kind: str, foreign_id: object, thing: Model | None = None, *, digest: str, **facts: Any
    ) -> ImportRef:
        """Add an ImportRef for a row that the next `store` saves."""
        ref = ImportRef(
            run=self.run,
            origin=self.origin,
            kind=kind,
            foreign_id=str(foreign_id)[:300],
            model=str(thing._meta.model_name) if thing is not None else "",
            thing=thing.pk if thing is not None else None,
            digest=digest,
            **facts,
        )
        self.refs.append(ref)
        return ref

    def known(self, kind: str, foreign_ids: Iterable[object]) -> dict[str, ImportRef]:
        """{foreign id: its ImportRef} of elements that an earlier run stored."""
        wanted = [str(number)[:300] for number in foreign_ids]
        found: dict[str, ImportRef] = {}
        for start in range(0, len(wanted), 5000):
            rows = ImportRef.objects.filter(origin=self.origin, kind=kind, foreign_id__in=wanted[start : start + 5000])
            found |= {row.foreign_id: row for row in rows}
        return found

    def old_path(self, link: str) -> str:
        """The path of a link into the old blog, unquoted, with a slash at its end; "" for others."""
        parts = urlsplit_or_none(link)
        if parts is None or parts.query or not belongs(link, self.origin):
            return ""
        return unquote(parts.path).rstrip("/") + "/"

    def store(self, **position: object) -> None:
        """Save the lines and refs, and how far the import has come. Call it in the transaction of what they tell."""
        for line in self.lines:
            by_result = self.totals.setdefault(line.kind, {})
            by_result[line.result] = by_result.get(line.result, 0) + 1
        if not self.dry:
            ImportLine.objects.bulk_create(self.lines, batch_size=500)
            # PostgreSQL refuses to update a row twice in one statement: the last one counts.
            refs = {(ref.kind, ref.foreign_id): ref for ref in self.refs}
            ImportRef.objects.bulk_create(
                refs.values(),
                batch_size=500,
                update_conflicts=True,
                unique_fields=["origin", "kind", "foreign_id"],
                update_fields=["digest", "stored", "original", "kept", "model", "thing"],
            )
            if position:
                for name, value in position.items():
                    setattr(self.run, name, value)
                self.run.save(update_fields=[*position])
        self.forget()

    def forget(self) -> None:
        """Drop what was collected for a transaction, after it was stored or taken back."""
        self.lines, self.refs = [], []
