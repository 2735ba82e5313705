from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.email_addresses import normalize_email

stops = signing.Signer(salt="comments.subscription.stop")


class SubscriptionQuerySet(models.QuerySet):
    def of(self, address):
        return self.filter(address=normalize_email(address))

    def confirmed(self):
        return self.exclude(confirmed_at=None)

    def waiting(self):
        """Requested, but not confirmed yet."""
        return self.filter(confirmed_at=None)

    def at_once(self):
        return self.filter(how=Subscription.How.NOW)

    def daily(self):
        return self.filter(how=Subscription.How.DAILY)

    def to_posts(self):
        return self.filter(what=Subscription.What.POSTS)

    def confirmed_here(self):
        """Confirmed on this blog by their reader, not brought by an imported list."""
        return self.confirmed().filter(consent="")

    def to_answers(self, post):
        return self.filter(post=post)

    def signed_as(self, token):
        """The subscription of an unsubscribe link, or None if it has ended. Raises BadSignature."""
        return self.filter(pk=stops.unsign(token)).first()


class Subscription(models.Model):
    """An email subscription of an address. Until it is confirmed, nothing is sent and `person` is None."""

    class What(models.TextChoices):
        COMMENTS = "comments", _("All comments")
        REPLIES = "replies", _("Replies to my comments")
        POSTS = "posts", _("New posts")
        PUBLISHED = "published", _("When my comment is published")

    class How(models.TextChoices):
        NOW = "now", _("At once")
        DAILY = "daily", _("Once a day")

    address = models.EmailField()
    person = models.ForeignKey("comments.Person", models.CASCADE, null=True, related_name="subscriptions")
    what = models.CharField(max_length=9, choices=What)
    how = models.CharField(max_length=5, choices=How, default=How.NOW)
    post = models.ForeignKey("blog.Post", models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey("comments.Comment", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    # The signed browser in which it was confirmed; comments from that browser are the subscriber's own.
    confirmed_in = models.CharField(max_length=32, blank=True, editable=False)
    # What proves the consent of a subscription that came with an imported list; "" if it was confirmed here.
    consent = models.CharField(max_length=200, blank=True, editable=False)
    # The time covered by the last daily digest: after digest_from, until digest_until.
    digest_from = models.DateTimeField(default=timezone.now)
    digest_until = models.DateTimeField(default=timezone.now)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["address", "post"], condition=~Q(post=None), name="one_for_each_post"),
            models.UniqueConstraint(
                fields=["address", "comment"], condition=~Q(comment=None), name="one_for_each_comment"
            ),
            models.UniqueConstraint(fields=["address"], condition=Q(what="posts"), name="one_for_all_posts"),
        ]
        indexes = [
            models.Index(fields=["what", "how", "id"], name="subscription_in_turn"),
            models.Index(fields=["how", "digest_until"], name="subscription_daily"),
        ]

    def __str__(self):
        return f"{self.address}: {self.what}"

    @property
    def is_to_answers(self):
        return self.what in (self.What.COMMENTS, self.What.REPLIES)

    @property
    def stop_path(self):
        """The path of the unsubscribe page, which never expires and needs no login."""
        return reverse("unsubscribe_link", args=[stops.sign(self.pk)])

    @property
    def title(self):
        """The title of its post, or a placeholder if that is not public; "" if it is not about one post."""
        post = self.comment.post if self.comment else self.post
        if post is None:
            return ""
        return str(post if post.is_public else _("a post that is not public now"))

    def change(self, *, what=None, how=None):
        """Save what the subscriber chose; invalid choices are ignored."""
        if self.is_to_answers and what in (self.What.COMMENTS, self.What.REPLIES):
            self.what = what
        told = []
        if self.what != self.What.PUBLISHED and how in self.How.values and how != self.how:
            self.how = how
            if how == self.How.DAILY:  # do not repeat in the digest what was sent immediately
                self.digest_from = self.digest_until = timezone.now()
                told = ["digest_from", "digest_until"]
        self.save(update_fields=["what", "how", *told])
