import secrets
from datetime import timedelta

from django.core import signing
from django.db import models
from django.utils import timezone

from core.jobs import daily

RETENTION = timedelta(days=1)
MAX_LENGTH = 60_000  # characters; more than a comment may have, so that too long a text is not lost either

signer = signing.Signer(salt="comments.draft")


def new_token():
    return secrets.token_urlsafe(24)


class SavedCommentQuerySet(models.QuerySet):
    def fresh(self):
        return self.filter(created_at__gt=timezone.now() - RETENTION)

    def signed_as(self, signed):
        """The saved comment of a signed token, or None if the token is invalid or expired."""
        try:
            return self.fresh().filter(token=signer.unsign(signed)).first()
        except signing.BadSignature:
            return None


class SavedComment(models.Model):
    """A comment typed before logging in or out, restored by its signed token for a day."""

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="saved_comments")
    parent = models.ForeignKey("comments.Comment", models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True)
    name = models.CharField(max_length=245, blank=True)
    email = models.CharField(max_length=254, blank=True)
    url = models.CharField(max_length=400, blank=True)
    consent = models.BooleanField(default=False)
    subscribe = models.BooleanField(default=False)
    subscribe_blog = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SavedCommentQuerySet.as_manager()

    @property
    def signed(self):
        return signer.sign(self.token)

    @property
    def typed(self):
        """The form's initial data when the text is restored."""
        return {
            "comment": self.text,
            "author": self.name,
            "email": self.email,
            "url": self.url,
            "parent": self.parent_id or "",
            "consent": self.consent,
            "subscribe": self.subscribe,
            "subscribe_blog": self.subscribe_blog,
            "draft": self.signed,
        }

    @property
    def return_path(self):
        """The path of the form with the text in it."""
        return f"{self.post.get_absolute_url()}?draft={self.signed}#respond"


@daily
def delete_saved_comments():
    SavedComment.objects.exclude(pk__in=SavedComment.objects.fresh()).delete()
