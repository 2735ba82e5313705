import re
import unicodedata
from functools import cache, lru_cache
from urllib.parse import quote, unquote

from django.conf import settings
from django.db import models

from core.written_queries import PreparedModels, parameter_values, parameters

PASTED = " \u00a0\u200b.,;:!)]}>'\"\u201d\u2019\u00bb\u2026"  # punctuation copied along with a URL


@cache
def redirects_of(number):
    """The query for the redirects of so many keys: each path that does not exist asks it."""
    return PreparedModels(lambda: Redirect.objects.order_by().filter(key__in=parameters(number, models.CharField())))


@lru_cache(maxsize=64)  # one path is asked several times while a request lasts
def key_of(path):
    """The normalized form of a path, by which redirects are stored: unquoted, NFC, lower case, without a trailing slash
    or trailing punctuation."""
    path = unicodedata.normalize("NFC", unquote(path)).lower()
    path = re.sub(r"/{2,}", "/", path).rstrip(PASTED).rstrip("/").rstrip(PASTED)
    return "/" + path.lstrip("/")


class RedirectQuerySet(models.QuerySet):
    def at(self, path):
        key = key_of(path)
        return self.filter(key=key).first() if len(key) <= 1024 and "\x00" not in key else None

    def at_all(self, paths):
        """{key: redirect} of those that stand at one of these paths."""
        keys = {key for key in map(key_of, paths) if len(key) <= 1024 and "\x00" not in key}
        return {row.key: row for row in redirects_of(len(keys))(**parameter_values(keys))} if keys else {}

    def gone(self, thing, *paths):
        """Make every public path of an object that is about to be deleted answer 410 (Gone)."""
        kind = Redirect.kind_of(thing)
        self.filter(**{kind: thing}, was_public=True).update(**{kind: None})
        nowhere = {"was_public": True, "target": ""} | dict.fromkeys(Redirect.KINDS)
        for path in paths:
            self.update_or_create(key=key_of(path), defaults=nowhere)

    def with_things(self):
        return self.select_related(*Redirect.KINDS).defer("post__source", "post__html", "post__plain")

    def matching(self, words):
        return self.filter(key__icontains=words) if words else self


class Redirect(models.Model):
    """A former path and what it leads to. Looked up only when no page has the path today, so an existing page always
    wins.

    It leads to an object, wherever that moves; or to `target`, if the redirect was added by hand; or, with neither, to
    a 410 response.
    """

    KINDS = ("post", "category", "tag", "author", "media", "series")

    key = models.CharField(max_length=1024, unique=True)
    post = models.ForeignKey("blog.Post", models.CASCADE, null=True, related_name="redirects")
    category = models.ForeignKey("blog.Category", models.CASCADE, null=True, related_name="redirects")
    tag = models.ForeignKey("blog.Tag", models.CASCADE, null=True, related_name="redirects")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    media = models.ForeignKey("blog.Media", models.CASCADE, null=True, related_name="redirects")
    series = models.ForeignKey("blog.Series", models.CASCADE, null=True, related_name="redirects")
    target = models.CharField(max_length=1024, blank=True)  # a path of this blog, where no object is set
    was_public = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RedirectQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.key

    @classmethod
    def kind_of(cls, thing):
        name = thing._meta.model_name
        return "author" if name == "user" else name

    @classmethod
    def keep(cls, path, thing=None, *, public, target=""):
        """Redirect `path` to `thing`, or to `target`. A path that was public once keeps `was_public`."""
        key = key_of(path)
        if len(key) > 1024:
            return
        row = cls.objects.filter(key=key).first() or cls(key=key)
        for kind in cls.KINDS:
            setattr(row, kind, None)
        if thing:
            setattr(row, cls.kind_of(thing), thing)
        row.target = target
        row.was_public = row.was_public or public
        row.save()

    @classmethod
    def forget(cls, path):
        """Delete the redirect of `path`, because a page has this path again."""
        cls.objects.filter(key=key_of(path)).delete()

    @property
    def thing(self):
        return self.post or self.category or self.tag or self.author or self.media or self.series

    def leads_to(self, user):
        """The path of the target as this user may see it, or None. Redirecting to a private post would leak its
        title."""
        if self.post_id:
            post = type(self.post)._default_manager.visible_to(user).filter(pk=self.post_id).first()
            return quote(post.path) if post and post.path else None
        return self.thing.get_absolute_url() if self.thing else quote(self.target, safe="/?=&#%:+,;@!~") or None
