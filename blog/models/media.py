import secrets
import shutil
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog import responsive_images, trash_retention
from blog.models.redirect import Redirect
from core import cache_version
from core.text import tidy

# format: (extension, media type). The type comes from what the file is, never from what it was called.
FORMATS = {
    "jpeg": ("jpg", "image/jpeg"),
    "png": ("png", "image/png"),
    "gif": ("gif", "image/gif"),
    "webp": ("webp", "image/webp"),
    "avif": ("avif", "image/avif"),
    "pdf": ("pdf", "application/pdf"),
    "mp3": ("mp3", "audio/mpeg"),
    "m4a": ("m4a", "audio/mp4"),
    "mp4": ("mp4", "video/mp4"),
    "gpx": ("gpx", "application/gpx+xml"),
}


def unguessable():
    return secrets.token_hex(16)


class MediaQuerySet(models.QuerySet):
    def pictures(self):
        return self.filter(kind=Media.Kind.PICTURE)

    def kept(self):
        """The library, without its trash. Posts go on showing what lies there until it is deleted for good."""
        return self.filter(trashed_at=None)

    def matching(self, words):
        """Whose name or description holds the words."""
        said = models.Q(title__icontains=words) | models.Q(alt__icontains=words) | models.Q(caption__icontains=words)
        return self.filter(said) if words else self

    def unused(self):
        return self.filter(uses=None, featured_in=None)

    def trashed(self):
        return self.exclude(trashed_at=None)

    def outstayed(self, now):
        """What has been in the trash for too long."""
        return self.filter(trashed_at__lt=now - trash_retention.KEPT)

    def public(self):
        """Files that a post shows which the whole world may read, and the picture at the head of every page."""
        from blog.models.post import Post
        from blog.models.reading_settings import ReadingSettings

        head = models.Q(pk__in=ReadingSettings.objects.exclude(header_picture=None).values("header_picture"))
        posts = Post.objects.open()
        return self.filter(models.Q(uses__post__in=posts) | models.Q(featured_in__in=posts) | head).distinct()

    def visible_to(self, user):
        """Files that this person brought, and those that a post uses which they may see; all for whoever edits all.

        To name a file in a post of one's own opens nothing: `MediaUse.objects.record` writes down only what whoever
        saved the post could see before.
        """
        from blog.models.post import Post

        if user.has_perm("blog.edit_others"):
            return self.all()
        seen = self.shown_by(Post.objects.visible_to(user).filter(visibility__in=["public", "private"]))
        if not user.is_authenticated:
            return seen
        own = Post.objects.editable_by(user)
        mine = models.Q(by=user) | models.Q(uses__post__in=own) | models.Q(featured_in__in=own)
        return self.filter(models.Q(pk__in=seen.values("pk")) | mine).distinct()

    def usable_in(self, post):
        """Files that may be shown in a post: those it shows already, and those that whoever saves it may see."""
        user = post.acting or (post.author if post.author_id else None)
        if user is None:  # a pattern that is rendered and never saved
            return self.none()
        if user.has_perm("blog.edit_others"):
            return self.all()
        usable = models.Q(pk__in=self.visible_to(user).values("pk"))
        return self.filter(usable | models.Q(uses__post=post.pk) if post.pk else usable).distinct()

    def shown_by(self, posts):
        return self.filter(models.Q(uses__post__in=posts) | models.Q(featured_in__in=posts)).distinct()

    def shown_in(self, html):
        """The pictures whose addresses stand in `html`, by name; no query where there are none."""
        names = responsive_images.names_in(html)
        return {media.name: media for media in self.pictures().filter(name__in=names)} if names else {}


class Media(models.Model):
    """A file the author brought: a picture in several widths, or a document served as it came.

    The address holds 128 random bits (`name`), so that nobody finds by counting what no post shows yet. On the disk
    the files are called by what they are ("full.jpg", "480.webp"): a name that somebody typed never gets there.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        DOCUMENT = "document", _("Document")

    name = models.CharField(max_length=32, unique=True, default=unguessable, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(_("file name"), max_length=200)
    file_name = models.CharField(max_length=220, editable=False)
    format = models.CharField(max_length=10, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    widths = models.JSONField(default=list, editable=False)
    alt = models.CharField(_("alternative text"), max_length=500, blank=True)
    caption = models.CharField(_("caption"), max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True, editable=False)
    upload_key = models.CharField(max_length=32, default="", blank=True, editable=False)  # of the browser it came from

    told = ""  # what the person who brings it should know of what became of it

    objects = MediaQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("file")
        verbose_name_plural = _("media")
        constraints = [
            models.UniqueConstraint(
                fields=["by", "upload_key"], condition=~models.Q(upload_key=""), name="file_uploaded_once"
            )
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        was_there = not self._state.adding  # a new one is shown nowhere yet
        self.alt, self.caption = tidy(self.alt).strip()[:500], tidy(self.caption).strip()[:1000]
        with transaction.atomic():
            super().save(*args, **kwargs)
            if was_there:
                cache_version.invalidate()

    @property
    def is_picture(self):
        return self.kind == self.Kind.PICTURE

    @property
    def folder(self):
        return Path(settings.MEDIA_ROOT, self.name[:2], self.name)

    @property
    def full(self):
        """What the whole file is called in its folder."""
        return f"full.{FORMATS[self.format][0]}"

    def narrow_name(self, width):
        return f"{self.file_name.rpartition('.')[0]}-{width}.webp"

    def stored(self, file):
        """(path on the disk, media type) of a file by the last part of its address, or None."""
        if file == self.file_name:
            return self.folder / self.full, FORMATS[self.format][1]
        for width in self.widths:
            if file == self.narrow_name(width):
                return self.folder / f"{width}.webp", "image/webp"
        return None

    def get_absolute_url(self):
        return reverse("media", args=[self.name, self.file_name])

    @property
    def srcset(self):
        """The WebP widths, as <source> wants them."""
        addresses = ((reverse("media", args=[self.name, self.narrow_name(width)]), width) for width in self.widths)
        return ", ".join(f"{address} {width}w" for address, width in addresses)

    @property
    def small_url(self):
        """The address of the narrowest picture, for lists on the desk."""
        return reverse("media", args=[self.name, self.narrow_name(self.widths[0])])

    @property
    def markdown(self):
        """What one writes into a post to show it."""
        words = (self.alt if self.is_picture else self.title).replace("[", "(").replace("]", ")")
        caption = self.caption.replace('"', "”") if self.is_picture else ""
        title = f' "{caption}"' if caption else ""
        return f"{'!' if self.is_picture else ''}[{words}]({self.get_absolute_url()}{title})"

    def is_shown_by_others(self, user):
        """Whether posts of other people show it."""
        return self.posts().exclude(author=user).exists()

    def posts(self):
        """The posts that show it, also those in the trash."""
        from blog.models.post import Post

        return Post.objects.filter(models.Q(media_uses__media=self) | models.Q(featured=self)).distinct()

    def posts_for(self, user):
        """Those of them that this person may know of."""
        from blog.models.post import Post

        posts = Post.objects
        known = models.Q(pk__in=posts.visible_to(user).values("pk")) | models.Q(
            pk__in=posts.editable_by(user).values("pk")
        )
        return self.posts().filter(known)

    def show_again(self):
        """Renders the posts that show it: they print its alternative text where they say none themselves. Each is
        read right before: a text that somebody saves meanwhile stays."""
        for pk in self.posts().values_list("pk", flat=True):
            if post := self.posts().model.objects.filter(pk=pk).first():
                post.rerender()

    def take_over(self, new, *, same_address):
        """Becomes what `new`, stored and not saved, is; wants a transaction. Its files move, or the address does."""
        before, folder = self.get_absolute_url(), self.folder
        public = type(self).objects.public().filter(pk=self.pk).exists()
        for name in ("format", "size", "width", "height", "widths", "told"):
            setattr(self, name, getattr(new, name))
        if not same_address:
            self.name, self.file_name = new.name, new.file_name
        self.save()
        if same_address:
            aside = folder.with_name(f".{folder.name}.old")
            folder.replace(aside)
            new.folder.replace(folder)
            folder = aside
        else:
            Redirect.keep(before, self, public=public)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))

    def follow(self, before):
        """Renders the posts that show it, whose text still has its former address."""
        moved = {before: self.get_absolute_url(), unquote(before): self.get_absolute_url()}
        for pk in self.posts().values_list("pk", flat=True):
            posts = self.posts().model.objects
            before_lock = posts.get(pk=pk)
            before_lock.source = replaced(before_lock.source, moved)
            before_lock.prepare()
            with transaction.atomic():
                post = posts.select_for_update().get(pk=pk)
                post.source, post.prepared = replaced(post.source, moved), before_lock.prepared
                post.save(update_fields=["source"])

    def trash(self):
        self.trashed_at = timezone.now()
        self.save(update_fields=["trashed_at"])

    def restore(self):
        self.trashed_at = None
        self.save(update_fields=["trashed_at"])

    @property
    def goes_at(self):
        """When the trash lets it go for good."""
        return self.trashed_at and self.trashed_at + trash_retention.KEPT

    def delete(self, *args, **kwargs):
        """For good, with its files. Where it was public its address answers 410 from now on."""
        with transaction.atomic():
            if type(self).objects.public().filter(pk=self.pk).exists():
                Redirect.objects.gone(self, self.get_absolute_url())
            folder = self.folder
            transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
            cache_version.invalidate()  # a header picture or a featured one is seen although the file is in the trash
            return super().delete(*args, **kwargs)


class MediaUseQuerySet(models.QuerySet):
    def record(self, post):
        """Remembers which files the HTML of a saved post leads to, as far as they may be shown in it."""
        uses = self.filter(post=post)
        names = responsive_images.names_in(post.html)
        if not names:
            uses.delete()
            return
        wanted = set(Media.objects.usable_in(post).filter(name__in=names).values_list("pk", flat=True))
        known = set(uses.values_list("media_id", flat=True))
        if known - wanted:
            uses.exclude(media__in=wanted).delete()
        self.bulk_create([MediaUse(media_id=pk, post=post) for pk in wanted - known], ignore_conflicts=True)


class MediaUse(models.Model):
    """Which post shows which file; written when the post is saved."""

    media = models.ForeignKey(Media, models.CASCADE, related_name="uses")
    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="media_uses")

    objects = MediaUseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["media", "post"], name="one_use_a_post")]


def replaced(text, changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    return text
