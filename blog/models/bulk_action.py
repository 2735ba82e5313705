import hashlib
from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.post import Post
from blog.models.reading_settings import reading
from blog.models.series import Series
from core import cache_version


class BulkAction(models.Model):
    """An action on many posts, with the former state of each: one row, one undo."""

    class Action(models.TextChoices):
        PUBLISH = "publish", _("Publish")
        DRAFT = "draft", _("Make drafts")
        CATEGORY = "category", _("Add a category")
        SERIES = "series", _("Put into a series")
        TAG = "tag", _("Add a tag")
        TRASH = "trash", _("Move to Trash")
        RESTORE = "restore", _("Restore")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    action = models.CharField(max_length=8, choices=Action)
    category = models.ForeignKey("blog.Category", models.CASCADE, null=True, related_name="+")
    series = models.ForeignKey("blog.Series", models.CASCADE, null=True, related_name="+")
    tag = models.ForeignKey("blog.Tag", models.CASCADE, null=True, related_name="+")
    former = models.JSONField(default=dict)  # {the post's pk: its former state, and its fingerprint afterwards}
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    @classmethod
    def carry_out(cls, action, posts, by, *, is_wanted=None, **term):
        """Apply the action to every post for which this user has the permission; returns the row, or None if nothing
        changed.

        `term` is the category, series or tag that the action adds. `is_wanted(post)` is called for each post while its
        row is locked.
        """
        bulk = cls(action=action, by=by, **term)
        prepared = posts.prepared() if action in RENDERING else {}
        with transaction.atomic():
            for post in posts.select_for_update():
                before = snapshot(post)
                post.reuse(prepared.get(post.pk))
                if ALLOWED[action](by, post) and (is_wanted is None or is_wanted(post)) and bulk.do(post):
                    bulk.former[str(post.pk)] = before | {"after": mark_of(post)}
            if not bulk.former:
                return None
            bulk.save()
        return bulk

    @property
    def renders(self):
        """Whether its undo saves whole posts."""
        return self.action in (self.Action.PUBLISH, self.Action.DRAFT, self.Action.TRASH)

    @property
    def count(self):
        return len(self.former)

    def do(self, post):
        """Apply the action to one post; returns whether anything changed."""
        status, is_trash = Post.Status, post.status == Post.Status.TRASH
        if self.action == self.Action.RESTORE:
            if is_trash:
                post.restore()
            return is_trash
        if is_trash:
            return False
        if self.action == self.Action.TRASH:
            post.trash()
        elif self.action == self.Action.PUBLISH:
            if post.is_published:
                return False
            post.publish(timezone.now() if post.is_scheduled else None, by=self.by)
        elif self.action == self.Action.DRAFT:
            if post.status == status.DRAFT:
                return False
            post.withdraw(status.DRAFT)
        elif self.action == self.Action.SERIES:
            return self.move_to_series(post)
        else:
            return self.add_term(post)
        return True

    def move_to_series(self, post):
        """A part of another series leaves it; its number meant a place there."""
        if post.kind == Post.Kind.PAGE or self.series is None or post.series_id == self.series_id:
            return False
        self.file_in_series(post, self.series_id, None)
        return True

    def file_in_series(self, post, series, number):
        post.series_id, post.series_number = series, number
        Post.objects.filter(pk=post.pk).update(series=series, series_number=number)
        self.update_paths(post)

    def add_term(self, post):
        term = self.category or self.tag
        terms = self.terms_of(post)
        if post.kind == Post.Kind.PAGE or term is None or terms.filter(pk=term.pk).exists():
            return False
        terms.add(term)
        self.update_paths(post)
        return True

    def terms_of(self, post):
        return post.categories if self.category_id else post.tags

    def update_paths(self, post):
        cache_version.invalidate(cache_version.POSTS)  # the lists change, although the post's row does not
        if self.category_id and reading().permalinks == "category":
            post.file()

    def undo(self):
        """Restore the posts that nobody has changed since, if the user still has the permission; returns how many.

        Sets `skipped` to the posts that somebody has changed.
        """
        self.skipped = []
        prepared = Post.objects.filter(pk__in=list(self.former)).prepared() if self.renders else {}
        with transaction.atomic():
            if not type(self).objects.filter(pk=self.pk, undone_at=None).update(undone_at=timezone.now()):
                return 0
            posts = Post.objects.filter(pk__in=list(self.former)).select_for_update()
            for post in posts:
                post.reuse(prepared.get(post.pk))
            former = [(post, self.former[str(post.pk)]) for post in posts]
            count = sum(self.put_back(post, before) for post, before in former if may_put_back(self.by, post, before))
            for post in self.skipped:
                self.former[str(post.pk)]["skipped"] = True
            if self.skipped:
                self.save(update_fields=["former"])
            return count

    def last_touched(self, post):
        """When it last changed this post, or None."""
        before = self.former.get(str(post.pk))
        if before is None:
            return None
        return self.created_at if before.get("skipped") else self.undone_at or self.created_at

    def put_back(self, post, before):
        if self.action in (self.Action.CATEGORY, self.Action.TAG):
            self.terms_of(post).remove(self.category or self.tag)
            self.update_paths(post)
            return True
        if self.action == self.Action.SERIES:
            if post.series_id != self.series_id:
                self.skipped.append(post)
                return False
            if before["series"] is None or Series.objects.filter(pk=before["series"]).exists():
                self.file_in_series(post, before["series"], before["series_number"])
            else:  # deleted since
                self.file_in_series(post, None, None)
            return True
        if post.status != self.state_after(before) or before.get("after", mark_of(post)) != mark_of(post):
            self.skipped.append(post)
            return False
        if self.action == self.Action.TRASH:
            post.restore()
            if before["sticky"]:
                post.sticky = True
                post.save(update_fields=["sticky"])
        elif self.action == self.Action.RESTORE:
            post.trash()
        else:
            moment = before["publish_at"]
            post.status, post.publish_at = before["status"], moment and datetime.fromisoformat(moment)
            post.save()
            post.file()
        return True

    def state_after(self, before):
        status = Post.Status
        done = {self.Action.TRASH: status.TRASH, self.Action.PUBLISH: status.PUBLISHED, self.Action.DRAFT: status.DRAFT}
        return done.get(self.action) or before["trashed_from"] or status.DRAFT


RENDERING = (BulkAction.Action.PUBLISH, BulkAction.Action.DRAFT, BulkAction.Action.RESTORE)  # they save whole posts


def snapshot(post):
    return {
        "status": post.status,
        "trashed_from": post.trashed_from,
        "publish_at": post.publish_at.isoformat() if post.publish_at else None,
        "sticky": post.sticky,
        "series": post.series_id,
        "series_number": post.series_number,
    }


def mark_of(post):
    """A fingerprint that changes when somebody edits, publishes, moves or trashes the post."""
    words = (post.title, post.slug, post.status, post.visibility)
    moments = (moment and moment.timestamp() for moment in (post.publish_at, post.updated_at))
    facts = "\x00".join(map(str, [*words, *moments, post.sticky, post.words]))
    return f"{post.pk}:{hashlib.sha256(facts.encode()).hexdigest()[:16]}"


def may_edit(user, post):
    return user.has_perm("blog.edit_post", post)


def may_publish(user, post):
    return user.has_perm("blog.publish_post", post)


def may_delete(user, post):
    """Who may trash a draft may also restore it."""
    if post.status == Post.Status.TRASH:
        post = Post(author_id=post.author_id, status=post.trashed_from)
    return user.has_perm("blog.delete_post", post)


def may_put_back(user, post, before):
    """Permissions are checked for the post's current state and for the state to which it would return."""
    if not (may_edit(user, post) or may_delete(user, post)):
        return False
    returns_to_public = before["status"] == Post.Status.PUBLISHED and post.status != Post.Status.PUBLISHED
    return may_publish(user, post) or not returns_to_public


ALLOWED = {
    BulkAction.Action.PUBLISH: may_publish,
    BulkAction.Action.DRAFT: may_publish,
    BulkAction.Action.CATEGORY: may_edit,
    BulkAction.Action.SERIES: may_edit,
    BulkAction.Action.TAG: may_edit,
    BulkAction.Action.TRASH: may_delete,
    BulkAction.Action.RESTORE: may_delete,
}
