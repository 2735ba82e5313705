import secrets
from functools import partial
from urllib.parse import unquote

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog import responsive_images, trash_retention
from blog.models.redirect import Redirect
from blog.recording_players import FILMS
from blog.track_figures import TRACK_FOR_READERS
from core import cache_version
from core.media_storage import delete_folder_now_or_later, media_storage
from core.text import tidy

# format: (extension, media type). The format comes from the file's content, never from its name.
NARROW = 480  # the narrowest WebP width of a picture that is not narrower itself
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
    "m4v": ("m4v", "video/mp4"),
    "mov": ("mov", "video/mp4"),  # the same container, and by this type browsers play it
    "webm": ("webm", "video/webm"),
    "gpx": ("gpx", "application/gpx+xml"),
}
MIDDLE = 50  # percent
FOCUS_STEP = 5  # percent; `static/css/focus-points/` has a class for each step


def unguessable():
    return secrets.token_hex(16)


class MediaQuerySet(models.QuerySet):
    def pictures(self):
        return self.filter(kind=Media.Kind.PICTURE)

    def kept(self):
        """The library without its trash. Posts show trashed files until these are deleted permanently."""
        return self.filter(trashed_at=None)

    def matching(self, words):
        """Files whose title, alternative text or caption contains `words`."""
        said = models.Q(title__icontains=words) | models.Q(alt__icontains=words) | models.Q(caption__icontains=words)
        return self.filter(said) if words else self

    def off_middle(self):
        """Files whose focus point is not the middle."""
        return self.exclude(focus_x=MIDDLE, focus_y=MIDDLE)

    def unused(self):
        return self.filter(uses=None, featured_in=None, podcasts=None)

    def trashed(self):
        return self.exclude(trashed_at=None)

    def expired_in_trash(self, now):
        """What has been in the trash longer than `trash_retention.KEPT`."""
        return self.filter(trashed_at__lt=now - trash_retention.KEPT)

    def public(self):
        """Files of a post that everybody may read, those around every page, and the covers of podcasts."""
        from blog.models.post import Post
        from blog.models.reading_settings import ReadingSettings

        around = models.Q(podcasts__isnull=False)
        for name in ReadingSettings.PICTURES:
            around |= models.Q(pk__in=ReadingSettings.objects.exclude(**{name: None}).values(name))
        posts = Post.objects.open()
        return self.filter(models.Q(uses__post__in=posts) | models.Q(featured_in__in=posts) | around).distinct()

    def visible_to(self, user):
        """Files that this user uploaded, and those of posts that they may see; all files for users who may edit all
        posts.

        Naming a file in one's own post does not grant access: `MediaUse.objects.record` stores only the files that the
        user who saved the post could see before.
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
        """Files that may be shown in a post: those it shows already, and those that the user who saves it may see."""
        user = post.acting or (post.author if post.author_id else None)
        if user is None:  # a post that is rendered and never saved
            return self.none()
        if user.has_perm("blog.edit_others"):
            return self.all()
        usable = models.Q(pk__in=self.visible_to(user).values("pk"))
        return self.filter(usable | models.Q(uses__post=post.pk) if post.pk else usable).distinct()

    def shown_by(self, posts):
        return self.filter(models.Q(uses__post__in=posts) | models.Q(featured_in__in=posts)).distinct()

    def shown_in(self, html):
        """{name: file} of the files whose URLs occur in `html`; no query if there are none."""
        names = responsive_images.names_in(html)
        return {media.name: media for media in self.filter(name__in=names)} if names else {}


class Media(models.Model):
    """An uploaded file: a picture in several widths, or a document served unchanged.

    Its URL contains 128 random bits (`name`), so that unpublished files cannot be found by guessing. File names on disk
    are fixed ("full.jpg", "480.webp"): a name that somebody typed never becomes a path.
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
    seconds = models.PositiveIntegerField(null=True, editable=False)  # of a sound or film, where it is known
    # Of a film that has a poster: 8 hexadecimal digits of its hash, in its name, so that another one has another URL.
    poster = models.CharField(max_length=8, default="", db_default="", blank=True, editable=False)
    alt = models.CharField(_("alternative text"), max_length=500, blank=True)
    decorative = models.BooleanField(_("decorative"), default=False, db_default=False)  # its `alt` is empty on purpose
    caption = models.CharField(_("caption"), max_length=1000, blank=True)
    # The focus point, in percent from the left and from the top: what stays in sight where a picture is cropped.
    # The writer wants none: no browser takes a frame of it by itself again.
    poster_removed = models.BooleanField(default=False, db_default=False, editable=False)
    focus_x = models.PositiveSmallIntegerField(
        _("focus, from the left"), default=MIDDLE, db_default=MIDDLE, validators=[MaxValueValidator(100)]
    )
    focus_y = models.PositiveSmallIntegerField(
        _("focus, from the top"), default=MIDDLE, db_default=MIDDLE, validators=[MaxValueValidator(100)]
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True, editable=False)
    upload_key = models.CharField(max_length=32, default="", blank=True, editable=False)  # made by the browser

    upload_format = ""  # of the file as it was uploaded
    upload_notice = ""  # what to tell the user about changes that the upload made to the file

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
        was_there = not self._state.adding  # no page shows a new file yet
        self.alt, self.caption = tidy(self.alt).strip()[:500], tidy(self.caption).strip()[:1000]
        with transaction.atomic():
            super().save(*args, **kwargs)
            if was_there:
                cache_version.invalidate(cache_version.SITE)

    @property
    def is_picture(self):
        return self.kind == self.Kind.PICTURE

    @property
    def is_film(self):
        return self.format in FILMS

    @property
    def folder(self):
        """The folder of its files in the storage of media."""
        return f"{self.name[:2]}/{self.name}"

    @property
    def full(self):
        """The name of the original-size file in its folder."""
        return f"full.{FORMATS[self.format][0]}"

    @property
    def full_for_readers(self):
        """The same, of what readers may have: of a track it is another file, from which the home zone is cut out."""
        return TRACK_FOR_READERS if self.format == "gpx" else self.full

    def narrow_name(self, width):
        return f"{self.file_name.rpartition('.')[0]}-{width}.webp"

    @property
    def lacks_poster(self):
        """Whether a browser is to take a frame of it: a film without a poster, unless its poster was removed."""
        return self.is_film and not self.poster and not self.poster_removed

    @property
    def poster_file(self):
        """The name of the poster in its folder."""
        return f"poster-{self.poster}.webp"

    @property
    def poster_name(self):
        """The name of the poster in its URL."""
        return f"{self.file_name.rpartition('.')[0]}-{self.poster_file}"

    @property
    def poster_url(self):
        return reverse("media", args=[self.name, self.poster_name]) if self.poster else ""

    @property
    def kept_files(self):
        """The names of all files in its folder that its row names."""
        return [self.full, *(f"{width}.webp" for width in self.widths), *([self.poster_file] if self.poster else [])]

    def stored(self, file):
        """(name in the storage of media, media type) of the file with this name in the URL, or None."""
        if file == self.file_name:
            return f"{self.folder}/{self.full_for_readers}", FORMATS[self.format][1]
        if self.poster and file == self.poster_name:
            return f"{self.folder}/{self.poster_file}", "image/webp"
        for width in self.widths:
            # The write page asks for the narrowest without knowing how wide the picture is.
            if file == self.narrow_name(width) or (width < NARROW and file == self.narrow_name(NARROW)):
                return f"{self.folder}/{width}.webp", "image/webp"
        return None

    def get_absolute_url(self):
        return reverse("media", args=[self.name, self.file_name])

    @property
    def srcset(self):
        """The WebP widths as a `srcset` attribute."""
        addresses = ((reverse("media", args=[self.name, self.narrow_name(width)]), width) for width in self.widths)
        return ", ".join(f"{address} {width}w" for address, width in addresses)

    @property
    def small_url(self):
        """The URL of the narrowest picture, for lists on the desk: its own without narrower ones."""
        if not self.widths:
            return self.get_absolute_url()
        return reverse("media", args=[self.name, self.narrow_name(self.widths[0])])

    @property
    def focus_class(self):
        """The classes that crop it around its focus point; "" for the middle."""
        sides = (("x", self.focus_x), ("y", self.focus_y))
        steps = ((side, FOCUS_STEP * round(percent / FOCUS_STEP)) for side, percent in sides)
        return " ".join(f"focus-{side}{step}" for side, step in steps if step != MIDDLE)

    @property
    def markdown(self):
        """The Markdown that shows the file in a post."""
        words = (self.alt if self.is_picture else self.title).replace("[", "(").replace("]", ")")
        caption = self.caption.replace('"', "”") if self.is_picture else ""
        title = f' "{caption}"' if caption else ""
        return f"{'!' if self.is_picture else ''}[{words}]({self.get_absolute_url()}{title})"

    def is_shown_by_others(self, user):
        """Whether posts of other authors show it."""
        return self.posts().exclude(author=user).exists()

    def posts(self):
        """The posts that show it, including those in the trash."""
        from blog.models.post import Post

        return Post.objects.filter(models.Q(media_uses__media=self) | models.Q(featured=self)).distinct()

    def posts_for(self, user):
        """The posts that show it and that this user may see or edit."""
        from blog.models.post import Post

        posts = Post.objects
        known = models.Q(pk__in=posts.visible_to(user).values("pk")) | models.Q(
            pk__in=posts.editable_by(user).values("pk")
        )
        return self.posts().filter(known)

    def queue_post_updates(self):
        """Render the posts that show it again, because they print its alternative text where they give none. Each post
        is read just before, so that a concurrent save is not overwritten."""
        for pk in self.posts().values_list("pk", flat=True):
            if post := self.posts().model.objects.filter(pk=pk).first():
                post.rerender()

    def take_over(self, new, *, same_address):
        """Replace the file with `new`, whose files are stored but whose row is not saved. Call it in a transaction.

        With `same_address` the new files take this one's folder and URL; otherwise the URL changes and the old one
        redirects.
        """
        before, folder = self.get_absolute_url(), self.folder
        public = type(self).objects.public().filter(pk=self.pk).exists()
        for name in (
            "format",
            "size",
            "width",
            "height",
            "widths",
            "seconds",
            "poster",
            "poster_removed",
            "upload_notice",
        ):
            setattr(self, name, getattr(new, name))
        if not same_address:
            self.name, self.file_name = new.name, new.file_name
        self.save()
        if same_address:
            clean = media_storage().replace_folder(folder, new.folder)
        else:
            Redirect.keep(before, self, public=public)
            clean = partial(delete_folder_now_or_later, folder)
        transaction.on_commit(clean, robust=True)

    def follow(self, before):
        """Replace its former URL `before` in the posts that show it, and render them."""
        moved = {before: self.get_absolute_url(), unquote(before): self.get_absolute_url()}
        for pk in self.posts().values_list("pk", flat=True):
            posts = self.posts().model.objects
            before_lock = posts.get(pk=pk)
            before_lock.source = replaced(before_lock.source, moved)
            before_lock.prepare_tokens(before_lock.prepare())
            with transaction.atomic():
                post = posts.select_for_update().get(pk=pk)
                post.source = replaced(post.source, moved)
                post.reuse(before_lock)
                post.save(update_fields=["source"])

    def trash(self):
        self.trashed_at = timezone.now()
        self.save(update_fields=["trashed_at"])

    def restore(self):
        self.trashed_at = None
        self.save(update_fields=["trashed_at"])

    @property
    def goes_at(self):
        """When it will be deleted permanently."""
        return self.trashed_at and self.trashed_at + trash_retention.KEPT

    def delete(self, *args, **kwargs):
        """Delete it permanently, with its files. If it was public, its URL answers 410 from now on."""
        with transaction.atomic():
            if type(self).objects.public().filter(pk=self.pk).exists():
                Redirect.objects.gone(self, self.get_absolute_url())
            folder = self.folder
            transaction.on_commit(lambda: delete_folder_now_or_later(folder))
            cache_version.invalidate(
                cache_version.SITE
            )  # header and featured pictures are shown even while the file is in the trash
            return super().delete(*args, **kwargs)


class MediaUseQuerySet(models.QuerySet):
    def record(self, post):
        """Store which files the HTML of a saved post shows, limited to those that may be shown in it."""
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
