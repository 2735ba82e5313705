"""An import, its receipt line by line, and where each row of this blog came from."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    """What became of an element of the file."""

    BROUGHT = "brought", _("Brought")
    UPDATED = "updated", _("Updated")
    UNCHANGED = "unchanged", _("Unchanged")
    MERGED = "merged", _("Merged")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")


class ImportRun(models.Model):
    """One import of the files of one blog. An interrupted one continues at `position`."""

    class State(models.TextChoices):
        EXAMINING = "examining", _("Being read")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    system = models.CharField(max_length=20, default="wordpress")
    origin = models.CharField(max_length=300, blank=True)  # host and path of the old blog: "example.wordpress.com"
    source = models.CharField(max_length=500)  # the names of the files
    digest = models.CharField(max_length=64)  # SHA-256 of their contents
    upload = models.CharField(max_length=32, blank=True)  # the folder of the uploaded file (transfer.uploads)
    options = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)  # what a dry run found out: see transfer.importing.summary
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    phase = models.CharField(max_length=10, blank=True)
    position = models.PositiveBigIntegerField(default=0)  # items of this phase that are done
    total = models.PositiveBigIntegerField(default=0)
    in_file = models.JSONField(default=dict)  # {kind: number}, counted independently of the reader
    notices = models.JSONField(default=list)  # sentences about the file as a whole
    error = models.TextField(blank=True)  # why it failed
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.source

    @property
    def is_active(self) -> bool:
        """Whether a job works on it or will soon."""
        return self.state in (self.State.EXAMINING, self.State.RUNNING, self.State.UNDOING)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // self.total) if self.total else 0

    @property
    def is_unfinished(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING, self.State.CANCELLED, self.State.FAILED)


class ImportLine(models.Model):
    """One line of a receipt: an element of the file and what became of it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=12)  # one of transfer.records.KINDS
    reference = models.CharField(max_length=300, blank=True)  # the element's number or slug in the file
    title = models.CharField(max_length=300, blank=True)
    result = models.CharField(max_length=9, choices=Result)
    reason = models.CharField(max_length=500, blank=True)
    file = models.CharField(max_length=200, blank=True)
    line = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "result", "kind"], name="import_line_by_result")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}: {self.result}"


class ImportRef(models.Model):
    """Which row here an element of another system became. `thing` is null for elements that are only kept as data."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="refs")  # the one that stored it first
    origin = models.CharField(max_length=300)
    kind = models.CharField(max_length=12)
    foreign_id = models.CharField(max_length=300)
    model = models.CharField(max_length=12, blank=True)  # "post", "comment", "category", "tag", "user", "media"
    thing = models.BigIntegerField(null=True)
    created = models.BooleanField(default=True)  # False if the row was here before: an undo leaves it
    digest = models.CharField(max_length=64)  # of the element in the file
    stored = models.CharField(
        max_length=64, blank=True
    )  # of the row as it was stored: tells whether it was edited here
    original = models.TextField(blank=True)  # the text as the file has it
    kept = models.JSONField(default=dict)  # what has no place here: unknown meta, custom terms, menus

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "kind", "foreign_id"], name="one_ref_an_element")]
        indexes = [models.Index(fields=["model", "thing"], name="import_ref_of_thing")]

    def __str__(self) -> str:
        return f"{self.origin} {self.kind} {self.foreign_id}"
