from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from blog import markup
from core.text import tidy

FIELDS = ("text", "name", "email", "url")


class CommentRevision(models.Model):
    """A former version of a comment, saved when its author or a moderator edited it, for the owner."""

    comment = models.ForeignKey("comments.Comment", models.CASCADE, related_name="revisions")
    text = models.TextField()
    name = models.CharField(max_length=245, blank=True)
    email = models.EmailField(blank=True)
    url = models.URLField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.comment_id}: {self.text[:40]}"

    def rendered(self):
        """(text, HTML), the arguments of `Comment.set_html`."""
        text = tidy(self.text)
        return text, markup.render(text, markup.COMMENT, source_format=self.comment.source_format).html

    def restore(self, rendered=None):
        """Swap it with the comment's present version, unless there was a later edit; returns how many changed, 0 or 1.

        `rendered` is the result of `rendered()`, made before the transaction."""
        if self.comment.revisions.filter(pk__gt=self.pk).exists():
            return 0
        if rendered:
            self.comment.set_html(*rendered)
        with transaction.atomic():
            for name in FIELDS:
                mine, its = getattr(self, name), getattr(self.comment, name)
                setattr(self, name, its)
                setattr(self.comment, name, mine)
            self.save(update_fields=FIELDS)
            self.comment.save(update_fields=FIELDS)
        return 1
