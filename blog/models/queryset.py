"""Queries for posts, and what is done to many posts at once."""

from django.db import models, transaction
from django.utils import timezone

from blog import markup, trash_retention
from core import cache_version

# What pages print of a post: `defer` and `select_related` of their queries.
FOR_PAGES = {"defer": ("source", "plain"), "select_related": ("author", "featured")}


class EmptyText(models.Expression):
    """The empty string in the SQL itself: SQLite uses a partial index only for a condition without a parameter."""

    output_field = models.CharField()

    def as_sql(self, compiler, connection):
        return "''", []


class PostQuerySet(models.QuerySet):
    def published(self, now=None):
        """What everybody may see at `now`: published, its date reached, not private."""
        return self.filter(self.is_published_at(timezone.now() if now is None else now))

    def is_published_at(self, now):
        seen = models.Q(status=self.model.Status.PUBLISHED, publish_at__lte=now)
        return seen & ~models.Q(visibility=self.model.Visibility.PRIVATE)

    def open(self, now=None):
        """Published and readable without a password: what feeds, search, the sitemap and previews may quote."""
        return self.published(now).filter(visibility=self.model.Visibility.PUBLIC)

    def visible_to(self, user):
        """What this user may read at its URL: all published posts, their own, and what their role allows."""
        if user.has_perm("blog.read_others"):
            return self.exclude(status=self.model.Status.TRASH)
        seen = self.published()
        if user.is_authenticated:
            seen = seen | self.filter(author=user).exclude(status=self.model.Status.TRASH)
        return seen

    def editable_by(self, user):
        if user.has_perm("blog.edit_others"):
            return self.all()
        return self.filter(author=user) if user.has_perm("blog.write") else self.none()

    def prepared(self):
        """{pk: post} of posts that an older version rendered. Call it before the transaction that saves them."""
        made = {}
        for post in self.exclude(html_version=markup.VERSION, render_error=""):
            post.get_ready()
            made[post.pk] = post
        return made

    def posts(self):
        return self.filter(kind=self.model.Kind.POST)

    def pages(self):
        return self.filter(kind=self.model.Kind.PAGE)

    def listed(self):
        """The posts (not pages) of the home page, archives and previous/next links, as everybody sees them."""
        return self.posts().published()

    def unlisted(self):
        """All others: usually few, so that what is listed is counted by subtracting them. Each kind of them is named by
        the first columns of an index, which finds it without reading the listed ones."""
        status, post = self.model.Status, models.Q(kind=self.model.Kind.POST)
        published = post & models.Q(status=status.PUBLISHED)
        return self.filter(
            models.Q(kind=self.model.Kind.PAGE)
            | post & models.Q(status__in=[status.DRAFT, status.PENDING, status.TRASH])
            | published & models.Q(publish_at__gt=timezone.now())
            | published & models.Q(publish_at=None)
            | published & models.Q(visibility=self.model.Visibility.PRIVATE)
        )

    def in_categories(self, categories):
        """Those filed under any of these categories: a queryset of them, or their pks."""
        filed = self.model.categories.through.objects.filter(category__in=categories)
        return self.filter(pk__in=filed.values("post"))

    def newest_first(self):
        return self.order_by("-publish_at", "-pk")

    def for_pages(self):
        """With author and featured picture, without the source and plain text."""
        return self.defer(*FOR_PAGES["defer"]).select_related(*FOR_PAGES["select_related"])

    def for_lists(self):
        """With everything that an entry in a list prints."""
        return self.for_pages().prefetch_related("categories", "tags")

    def drafts(self):
        status = [self.model.Status.DRAFT, self.model.Status.PENDING]
        return self.filter(kind__in=self.model.Kind.values, status__in=status)  # with the kinds, by an index

    def scheduled(self):
        return self.filter(status=self.model.Status.PUBLISHED, publish_at__gt=timezone.now())

    def trashed(self):
        """With the kinds, the index of the desk's lists finds them."""
        return self.filter(kind__in=self.model.Kind.values, status=self.model.Status.TRASH)

    def expired_in_trash(self, now):
        """What has been in the trash longer than `trash_retention.KEPT`."""
        return self.trashed().filter(trashed_at__lt=now - trash_retention.KEPT)

    def status_filters(self):
        """{name: condition} of the desk's status filters. "all" leaves out the trash and overlaps with the others."""
        status, now = self.model.Status, timezone.now()
        return {
            "all": ~models.Q(status=status.TRASH),
            "published": models.Q(status=status.PUBLISHED, publish_at__lte=now),
            "draft": models.Q(status=status.DRAFT),
            "scheduled": models.Q(status=status.PUBLISHED, publish_at__gt=now),
            "pending": models.Q(status=status.PENDING),
            "trash": models.Q(status=status.TRASH),
        }

    def in_status_filter(self, name):
        return self.filter(self.status_filters()[name])

    def count_by_status_filter(self):
        """{name: number of posts} for each status filter, in one query; without further conditions it reads only an
        index."""
        status, later = self.model.Status, models.Q(publish_at__gt=timezone.now())
        rows = (
            self.order_by()
            .values_list("status")
            .annotate(all=models.Count("pk"), later=models.Count("pk", filter=later))
        )
        counts = {state: (count, later) for state, count, later in rows}
        published, scheduled = counts.get(status.PUBLISHED, (0, 0))
        trash, draft, pending = (counts.get(state, (0, 0))[0] for state in (status.TRASH, status.DRAFT, status.PENDING))
        return {
            "all": published + draft + pending,
            "published": published - scheduled,
            "draft": draft,
            "scheduled": scheduled,
            "pending": pending,
            "trash": trash,
        }

    def for_desk(self):
        """With everything that a row on the desk prints, last edited first, without the long texts."""
        texts = ("source", "plain", "html", "teaser_html")
        return self.defer(*texts).select_related("author", "series").order_by("-updated_at", "-pk")

    def with_former_page(self):
        """Posts that show HTML of an earlier version, because rendering failed or would lose content."""
        return self.exclude(render_error=EmptyText()).defer("source", "plain", "html", "teaser_html").order_by("pk")

    def waiting_for_html(self):
        """Posts whose text was saved but not rendered, because too many others were being rendered."""
        return self.exclude(render_error=EmptyText()).filter(render_error=self.model.Trouble.BUSY).order_by("pk")

    def titled(self, words):
        return self.filter(title__icontains=words)

    def to_announce(self):
        """Public posts that have not been announced yet."""
        return self.posts().open().filter(announced_at=None)

    def count_dated(self):
        """The number of posts outside the trash that have a path: all without the few that have none, by indexes."""
        kept = self.posts().in_status_filter("all")
        without = kept.filter(path=None).order_by("path")
        return kept.count() - without.count()

    def update_paths(self):
        """Move every dated post to the path that the current permalink structure gives it; returns how many moved.

        The former paths become redirects. Runs in one transaction, with about three statements for each post that
        moves.
        """
        moved = 0
        with transaction.atomic():
            for post in (
                self.exclude(path=None).exclude(status=self.model.Status.TRASH).posts().defer("source", "plain", "html")
            ):
                before = post.path
                post.file()
                moved += post.path != before
            cache_version.invalidate(cache_version.EVERYTHING)
        return moved

    def next_change(self):
        """The time at which the next scheduled post becomes public, or None."""
        scheduled = self.scheduled().filter(kind__in=self.model.Kind.values)  # with every kind named, an index finds it
        return scheduled.aggregate(moment=models.Min("publish_at"))["moment"]
