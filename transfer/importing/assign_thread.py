"""Threads without a post, which the owner assigns by hand: their comments come in as those of the others did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from blog.models import Post
from core.row_ids import row_id
from core.site import site
from transfer.comment_threads import from_facts
from transfer.importing.comments import Writer
from transfer.importing.plan import Plan
from transfer.importing.post_addresses import PostAddresses
from transfer.importing.renderings import Renderings
from transfer.importing.session import Session
from transfer.importing.threads import KIND
from transfer.models import ImportLine, ImportRef
from transfer.models.import_run import Result
from transfer.records import THREAD, Comment, Item, number_of_id

AT_ONCE = 300  # comments that a request brings; more are left to a job
CANDIDATES = 10


@dataclass
class WaitingThread:
    """The threads of one address, which are one for the person who assigns them."""

    refs: list[ImportRef] = field(default_factory=list)
    number: int = 0  # of comments

    @property
    def pk(self) -> int:
        return self.refs[0].pk

    @property
    def title(self) -> str:
        return next((str(ref.kept["title"]) for ref in self.refs if ref.kept.get("title")), "")

    @property
    def links(self) -> list[str]:
        return list(dict.fromkeys(str(ref.kept["link"]) for ref in self.refs if ref.kept.get("link")))


def waiting_threads(origin: str) -> list[WaitingThread]:
    """The threads with comments and without a post, those with the most comments first."""
    refs = ImportRef.objects.filter(origin=origin, kind=KIND, thing=None, kept__type=THREAD).order_by("pk")
    found: dict[str, WaitingThread] = {}
    for ref in refs if origin else ():
        if ref.kept.get("comments"):
            group = found.setdefault(str(ref.kept.get("address") or f"thread {ref.pk}"), WaitingThread())
            group.refs.append(ref)
            group.number += len(ref.kept["comments"])
    return sorted(found.values(), key=lambda group: -group.number)


def posts_meant(words: str) -> list[Post]:
    """The post of an address or number; without one those with this title, or else with these words in it."""
    words = words.replace("\x00", "").strip()[:1200]
    posts = Post.objects.exclude(status=Post.Status.TRASH).defer("source", "html", "plain")
    pk = row_id(words) or PostAddresses().find(words)
    if pk and (post := posts.filter(pk=pk).first()):
        return [post]
    if not words:
        return []
    return list(posts.filter(title__iexact=words)[:CANDIDATES] or posts.filter(title__icontains=words)[:CANDIDATES])


def assign(thread: WaitingThread, post: Post) -> list[ImportRef]:
    """Give the threads their post, for `bring_comments` to be called later for each; returns them."""
    numbers = [ref.pk for ref in thread.refs]
    ImportRef.objects.filter(pk__in=numbers, thing=None).update(model="post", thing=post.pk, created=False)
    return list(ImportRef.objects.filter(pk__in=numbers, thing=post.pk))


def release(ref: ImportRef) -> None:
    """List the thread as one without a post again: its comments could not be brought."""
    ImportRef.objects.filter(pk=ref.pk).update(model="", thing=None)


def bring_comments(ref: ImportRef, post: Post) -> int:
    """Assign a thread, bring its kept comments below the post, and correct the receipts; returns how many came.

    Safe to run twice: what is here already is not kept any more. Nothing is assigned if it fails.
    """
    owner = ref.run.by or get_user_model().objects.owners().order_by("pk").get()
    session = Session(ref.run, Plan(), owner, site().zone, "")
    session.renderings = Renderings(session)
    kept = session.known("comments", ref.kept.get("comments", []))
    waiting = {number: each for number, each in kept.items() if each.thing is None and "record" in each.kept}
    writer = Writer(session)
    item = Item(kind=THREAD, guid=ref.foreign_id, comments=[record_of(each) for each in waiting.values()])
    made = writer.prepare([(item, post)])
    for _record, _item, _post, reference, comment in made:
        network = waiting[reference].kept["record"].get("network") if reference in waiting else None
        if comment is not None and network:
            comment.facts = {"network": network}
    with transaction.atomic():
        ImportRef.objects.filter(pk=ref.pk).update(model="post", thing=post.pk, created=False)
        writer.store(made)
        for each in session.refs:
            each.digest = waiting[each.foreign_id].digest  # of the record as the file has it
        correct_receipts(ref, post, session.lines)
        brought = sum(line.result == Result.BROUGHT for line in session.lines)
        session.lines = []
        session.store()
    return brought


def record_of(ref: ImportRef) -> Comment:
    facts = dict(ref.kept["record"])
    facts.pop("network", None)
    record = from_facts(facts)
    record.identifier = ref.foreign_id
    record.number = record.number or number_of_id("kept", ref.foreign_id)
    return record


def correct_receipts(ref: ImportRef, post: Post, lines: Iterable[ImportLine]) -> None:
    """Let the receipts of this blog say what became of the thread and its comments."""
    receipt_lines = ImportLine.objects.filter(run__origin=ref.origin, result__in=[Result.SKIPPED, Result.UNCHANGED])
    reason = _("Assigned by hand: its comments are below “%s”.") % post.display_title
    receipt_lines.filter(kind=KIND, reference=ref.foreign_id).update(result=Result.BROUGHT, reason=reason[:500])
    by_result: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        by_result.setdefault((line.result, line.reason), []).append(line.reference)
    for (result, why), references in by_result.items():
        for some in parts(references):
            receipt_lines.filter(kind="comments", reference__in=some).update(result=result, reason=why)


def parts(references: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(references), 500):
        yield references[start : start + 500]
