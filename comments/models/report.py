from django.db import models
from django.utils import timezone


class ReportQuerySet(models.QuerySet):
    def open(self):
        return self.filter(resolved_at=None)


class Report(models.Model):
    """A reader's report of a comment, one for each network. It does not hide the comment; a moderator reviews it."""

    comment = models.ForeignKey("comments.Comment", models.CASCADE, related_name="reports")
    network = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "network"], name="one_report_a_network")]
        indexes = [models.Index(fields=["comment"], condition=models.Q(resolved_at=None), name="open_reports")]

    def __str__(self):
        return f"{self.comment_id}, {self.created_at:%Y-%m-%d}"
