"""Threads of a comment system: their comments go below the post at their address. What has no post here is kept."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from blog.models import Post
from core.request import network_of
from transfer.comment_threads import as_facts
from transfer.importing import digests
from transfer.importing.comments import comment_reference
from transfer.importing.plan import reference_of
from transfer.importing.post_addresses import PostAddresses, key_of_address
from transfer.importing.session import Session
from transfer.models import ImportRef
from transfer.models.import_run import Result
from transfer.records import MISSING, Comment, Item

KIND = "other"  # of the receipt
ERASED = {"erased": True}  # what is kept of a comment whose writer's data were erased


def posts_of(items: Iterable[Item], known: Mapping[str, ImportRef], session: Session) -> dict[int, Post]:
    """{id of the item: its post} of the threads that have one here: as it was found or assigned before, else at the
    address."""
    wanted = {}
    for item in items:
        ref = known.get(reference_of(item)[:300])
        if ref is not None and ref.thing:
            wanted[id(item)] = ref.thing
        elif pk := addresses(session).find_thread(item.link, item.guid):
            wanted[id(item)] = pk
    posts = Post.objects.defer("source", "html", "plain").in_bulk(set(wanted.values()))
    return {number: posts[pk] for number, pk in wanted.items() if pk in posts}


def addresses(session: Session) -> PostAddresses:
    if session.addresses is None:
        session.addresses = PostAddresses(session.run.options.get("url", ""))
        refs = ImportRef.objects.filter(origin=session.origin, kind=KIND, model="post", thing__isnull=False)
        session.posts_with_threads = {ref.thing for ref in refs.only("thing") if ref.thing}
    return session.addresses


def add_lines(item: Item, post: Post | None, ref: ImportRef | None, session: Session) -> None:
    """Write the line of a thread and remember its post. Without one, its comments are kept."""
    addresses(session)
    if not item.comments and not (ref is not None and ref.thing):
        post = None
    reference, digest = reference_of(item), digests.of_record(item)
    is_known = ref is not None and (ref.thing == post.pk if post else not ref.thing and ref.digest == digest)
    if post is None:
        if item.comments:
            session.waiting[reference] = item.link or item.title
        result = Result.SKIPPED
        reason = _("There is no post at this address. Assign it by hand.") if item.comments else _("Nobody commented.")
    else:
        is_first = post.pk not in session.posts_with_threads
        result = Result.BROUGHT if is_first else Result.MERGED
        reason = _("Its comments are below “%s”.") if is_first else _("They join those of another thread of “%s”.")
        reason %= post.display_title
        session.posts_with_threads.add(post.pk)
    if is_known:
        result = Result.UNCHANGED
    session.remember(KIND, reference, post, digest=digest, created=False, kept=facts_of(item))
    if item.status != MISSING:
        session.add_line(KIND, item, result, reason, reference=reference, title=item.title or item.link)
    if post is None:
        keep_comments(item, session)


def facts_of(item: Item) -> dict[str, Any]:
    """What the page of threads without a post shows; `comments` are their foreign ids."""
    return {
        "type": item.kind,
        "title": item.title,
        "link": item.link,
        "identifier": item.guid,
        "address": key_of_address(item.link),
        "comments": [comment_reference(record, item, at)[:300] for at, record in enumerate(item.comments)],
    }


def keep_comments(item: Item, session: Session) -> None:
    """Keep the comments of a thread without a post as data. Of the IP address only the hash is kept."""
    references = [comment_reference(record, item, at)[:300] for at, record in enumerate(item.comments)]
    known = session.known("comments", references)
    for record, reference in zip(item.comments, references, strict=True):
        ref, digest = known.get(reference), digests.of_record(record)
        if ref is not None and (ref.thing or ref.kept == ERASED):
            reason = _("It was deleted here since the last import.")
            session.add_line("comments", record, Result.SKIPPED, reason, reference=reference)
            continue
        session.remember("comments", reference, digest=digest, kept={"record": kept_record(record)})
        result = Result.UNCHANGED if ref is not None and ref.digest == digest else Result.SKIPPED
        session.add_line("comments", record, result, _("There is no post at this address."), reference=reference)


def kept_record(record: Comment) -> dict[str, Any]:
    facts = as_facts(record)
    address = facts.pop("ip", "")
    return facts | ({"network": network_of(address)} if address else {})
