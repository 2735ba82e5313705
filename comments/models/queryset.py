"""The comments' queryset: filters, bulk actions, and the posts' counts of approved comments."""

from datetime import datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from blog import search
from blog.models import Post
from comments.models.comment_revision import CommentRevision
from comments.models.comment_search import search_filter
from comments.models.listed_as import DECIDED_BY, recount_commenters
from comments.models.moderation_action import ModerationAction, all_comments, apply, parts
from comments.models.report import Report
from core import cache_version
from core.site import site
from core.written_queries import count_together

MORNING = time(5)  # in the blog's time zone; a postponed comment is shown again from then on


class CommentQuerySet(models.QuerySet):
    # Filters

    def approved(self):
        return self.filter(state=self.model.State.APPROVED)

    def pending(self):
        return self.filter(state=self.model.State.PENDING)

    def due(self):
        """Without comments that are still postponed."""
        return self.filter(Q(later_until=None) | Q(later_until__lte=timezone.now()))

    def postponed(self):
        """Held comments that are not `due`."""
        return self.pending().filter(later_until__gt=timezone.now())

    def spam(self):
        return self.filter(state=self.model.State.SPAM)

    def trashed(self):
        return self.filter(state=self.model.State.TRASH)

    def untrashed(self):
        return self.exclude(state__in=[self.model.State.TRASH, self.model.State.GONE])

    def written_by(self, user):
        return self.filter(person__account=user)

    def reported(self):
        """Approved comments with open reports."""
        return self.approved().filter(pk__in=Report.objects.open().values("comment"))

    def matching(self, words):
        """The desk's search; see comments.models.comment_search."""
        return self.filter(search_filter(words)) if words.strip() else self

    def rejected_before(self, when):
        return self.filter(state__in=[self.model.State.SPAM, self.model.State.TRASH], state_since__lt=when)

    def empty_places(self):
        """Erased comments that were kept for their replies and have none any more."""
        return self.filter(state=self.model.State.GONE).filter(replies=None)

    def on(self, post):
        return self.filter(post=post)

    def visible_to(self, user, browser=""):
        """Approved comments, and the visitor's own that are held or spam.

        Spam looks to its author like a held comment, so that a spammer learns nothing.
        """
        return self.filter(self.seen_by(user, browser))

    def seen_by(self, user, browser=""):
        seen = Q(state=self.model.State.APPROVED)
        mine = Q()
        if user.is_authenticated:
            mine |= Q(person__account=user)
        if browser:
            mine |= Q(person__browser=browser)
        if mine:
            seen |= mine & Q(state__in=[self.model.State.PENDING, self.model.State.SPAM])
        return seen

    def public(self, now=None):
        """Approved comments on public posts without a password, for feeds, search and the sidebar."""
        return self.approved().filter(Exists(Post.objects.open(now).filter(pk=OuterRef("post"))))

    def oldest_first(self):
        return self.order_by("posted_at", "pk")

    def newest_first(self):
        return self.order_by("-posted_at", "-pk")

    def counts(self):
        """The number of comments by state: {"pending": 3, …}, with zeros."""
        found = dict(self.order_by().values_list("state").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in self.model.State.values}

    def counts_up_to(self, most):
        """As `counts`, in one query that reads at most `most` + 1 entries of an index for a state."""
        states = self.model.State.values
        some = [self.filter(state=state).order_by().values_list("pk")[: most + 1] for state in states]
        return dict(zip(states, count_together(some), strict=True))

    def count_reported(self):
        """The length of `reported`, from the few reports to their comments."""
        approved = Exists(self.model.objects.approved().filter(pk=OuterRef("comment")))
        return Report.objects.open().filter(approved).values("comment").distinct().count()

    # Writing, with what the commenters' list stores

    def update(self, **values):
        """Also recounts the commenters whose comments change hands or state."""
        if not DECIDED_BY & values.keys():
            return super().update(**values)
        with transaction.atomic(savepoint=False):
            people = set(self.order_by().values_list("person", flat=True).distinct())
            number = super().update(**values)
            new = values.get("person", values.get("person_id"))
            recount_commenters(people | {getattr(new, "pk", new)})
            return number

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs, *args, **kwargs):
        """Also recounts their commenters."""
        with transaction.atomic(savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            recount_commenters(comment.person_id for comment in made)
            return made

    # Bulk actions: each returns one ModerationAction, or None if nothing changes

    def decide(self, what, *, by, side_effects=None):
        return ModerationAction.take(what, self, by=by, side_effects=side_effects)

    def approve(self, by):
        return self.decide(ModerationAction.What.APPROVE, by=by)

    def hold(self, by):
        return self.decide(ModerationAction.What.HOLD, by=by)

    def mark_spam(self, by):
        return self.decide(ModerationAction.What.SPAM, by=by)

    def trash(self, by):
        return self.decide(ModerationAction.What.TRASH, by=by)

    def restore(self, by):
        hidden = self.filter(state__in=[self.model.State.SPAM, self.model.State.TRASH])
        return hidden.decide(ModerationAction.What.RESTORE, by=by)

    def postpone(self, by):
        """Postpone the held ones: the review leaves them out until tomorrow morning, in the blog's time zone."""
        tomorrow = timezone.localdate(timezone=site().zone) + timedelta(days=1)
        until = datetime.combine(tomorrow, MORNING, tzinfo=site().zone)
        with transaction.atomic():
            rows = list(self.pending().select_for_update(of=("self",)).values_list("pk", "later_until"))
            if not rows:
                return None
            numbers = [pk for pk, _before in rows]
            self.model.objects.filter(pk__in=numbers).update(later_until=until)
            put_off = [[pk, before and before.isoformat(), until.isoformat()] for pk, before in rows]
            change = {"later": put_off, "comments": numbers, "count": len(numbers)}
            return self.none().decide(ModerationAction.What.LATER, by=by, side_effects=change)

    def keep(self, by):
        """Dismiss the reports of these comments; the comments do not change."""
        with transaction.atomic():
            reports = Report.objects.open().filter(comment__in=self.values("pk"))
            rows = list(reports.select_for_update().values_list("pk", "comment"))
            if not rows:
                return None
            reports.filter(pk__in=[pk for pk, _comment in rows]).update(resolved_at=timezone.now())
            numbers = sorted({comment for _pk, comment in rows})
            change = {"reports": [pk for pk, _comment in rows], "comments": numbers, "count": len(numbers)}
            return self.none().decide(ModerationAction.What.KEEP, by=by, side_effects=change)

    def put_away(self):
        """Move the approved ones to the trash as part of an undo, without an action of their own."""
        state = self.model.State
        rows = list(self.approved().select_for_update(of=("self",)).values_list("pk", flat=True))
        apply([(pk, state.APPROVED, state.TRASH, state.APPROVED) for pk in rows])

    def erase(self):
        """Delete permanently; returns how many. A comment with replies that remain is emptied instead (GONE)."""
        with transaction.atomic():
            rows = dict(self.select_for_update(of=("self",)).order_by().values_list("pk", "parent"))
            comments = self.model.objects.order_by()
            held = set()
            for pks in parts(list(rows)):
                held |= set(comments.filter(parent__in=pks).exclude(pk__in=rows).values_list("parent", flat=True))
            for pk in list(held):
                while (pk := rows.get(pk)) in rows and pk not in held:
                    held.add(pk)
            posts = set()
            for pks in parts(list(rows)):
                posts |= set(comments.filter(pk__in=pks).values_list("post", flat=True))
            self.empty(held)
            for pks in parts([pk for pk in rows if pk not in held]):
                comments.filter(pk__in=pks).delete()
            search.drop_all("comment", list(rows))
            search.purge.enqueue()
            recount(posts)
            cache_version.invalidate(*cache_version.comments_of(posts))
            return len(rows)

    def erase_by_parts(self, size):
        """`erase` for very many comments, in a transaction per `size` of them."""
        while pks := list(self.order_by("pk").values_list("pk", flat=True)[:size]):
            self.model.objects.filter(pk__in=pks).erase()

    def empty(self, pks):
        """Delete all data of these comments except their position in the thread."""
        CommentRevision.objects.filter(comment__in=pks).delete()
        Report.objects.filter(comment__in=pks).delete()
        self.model.objects.filter(pk__in=pks).update(
            state=self.model.State.GONE, former_state="", text="", html="", name="", name_key="", email="", url="",
            avatar="", service="",
            person=None, reasons=[], facts={}, fingerprint=None, edited_at=None, filed_at=None,
            state_since=timezone.now(),
        )  # fmt: skip

    def anonymise(self):
        """Keep the texts and delete the authors' data; returns how many."""
        with transaction.atomic():
            pks = list(self.order_by().values_list("pk", flat=True))
            for some in parts(pks):
                CommentRevision.objects.filter(comment__in=some).delete()
                self.model.objects.filter(pk__in=some).update(
                    name="",
                    name_key="",
                    email="",
                    url="",
                    avatar="",
                    service="",
                    person=None,
                    facts={},
                    fingerprint=None,
                )
            cache_version.invalidate(cache_version.EVERYTHING)
            return len(pks)

    def move(self, rows):
        """Apply rows [id, from: post, parent, thread, to: post, parent, thread]; returns how many comments moved.

        Comments that are no longer at "from" are skipped. Nothing is moved if any post or parent in "to" is gone."""
        with transaction.atomic():
            targets, above = {row[4] for row in rows}, {number for row in rows for number in row[5:] if number}
            if len(Post.objects.in_bulk(targets)) < len(targets) or len(self.model.objects.in_bulk(above)) < len(above):
                return 0
            found = self.model.objects.select_for_update().in_bulk([row[0] for row in rows])
            moved = []
            for pk, *places in rows:
                comment = found.get(pk)
                if comment and [comment.post_id, comment.parent_id, comment.thread_id] == places[:3]:
                    comment.post_id, comment.parent_id, comment.thread_id = places[3:]
                    moved.append(comment)
            self.model.objects.bulk_update(moved, ["post", "parent", "thread"], batch_size=300)
            posts = {post for row in rows for post in (row[1], row[4])}
            recount(posts)
            cache_version.invalidate(*cache_version.comments_of(posts))
            self.update_visibility([comment.pk for comment in moved if comment.is_approved], [])
            return len(moved)

    # Consequences of changed states

    def clear_fingerprints(self, pks):
        """Clear the fingerprints of comments about to leave the trash, if an equal comment outside of it has the same.

        Fingerprints outside the trash are unique."""
        returning = self.filter(pk__in=pks).exclude(fingerprint=None).values_list("pk", "fingerprint")
        if not returning:
            return
        taken = set(
            self.untrashed()
            .filter(fingerprint__in=[mark for _, mark in returning])
            .values_list("fingerprint", flat=True)
        )
        losers = []
        for pk, mark in returning:
            if mark in taken:
                losers.append(pk)
            taken.add(mark)
        self.filter(pk__in=losers).update(fingerprint=None)

    def update_visibility(self, shown, hidden):
        """Update counts, search and cache version after comments became visible (ids `shown`) or not (`hidden`)."""
        if not (shown or hidden):
            return
        comments, posts = self.model.objects.order_by(), []
        for pks in parts([*shown, *hidden]):
            posts += recount(comments.filter(pk__in=pks).values("post"))
        for pks in parts(shown):
            search.put_all("comment", [comment.search_entry for comment in comments.filter(pk__in=pks)])
        search.drop_all("comment", hidden)
        cache_version.invalidate(*cache_version.comments_of(posts))


def recount(posts):
    """Store the number of approved comments of these posts; returns their pks. Counted, not incremented, so that errors
    cannot add up."""
    with transaction.atomic():
        locked = list(Post.objects.filter(pk__in=posts).order_by("pk").select_for_update().values_list("pk", flat=True))
        approved = (
            all_comments()
            .approved()
            .filter(post=OuterRef("pk"))
            .order_by()
            .values("post")
            .annotate(number=Count("pk"))
            .values("number")
        )
        Post.objects.filter(pk__in=locked).update(comment_count=Coalesce(Subquery(approved), 0))
        return locked
