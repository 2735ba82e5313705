"""The numbers of posts of a month, category or tag: which of them a change of a post makes anew."""

from django.db import connection
from django.db.models.signals import m2m_changed

from core import cache_version

# With its terms, what decides in which numbers of posts it is counted.
COUNTED_BY = ("kind", "status", "visibility", "publish_at", "published_on")


class CountedPost:
    """What a post knows of the numbers in which it is counted."""

    def lock_row(self):
        """What is stored of COUNTED_BY and the language, or None. Call it in the transaction: it locks the row, which
        somebody else may be publishing."""
        rows = type(self).objects.filter(pk=self.pk).select_for_update().values("language", *COUNTED_BY)
        return None if self._state.adding else rows.first()

    def stays_unseen(self, stored):
        """Whether readers see nothing of this post, neither before nor after it is saved."""
        unseen = (self.Status.DRAFT, self.Status.PENDING, self.Status.TRASH)
        if self.status not in unseen:
            return False
        status, language = (stored["status"], stored["language"]) if stored else (self.status, "")
        return status in unseen and self.language == language  # searches use the languages of all posts, even of drafts

    def changed_counts(self, stored):
        """The parts that are the numbers of posts which a save changes."""
        if stored and all(getattr(self, name) == stored[name] for name in COUNTED_BY):
            return frozenset()
        return self.counts_with(stored and stored["published_on"])

    def counts_with(self, *former_days):
        """The parts that are the numbers of posts of its month and its terms, and of the months of these days."""
        terms = {
            name: through.objects.filter(post=self.pk).values_list(name, flat=True) if self.pk else ()
            for name, through in terms_of(type(self)).items()
        }
        return cache_version.counts_of([self.published_on, *former_days], **terms)


def terms_of(model):
    """The models of the rows between a post and its terms, by the names of their columns."""
    return {"category": model.categories.through, "tag": model.tags.through}


def connect_counts(model):
    """Such a row has no class of ours, so only Django's signal tells of it."""
    for through in terms_of(model).values():
        m2m_changed.connect(raise_counts, sender=through)


def raise_counts(sender, instance, action, reverse, pk_set, **_facts):
    """A category or tag gets or loses a post: raise the versions of the numbers, before the rows change. Pages are
    renewed when the post is saved or by whoever changed its terms."""
    if action not in ("pre_add", "pre_remove", "pre_clear") or (pk_set is not None and not pk_set):
        return
    posts_model = sender._meta.get_field("post").related_model
    name = "category" if sender is terms_of(posts_model)["category"] else "tag"
    if reverse:
        posts, terms = pk_set or sender.objects.filter(**{name: instance}).values("post"), {instance.pk}
    else:
        posts, terms = [instance.pk], pk_set or sender.objects.filter(post=instance).values_list(name, flat=True)
    if connection.features.has_select_for_update:  # whoever publishes the post meanwhile would not see its new terms
        list(posts_model.objects.filter(pk__in=posts).order_by("pk").select_for_update().values_list("pk"))
    cache_version.invalidate(*cache_version.counts_of(**{name: terms}) or {cache_version.DESK})
