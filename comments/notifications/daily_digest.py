"""The daily digest for readers: one email each morning about everything that a person subscribed to."""

import time
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from comments.models import Comment, PostAnnouncement, Subscription
from comments.notifications.replies import (
    DAILY,
    MAX_COMMENT_AGE,
    InterfaceLanguage,
    addresses_behind,
    email_headers,
    is_of_its_author,
    subscriptions_url,
)
from core import mail
from core.jobs import is_stopping, minutely
from core.models import Email
from core.site import absolute_url, site
from core.text import tidy_line

HOUR = 7  # in the blog's time zone
PEOPLE = 100  # in one transaction
SECONDS = 20  # then the worker runs other jobs

What = Subscription.What


@minutely
def queue_daily_digests():
    """Queue the digest of everybody whose last one is from before this morning, `PEOPLE` per transaction.

    Safe to interrupt: the next run continues with the people who are still due."""
    deadline, wrote = time.monotonic() + SECONDS, False
    while not is_stopping() and time.monotonic() < deadline and (people := due(last_morning())):
        wrote = queue_digests_for(people) or wrote
    if wrote:
        mail.deliver_soon()


def last_morning():
    """The most recent 07:00 in the blog's time zone."""
    now = timezone.localtime(timezone=site().zone)
    morning = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning <= now else morning - timedelta(days=1)


def due(morning):
    waiting = Subscription.objects.confirmed().daily().filter(digest_until__lt=morning)
    return list(waiting.order_by("person").values_list("person", flat=True).distinct()[:PEOPLE])


def queue_digests_for(people):
    """Queue the digests of these people and record that they are told of everything until now.

    Returns whether there were any emails."""
    now = timezone.now()
    theirs = Subscription.objects.confirmed().daily().filter(person__in=people)
    subscriptions = list(theirs.select_related("post"))
    # A digest that could not be sent yet is replaced by this one, which covers its time as well.
    late = Email.objects.waiting().filter(kind=DAILY, to__in={each.address for each in subscriptions})
    left = set(late.values_list("to", flat=True))
    for each in subscriptions:
        each.digest_from, each.digest_until = each.digest_from if each.address in left else each.digest_until, now
    with InterfaceLanguage():
        emails = [
            digest_email(own, answers, posts)
            for own, answers, posts in digest_contents(subscriptions)
            if answers or posts
        ]
    with transaction.atomic():
        late.delete()
        theirs.exclude(address__in=left).update(digest_from=F("digest_until"))
        theirs.update(digest_until=now)
        mail.queue_all(emails)
    return bool(emails)


def digest_contents(subscriptions):
    """Yields (subscriptions, new comments, new posts) per person, each item once, in a few queries for all people."""
    since = min((each.digest_from for each in subscriptions), default=timezone.now())
    answers, posts = answers_since(since, subscriptions), posts_since(since)
    for own in by_person(subscriptions):
        followed = [comment for comment in answers if any(belongs_in_digest(each, comment) for each in own)]
        sent = [
            announcement.post
            for announcement in posts
            if any(
                each.what == What.POSTS and each.digest_from < announcement.created_at <= each.digest_until
                for each in own
            )
        ]
        yield own, followed, sent


def by_person(subscriptions):
    people = defaultdict(list)
    for each in subscriptions:
        people[each.person_id].append(each)
    return people.values()


def answers_since(since, subscriptions):
    """Public comments on the posts of these subscriptions, approved since `since`."""
    posts = {each.post_id for each in subscriptions if each.is_to_answers}
    people = ("person__account", "parent__person__account", "post", "notification")
    found = Comment.objects.public().filter(
        post__in=posts, notification__created_at__gt=since, posted_at__gt=since - MAX_COMMENT_AGE
    )
    found = found.select_related(*people).prefetch_related("person__account__emailaddress_set")
    return list(found.order_by("post", "posted_at", "pk"))


def posts_since(since):
    open_posts = Post.objects.open().posts()
    return list(
        PostAnnouncement.objects.since(since).filter(post__in=open_posts).select_related("post").order_by("created_at")
    )


def belongs_in_digest(subscription, comment):
    """Whether this comment belongs in this subscription's current digest."""
    if subscription.post_id != comment.post_id or is_of_its_author(subscription, comment):
        return False
    if not subscription.digest_from < comment.notification.created_at <= subscription.digest_until:
        return False
    if subscription.what == What.COMMENTS:
        return True
    return bool(comment.parent) and subscription.address in addresses_behind(comment.parent)


def digest_email(own, answers, posts):
    first = own[0]
    return {
        "to": first.address,
        "subject": subject(answers, posts),
        "text": text_of(first, answers, posts),
        "kind": DAILY,
        "key": f"daily {first.person_id} {first.digest_until.isoformat()}",
        "headers": email_headers(first) if len(own) == 1 else {},
    }


def subject(answers, posts):
    said = [ngettext("%d new post", "%d new posts", len(posts)) % len(posts)] if posts else []
    said += [ngettext("%d new comment", "%d new comments", len(answers)) % len(answers)] if answers else []
    return tidy_line(_("[%(site)s] %(news)s") % {"site": site().title, "news": ", ".join(said)})


def text_of(subscription, answers, posts):
    threads = defaultdict(list)
    for comment in answers:
        told = {"comment": comment, "lines": comment.text.splitlines(), "url": absolute_url(comment.get_absolute_url())}
        threads[comment.post].append(told)
    context = {
        "threads": list(threads.items()),
        "posts": [(post, absolute_url(post.get_absolute_url())) for post in posts],
        "site": site(),
        "page_url": subscriptions_url(subscription.person_id),
    }
    return render_to_string("comments/mail/daily.txt", context)


@mail.check_before_sending(DAILY)
def rerender_digest(email):
    """Render the email again right before sending, without comments and posts that are no longer public.

    Returns False if nothing is left to tell."""
    _daily, person, until = email.key.split()
    own = list(
        Subscription.objects.confirmed()
        .filter(person=person, digest_until=datetime.fromisoformat(until))
        .select_related("post")
    )
    for _own, answers, posts in digest_contents(own):
        with InterfaceLanguage():
            email.text, email.subject = text_of(own[0], answers, posts), subject(answers, posts)
        email.save(update_fields=["text", "subject"])
        return bool(answers or posts)
    return False
