"""Comments of an item become comments below its post."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import User
from blog import markup
from blog.models import Post
from comments.bulk_create import create_comments
from comments.models import Comment, Person
from comments.models.queryset import recount
from core.email_addresses import normalize_email
from core.request import network_of
from core.text import tidy
from transfer.comment_threads import LONGEST_ID
from transfer.importing import digests
from transfer.importing.authors import mapped
from transfer.importing.plan import HIGHEST, reference_of
from transfer.importing.posts import aware
from transfer.importing.session import Session
from transfer.importing.texts import OWN_SOURCE
from transfer.models import ImportRef
from transfer.models.import_run import Result
from transfer.records import THREAD, Author, Item
from transfer.records import Comment as Record

State, Kind = Comment.State, Comment.Kind
DELETED = "deleted"  # at a comment system: in the trash here, if there is a text
# Whatever is not listed here waits for a decision.
STATES = {"1": State.APPROVED, "approved": State.APPROVED, "approve": State.APPROVED, "0": State.PENDING,
          "hold": State.PENDING, "spam": State.SPAM, "trash": State.TRASH, "post-trashed": State.TRASH,
          DELETED: State.TRASH}  # fmt: skip
# Other types are private remarks (`note` of WordPress 6.9) or belong to plugins (orders, reviews): never public.
KINDS = {"": Kind.COMMENT, "comment": Kind.COMMENT, "pingback": Kind.PINGBACK, "trackback": Kind.TRACKBACK,
         "webmention": Kind.WEBMENTION}  # fmt: skip


# (record, item, post, reference, comment or None)
Prepared: TypeAlias = tuple[Record, Item, Post, str, Comment | None]


def comment_reference(record: Record, item: Item, at: int) -> str:
    """The foreign id of a comment: its number or identifier, or its place if it has none."""
    if not record.number:
        return f"{reference_of(item)[:250]}/{at}"
    return record.identifier if 0 < len(record.identifier) <= LONGEST_ID else str(record.number)


def empty_places(item: Item) -> dict[int, bool]:
    """{id of the record: whether it has answers that stay} of comments without a text that were deleted, or come from
    a comment system."""
    records = item.comments
    by_number = {record.number: record for record in records if record.number}
    empty = {
        id(record): False
        for record in records
        if not record.content.strip() and (record.approved == DELETED or item.kind == THREAD)
    }
    for record in records:
        above = None if id(record) in empty else by_number.get(record.parent)
        while above is not None and empty.get(id(above)) is False:
            empty[id(above)] = True
            above = by_number.get(above.parent)
    return empty


def comment_text(record: Record, session: Session) -> tuple[str, str]:
    """(text, source format) of a comment, with its links into the old blog leading to where things are here."""
    own = dict(record.meta).get(OWN_SOURCE)
    if own is not None:
        return tidy(own), "markdown"
    text = session.texts.linked(record.content, record.source_format) if session.texts else record.content
    return tidy(text), record.source_format


class Writer:
    """Stores the comments of some items, whose posts have primary keys."""

    def __init__(self, session: Session):
        self.session = session
        self.persons: dict[int, Person] = {}
        self.mapped: dict[str, User | None] = {}  # by login

    def prepare(self, items_and_posts: Iterable[tuple[Item, Post]]) -> list[Prepared]:
        """(record, item, post, reference, comment or None) of every comment, rendered; no lock is held meanwhile."""
        made = []
        for item, post in items_and_posts:
            empty = empty_places(item)
            for at, record in enumerate(item.comments):
                kind = KINDS.get(record.kind.strip().lower())
                comment = None
                if empty.get(id(record)):
                    comment = self.place_of(record, post)
                elif kind is not None and id(record) not in empty:
                    comment = self.comment_of(record, kind, post)
                made.append((record, item, post, comment_reference(record, item, at), comment))
        return made

    def comment_of(self, record: Record, kind: str, post: Post) -> Comment:
        text, source_format = comment_text(record, self.session)
        comment = Comment(
            post=post,
            kind=kind,
            state=STATES.get(record.approved.strip().lower(), State.PENDING),
            text=text,
            source_format=source_format,
            name=self.session.line(record.author)[:245],
            email=email_of(record.email),
            url=url_of(record.url),
            posted_at=aware(record.date, record.date_gmt, self.session) or post.publish_at or post.created_at,
        )
        comment.state_since = comment.posted_at
        comment.facts = {"network": network_of(record.ip)} if record.ip else {}
        if self.session.dry:  # neither HTML nor a Person is stored
            return comment
        comment.html = self.session.renderings.comment_html(text, source_format)
        comment.html_version = markup.VERSION
        user = self.session.users_by_number.get(record.user) or self.by_email(record) or self.by_login(record)
        if user is not None:
            comment.person = self.person_of(user)
        return comment

    def place_of(self, record: Record, post: Post) -> Comment:
        """A comment without a text, which holds the place above its answers."""
        moment = aware(record.date, record.date_gmt, self.session) or post.publish_at or post.created_at
        return Comment(post=post, state=State.GONE, posted_at=moment, state_since=moment, html_version=markup.VERSION)

    def by_login(self, record: Record) -> User | None:
        """Whom the author map names for an account at a comment system."""
        if record.login and record.login not in self.mapped:
            self.mapped[record.login] = mapped(Author(login=record.login), self.session)
        return self.mapped.get(record.login)

    def by_email(self, record: Record) -> User | None:
        """The author who was logged in when they wrote it. WordPress.com leaves out the numbers of authors."""
        if not record.user or self.session.users_by_number:
            return None
        logins = [
            author.login
            for author in self.session.plan.authors.values()
            if author.email and author.email.casefold() == record.email.casefold()
        ]
        return self.session.users.get(logins[0]) if len(logins) == 1 else None

    def person_of(self, user: User) -> Person:
        if user.pk not in self.persons:
            self.persons[user.pk] = Person.objects.of_account(user)
        return self.persons[user.pk]

    def store(self, made: Sequence[Prepared]) -> None:
        """Save what is new, update what changed in the file and not here, and write the lines. In a transaction."""
        session = self.session
        known = session.known("comments", [reference for *_rest, reference, _comment in made])
        there = Comment.objects.in_bulk([ref.thing for ref in known.values() if ref.thing])
        rows: dict[tuple[Any, ...], Comment] = {}  # by (item, number), for replies
        new, seen = [], set()
        for record, item, _post, reference, comment in made:
            ref = known.get(reference)
            if reference in seen:
                reason = _("The file has it twice.")
                session.add_line("comments", record, Result.MERGED, reason, reference=reference)
            elif comment is None and not (ref and ref.thing):
                self.keep(record, reference, ref)
            elif comment is None:
                reason = _("The old blog shows it no more; here it stays.")
                session.add_line("comments", record, Result.SKIPPED, reason, reference=reference)
            elif ref is not None and ref.thing in there:
                rows[id(item), record.number] = there[ref.thing]
                self.update(record, there[ref.thing], comment, ref, reference)
            elif ref is not None and (ref.thing or ref.kept.get("erased")):
                reason = _("It was deleted here since the last import.")
                session.add_line("comments", record, Result.SKIPPED, reason, reference=reference)
            else:
                rows[id(item), record.number] = comment
                new.append((record, item, reference, comment))
                if ref is not None and not session.dry:
                    ref.delete()  # it was kept as data: its new one belongs to this run
            seen.add(reference)
        self.number([(record, comment) for record, item, _reference, comment in new if item.kind != THREAD])
        for record, item, _reference, comment in new:
            if item.kind == THREAD and 0 < (record.number or 0) < HIGHEST:
                comment.former_number = record.number  # its links have a fragment like ours, its numbers are not ours
        reasons = self.thread(new, rows)
        if not session.dry:
            create_comments([comment for *_rest, comment in new])
        for record, item, reference, comment in new:
            reason = reasons.get(id(comment), "")
            if comment.former_number and item.kind != THREAD:
                reason = f"{reason} " + _("Its number was taken: it is %d now.") % (comment.pk or 0)
            self.add_line(record, comment, reference, reason.strip())

    def number(self, new: Sequence[Any]) -> None:
        """Keep the numbers that are free; another comment's is kept as a second fragment."""
        wanted = [record.number for record, _comment in new if record.number and 0 < record.number < HIGHEST]
        taken = set(Comment.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        for record, comment in new:
            if record.number and 0 < record.number < HIGHEST and record.number not in taken:
                comment.pk = record.number
                taken.add(record.number)
            else:
                comment.former_number = record.number if 0 < (record.number or 0) < HIGHEST else None

    def thread(self, new: Sequence[Any], rows: Mapping[tuple[Any, ...], Comment]) -> dict[int, str]:
        """Set the parents; returns the reasons for those that cannot be kept."""
        reasons = {}
        for record, item, _reference, comment in new:
            if not record.parent:
                continue
            parent = rows.get((id(item), record.parent))
            if parent is None:
                reasons[id(comment)] = _("What it answers (%d) is not here: it stands by itself.") % record.parent
            elif in_circle(comment, parent):
                reasons[id(comment)] = _("It answers itself: it stands by itself.")
            else:
                comment.parent = parent
        return reasons

    def add_line(self, record: Record, comment: Comment, reference: str, reason: str) -> None:
        session = self.session
        session.add_line("comments", record, Result.BROUGHT, reason, reference=reference)
        if not session.dry:
            session.remember(
                "comments",
                reference,
                comment,
                digest=digests.of_record(record),
                stored=digests.of_comment(comment),
                kept={"meta": record.meta} if record.meta else {},
            )

    def keep(self, record: Record, reference: str, ref: ImportRef | None) -> None:
        """A comment of a type that is not shown to readers: its data stay with the import. One that is empty, too."""
        digest = digests.of_record(record)
        reason = _("A comment of the type “%s” is not public; its data are kept.") % record.kind
        if not record.content.strip():
            reason = _("It has no text.")
        is_known = ref is not None and ref.digest == digest
        if not is_known:
            facts = {"type": record.kind, "date": str(record.date_gmt or record.date)}
            self.session.remember("comments", reference, digest=digest, original=record.content, kept=facts)
        result = Result.UNCHANGED if is_known else Result.SKIPPED
        self.session.add_line("comments", record, result, reason, reference=reference)

    def update(self, record: Record, row: Comment, comment: Comment, ref: ImportRef, reference: str) -> None:
        """A comment that an earlier run stored: only what changed in the file and not here is written."""
        session, digest = self.session, digests.of_record(record)
        result, reason = Result.UNCHANGED, ""
        if ref.digest != digest:
            if ref.stored != digests.of_comment(row):
                result, reason = Result.SKIPPED, _("It was changed here since the last import.")
            else:
                result = Result.UPDATED
                if not session.dry:
                    rewrite(row, comment)
                    facts = {"stored": digests.of_comment(row), "kept": {"meta": record.meta} if record.meta else {}}
                    session.remember("comments", reference, row, digest=digest, created=ref.created, **facts)
        session.add_line("comments", record, result, reason, reference=reference)


def rewrite(row: Comment, new: Comment) -> None:
    before = row.state
    for name in ("text", "source_format", "name", "email", "url", "posted_at", "state"):
        setattr(row, name, getattr(new, name))
    row.set_html(new.text, new.html)
    row.save()
    if before == State.APPROVED != row.state:
        Comment.objects.update_visibility([], [row.pk])
        recount([row.post_id])


def in_circle(comment: Comment, parent: Comment | None) -> bool:
    while parent is not None:
        if parent is comment:
            return True
        parent = parent.parent
    return False


def email_of(text: str) -> str:
    """The email address if it is one; WordPress lets logged-in readers through without."""
    address = normalize_email(text)
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= 254 else ""


def url_of(text: str) -> str:
    text = text.strip()
    return (
        text
        if text.startswith(("http://", "https://")) and len(text) <= 400 and text not in ("http://", "https://")
        else ""
    )
