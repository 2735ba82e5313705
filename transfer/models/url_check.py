"""Asking this blog for the addresses of the old one (transfer.url_check), in the worker."""

from django.db import models

from transfer.models.long_task import LongTask


class UrlCheck(LongTask):
    """The addresses of an uploaded sitemap, export or list. `position` of `total` addresses have been asked."""

    source = models.CharField(max_length=300)  # the file's name
    redirects = models.PositiveIntegerField(default=0)

    class Meta(LongTask.Meta):
        pass

    def __str__(self) -> str:
        return self.source


class UrlMiss(models.Model):
    """An address that does not answer within one redirect: the last status, and where a redirect led ("" without)."""

    check_run = models.ForeignKey(UrlCheck, models.CASCADE, related_name="misses")
    path = models.CharField(max_length=2048)
    status = models.PositiveSmallIntegerField()
    target = models.CharField(max_length=2048, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.path
