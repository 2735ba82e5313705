from django.db import models

from transfer.models.long_task import LongTask


class MediaFetch(LongTask):
    """Bringing the files that are not here, from the old host or, with `upload`, from an uploaded archive."""

    brought = models.PositiveIntegerField(default=0)

    class Meta(LongTask.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"
