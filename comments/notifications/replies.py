"""Emails to readers about new comments and about the publication of their own: once, and only about public comments.

Approving a comment saves a PendingNotification in the same transaction. A few emails are queued at once, many by the
worker; each is checked again right before it is sent.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from comments.models import Comment, DiscussionSettings, ModerationAction, PendingNotification, Subscription
from comments.models.moderation_action import after_action, parts
from core import languages, mail
from core.email_addresses import is_deliverable, normalize_email
from core.jobs import Requeue, daily, is_stopping, job, minutely
from core.models import Email
from core.site import absolute_url, site
from core.text import tidy, tidy_line

REPLY, PUBLISHED, POST, DAILY = "new comment", "comment published", "new post", "daily digest"
KINDS = (REPLY, PUBLISHED, POST, DAILY)
AT_ONCE = 20  # emails queued within a request; more are left to the worker
BY_HAND = (ModerationAction.Maker.MODERATOR, ModerationAction.Maker.EMAIL_LINK)
BATCH = 200
MAX_COMMENT_AGE = timedelta(
    days=30
)  # nobody is notified of comments older than this, as after a long hold or an import
MAX_DELAY = timedelta(days=7)  # an email that could not be sent for this long is dropped
LOG_RETENTION = timedelta(days=30)  # rows of sent emails are kept this long, their texts for a day
SALT = "comments.letters_of"
PAGE_MAX_AGE = timedelta(days=365)

What = Subscription.What


class InterfaceLanguage(translation.override):
    """Activates the language of the interface, so that emails from the worker are in the same one as the pages."""

    def __init__(self):
        super().__init__(languages.interface(site().language))


# What is to be told


@after_action
def notify_readers(decision):
    """Notify readers of comments that an action or its undo approved; cancel the emails about those it hid."""
    before, after = (3, 1) if decision.undone_at else (1, 3)
    came = [item[0] for item in decision.items if item[after] == Comment.State.APPROVED]
    went = [item[0] for item in decision.items if item[before] == Comment.State.APPROVED]
    if came:
        wait = undo_time() if decision.maker in BY_HAND else timedelta()
        notify_approved(
            came, stood=bool(decision.undone_at) or decision.what == ModerationAction.What.RESTORE, wait=wait
        )
    if decision.undone_at:
        went += decision.side_effects.get("replies", [])
    if went:
        cancel_emails(went)


def undo_time():
    """The delay before readers are notified of a moderator's approval, in which an undo cancels the emails."""
    return timedelta(seconds=DiscussionSettings.now().undo_seconds)


def notify_approved(numbers, *, stood=False, wait=timedelta()):
    """Notify subscribers that these comments are approved: at once if it is few emails, else by the worker.

    `wait` delays the emails. Comments that `stood` before are told only to those whose emails were cancelled."""
    now = timezone.now()
    due = now + wait
    followed = Q(
        post__in=Subscription.objects.confirmed().values("post"), posted_at__gt=timezone.now() - MAX_COMMENT_AGE
    )
    awaited = Q(pk__in=Subscription.objects.values("comment"))
    untold = []
    for pks in parts(numbers):
        if not stood:
            fresh = Comment.objects.approved().filter(followed | awaited, pk__in=pks, notification=None)
            fresh = [
                PendingNotification(comment_id=pk, created_at=due, due_at=due)
                for pk in fresh.values_list("pk", flat=True)
            ]
            PendingNotification.objects.bulk_create(fresh, ignore_conflicts=True)
        found = PendingNotification.objects.standing().unsent().filter(pk__in=pks)
        untold += found.values_list("pk", flat=True)
        if wait:
            # A comment may have been approved and undone before. `created_at` moves too, if no digest can have told it.
            found.filter(created_at__gt=now).update(created_at=due)
            found.update(due_at=due)
    if untold and wait:
        notify_all_due.using(run_after=due).enqueue()
    elif len(untold) > 1 or untold and not notify_about(untold[0], most=AT_ONCE):
        notify_all_due.enqueue()


def cancel_emails(numbers):
    """Cancel the unsent emails about comments that are no longer approved.

    If a comment is approved again, only those who have not had the email get it."""
    gone, emails = set(numbers), {}
    for pks in parts(numbers):
        gone -= set(Comment.objects.approved().filter(pk__in=pks).values_list("pk", flat=True))
    waiting = Email.objects.waiting().filter(kind__in=[REPLY, PUBLISHED])
    for pk, key in waiting.values_list("pk", "key"):
        if (number := numbers_in(key)[0]) in gone:
            emails[pk] = number
    if emails:
        Email.objects.waiting().filter(pk__in=list(emails)).delete()
        PendingNotification.objects.filter(pk__in=set(emails.values())).update(notified_at=None)


# Emails about a comment


@job
def notify_all_due():
    """Queue all emails that are due. Safe to interrupt and to run twice, because an email's key is unique."""
    for number in list(
        PendingNotification.objects.standing().due().order_by("created_at", "pk").values_list("pk", flat=True)
    ):
        if is_stopping():
            raise Requeue
        notify_about(number)


@minutely
def notify_missed():
    """Queue what a crashed worker or a failed job left over."""
    if PendingNotification.objects.standing().due(timezone.now() - timedelta(minutes=1)).exists():
        notify_all_due.call()


def notify_about(number, *, most=None):
    """Queue the emails about one comment in batches and mark it as told; False if there are more than `most`."""
    comment, reached, here = public_comment(number), 0, site()
    listening = subscribers_to(comment).order_by("pk") if comment else Subscription.objects.none()
    with InterfaceLanguage():
        while some := list(listening.filter(pk__gt=reached)[: BATCH if most is None else most + 1]):
            if most is not None and len(some) > most:
                return False
            mail.queue_all([reply_email(comment, subscription, here) for subscription in some])
            reached = some[-1].pk
            if most is not None:
                break
        if comment:
            notify_author(comment)
    PendingNotification.objects.unsent().filter(pk=number).update(notified_at=timezone.now())
    if reached:
        mail.deliver_soon()
    return True


def public_comment(number):
    """The comment if it is public, else None."""
    people = ("person__account", "parent__person__account", "post")
    return Comment.objects.public().select_related(*people).filter(pk=number).first()


def subscribers_to(comment):
    """The immediate subscriptions that are notified of the comment, without those of its author.

    The author is known by account or browser, so typing somebody else's address does not suppress their emails.
    """
    answered = addresses_behind(comment.parent) if comment.parent else []
    wanted = Q(what=What.COMMENTS) | Q(what=What.REPLIES, address__in=answered)
    following = Subscription.objects.confirmed().at_once().to_answers(comment.post)
    if comment.posted_at < timezone.now() - MAX_COMMENT_AGE:
        return following.none()
    return following.filter(wanted).exclude(of_its_author(comment))


def of_its_author(comment):
    """A Q for the subscriptions of a comment's author: to an address of their account, or confirmed in their browser.

    For guests also: the comment's address, if it was confirmed after the comment was posted, as on the phone on which
    they read email. Older subscriptions do not match, because anybody can type their address.
    """
    person = comment.person
    if person is None:
        return Q(pk__in=[])
    if person.account:
        return Q(address__in=confirmed_addresses(person.account))
    if not person.browser:
        return Q(person=person)
    return Q(confirmed_in=person.browser) | Q(
        address=normalize_email(comment.email), confirmed_at__gte=comment.posted_at
    )


def is_of_its_author(subscription, comment):
    """`of_its_author` for one subscription, without a query if the account's addresses are prefetched."""
    person = comment.person
    if person is None:
        return False
    if person.account:
        return subscription.address in confirmed_addresses(person.account)
    if not person.browser:
        return subscription.person_id == person.pk
    is_late = subscription.address == normalize_email(comment.email) and subscription.confirmed_at >= comment.posted_at
    return is_late or subscription.confirmed_in == person.browser


def confirmed_addresses(account):
    """The account's addresses that were confirmed by email or by a login provider, the primary one first."""
    verified = [each for each in account.emailaddress_set.all() if each.verified and is_deliverable(each.email)]
    return [normalize_email(each.email) for each in sorted(verified, key=lambda each: (not each.primary, each.pk))]


def addresses_behind(comment):
    """The addresses notified of replies to a comment, if subscribed: the typed one and the account's."""
    account = comment.person.account if comment.person else None
    return [
        address
        for address in {normalize_email(comment.email), normalize_email(account.email if account else "")}
        if is_deliverable(address)
    ]


def notify_author(comment):
    """Queue the email "Your comment is published" for those who asked for it."""
    for subscription in Subscription.objects.confirmed().filter(comment=comment):
        mail.queue(**published_email(comment, subscription))


def published_email(comment, subscription):
    return {
        "to": subscription.address,
        "subject": tidy_line(_("[%(site)s] Your comment is published") % {"site": site().title}),
        "text": render_to_string("comments/mail/your_comment.txt", email_context(comment, subscription, site())),
        "kind": PUBLISHED,
        "key": f"published {comment.pk} to {subscription.person_id}",
    }


def reply_email(comment, subscription, here):
    mine = subscription.what == What.REPLIES
    return {
        "to": subscription.address,
        # One subject per post, that of the email about the post, so that mail programs show a single thread.
        "subject": tidy_line(_("Re: [%(site)s] %(post)s") % {"site": here.title, "post": comment.post}),
        "text": render_to_string(
            "comments/mail/reply.txt", email_context(comment, subscription, here) | {"mine": mine}
        ),
        "kind": REPLY,
        "key": f"comment {comment.pk} to {subscription.person_id}",
        "headers": email_headers(subscription, comment.post),
    }


def email_context(comment, subscription, here):
    return {
        "comment": comment,
        "lines": comment.text.splitlines(),
        "answer_url": absolute_url(comment.get_absolute_url()),
    } | footer_context(subscription, here)


def footer_context(subscription, here):
    """The context of every email's footer: who sends it, and how to unsubscribe."""
    return {
        "subscription": subscription,
        "site": here,
        "stop_url": absolute_url(subscription.stop_path),
        "page_url": subscriptions_url(subscription.person_id),
    }


def subscriptions_url(person):
    """The absolute URL of the page with all subscriptions of a person."""
    return absolute_url(reverse("subscriptions", args=[signing.dumps(person, salt=SALT)]))


def email_headers(subscription, post=None):
    """Headers for one-click unsubscribe (RFC 8058), the list (RFC 2919) and the thread.

    All emails about `post` refer to one Message-ID that stands for the post, so that mail programs thread them.
    """
    host = urlsplit(settings.LONGRUN_URL).hostname
    headers = {
        "List-Id": f"<{'posts' if subscription.what == What.POSTS else 'comments'}.{host}>",
        "List-Unsubscribe": f"<{absolute_url(subscription.stop_path)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    root = f"<post.{post.pk}@{host}>" if post else ""
    return headers | ({"In-Reply-To": root, "References": root} if post else {})


# Checks right before an email is sent


@mail.check_before_sending(REPLY)
def check_reply_email(email):
    number, person = numbers_in(email.key)
    comment = public_comment(number)
    follows = comment and Subscription.objects.confirmed().filter(person=person, post=comment.post).first()
    if not (follows and is_recent(email)):
        return False
    with InterfaceLanguage():
        rerender_email(email, reply_email(comment, follows, site()))
    return True


@mail.check_before_sending(PUBLISHED)
def check_published_email(email):
    number, person = numbers_in(email.key)
    comment = public_comment(number)
    waits = comment and Subscription.objects.confirmed().filter(person=person, comment=comment).first()
    if not waits:
        return False
    with InterfaceLanguage():
        rerender_email(email, published_email(comment, waits))
    return True


def rerender_email(email, said):
    """Render the email again, so that it quotes comments as they are now."""
    email.text, email.subject = tidy(said["text"]), tidy_line(said["subject"])[:250]
    email.save(update_fields=["text", "subject"])


def is_recent(email):
    return email.created_at > timezone.now() - MAX_DELAY


def numbers_in(key):
    """The ids in an email's key, of comment or post and of the person: "comment 12 to 7" is (12, 7)."""
    words = key.split()
    return int(words[1]), int(words[3])


# Retention


def forget(numbers):
    """Delete the emails that quote these comments and the subscriptions to their publication; empty sent digests."""
    gone, quoting = set(numbers), Email.objects.filter(kind__in=[REPLY, PUBLISHED])
    emails = [pk for pk, key in quoting.values_list("pk", "key") if numbers_in(key)[0] in gone]
    for pks in parts(emails):
        Email.objects.filter(pk__in=pks).delete()
    for pks in parts(numbers):
        Subscription.objects.filter(comment__in=pks).delete()
    # Unsent digests are rendered again before they are sent.
    waiting = [Email.State.WAITING, Email.State.SENDING]
    Email.objects.filter(kind=DAILY).exclude(state__in=waiting).update(text="")


@daily
def prune_subscription_emails():
    """Delete the texts of sent emails, then their rows; and subscriptions that are unconfirmed or fulfilled."""
    now = timezone.now()
    sent = Email.objects.filter(kind__in=KINDS, state=Email.State.SENT)
    sent.filter(sent_at__lt=now - timedelta(days=1)).exclude(text="").update(text="", html="")
    sent.filter(sent_at__lt=now - LOG_RETENTION).delete()
    with transaction.atomic():
        # 8 days, because an email may wait for the mail server for days, and a confirmation link is valid for a week.
        told = PendingNotification.objects.filter(notified_at__lt=now - timedelta(days=8)).values("pk")
        Subscription.objects.filter(what=What.PUBLISHED, comment__in=told).delete()
    Subscription.objects.waiting().filter(created_at__lt=now - timedelta(days=8)).delete()
