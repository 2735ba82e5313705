import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from blog.models.post import Post
from core.text import tidy, tidy_line

FORGOTTEN = timedelta(days=30)
TEXTS = ("title", "source", "excerpt")


class AutosaveQuerySet(models.QuerySet):
    def waiting(self):
        """Autosaves that were neither saved as the post nor discarded, newest first."""
        return self.filter(is_done=False).select_related("post").order_by("-saved_at")

    def prune_done(self, now):
        """Delete finished rows whose forms are no longer open."""
        return self.filter(is_done=True, saved_at__lt=now - FORGOTTEN).delete()

    def keep(self, by, tab, count, *, post=None, mark="", seen=("", 0), **typed):
        """Store the current text of an open form; returns its row.

        `tab` identifies one opening of the form and `count` the number of its last change: requests that arrive late
        are ignored. Text of another tab is stored as a revision first, unless this form has loaded it: then `seen` is
        that (tab, count).
        """
        with transaction.atomic():
            mine = {"by": by, "post": post, "mark": "" if post else mark}
            row, is_new = self.select_for_update().get_or_create(**mine)
            if row.holds(tab, count):
                return row
            if not is_new and row.tab != tab and not row.is_done and not row.holds_no_more_than(seen, typed):
                row.set_aside()
            row.tab, row.count, row.is_done, row.saved_at = tab, count, False, timezone.now()
            row.take(**typed)
            row.save()
            return row

    def undo(self, by, tab, count, *, post=None, mark=""):
        """The tab's changes were undone by hand: there is nothing to restore."""
        with transaction.atomic():
            row = self.select_for_update().filter(by=by, post=post, mark="" if post else mark, tab=tab).first()
            if row and not row.holds(tab, count):
                row.finish(tab, count)

    def is_saved(self, by, post, *, mark="", tab="", count=0, seen=("", 0)):
        """The tab's text has been saved as the post: there is nothing to restore. Text of another tab stays."""
        texts = {name: getattr(post, name) for name in TEXTS}
        with transaction.atomic():
            if mark:
                for row in self.select_for_update().filter(by=by, post=None, mark=mark):
                    if row.tab != tab and not row.holds_no_more_than(seen, texts):
                        row.post = post
                        row.set_aside()
                    row.delete()
            row = self.select_for_update().filter(by=by, post=post).first() or Autosave(by=by, post=post)
            if row.pk and row.tab != tab and not row.is_done and not row.holds_no_more_than(seen, texts):
                return
            if row.pk or tab:
                row.finish(tab, count)


class Autosave(models.Model):
    """The unsaved text of a form: one row for each post and user.

    A form for a new post is identified by its `mark`. After a save the row stays, without text, so that requests that
    arrive late are recognized and ignored.
    """

    post = models.ForeignKey("blog.Post", models.CASCADE, null=True, related_name="autosaves")
    mark = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Post.Kind, default=Post.Kind.POST)
    tab = models.CharField(max_length=32, blank=True)
    count = models.PositiveBigIntegerField(default=0)
    title = models.TextField(blank=True)
    source = models.TextField(blank=True)
    excerpt = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    base_revision = models.PositiveBigIntegerField(null=True)
    is_done = models.BooleanField(default=False)
    saved_at = models.DateTimeField(default=timezone.now)

    objects = AutosaveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "by"], name="one_autosave_a_post"),
            models.UniqueConstraint(fields=["mark", "by"], condition=models.Q(post=None), name="one_autosave_a_form"),
        ]
        indexes = [models.Index(fields=["by", "-saved_at"], name="autosave_of_person")]

    def __str__(self):
        return tidy_line(self.title) or tidy_line(self.source[:500])[:60]

    def holds(self, tab, count):
        """Whether the row has this change of this tab already, or a later one."""
        return self.tab == tab and count <= self.count

    def holds_no_more_than(self, seen, texts):
        """Whether the row has nothing beyond what the form has loaded (`seen`) or what `texts` say."""
        tab, count = seen
        return (self.tab == tab and self.count <= count) or all(
            getattr(self, name) == tidy(texts[name]) for name in TEXTS
        )

    def take(self, *, fields, base_revision=None, kind=Post.Kind.POST, **texts):
        for name in TEXTS:
            setattr(self, name, tidy(texts[name]))
        self.fields = {tidy(name): [tidy(value) for value in values] for name, values in fields.items()}
        self.base_revision, self.kind = base_revision, kind

    def set_aside(self):
        """Before another tab overwrites this row: store its text as a revision, or for a new form as its own row."""
        if self.post:
            self.post.store_as_revision(self.by, **{name: getattr(self, name) for name in TEXTS})
            return
        copied = {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}
        Autosave.objects.create(**copied | {"id": None, "mark": secrets.token_hex(16)})

    def finish(self, tab, count):
        """Clear the text; only the number of the last change stays."""
        self.tab, self.count, self.is_done = tab, count, True
        self.take(title="", source="", excerpt="", fields={})
        self.saved_at = timezone.now()
        self.save()

    def lies_among_the_revisions(self):
        """Whether the text is already stored as a refused revision, so that it need not be offered twice."""
        kept = self.post.revisions.filter(kind="refused").first() if self.post else None
        return bool(kept) and kept.same_text_as(self)
