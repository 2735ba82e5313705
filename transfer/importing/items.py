"""A chunk of items in one transaction: posts and pages with their comments, and what is only kept as data."""

from collections import defaultdict

from django.db import transaction
from django.utils.translation import gettext as _

from blog.bulk_create import create_posts
from blog.models import Post
from transfer.importing import digests, media, posts, threads
from transfer.importing.addresses import keep_addresses
from transfer.importing.comments import Writer, comment_reference
from transfer.importing.plan import HIGHEST, free_slug, key_of_item, reference_of
from transfer.importing.session import SET, Session
from transfer.importing.terms import term_ids
from transfer.models import ImportRef
from transfer.models.import_run import Result
from transfer.records import THREAD, Item

POSTS = {"post": "posts", "page": "pages"}
KINDS = POSTS | {"attachment": "attachments", "nav_menu_item": "menu_items"}


def kind_of(item: Item) -> str:
    return KINDS.get(item.kind, "other")


def store_chunk(items: list[Item], session: Session, *, position: int) -> None:
    """Store these items, with their lines and the position after them, in one transaction.

    An item that cannot be stored is recorded as failed, and the others are stored.
    """
    terms = dict(session.categories), dict(session.tags)
    seen, posts_with_threads = set(session.seen), set(session.posts_with_threads)
    try:
        Chunk(items, session).store(position)
    except Exception as trouble:
        session.forget()
        session.categories, session.tags = terms  # those that the transaction created are gone
        session.seen, session.posts_with_threads = seen, posts_with_threads
        if len(items) > 1:
            for at, item in enumerate(items, start=1):
                store_chunk([item], session, position=position - len(items) + at)
        else:
            fail(items[0], trouble, session)
            with transaction.atomic():
                session.store(position=position)


def fail(item: Item, trouble: Exception, session: Session) -> None:
    reason = _("It could not be stored: %s") % f"{type(trouble).__name__}: {trouble}"
    session.add_line(kind_of(item), item, Result.FAILED, reason, reference=reference_of(item), title=item.title)
    for record in item.comments:
        session.add_line("comments", record, Result.FAILED, reason, reference=record.number or "")


class AllPaths:
    """The paths of this blog, and those of a chunk."""

    def __init__(self, more: list[str]):
        self.more = more

    def __contains__(self, path: object) -> bool:
        return path in self.more or Post.objects.filter(path=path).exists()


class Chunk:
    def __init__(self, items: list[Item], session: Session):
        self.items, self.session = items, session
        self.writer = Writer(session)
        self.notes: dict[int, list[str]] = defaultdict(list)

    def store(self, position: int) -> None:
        session = self.session
        known = {
            kind: session.known(kind, [reference_of(item) for item in self.items])
            for kind in set(KINDS.values()) | {"other"}
        }
        there = Post.objects.in_bulk(
            [ref.thing for kind in POSTS.values() for ref in known[kind].values() if ref.thing]
        )
        new: list[tuple[Item, Post]] = []
        old: list[tuple[Item, Post, ImportRef]] = []
        others: list[Item] = []
        gone: list[Item] = []
        twice: list[Item] = []
        found: list[Item] = []  # threads of a comment system
        for item in self.items:
            key = key_of_item(item)
            ref = known[kind_of(item)].get(reference_of(item)[:300])
            if key in session.seen:
                twice.append(item)
            elif item.kind == THREAD:
                found.append(item)
            elif item.kind not in POSTS:
                others.append(item)
            elif ref and ref.thing in there:
                old.append((item, there[ref.thing], ref))
            elif ref and ref.thing:
                gone.append(item)
            else:
                post, self.notes[id(item)] = session.renderings.post_of(item)
                new.append((item, post))
            session.seen.add(key)
        by_post = {id(post): self.notes[id(item)] for item, post in new}
        posts.unique_guids([post for _item, post in new], by_post)
        for _item, post in new:
            if not session.dry:
                post.get_ready()
        below = threads.posts_of(found, known["other"], session)
        of_threads = [(item, below[id(item)]) for item in found if id(item) in below]
        made = self.writer.prepare([*new, *((item, post) for item, post, _ref in old), *of_threads])
        with transaction.atomic():
            self.create(new)
            for item, post, ref in old:
                self.update(item, post, ref)
            for item in others:
                self.keep(item, known[kind_of(item)].get(reference_of(item)[:300]))
            for item in found:
                threads.add_lines(item, below.get(id(item)), known["other"].get(reference_of(item)[:300]), session)
            for item in gone:
                self.skip(item, Result.SKIPPED, _("It was deleted here since the last import."))
            for item in twice:
                self.skip(item, Result.MERGED, _("The file has it twice."))
            self.writer.store(made)
            session.store(position=position)

    def create(self, new: list[tuple[Item, Post]]) -> None:
        session = self.session
        numbers = {item.number for item, _post in new if item.number and 0 < item.number < HIGHEST}
        taken = set(Post.objects.filter(pk__in=numbers).values_list("pk", flat=True))
        for item, post in new:
            if item.number in numbers and item.number not in taken:
                post.pk = item.number
                taken.add(item.number)
            elif (item.number or 0) > 0:
                self.notes[id(item)].append(_("Its number was taken; its old address by number leads to it."))
            posts.set_address(post, item, session)
        self.free_paths(new)
        if not session.dry:
            for item, post in new:
                posts.set_series(post, item)
            create_posts(
                [post for _item, post in new],
                by=session.owner,
                categories=[term_ids(item.terms, "category", session) for item, _post in new],
                tags=[term_ids(item.terms, "post_tag", session) for item, _post in new],
            )
            for _item, post in new:
                if post.path is None and post.status == Post.Status.PUBLISHED:
                    post.file()  # the plan knows no address for what has no number or slug
        for item, post in new:
            reason = " ".join(self.notes[id(item)])
            session.add_line(
                kind_of(item), item, Result.BROUGHT, reason, reference=reference_of(item), title=item.title
            )
            if not session.dry:
                self.remember(item, post)
        if not session.dry:
            keep_addresses(new, session)

    def free_paths(self, new: list[tuple[Item, Post]]) -> None:
        """A path that somebody took here since the plan was made is not given a second time."""
        paths = [post.path for _item, post in new if post.path]
        taken = set(Post.objects.filter(path__in=paths).values_list("path", flat=True))

        for _item, post in new:
            if post.path and post.path in taken:
                base = post.path.removesuffix(f"{post.slug}/")
                post.slug = free_slug(post.slug, base, AllPaths(paths))
                post.path = f"{base}{post.slug}/"

    def remember(self, item: Item, post: Post, ref: ImportRef | None = None) -> None:
        self.session.remember(
            kind_of(item),
            reference_of(item),
            post,
            digest=digests.of_record(item),
            stored=digests.of_post(post),
            original=item.content,
            kept=posts.kept_facts(item) | ({SET: ref.kept[SET]} if ref and SET in ref.kept else {}),
            **({"created": ref.created} if ref else {}),
        )

    def update(self, item: Item, post: Post, ref: ImportRef) -> None:
        """A post that an earlier run stored: only what changed in the file and not here is written."""
        session, result, reason = self.session, Result.UNCHANGED, ""
        if ref.digest != digests.of_record(item):
            if ref.stored != digests.of_post(post):
                result, reason = Result.SKIPPED, _("It was changed here since the last import.")
            else:
                result = Result.UPDATED
                notes: list[str] = []
                if not session.dry:
                    posts.fill(post, item, session, notes)
                    posts.set_series(post, item)
                    post.save()
                    post.categories.set(term_ids(item.terms, "category", session))
                    post.tags.set(term_ids(item.terms, "post_tag", session))
                    post.keep_revision(session.owner)
                    keep_addresses([(item, post)], session)
                    self.remember(item, post, ref)
                reason = " ".join(notes)
        session.add_line(kind_of(item), item, result, reason, reference=reference_of(item), title=item.title)

    def keep(self, item: Item, ref: ImportRef | None) -> None:
        """An item that is no post and no page: attachments have their line from the media, others are kept as data."""
        session, kind = self.session, kind_of(item)
        if kind == "attachments":
            media.add_line(item, session)
            self.comments_without_a_post(item, _("Files have no comments here; its data are kept."))
            return
        digest = digests.of_record(item)
        is_known = ref is not None and ref.digest == digest
        if not is_known:
            facts = posts.kept_facts(item) | {"type": item.kind, "status": item.status, "title": item.title}
            session.remember(kind, reference_of(item), digest=digest, original=item.content, kept=facts)
        reason = _("Items of the type “%s” have no place here; its data are kept.") % item.kind
        result = Result.UNCHANGED if is_known else Result.SKIPPED
        session.add_line(kind, item, result, reason, reference=reference_of(item), title=item.title)
        self.comments_without_a_post(item, reason)

    def skip(self, item: Item, result: str, reason: str) -> None:
        """An item that was deleted here since an earlier import, or that the file has twice."""
        self.session.add_line(kind_of(item), item, result, reason, reference=reference_of(item), title=item.title)
        for record in item.comments:
            self.session.add_line("comments", record, result, reason, reference=record.number or "")

    def comments_without_a_post(self, item: Item, reason: str) -> None:
        for at, record in enumerate(item.comments):
            reference = comment_reference(record, item, at)
            digest = digests.of_record(record)
            facts = {"date": str(record.date_gmt or record.date)}
            self.session.remember("comments", reference, digest=digest, original=record.content, kept=facts)
            self.session.add_line("comments", record, Result.SKIPPED, reason, reference=reference)
