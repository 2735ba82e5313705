from django.db import models
from django.db.models import Q
from django.utils import timezone


class NotificationQuerySet(models.QuerySet):
    def untold(self):
        return self.filter(told_at=None)

    def since(self, moment):
        return self.filter(made_at__gt=moment)


class PendingNotificationQuerySet(NotificationQuerySet):
    def standing(self):
        """Without comments that were hidden before their letters left: those wait for their return."""
        return self.filter(comment__state="approved")

    def due(self, moment=None):
        """What is not told yet and waits for no undo any more."""
        return self.untold().filter(Q(due_at=None) | Q(due_at__lte=moment or timezone.now()))


class PendingNotification(models.Model):
    """That a comment stands, to be told once. Written with what makes it stand; imports and restores write none."""

    comment = models.OneToOneField("comments.Comment", models.CASCADE, primary_key=True, related_name="news")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    due_at = models.DateTimeField(default=timezone.now, null=True)  # until then an undo takes the emails back
    told_at = models.DateTimeField(null=True, db_index=True)

    objects = PendingNotificationQuerySet.as_manager()


class PostAnnouncement(models.Model):
    """That a post is new, and how far its letters are written: whoever goes on goes on there."""

    post = models.OneToOneField("blog.Post", models.CASCADE, primary_key=True, related_name="mailing")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    reached = models.BigIntegerField(default=0)  # the last subscription that has its letter
    told_at = models.DateTimeField(null=True, db_index=True)

    objects = NotificationQuerySet.as_manager()
