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
        """Those of approved comments. Others stay, in case the comment is approved again."""
        return self.filter(comment__state="approved")

    def due(self, moment=None):
        """Those not sent yet whose delay for undo is over."""
        return self.untold().filter(Q(due_at=None) | Q(due_at__lte=moment or timezone.now()))


class PendingNotification(models.Model):
    """An approved comment of which readers are to be notified, once. Saved in the transaction that approves it; imports
    and restores create none."""

    comment = models.OneToOneField("comments.Comment", models.CASCADE, primary_key=True, related_name="news")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    due_at = models.DateTimeField(default=timezone.now, null=True)  # until then an undo cancels the emails
    told_at = models.DateTimeField(null=True, db_index=True)

    objects = PendingNotificationQuerySet.as_manager()


class PostAnnouncement(models.Model):
    """A new post to be emailed to subscribers, and how far its emails are queued, to continue there."""

    post = models.OneToOneField("blog.Post", models.CASCADE, primary_key=True, related_name="mailing")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    reached = models.BigIntegerField(default=0)  # id of the last subscription whose email is queued
    told_at = models.DateTimeField(null=True, db_index=True)

    objects = NotificationQuerySet.as_manager()
