"""The phases of an import, and going on where an interrupted one stopped."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Post, ReadingSettings
from blog.models.post import FIRST_PAGE, FIRST_POST
from blog.models.reading_settings import reading
from comments.models import Comment
from core import cache_version
from core.email_addresses import normalize_email
from core.sequences import reserve_ids
from core.site import site, site_locale
from transfer.importing import media, receipt
from transfer.importing.addresses import keep_author_addresses, keep_numbers
from transfer.importing.authors import store_authors
from transfer.importing.items import KINDS, store_chunk
from transfer.importing.media_sources import Download, Getter, getter_of
from transfer.importing.media_spellings import alternatives_in
from transfer.importing.plan import (
    POSTS,
    Plan,
    depth,
    distinct,
    key_of_item,
    make_plan,
    plan_paths,
    structure_of,
)
from transfer.importing.renderings import Renderings, facts_of
from transfer.importing.session import SET, Session
from transfer.importing.subscribers import store_subscribers
from transfer.importing.systems import SYSTEMS
from transfer.importing.terms import store_terms
from transfer.importing.texts import Texts
from transfer.models import ImportRef, ImportRun, MediaFile
from transfer.models.import_run import Result
from transfer.old_urls import number_of
from transfer.records import Item, Loss, Record, Subscriber
from transfer.wordpress.errors import Refused

CHUNK_ITEMS = 40
CHUNK_COMMENTS = 400
EXAMPLES = 5  # addresses in a sentence
CHUNK_ADDRESSES = 500
FEW_POSTS = 5  # a blog with so few takes over the old blog's permalinks

Progress = Callable[[str, int, int], None]


class Cancelled(Exception):
    """The import was told to stop; it can be continued."""


def digest_of(paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in [file for each in paths for file in files_of(each)]:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    return found.hexdigest()


def files_of(path: Path) -> list[Path]:
    """The file itself, or all files of a folder."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def start(paths: list[Path], *, system: str = "wordpress", by: User | None = None, **options: Any) -> ImportRun:
    """A new run for these files, or the unfinished one of the same files and options. `system` is one of SYSTEMS."""
    digest = digest_of(paths)
    source = ", ".join(path.name for path in paths)[:500].encode("utf-8", "replace").decode()
    for run in ImportRun.objects.filter(digest=digest, system=system):
        if run.is_unfinished and run.options == options:
            return run
        break
    return ImportRun.objects.create(system=system, source=source, digest=digest, options=options, by=by)


def run_import(
    run: ImportRun,
    paths: list[Path],
    *,
    progress: Progress = lambda phase, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, dict[str, int]]:
    """Import the files; returns the receipt's totals. Raises `errors.Refused` for what is no export of its system, and
    Cancelled. With the option `dry_run` nothing is stored and `run` need not be saved."""
    with site_locale():
        return Importer(run, paths, progress, should_stop).go()


class Importer:
    def __init__(self, run: ImportRun, paths: list[Path], progress: Progress, should_stop: Callable[[], bool]):
        self.run, self.paths, self.progress, self.should_stop = run, paths, progress, should_stop
        self.dry = bool(run.options.get("dry_run"))
        self.system = SYSTEMS[run.system]

    def go(self) -> dict[str, dict[str, int]]:
        run = self.run
        try:
            session = self.prepared()
            self.look()
            if not self.dry:
                run.state, run.error = ImportRun.State.RUNNING, ""
                run.save()
            for phase in ("head", "media", "items", "addresses", "finish"):
                if run.phase in ("", phase):
                    getattr(self, phase)(session)
        except Cancelled:
            self.end(ImportRun.State.CANCELLED)
            raise
        except Refused as refusal:
            self.end(ImportRun.State.FAILED, str(refusal))
            raise
        except BaseException as trouble:
            self.end(ImportRun.State.FAILED, f"{type(trouble).__name__}: {trouble}")
            raise
        if self.dry:
            counted = {(k, r): n for k, by_result in session.totals.items() for r, n in by_result.items()}
            return receipt.table(run.in_file, counted)
        return receipt.totals(run)

    def end(self, state: str, trouble: str = "") -> None:
        if not self.dry:
            facts = {"state": state, "error": trouble, "finished_at": timezone.now(), "phase": self.run.phase}
            undone = (ImportRun.State.UNDOING, ImportRun.State.UNDONE)  # somebody asked for it meanwhile
            ImportRun.objects.filter(pk=self.run.pk).exclude(state__in=undone).update(**facts)
            self.run.refresh_from_db()

    def records(self) -> Iterator[Record]:
        return self.system.read(self.paths, self.run.options.get(self.system.option, ""))

    def prepared(self) -> Session:
        """The first pass: count, plan, and decide about the permalinks."""
        run = self.run
        plan = make_plan(self.records())
        run.in_file = dict(self.system.count(self.paths))
        run.origin = run.origin or plan.origin
        zone = ZoneInfo(run.options["timezone"]) if run.options.get("timezone") else site().zone
        if not self.dry and plan.entries:
            self.clear_first_content()
        owner = run.by or get_user_model().objects.owners().order_by("pk").first()
        structure = self.permalinks(plan)
        plan_paths(plan, structure, self.paths_here(plan))
        session = Session(run, plan, owner, zone, structure, dry=self.dry)
        for entry in plan.entries.values():
            if entry.path and (old := session.old_path(entry.link)):
                session.paths[old] = entry.path
        run.notices = notices(plan)
        return session

    def permalinks(self, plan: Plan) -> str:
        """The structure of the blog; a blog that is still nearly empty takes over that of the file."""
        found = structure_of(
            (entry.link, entry.slug, entry.on) for entry in plan.entries.values() if entry.kind == "post"
        )
        own = Post.objects.posts().exclude(path=None)
        if not found or found == reading().permalinks or own.count() > FEW_POSTS:
            return str(reading().permalinks)
        if not self.dry:
            with transaction.atomic():
                self.note_former("permalinks", [reading().permalinks, found])
                ReadingSettings.objects.update(permalinks=found)
                cache_version.invalidate(cache_version.EVERYTHING)
            for post in own:
                post.file()
        return found

    def clear_first_content(self) -> None:
        """Delete the sample post and page of a new blog, as long as nobody has changed or answered them.

        The first post, page and comment of every WordPress have their numbers.
        """
        for post in Post.objects.filter(guid__in=[FIRST_POST, FIRST_PAGE]).exclude(status=Post.Status.TRASH):
            answers = Comment.objects.filter(post=post).exclude(person=None, email="")
            if post.revisions.count() <= 1 and not answers.exists():
                post.delete()

    def note_former(self, name: str, value: object) -> None:
        """Keep with the run what an undo restores (transfer.importing.undo_import)."""
        former = self.run.summary.get("former", {}) | {name: value}
        self.run.summary = self.run.summary | {"former": former}
        self.run.save(update_fields=["summary"])

    def paths_here(self, plan: Plan) -> dict[tuple[str, int], str | None]:
        """{(kind, number): path} of what earlier runs brought."""
        refs = ImportRef.objects.filter(origin=self.run.origin, model="post", thing__isnull=False)
        here = dict(Post.objects.filter(pk__in=refs.values("thing")).values_list("pk", "path"))
        kinds = {KINDS[kind]: kind for kind in POSTS}
        return {
            (kinds[kind], number_of(foreign_id)): here[thing]
            for kind, foreign_id, thing in refs.values_list("kind", "foreign_id", "thing")
            if thing in here and kind in kinds
        }

    # Phases

    def head(self, session: Session) -> None:
        with transaction.atomic():
            if not self.dry:
                self.run.lines.all().delete()  # of an import that was undone
            store_authors(session)
            store_terms(session)
            for loss in session.plan.losses:
                lost(loss, session)
            media.register(session)
            session.store(phase="media", position=0)
        if not self.dry:
            reserve_ids(Post, session.plan.highest_post)
            reserve_ids(Comment, session.plan.highest_comment)

    def media(self, session: Session) -> None:
        get = self.media_source(session)
        total, done = len(session.plan.attachments), 0
        self.run.total = total
        if get is not None and not self.dry:
            for rows in media.waiting(session):
                self.look()
                media.bring(rows, get, session)
                done += len(rows)
                if not self.dry:
                    ImportRun.objects.filter(pk=self.run.pk).update(position=done, total=total)
                self.progress("media", done, total)
        with transaction.atomic():
            session.store(phase="items", position=0, total=session.plan.items)

    def media_source(self, session: Session) -> Getter | None:
        """Where the files come from. A download also tries the addresses that the texts name."""
        try:
            get = getter_of(self.run, self.paths)
        except ValueError as trouble:
            raise Refused(str(trouble))
        if isinstance(get, Download) and not self.dry:
            urls = [each.url for each in session.plan.attachments.values()]
            get = Download(alternatives_in(self.records(), urls), session.origin)
        return get

    def items(self, session: Session) -> None:
        self.load(session)
        done, total = self.run.position, session.plan.items
        self.run.total = total
        stream = distinct((record for record in self.records() if isinstance(record, Item)), session.plan)
        session.seen.update(key_of_item(item) for item in islice(stream, done))
        with closing(session.renderings.ahead(item_chunks(stream))) as chunks:
            for chunk in chunks:
                self.look()
                done += len(chunk)
                store_chunk(chunk, session, position=done)
                self.progress("items", done, total)
        with transaction.atomic():
            session.store(phase="addresses", position=0, total=session.plan.subscribers)

    def addresses(self, session: Session) -> None:
        """The subscribers of the file."""
        done, total = self.run.position, session.plan.subscribers
        stream = (record for record in self.records() if isinstance(record, Subscriber)) if total else iter(())
        seen = {normalize_email(record.address) for record in islice(stream, done)}
        while chunk := list(islice(stream, CHUNK_ADDRESSES)):
            self.look()
            done += len(chunk)
            with transaction.atomic():
                store_subscribers(chunk, session, seen)
                session.store(position=done)
            self.progress("addresses", done, total)
        with transaction.atomic():
            session.store(phase="finish", position=0)

    def load(self, session: Session) -> None:
        """What the phases before found, also when they ran in another process."""
        if not session.users:
            store_authors(session)
            store_terms(session)
            session.forget()
        rows = MediaFile.objects.filter(origin=session.origin).select_related("media")
        session.media_rows = {row.foreign_id: row for row in rows}
        session.media = {int(number): row.media for number, row in session.media_rows.items() if row.media}
        session.texts, session.renderings = Texts(facts_of(session)), Renderings(session)

    def finish(self, session: Session) -> None:
        if session.texts is None:
            self.load(session)
        if not self.dry:
            set_parents(session)
            set_featured(session)
            keep_author_addresses(session)
            keep_numbers(session)
        with transaction.atomic():
            self.balance(session)
            session.store()
        self.session = session
        if session.waiting:
            self.run.notices = [*self.run.notices, waiting_sentence(session)]
            if not self.dry:
                self.run.save(update_fields=["notices"])
        self.run.phase = "done"
        self.end(ImportRun.State.DONE)

    def balance(self, session: Session) -> None:
        """A line for every element that was counted in the file and not read."""
        if self.dry:
            counted = {(k, r): n for k, by_result in session.totals.items() for r, n in by_result.items()}
            figures = receipt.table(self.run.in_file, counted)
        else:
            figures = receipt.totals(self.run)
        for kind, number in receipt.differences(figures).items():
            for _each in range(number):
                session.add_line(kind, None, Result.FAILED, _("It is in the file and could not be read."))

    def look(self) -> None:
        if self.should_stop():
            raise Cancelled


def item_chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Lists of items for one transaction each; one that occurs twice is not in the same list."""
    chunk: list[Item] = []
    comments = 0
    seen: set[tuple[str, str]] = set()
    for item in items:
        key = key_of_item(item)
        if chunk and (len(chunk) >= CHUNK_ITEMS or comments >= CHUNK_COMMENTS or key in seen):
            yield chunk
            chunk, comments, seen = [], 0, set()
        chunk.append(item)
        comments += len(item.comments)
        seen.add(key)
    if chunk:
        yield chunk


def lost(loss: Loss, session: Session) -> None:
    session.add_line(loss.kind, loss, Result.FAILED, loss.reason, reference=loss.reference)


def notices(plan: Plan) -> list[str]:
    """What the owner should know about the file as a whole."""
    found = [
        f"{notice.file}, {notice.line}: {notice.reason}" if notice.line else notice.reason
        for notice in plan.notices[:200]
    ]
    if plan.stopped:
        stopped = _("The file calls %d addresses unsubscribed, bounced or complained: they are never written to.")
        found.append(stopped % len(plan.stopped))
    if plan.items and not plan.origin:
        found.append(_("The file does not say where the old blog was: its addresses cannot be redirected."))
    return found


def waiting_sentence(session: Session) -> str:
    """Which threads of a comment system have no post here, as far as this process has met them."""
    some = ", ".join(list(session.waiting.values())[:EXAMPLES])
    facts = {"number": len(session.waiting), "some": some[:1000]}
    return _("Threads with comments and without a post here: %(number)d. The desk lists them. %(some)s") % facts


def set_parents(session: Session) -> None:
    """Pages below their parents, which may come later in the file. One that was taken away here stays away."""
    refs = session.known("pages", [entry.number for entry in session.plan.entries.values() if entry.kind == "page"])
    wanted: list[tuple[ImportRef, int, int]] = []
    for entry in session.plan.entries.values():
        ref = refs.get(str(entry.number)) if entry.kind == "page" and depth(session.plan, entry) else None
        parent = refs.get(str(entry.parent)) if ref else None
        if ref is not None and parent is not None and ref.thing and parent.thing:
            wanted.append((ref, entry.parent, parent.thing))
    set_once("parent", wanted)


def set_featured(session: Session) -> None:
    """Featured pictures, whose attachments may come later in the file. One that was removed here is not set again."""
    entries = [entry for entry in session.plan.entries.values() if entry.thumbnail in session.media]
    wanted: list[tuple[ImportRef, int, int]] = []
    for kind in POSTS:
        refs = session.known(KINDS[kind], [entry.number for entry in entries if entry.kind == kind])
        for entry in entries:
            if entry.kind == kind and (ref := refs.get(str(entry.number))) and ref.thing:
                wanted.append((ref, entry.thumbnail, session.media[entry.thumbnail].pk))
    set_once("featured", wanted)


def set_once(name: str, wanted: list[tuple[ImportRef, int, int]]) -> None:
    """Set the foreign key `name` of posts that have none there: [(the post's ref, number in the file, primary key)].

    The ref remembers the number: what an import has set once, and somebody has removed here since, stays removed.
    """
    first = [each for each in wanted if each[0].kept.get(SET, {}).get(name) != each[1]]
    for start in range(0, len(first), 500):
        part = first[start : start + 500]
        values = {ref.thing or 0: value for ref, _number, value in part}
        with transaction.atomic():
            rows = list(Post.objects.filter(pk__in=values, **{name: None}).only("pk"))
            for row in rows:
                setattr(row, f"{name}_id", values[row.pk])
            Post.objects.bulk_update(rows, [name])
            for ref, number, _value in part:
                ref.kept = ref.kept | {SET: ref.kept.get(SET, {}) | {name: number}}
            ImportRef.objects.bulk_update([ref for ref, _number, _value in part], ["kept"])
