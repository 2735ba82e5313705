"""New posts by email. An announced post gets a PostAnnouncement, and the worker queues its emails in batches. The row
records how far it got, so that after an interruption it continues there and nobody gets two."""

import logging
from datetime import timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.jobs import when_announced
from blog.models import Post
from blog.series_navigation import part_facts
from comments.models import DiscussionSettings, PostAnnouncement, Subscription
from comments.notifications.replies import (
    POST,
    InterfaceLanguage,
    email_headers,
    is_recent,
    numbers_in,
    subscriptions_url,
)
from core import mail
from core.jobs import Requeue, is_stopping, job, minutely
from core.site import absolute_url, site
from core.text import tidy, tidy_line

logger = logging.getLogger(__name__)

BATCH = 100
MARK = "\ue000%s\ue001"  # a placeholder in the shared text for the URLs of one recipient


@when_announced
def prepare(posts):
    """Record, in the transaction that announces these posts, that they are to be emailed."""
    if DiscussionSettings.now().posts_by_mail and posts:
        PostAnnouncement.objects.bulk_create([PostAnnouncement(post_id=pk) for pk in posts], ignore_conflicts=True)
        queue_post_emails.enqueue()


@job
def queue_post_emails():
    """Queue all emails that are not queued yet. Safe to interrupt anywhere and to run twice at once."""
    trouble = None
    for announcement in PostAnnouncement.objects.unsent().order_by("created_at", "pk"):
        try:
            if queue_announcement(announcement):
                mail.deliver_soon()
        except Requeue:
            raise
        except Exception as error:  # the other posts are still sent
            logger.exception("the letters about post %s could not be written", announcement.post_id)
            trouble = error
    if trouble:
        raise trouble


@minutely
def queue_missed_emails():
    if PostAnnouncement.objects.unsent().filter(created_at__lt=timezone.now() - timedelta(minutes=1)).exists():
        queue_post_emails.call()


def queue_announcement(announcement):
    """Queue the emails about one post, from where an earlier run stopped; returns whether there were any."""
    post = announced_posts().filter(pk=announcement.post_id).first()
    how = DiscussionSettings.now().posts_by_mail
    waiting = Subscription.objects.confirmed().at_once().to_posts().order_by("pk")
    emails = PostEmails(post, how) if post and how else None
    while emails and (some := list(waiting.filter(pk__gt=announcement.reached)[:BATCH])):
        if is_stopping():
            raise Requeue
        written = [emails.to(subscription) for subscription in some]
        with transaction.atomic():
            mine = PostAnnouncement.objects.unsent().filter(pk=announcement.pk, reached=announcement.reached)
            if not mine.update(reached=some[-1].pk):
                return True  # another worker is sending this one
            mail.queue_all(written, tidied=True)
        announcement.reached = some[-1].pk
    PostAnnouncement.objects.filter(pk=announcement.pk).update(notified_at=timezone.now())
    return announcement.reached > 0


def announced_posts():
    return Post.objects.open().posts().select_related("author", "featured")


class PostEmails:
    """The emails about one post: rendered once, then completed with each recipient's own URLs."""

    def __init__(self, post, how):
        self.post = post
        whole = how == DiscussionSettings.Posts.FULL
        context = {
            "post": post,
            "whole": whole,
            "lines": post.plain.splitlines(),
            "post_url": absolute_url(post.get_absolute_url()),
            "picture_url": absolute_url(post.featured.get_absolute_url()) if post.featured else "",
            "site": site(),
            "home_url": absolute_url("/"),
            "stop_url": MARK % "stop_url",
            "page_url": MARK % "page_url",
        } | part_facts(post)
        if "series" in context:
            context["series_url"] = absolute_url(context["series"].get_absolute_url())
        with InterfaceLanguage():
            self.subject = tidy_line(_("[%(site)s] %(post)s") % {"site": site().title, "post": post})
            # Tidied once here: for thousands of emails, tidying each would be most of the work.
            self.text = tidy(render_to_string("comments/mail/post.txt", context))
            self.html = tidy(render_to_string("comments/mail/post.html", context))

    def to(self, subscription):
        own = {"stop_url": absolute_url(subscription.stop_path), "page_url": subscriptions_url(subscription.person_id)}
        text, html = self.text, self.html
        for name, address in own.items():
            text, html = (said.replace(MARK % name, address) for said in (text, html))
        return {
            "to": subscription.address,
            "subject": self.subject,
            "text": text,
            "html": html,
            "kind": POST,
            "key": f"post {self.post.pk} to {subscription.person_id}",
            "headers": email_headers(subscription, self.post),
        }


@mail.check_before_sending(POST)
def check_post_email(email):
    post, person = numbers_in(email.key)
    wanted = Subscription.objects.confirmed().to_posts().filter(person=person)
    return is_recent(email) and wanted.exists() and announced_posts().filter(pk=post).exists()
