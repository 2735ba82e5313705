import secrets

from django.conf import settings
from django.db import models
from django.urls import reverse

from core.site import absolute_url


def new_token():
    return secrets.token_urlsafe(24)


class SecretLink(models.Model):
    """A link with a secret token to a post that is not public, for reviewers. Once deleted, it answers 404."""

    post = models.OneToOneField("blog.Post", models.CASCADE, related_name="secret_link")
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def get_absolute_url(self):
        return reverse("secret", args=[self.token])

    @property
    def address(self):
        return absolute_url(self.get_absolute_url())
