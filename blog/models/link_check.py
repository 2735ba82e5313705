import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

CHECKED_EVERY = timedelta(days=7)
FAILING_CHECKED_EVERY = timedelta(hours=20)  # so that a daily task finds it due
BROKEN_AFTER = 2  # failures, a day apart: a website that is away for an hour is no broken link


class LinkCheckQuerySet(models.QuerySet):
    def is_due(self, now):
        ordinary = Q(failures=0, checked_at__lt=now - CHECKED_EVERY)
        failing = Q(failures__gt=0, checked_at__lt=now - FAILING_CHECKED_EVERY)
        return self.filter(Q(checked_at=None) | ordinary | failing, dismissed=False)

    def broken(self):
        """What the desk lists, the longest broken first."""
        return self.filter(failures__gte=BROKEN_AFTER, dismissed=False).order_by("failing_since", "pk")

    def dismissed(self):
        return self.filter(dismissed=True).order_by("url")

    def store(self, uses, now):
        """Store {url: set of pks of posts}, what a part of the scan that began at `now` has found."""
        with transaction.atomic():
            self.bulk_create([self.model(key=key_of_url(url), url=url) for url in uses], ignore_conflicts=True)
            rows = {row.url: row.pk for row in self.filter(key__in=[key_of_url(url) for url in uses])}
            self.filter(pk__in=rows.values()).update(seen_at=now)
            use = self.model.posts.through
            use.objects.bulk_create(
                [use(linkcheck_id=rows[url], post_id=post) for url, posts in uses.items() for post in posts],
                ignore_conflicts=True,
            )


class LinkCheck(models.Model):
    """A link from published posts to another website, and what came of the last request to it."""

    key = models.CharField(max_length=64, unique=True)  # the SHA-256 of the URL, in hexadecimal
    url = models.TextField()
    posts = models.ManyToManyField("blog.Post", related_name="checked_links")
    seen_at = models.DateTimeField(null=True)  # the scan of all posts that last found it
    checked_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(default=0)  # of HTTP; 0: no answer
    problem = models.CharField(max_length=300, blank=True, default="")  # a sentence, if there was no answer
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    dismissed = models.BooleanField(default=False)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("checked link")
        indexes = [models.Index(fields=["dismissed", "failures", "checked_at"], name="links_to_check")]

    def __str__(self):
        return self.url

    @property
    def host(self):
        return urlsplit(self.url).hostname

    def record(self, status, problem, now, *, failed):
        """Store what came of a request."""
        self.status, self.problem, self.checked_at = status, problem[:300], now
        self.failures = self.failures + 1 if failed else 0
        self.failing_since = (self.failing_since or now) if failed else None
        self.save(update_fields=["status", "problem", "checked_at", "failures", "failing_since"])


def key_of_url(url):
    return hashlib.sha256(url.encode(errors="replace")).hexdigest()
