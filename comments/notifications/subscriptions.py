"""Readers' email subscriptions: requested, confirmed by the address's reader (double opt-in), ended and deleted.

Before it is confirmed, an address gets only the confirmation email, once a day; rate limits apply for each network and
the site. The response is the same whether or not the address is known here.
"""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from comments import cookies
from comments.models import Comment, DiscussionSettings, Person, StoppedAddress, Subscription
from comments.notifications import replies
from core import mail, rate_limits
from core.email_addresses import is_deliverable, normalize_email
from core.models import Email
from core.request import client_network
from core.site import absolute_url, site
from core.text import isolated, tidy_line

KIND = "confirm subscription"
SALT = "comments.confirm"
MAX_AGE = timedelta(days=7)
A_DAY = timedelta(days=1)

What = Subscription.What


# The kinds of subscriptions, as arguments of `get_or_create`.


def to_comments_on(post):
    return {"post": post, "defaults": {"what": What.COMMENTS}}


def to_new_posts():
    return {"what": What.POSTS}


def to_publication_of(comment):
    return {"comment": comment, "defaults": {"what": What.PUBLISHED}}


def offers():
    """{kind: whether readers may subscribe to it}; all False while email is not set up."""
    settings, leaves = DiscussionSettings.now(), mail.is_configured()
    return {
        "comments": leaves and settings.follow_comments,
        "posts": leaves and bool(settings.posts_by_mail),
        "box": leaves and bool(settings.posts_by_mail) and settings.subscribe_box,
        "published": leaves,
    }


@transaction.atomic
def request_subscriptions(request, address, wishes):
    """Subscribe an address: at once if the visitor has proved that it is theirs or it has confirmed subscriptions,
    else after a confirmation email. Returns whether the visitor has proved that it is theirs.

    An address that unsubscribed from new posts or from everything must confirm again, because anybody can type it;
    so must one that an imported list subscribed.
    """
    address = normalize_email(address)
    if not is_deliverable(address):
        return False
    proved = is_proved(request, address)
    if rate_limits.hit("subscribe_address", address):
        return proved
    for wish in wishes:
        Subscription.objects.get_or_create(address=address, **wish)
    known = Subscription.objects.of(address).confirmed_here()
    if proved or known.exists() and not StoppedAddress.objects.of(address).exists():
        confirm_subscriptions(
            address, Subscription.objects.of(address).waiting(), browser=cookies.browser_of(request) if proved else ""
        )
    else:
        ask_to_confirm(request, address)
    return proved


def subscribed_message(address, *, proved):
    """The message after subscribing. Unless `proved`, it does not reveal whether the address is known here."""
    if not is_deliverable(address):
        return _("Emails to %s cannot be delivered, so nothing is sent there.") % isolated(address)
    if proved:
        return _("You will be notified by email at %s.") % isolated(address)
    return _(
        "Check your inbox at %s and follow the link in our email to confirm. If you already get emails from this "
        "blog, you are subscribed without one."
    ) % isolated(address)


def notice(request, address):
    """`subscribed_message` for this visitor; `address` is shown as they typed it."""
    return subscribed_message(address, proved=is_proved(request, normalize_email(address)))


def is_proved(request, address):
    """Whether the visitor has confirmed the address: by their account, or by an email opened in this browser."""
    if request.user.is_authenticated:
        return address in addresses_of(request.user)
    browser = cookies.browser_of(request)
    return bool(browser) and Subscription.objects.of(address).confirmed().filter(confirmed_in=browser).exists()


def addresses_of(user):
    """The confirmed addresses of an account, normalized."""
    return replies.confirmed_addresses(user)


def confirm_subscriptions(address, subscriptions, *, browser=""):
    """Confirm these subscriptions; returns their Person. `browser` is the one in which they were confirmed, or ""."""
    now, person = timezone.now(), Person.objects.of_address(address)
    late = Comment.objects.public().filter(pk__in=subscriptions.values("comment"))
    late = late.exclude(
        notification__notified_at=None, notification__due_at__gt=now
    )  # these are told when the delay for undo is over
    late = list(late.select_related("post"))
    if subscriptions.to_posts().exists():
        StoppedAddress.objects.of(address).delete()
    subscriptions.update(
        person=person, confirmed_at=now, digest_from=now, digest_until=now, confirmed_in=browser, consent=""
    )
    for comment in late:
        replies.notify_author(comment)
    return person


def ask_to_confirm(request, address):
    """Queue the confirmation email, at most one a day for each mailbox."""
    key = f"confirm {mailbox_hash(address)}"
    if Email.objects.filter(key__startswith=key, kind=KIND, created_at__gt=timezone.now() - A_DAY).exists():
        return
    if rate_limits.hit_all(("confirm_network", client_network(request)), ("confirm_site", "")):
        return
    waiting = Subscription.objects.of(address).waiting().select_related("post", "comment__post")
    waiting.update(created_at=timezone.now())  # earlier requests are in this email too, and expire with it
    link = absolute_url(reverse("subscription_confirm", args=[signing.dumps(address, salt=SALT)]))
    mail.queue(
        to=address,
        subject=tidy_line(_("[%(site)s] Confirm your subscription") % {"site": site().title}),
        text=render_to_string(
            "comments/mail/confirm.txt", {"subscriptions": waiting, "link": link, "days": MAX_AGE.days, "site": site()}
        ),
        kind=KIND,
        key=f"{key} {timezone.now():%Y-%m-%d}",
    )


def mailbox_hash(address):
    """A hash of the mailbox: ann+anything@example.org is the same mailbox as ann@example.org."""
    name, _at, host = address.rpartition("@")
    return salted_hmac(
        "comments.notifications.subscriptions", f"{name.partition('+')[0]}@{host}", algorithm="sha256"
    ).hexdigest()[:32]


def address_from_token(token):
    """The address that a confirmation link confirms. Raises BadSignature if it is invalid or older than `MAX_AGE`."""
    return signing.loads(token, salt=SALT, max_age=MAX_AGE)


@transaction.atomic
def end(subscriptions, why=StoppedAddress.Why.READER):
    """Delete these subscriptions. Who ends that to new posts, or their last one, is a stopped address from then on."""
    ended = list(subscriptions.values_list("address", "what"))
    subscriptions.delete()
    addresses = {address for address, _what in ended}
    still = set(Subscription.objects.confirmed().filter(address__in=addresses).values_list("address", flat=True))
    gone = [address for address, what in ended if what == What.POSTS or address not in still]
    StoppedAddress.objects.stop(gone, why)


@transaction.atomic
def forget(*addresses, why=StoppedAddress.Why.READER):
    """Delete the subscriptions, the persons and the emails of these addresses; a hash says that they have stopped.

    A confirmation email is kept for a day for the rate limit; unsent emails to owners and login codes are still sent.
    """
    addresses = [normalize_email(address) for address in addresses if address]
    Subscription.objects.filter(address__in=addresses).delete()
    StoppedAddress.objects.stop(addresses, why)
    StoppedAddress.objects.of(*addresses).update(address=None)
    Person.objects.filter(address__in=addresses).delete()
    emails = Email.objects.filter(to__in=addresses)
    at_rest = emails.finished().exclude(kind=KIND) | emails.filter(kind__in=replies.KINDS)
    at_rest.delete()
    emails.filter(kind=KIND, created_at__lte=timezone.now() - A_DAY).delete()


def exported(*addresses):
    """The subscriptions of these addresses as a list of dicts, for the export of personal data."""
    addresses = [normalize_email(address) for address in addresses if address]
    found = Subscription.objects.filter(address__in=addresses)
    stopped = StoppedAddress.objects.filter(address__in=addresses)
    return [
        {
            "address": subscription.address,
            "what": subscription.what,
            "how": subscription.how,
            "post": absolute_url(subscription.post.get_absolute_url()) if subscription.post else None,
            "comment": subscription.comment_id,
            "asked_at": subscription.created_at.isoformat(),
            "confirmed_at": subscription.confirmed_at.isoformat() if subscription.confirmed_at else None,
            "consent": subscription.consent,
        }
        for subscription in found.select_related("post")
    ] + [{"address": row.address, "stopped_at": row.stopped_at.isoformat(), "why": row.why} for row in stopped]
