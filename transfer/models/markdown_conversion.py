"""Turning the texts of posts from HTML into Markdown, post by post, with an undo."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from transfer.models.long_task import LongTask


class MarkdownConversion(LongTask):
    """Some posts, or all: first each is tried, then those are turned that show the same, then they may be undone."""

    class Step(models.TextChoices):
        TRY = "try", _("Being tried")
        TURN = "turn", _("Being turned")
        UNDO = "undo", _("Being undone")

    step = models.CharField(max_length=4, choices=Step, default=Step.TRY)

    class Meta(LongTask.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.pk}: {self.step} {self.state}"


class ConvertedPost(models.Model):
    """What became of a post. `revision` is the HTML from before, `stored` the hash of the Markdown."""

    class Result(models.TextChoices):
        CAN = "can", _("Can be turned")
        REFUSED = "refused", _("Stays HTML")
        TURNED = "turned", _("Turned into Markdown")
        UNDONE = "undone", _("HTML again")

    conversion = models.ForeignKey(MarkdownConversion, models.CASCADE, related_name="posts")
    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="+")
    result = models.CharField(max_length=7, choices=Result)
    reason = models.CharField(max_length=500, blank=True)
    revision = models.ForeignKey("blog.Revision", models.SET_NULL, null=True, related_name="+")
    stored = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["conversion", "post"], name="one_line_a_converted_post")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.result}"
