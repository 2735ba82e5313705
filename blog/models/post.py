import secrets
from datetime import timedelta
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from blog import absolute_urls, callouts, email_html, link_cards, search, track_maps, trash_retention
from blog.markup import mathml
from blog.markup.safe_html import trusted
from blog.models.media import MediaUse
from blog.models.post_address import PostAddress
from blog.models.post_counts import CountedPost, connect_counts
from blog.models.queryset import PostQuerySet
from blog.models.redirect import Redirect
from blog.models.rendering import RENDERED_FROM, RenderedText
from blog.models.revised import RevisedText
from blog.models.revision import Revision
from core import cache_version, languages
from core.languages import validate_tag
from core.own_apps import fill_blocks
from core.site import absolute_url, site
from core.text import shorten, tidy, tidy_line

BACK_DATED = timedelta(days=1)

# The guids of a new blog's first post and page: an import moves them to the trash if nobody has changed them.
FIRST_POST, FIRST_PAGE = "urn:longrun:first-post", "urn:longrun:first-page"

WORDS_A_MINUTE = 230
SEARCHED = {"title", "source", "status", "language"}


def new_guid():
    return f"urn:longrun:{secrets.token_hex(16)}"


class Post(PostAddress, CountedPost, RevisedText, RenderedText):
    """A post or a page. Methods such as `publish`, `revise`, `move_to` and `trash` change it; `save` renders it and
    updates the search index."""

    class Kind(models.TextChoices):
        POST = "post", _("Post")
        PAGE = "page", _("Page")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PENDING = "pending", _("Pending Review")
        PUBLISHED = "published", _("Published")
        TRASH = "trash", _("Trash")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        PASSWORD = "password", _("Password protected")
        PRIVATE = "private", _("Private")

    class Format(models.TextChoices):
        STANDARD = "standard", _("Standard")
        LINK = "link", _("Link")
        QUOTE = "quote", _("Quote")
        NOTE = "note", _("Note")

    kind = models.CharField(max_length=4, choices=Kind, default=Kind.POST)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT)
    trashed_from = models.CharField(max_length=9, blank=True)
    trashed_at = models.DateTimeField(null=True)
    visibility = models.CharField(_("visibility"), max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    password = models.CharField(max_length=128, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=Format, default=Format.STANDARD)
    link_url = models.URLField(_("link"), max_length=1000, blank=True)

    title = models.CharField(_("title"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=languages.MAX_LENGTH, blank=True, validators=[validate_tag])
    slug = models.CharField(_("slug"), max_length=200, blank=True)
    derived_slug = models.CharField(max_length=200, blank=True, default="", editable=False)  # see PostAddress
    path = models.CharField(max_length=1024, unique=True, null=True, editable=False)
    guid = models.CharField(max_length=300, unique=True, default=new_guid, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", verbose_name=_("author"))
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    menu_order = models.IntegerField(_("order"), default=0)
    categories = models.ManyToManyField("blog.Category", related_name="posts", blank=True)
    tags = models.ManyToManyField("blog.Tag", related_name="posts", blank=True)
    series = models.ForeignKey(
        "blog.Series", models.SET_NULL, null=True, blank=True, related_name="posts", verbose_name=_("series")
    )
    series_number = models.PositiveIntegerField(_("part number"), null=True, blank=True)

    source = models.TextField(_("text"), blank=True)
    source_format = models.CharField(max_length=8, default="markdown")
    # Off for texts written before there was an extended syntax, and for imports: their "$" and "==" mean nothing.
    extended_markdown = models.BooleanField(_("extended Markdown"), default=False, db_default=False)
    excerpt = models.TextField(_("excerpt"), blank=True)
    featured = models.ForeignKey(
        "blog.Media",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="featured_in",
        verbose_name=_("featured picture"),
    )

    publish_at = models.DateTimeField(_("date"), null=True, blank=True)
    published_on = models.DateField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    announced_at = models.DateTimeField(null=True, editable=False)
    sticky = models.BooleanField(_("stick to the front page"), default=False)
    comments_open = models.BooleanField(_("allow comments"), default=True)
    contact_form = models.BooleanField(
        _("contact form"),
        default=False,
        db_default=False,
        help_text=_(
            "Readers can send you a message below the text. It is never public: you get it by email and at the desk."
        ),
    )
    was_public = models.BooleanField(default=False, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            # The public lists: these indexes hold every column that the conditions use, so that pages are
            # counted and sliced without reading a post's row.
            models.Index(fields=["kind", "status", "-publish_at", "-id", "visibility", "sticky"], name="post_in_lists"),
            models.Index(
                fields=["kind", "status", "-published_on", "-publish_at", "-id", "visibility"], name="post_in_archives"
            ),
            models.Index(
                fields=["author", "kind", "status", "-publish_at", "-id", "visibility"], name="post_of_author"
            ),
            models.Index(fields=["-publish_at"], condition=models.Q(sticky=True), name="post_sticky"),
            models.Index(fields=["slug"], name="post_slug"),
            models.Index(fields=["language"], condition=models.Q(language__gt=""), name="post_language"),
            # The desk's lists: last edited first, all of a kind or of one status; by date; by title.
            models.Index(fields=["kind", "-updated_at", "-id"], name="post_at_desk"),
            models.Index(fields=["kind", "status", "-updated_at", "-id"], name="post_by_status"),
            models.Index(fields=["author", "kind", "-updated_at", "-id"], name="post_of_author_at_desk"),
            models.Index(fields=["kind", "-publish_at", "-id"], name="post_by_date"),
            models.Index(fields=["kind", "published_on"], name="post_by_month"),
            models.Index(fields=["kind", "title"], name="post_by_title"),
            models.Index(fields=["kind", "id"], condition=~models.Q(render_error=""), name="post_without_html"),
            # The dashboard's lists of published and scheduled posts and pages.
            models.Index(fields=["status", "-publish_at", "-id"], name="post_by_publication"),
            # The sitemap: 1,000 lines without reading a post's row, which is long.
            models.Index(
                fields=["kind", "status", "visibility", "-publish_at", "-id", "path", "updated_at"],
                name="post_in_sitemap",
            ),
        ]

    def __str__(self):
        return self.title or shorten(self.public_summary, 8) or str(_("(no title)"))

    @property
    def public_summary(self):
        """The summary, as far as everybody may read it: empty for password-protected posts."""
        return "" if self.visibility == self.Visibility.PASSWORD else self.summary

    @property
    def open_link(self):
        """The URL of a post of the format Link, or "" if it is protected by a password."""
        is_link = self.format == self.Format.LINK and self.visibility != self.Visibility.PASSWORD
        return self.link_url if is_link else ""

    # What a reader sees

    @property
    def is_public(self):
        """Whether everybody may see it now."""
        return (
            self.status == self.Status.PUBLISHED
            and self.visibility != self.Visibility.PRIVATE
            and self.publish_at is not None
            and self.publish_at <= timezone.now()
        )

    @property
    def changed_at(self):
        """The last change that readers see: the last edit or the publication, whichever is later."""
        return max(self.updated_at, self.publish_at)

    @property
    def is_scheduled(self):
        return self.status == self.Status.PUBLISHED and self.publish_at is not None and self.publish_at > timezone.now()

    @property
    def is_published(self):
        """Whether it is published and its date reached; a private post is published, too, and not public."""
        return self.status == self.Status.PUBLISHED and not self.is_scheduled

    @property
    def takes_messages(self):
        """Whether readers see a contact form below it: only a page may have one."""
        return self.contact_form and self.kind == self.Kind.PAGE and self.is_published

    @property
    def is_open(self):
        """Whether everybody may read it now without a password, as `PostQuerySet.open` selects."""
        return self.is_public and self.visibility == self.Visibility.PUBLIC

    @property
    def display_title(self):
        """The title as readers see it, with WordPress's prefixes "Protected:" and "Private:"."""
        if self.visibility == self.Visibility.PASSWORD:
            return _("Protected: %s") % self
        if self.visibility == self.Visibility.PRIVATE:
            return _("Private: %s") % self
        return str(self)

    @property
    def body(self):
        """The rendered HTML. It was sanitized when it was saved, so it is marked safe here."""
        return trusted(fill_blocks(self.html))

    @property
    def is_listed(self):
        """Whether it appears in public lists: a post, not a page."""
        return self.kind == self.Kind.POST and self.is_public

    @property
    def body_elsewhere(self):
        """The HTML for pages at other URLs, such as lists and previews."""
        return trusted(fill_blocks(self.elsewhere(self.html)))

    @property
    def teaser_elsewhere(self):
        """The part before <!--more--> for pages at other URLs; empty without that marker."""
        return trusted(fill_blocks(self.elsewhere(self.teaser_html)))

    def elsewhere(self, html):
        """The HTML with fragment links (footnotes, headings) completed with this post's path; for a draft, its future
        path."""
        if absolute_urls.stands_alone(html):
            return html
        return absolute_urls.from_elsewhere(html, quote(self.path or self.coming_path()))

    @property
    def feed_body(self):
        """The HTML with absolute URLs, for feeds."""
        return trusted(absolute_urls.in_full(self.for_others(tidy(self.html)), absolute_url(self.get_absolute_url())))

    @property
    def email_body(self):
        """The HTML with absolute URLs and inline styles, for emails."""
        return trusted(email_html.inline_styles(self.for_others(self.html), absolute_url(self.get_absolute_url())))

    def for_others(self, html):
        """The HTML without what feed readers and mail programs do not show."""
        html = callouts.as_quotes(mathml.as_source(fill_blocks(html)))
        return track_maps.as_text(link_cards.as_links(html))

    @cached_property
    def shown_categories(self):
        """Its categories, by name. Pages that print many posts fetch them together (blog.post_queries)."""
        return list(self.categories.all())

    @cached_property
    def shown_tags(self):
        """Its tags, by name."""
        return list(self.tags.all())

    @property
    def language_written(self):
        """The language of its text as a BCP 47 tag: its own, otherwise the blog's."""
        return self.language or languages.canonical(site().language)

    @property
    def direction(self):
        """ "rtl" or "ltr" if the post has a language of its own, otherwise ""."""
        return languages.direction(self.language)

    @property
    def link_host(self):
        return urlsplit(self.link_url).hostname or ""

    @property
    def minutes(self):
        """How long it takes to read: 230 words a minute, as the write page counts them on."""
        return max(1, round(self.words / WORDS_A_MINUTE))

    @property
    def description(self):
        return self.excerpt or self.summary

    def get_absolute_url(self):
        """The quoted permalink; for a draft without a date, the URL of its preview."""
        return quote(self.path) if self.path else f"/?p={self.pk}"

    # What its author does

    @classmethod
    def from_db(cls, *args, **kwargs):
        post = super().from_db(*args, **kwargs)
        post.filed_at = post.__dict__.get("publish_at")
        return post

    def save(self, *args, update_fields=None, **kwargs):
        """Render what changed and update the search index. With `update_fields`, only what these fields affect."""
        if update_fields is None:
            self.get_ready()
            self.was_public = self.was_public or self.is_public
        renders = not self.is_rendered if update_fields is None else RENDERED_FROM & set(update_fields)
        files = update_fields is None or bool(SEARCHED & set(update_fields))
        done = self.prepare() if renders else None  # before the transaction
        if files and self.status != self.Status.TRASH:
            self.prepare_tokens(done)
        with transaction.atomic():
            stored = self.lock_row()
            unseen, counted = self.stays_unseen(stored), self.changed_counts(stored)
            if renders:
                rendered = self.render()
                update_fields = update_fields and {*update_fields, *rendered}
            super().save(*args, update_fields=update_fields, **kwargs)
            if update_fields is None or "html" in update_fields:
                MediaUse.objects.record(self)
            if files:
                search.put_post(self)
            if unseen:
                cache_version.invalidate(cache_version.DESK)
            else:
                cache_version.invalidate(cache_version.POSTS, *counted)

    def get_ready(self):
        """Do the slow parts of a save (rendering, tokens) without a lock. Call it before a transaction that saves the
        post."""
        self.normalize()
        self.prepare_tokens(None if self.is_rendered else self.prepare())

    def normalize(self):
        """The texts as they are stored."""
        self.title, self.source, self.excerpt = tidy_line(self.title), tidy(self.source), tidy(self.excerpt)
        self.language = languages.canonical(self.language)

    def prepare_tokens(self, done):
        """Compute what the search index stores of this rendering; of the stored HTML's text if it is None."""
        self.tokens = search.tokens_of(self, done.plain if done else self.plain, self.tokens)

    def publish(self, at=None, *, by=None, announced=None):
        """Publish now, or at the given time; a later time schedules it. Back-dated posts are not announced.

        A draft that could not be rendered stays a draft.
        """
        self.get_ready()
        if self.lacks_html and self.status != self.Status.PUBLISHED:
            self.save()
            return
        now = timezone.now()
        if self.slug_follows:
            self.slug = ""  # derived from the current title
        self.status = self.Status.PUBLISHED
        self.publish_at = at or self.publish_at or now
        if announced is None:
            announced = self.publish_at < now - BACK_DATED
        if announced and not self.announced_at:
            self.announced_at = now
        with transaction.atomic():
            self.save()
            self.file()
            self.keep_revision(by or self.author, Revision.Kind.PUBLISHED)

    def withdraw(self, status=Status.DRAFT):
        """Back to a draft (or pending review). The post keeps its path for when it is published again."""
        self.was_public = self.was_public or self.is_public
        self.status = status
        self.save()

    def set_password(self, password):
        self.visibility = self.Visibility.PASSWORD
        self.password = make_password(password)

    def opens_with(self, password):
        return bool(self.password) and check_password(password, self.password)

    def trash(self):
        """Move to the trash. Others may take its path; if nobody does, it gets the path back when it is restored."""
        if self.status == self.Status.TRASH:
            return
        with transaction.atomic():
            self.leave(self.path)
            self.trashed_from, self.trashed_at = self.status, timezone.now()
            self.status, self.path, self.sticky = self.Status.TRASH, None, False
            self.save(update_fields=["trashed_from", "trashed_at", "status", "path", "sticky"])

    @property
    def goes_at(self):
        """When it will be deleted permanently."""
        return self.trashed_at and self.trashed_at + trash_retention.KEPT

    def restore(self):
        """Restore it from the trash to its former status. A published post is not announced again."""
        self.get_ready()
        with transaction.atomic():
            self.status, self.trashed_from, self.trashed_at = self.trashed_from or self.Status.DRAFT, "", None
            if self.status == self.Status.PUBLISHED and not (self.is_scheduled or self.announced_at):
                self.announced_at = timezone.now()
            self.save()
            self.file()

    def delete(self, *args, **kwargs):
        """Delete it permanently. Paths that were public answer 410 from now on."""
        with transaction.atomic():
            known = self.path and (self.was_public or self.is_public)
            Redirect.objects.gone(self, *([self.path] if known else []))
            search.drop("post", self.pk)
            stored = self.lock_row()
            cache_version.invalidate(cache_version.POSTS, *self.counts_with(stored and stored["published_on"]))
            return super().delete(*args, **kwargs)


connect_counts(Post)
