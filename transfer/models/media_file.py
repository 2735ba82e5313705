from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaFile(models.Model):
    """A file of the old blog: brought here, or still to be fetched or uploaded by hand."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Not fetched yet")
        BROUGHT = "brought", _("Here")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey("transfer.ImportRun", models.CASCADE, related_name="media_files")
    origin = models.CharField(max_length=300)
    foreign_id = models.CharField(max_length=300)
    url = models.CharField(max_length=1000)
    title = models.CharField(max_length=300, blank=True)
    alt = models.CharField(max_length=500, blank=True)
    caption = models.CharField(max_length=1000, blank=True)
    description = models.TextField(blank=True)
    parent = models.CharField(max_length=300, blank=True)  # the number of the post to which it was attached
    link = models.CharField(max_length=1000, blank=True)  # the address of its attachment page
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    media = models.ForeignKey("blog.Media", models.SET_NULL, null=True, related_name="+")

    inside = ""  # not stored: its path below the uploads, where the file of the import that asks says it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "foreign_id"], name="one_file_an_attachment")]

    def __str__(self) -> str:
        return self.url
