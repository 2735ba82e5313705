"""Categories that are podcasts: what their feeds say of them to Apple Podcasts and the Podcast Index."""

import uuid
from typing import Any

from django.db import models, transaction

from core import cache_version, languages
from core.languages import validate_tag
from core.site import absolute_url
from core.text import tidy, tidy_line

# Of podcast:guid, by the definition of the Podcast Index: a UUIDv5 of the feed's first address.
NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
COVER_FORMATS = ("jpeg", "png")
COVER_SIDES = (1400, 3000)  # pixels, of a square


class Podcast(models.Model):
    """Makes a category a podcast, whose episodes are its public posts with a recording of one's own."""

    category = models.OneToOneField("blog.Category", models.CASCADE, related_name="podcast")
    title = models.CharField("title", max_length=200)
    description = models.TextField("description", max_length=4000)
    author = models.CharField("author", max_length=200)
    email = models.EmailField("email address of the owner", blank=True)
    cover = models.ForeignKey("blog.Media", models.SET_NULL, null=True, related_name="podcasts", verbose_name="cover")
    language = models.CharField("language", max_length=languages.MAX_LENGTH, validators=[validate_tag])
    apple_category = models.CharField("category at Apple Podcasts", max_length=100)
    explicit = models.BooleanField("explicit content", default=False)
    serial = models.BooleanField("serial: to be heard from the first episode on", default=False)
    locked = models.BooleanField("other hosts may not import this podcast", default=True)
    guid = models.CharField(max_length=36, editable=False)  # stays, whatever happens to the address

    def __str__(self):
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title, self.author = tidy_line(self.title), tidy_line(self.author)
        self.description, self.language = tidy(self.description).strip(), languages.canonical(self.language)
        if not self.guid:
            self.guid = str(uuid.uuid5(NAMESPACE, self.feed_url.partition("://")[2].rstrip("/")))
        with transaction.atomic():
            super().save(*args, **kwargs)
            cache_version.invalidate(cache_version.SITE)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            cache_version.invalidate(cache_version.SITE)
            return super().delete(*args, **kwargs)

    @property
    def feed_path(self):
        return f"{self.category.get_absolute_url()}feed/podcast/"

    @property
    def feed_url(self):
        return absolute_url(self.feed_path)
