from django.conf import settings
from django.db import models
from django.utils import timezone


class DigestLineQuerySet(models.QuerySet):
    def unsent(self):
        return self.filter(email=None)

    def about(self, numbers):
        return self.filter(comment__in=numbers)

    def still_waiting_with(self, pk):
        """[(comment id, line id)] of the comments in the same email that are still held, in its order."""
        from comments.models.comment import Comment

        emails = self.filter(pk=pk).exclude(email=None).values("email")
        lines = self.filter(email__in=emails, what=DigestLine.What.HELD, comment__state=Comment.State.PENDING)
        return list(lines.order_by("pk").values_list("comment", "pk"))

    def beside(self, pk, number):
        """The id of the line about comment `number` in the same email as line `pk`, or None."""
        lines = self.filter(email__in=self.filter(pk=pk).values("email"), comment=number)
        return lines.values_list("pk", flat=True).first()


class DigestLine(models.Model):
    """A comment to be listed in an owner's next digest; `email` is the email that lists it, None until it is queued.

    The row is kept as long as the email, so that erasing the comment finds the emails that quote it.
    """

    class What(models.TextChoices):
        HELD = "held"
        PUBLISHED = "published"
        FILED = "filed"  # marked as spam by the classifier; the row is created with the email that lists it

    comment = models.ForeignKey("comments.Comment", models.CASCADE, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    what = models.CharField(max_length=9, choices=What, default=What.HELD)
    email = models.ForeignKey("core.Email", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = DigestLineQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "to", "what"], name="once_in_a_digest")]
        indexes = [models.Index(fields=["to"], condition=models.Q(email=None), name="digests_to_write")]

    def __str__(self):
        return f"{self.comment_id} {self.what}, to {self.to_id}"
