"""The rows behind the full-text index: one for each post, page or comment that can be found."""

from django.db import models

from blog.search.tokens import INDEX_VERSION


def index_version():
    """The default of `SearchEntry.index_version`: the version of the tokens of a new entry."""
    return INDEX_VERSION


class SearchEntryQuerySet(models.QuerySet):
    @property
    def post_model(self):
        """The model Post; importing it here would be circular, because Post uses the search when it is saved."""
        return self.model._meta.get_field("post").related_model

    def visible_to(self, user):
        """Entries whose post this user may read now without entering a password."""
        Post = self.post_model
        if not user.is_authenticated:
            seen = Post.objects.open()
        else:
            seen = Post.objects.visible_to(user).filter(status=Post.Status.PUBLISHED)
            if not user.has_perm("blog.read_others"):
                seen = seen & (Post.objects.published() | Post.objects.filter(visibility=Post.Visibility.PRIVATE))
            seen = seen.exclude(visibility=Post.Visibility.PASSWORD)
        # EXISTS, so that the condition is evaluated for the entries that matched, not for all posts.
        return self.filter(models.Exists(seen.filter(pk=models.OuterRef("post"))))

    def languages(self):
        """The distinct BCP 47 tags that posts set as their language."""
        return self.post_model.objects.filter(language__gt="").order_by().values_list("language", flat=True).distinct()


class SearchEntry(models.Model):
    """One post, page or comment in the index; `thing` is its primary key, and `post` decides who may find it. The
    tokens are in the table blog_fts."""

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
