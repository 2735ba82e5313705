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
        """What somebody typed and neither saved nor threw away, newest first."""
        return self.filter(is_done=False).select_related("post").order_by("-saved_at")

    def forget_done(self, now):
        """Rows that only knew a last key, of forms that nobody has open any more."""
        return self.filter(is_done=True, saved_at__lt=now - FORGOTTEN).delete()

    def keep(self, by, tab, count, *, post=None, mark="", seen=("", 0), **typed):
        """Keeps what stands in a form that is still being written, and answers its row.

        `tab` is one opening of the form and `count` the number of its last key: what is late is not kept. What another
        tab has typed is set aside, unless the writer took it over: then it is (tab, count) `seen`.
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
        """What the tab has typed was taken back by hand: there is nothing to offer."""
        with transaction.atomic():
            row = self.select_for_update().filter(by=by, post=post, mark="" if post else mark, tab=tab).first()
            if row and not row.holds(tab, count):
                row.finish(tab, count)

    def is_saved(self, by, post, *, mark="", tab="", count=0, seen=("", 0)):
        """What the tab has typed is the post now, so that there is nothing to offer. What another tab typed stays."""
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
    """What somebody is typing, beside the post that it is to become: one row for each post and person.

    A new form has no post yet: its `mark` stands for it. A row whose text is saved stays, empty: it knows which
    keys need not be kept when they arrive late.
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
        """Whether that key of that tab is here already, or came after it."""
        return self.tab == tab and count <= self.count

    def holds_no_more_than(self, seen, texts):
        """Whether nothing is here that the writer has not seen, or that these texts do not say."""
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
        """Another tab goes on in this row: what was typed here lies among the revisions, or is a new form's own."""
        if self.post:
            self.post.set_aside(self.by, **{name: getattr(self, name) for name in TEXTS})
            return
        copied = {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}
        Autosave.objects.create(**copied | {"id": None, "mark": secrets.token_hex(16)})

    def finish(self, tab, count):
        """There is nothing left to save; only which key was the last is remembered."""
        self.tab, self.count, self.is_done = tab, count, True
        self.take(title="", source="", excerpt="", fields={})
        self.saved_at = timezone.now()
        self.save()

    def lies_among_the_revisions(self):
        """Whether the text was kept when a newer one was there first, so that it need not be offered twice."""
        kept = self.post.revisions.filter(kind="refused").first() if self.post else None
        return bool(kept) and kept.same_text_as(self)
