from django.db import models
from django.utils import timezone


class TellingQuerySet(models.QuerySet):
    def untold(self):
        return self.filter(told_at=None)

    def since(self, moment):
        return self.filter(made_at__gt=moment)


class NewsQuerySet(TellingQuerySet):
    def standing(self):
        """Without comments that were hidden before their letters left: those wait for their return."""
        return self.filter(comment__state="approved")


class News(models.Model):
    """That a comment stands, to be told once. Written with what makes it stand; imports and restores write none."""

    comment = models.OneToOneField("comments.Comment", models.CASCADE, primary_key=True, related_name="news")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    told_at = models.DateTimeField(null=True, db_index=True)

    objects = NewsQuerySet.as_manager()


class Mailing(models.Model):
    """That a post is new, and how far its letters are written: whoever goes on goes on there."""

    post = models.OneToOneField("blog.Post", models.CASCADE, primary_key=True, related_name="mailing")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    reached = models.BigIntegerField(default=0)  # the last subscription that has its letter
    told_at = models.DateTimeField(null=True, db_index=True)

    objects = TellingQuerySet.as_manager()
