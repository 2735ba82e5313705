from django.db import models
from django.db.models import Q
from django.utils import timezone


class NotificationQuerySet(models.QuerySet):
    def unsent(self):
        return self.filter(notified_at=None)

    def since(self, moment):
        return self.filter(created_at__gt=moment)


class PendingNotificationQuerySet(NotificationQuerySet):
    def standing(self):
        """Those of approved comments. Others stay, in case the comment is approved again."""
        from comments.models.comment import Comment

        return self.filter(comment__state=Comment.State.APPROVED)

    def due(self, moment=None):
        """Those not sent yet whose delay for undo is over."""
        return self.unsent().filter(Q(due_at=None) | Q(due_at__lte=moment or timezone.now()))


class PendingNotification(models.Model):
    """An approved comment of which readers are to be notified, once. Saved in the transaction that approves it; imports
    and restores create none."""

    comment = models.OneToOneField("comments.Comment", models.CASCADE, primary_key=True, related_name="notification")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    due_at = models.DateTimeField(default=timezone.now, null=True)  # until then an undo cancels the emails
    notified_at = models.DateTimeField(null=True, db_index=True)

    objects = PendingNotificationQuerySet.as_manager()


class PostAnnouncement(models.Model):
    """A new post to be emailed to subscribers, and how far its emails are queued, to continue there."""

    post = models.OneToOneField("blog.Post", models.CASCADE, primary_key=True, related_name="announcement")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    reached = models.BigIntegerField(default=0)  # id of the last subscription whose email is queued
    notified_at = models.DateTimeField(null=True, db_index=True)

    objects = NotificationQuerySet.as_manager()
