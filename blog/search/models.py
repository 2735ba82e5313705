"""The rows of the index: one for each post, page or comment that can be found."""

from django.db import models

from blog.search.tokens import INDEX_VERSION


def index_version():
    """By which tokens a new entry is filed."""
    return INDEX_VERSION


class SearchEntryQuerySet(models.QuerySet):
    @property
    def post_model(self):
        """Post, which this module cannot import: a post files itself in the index when it is saved."""
        return self.model._meta.get_field("post").related_model

    def visible_to(self, user):
        """What hangs on a post that this visitor may read now, without a password."""
        Post = self.post_model
        if not user.is_authenticated:
            seen = Post.objects.open()
        else:
            seen = Post.objects.visible_to(user).filter(status=Post.Status.PUBLISHED)
            if not user.has_perm("blog.read_others"):
                seen = seen & (Post.objects.published() | Post.objects.filter(visibility=Post.Visibility.PRIVATE))
            seen = seen.exclude(visibility=Post.Visibility.PASSWORD)
        # Asked of each entry that was found, and not of each post that there is.
        return self.filter(models.Exists(seen.filter(pk=models.OuterRef("post"))))

    def languages(self):
        """The languages that posts name as their own."""
        return self.post_model.objects.filter(language__gt="").order_by().values_list("language", flat=True).distinct()


class SearchEntry(models.Model):
    """A thing that may be found, and the post by which one may find it. The words themselves are in the index."""

    kind = models.CharField(max_length=10)
    thing = models.BigIntegerField()
    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="+")
    title = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=1200, blank=True)
    at = models.DateTimeField(null=True)
    index_version = models.PositiveSmallIntegerField(default=index_version)

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "thing"], name="one_entry_a_thing")]

    @property
    def kind_shown(self):
        return self.post.kind if self.kind == "post" else self.kind

    @property
    def url_shown(self):
        return self.url or self.post.get_absolute_url()

    @property
    def title_shown(self):
        return self.title or str(self.post)

    @property
    def text_shown(self):
        return self.post.plain if self.kind == "post" else self.text
