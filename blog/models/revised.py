from django.db import models, transaction
from django.utils import timezone

from blog.models.revision import Revision
from core.text import tidy, tidy_line


class RevisedText(models.Model):
    """The part of a post that changes its text and keeps each text as a revision."""

    class Meta:
        abstract = True

    def revise(self, by, *, kind=Revision.Kind.SAVED, minor=False, **fields):
        """Set `fields`, save, and store the full text as a revision unless the newest revision is the same."""
        self.acting = by
        for name, value in fields.items():
            setattr(self, name, value)
        if not minor:
            self.updated_at = timezone.now()
        self.get_ready()
        with transaction.atomic():
            self.save()
            self.file()
            return self.keep_revision(by, kind)

    @property
    def newest_revision(self):
        return self.revisions.standing().first()

    def keep_revision(self, by, kind=Revision.Kind.SAVED):
        newest = self.newest_revision
        revision = Revision(
            post=self,
            by=by,
            kind=kind,
            title=self.title,
            source=self.source,
            source_format=self.source_format,
            extended_markdown=self.extended_markdown,
            excerpt=self.excerpt,
        )
        if newest and newest.same_text_as(revision) and kind == Revision.Kind.SAVED:
            return newest
        revision.save()
        return revision

    def store_as_revision(self, by, *, kind=Revision.Kind.REFUSED, **texts):
        """Store a text as a revision without making it the post's text, unless one of the newest revisions is the
        same."""
        other = Revision(
            post=self,
            by=by,
            kind=kind,
            source_format=self.source_format,
            extended_markdown=self.extended_markdown,
            title=tidy_line(texts["title"])[:500],
            source=tidy(texts["source"]),
            excerpt=tidy(texts["excerpt"]),
        )
        if not any(other.same_text_as(kept) for kept in (self.newest_revision, self.revisions.first()) if kept):
            other.save()

    def discard_unpublished(self, by):
        """Discard changes that were saved as a draft, by storing the current text as a newer revision."""
        if self.revisions.unpublished():
            self.keep_revision(by, Revision.Kind.RESTORED)

    def restore_revision(self, revision, by):
        """Make the text of a revision the current text. The text that it replaces stays in the revisions."""
        return self.revise(by, kind=Revision.Kind.RESTORED, **revision.texts(self))
