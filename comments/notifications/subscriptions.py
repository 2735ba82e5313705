"""What readers want to be told of by mail: asked for, confirmed by whoever reads the address, ended, forgotten.

An address gets one letter before its reader has confirmed it: one a day, three an hour for a network. To everybody the
answer is the same, whether the address is known here or not.
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
from comments.models import Comment, DiscussionSettings, Person, Subscription
from comments.notifications import replies
from core import mail, rate_limits
from core.email_addresses import is_deliverable, normalize_email
from core.models import Email
from core.request import client_network
from core.site import absolute_url, site
from core.text import isolated, tidy_line

KIND = "confirm subscription"
SALT = "comments.confirm"
GOOD_FOR = timedelta(days=7)
A_DAY = timedelta(days=1)

What = Subscription.What


# What can be wanted, as `get_or_create` asks for it.


def answers_to(post):
    return {"post": post, "defaults": {"what": What.COMMENTS}}


def new_posts():
    return {"what": What.POSTS}


def publishing_of(comment):
    return {"comment": comment, "defaults": {"what": What.PUBLISHED}}


def offers():
    """What the owner lets readers ask for; nothing while no letter could leave."""
    settings, leaves = DiscussionSettings.now(), mail.is_configured()
    return {
        "comments": leaves and settings.follow_comments,
        "posts": leaves and bool(settings.posts_by_mail),
        "box": leaves and bool(settings.posts_by_mail) and settings.subscribe_box,
        "published": leaves,
    }


@transaction.atomic
def ask(request, address, wishes):
    """Write down what this address wants: from now on if whoever asks has shown that it is theirs, or if it gets
    emails already; else after an email. Whether it begins at once, because it is theirs.

    An address that ended everything is asked again: anybody can type it.
    """
    address = normalize_email(address)
    if not is_deliverable(address):
        return False
    proved = is_proved(request, address)
    if rate_limits.hit("subscribe_address", address):
        return proved
    for wish in wishes:
        Subscription.objects.get_or_create(address=address, **wish)
    if proved or Subscription.objects.of(address).confirmed().exists():
        begin(
            address, Subscription.objects.of(address).waiting(), browser=cookies.browser_of(request) if proved else ""
        )
    else:
        ask_to_confirm(request, address)
    return proved


def asked_for(address, *, proved):
    """What is said to whoever asks for emails: the same to everybody who has not shown that the address is theirs."""
    if not is_deliverable(address):
        return _("Emails to %s cannot be delivered, so nothing is sent there.") % isolated(address)
    if proved:
        return _("You will be notified by email at %s.") % isolated(address)
    return _(
        "Check your inbox at %s and follow the link in our email to confirm. If you already get emails from this "
        "blog, you are subscribed without one."
    ) % isolated(address)


def notice(request, address):
    """What is said to this visitor, who asks for emails to `address`, spelled as they typed it."""
    return asked_for(address, proved=is_proved(request, normalize_email(address)))


def is_proved(request, address):
    """Whether a login service, or an email opened in this browser, has said that the address is theirs."""
    if request.user.is_authenticated:
        return address in addresses_of(request.user)
    browser = cookies.browser_of(request)
    return bool(browser) and Subscription.objects.of(address).confirmed().filter(confirmed_in=browser).exists()


def addresses_of(user):
    """The confirmed addresses of an account, as they are spelled here."""
    return replies.confirmed_addresses(user)


def begin(address, subscriptions, *, browser=""):
    """What was asked for is wanted: by a Person, from now on; `browser` is the signed one in which they said so."""
    now, person = timezone.now(), Person.objects.of_address(address)
    late = Comment.objects.public().filter(pk__in=subscriptions.values("comment"))
    late = late.exclude(news__told_at=None, news__due_at__gt=now)  # that one waits for its undo, and is told then
    late = list(late.select_related("post"))
    subscriptions.update(person=person, confirmed_at=now, told_from=now, told_until=now, confirmed_in=browser)
    for comment in late:
        replies.tell_its_writer(comment)
    return person


def ask_to_confirm(request, address):
    """The one letter that an address gets before anybody has confirmed it."""
    key = f"confirm {place_of(address)}"
    if Email.objects.filter(key__startswith=key, kind=KIND, made_at__gt=timezone.now() - A_DAY).exists():
        return
    if rate_limits.hit_all(("confirm_network", client_network(request)), ("confirm_site", "")):
        return
    waiting = Subscription.objects.of(address).waiting().select_related("post", "comment__post")
    waiting.update(made_at=timezone.now())  # what was asked for earlier is in this letter too, and lives as long
    link = absolute_url(reverse("subscription_confirm", args=[signing.dumps(address, salt=SALT)]))
    mail.queue(
        to=address,
        subject=tidy_line(_("[%(site)s] Confirm your subscription") % {"site": site().title}),
        text=render_to_string(
            "comments/mail/confirm.txt", {"subscriptions": waiting, "link": link, "days": GOOD_FOR.days, "site": site()}
        ),
        kind=KIND,
        key=f"{key} {timezone.now():%Y-%m-%d}",
    )


def place_of(address):
    """Where letters to this address end, hashed: ann+anything@example.org is Ann's as well."""
    name, _at, host = address.rpartition("@")
    return salted_hmac(
        "comments.notifications.subscriptions", f"{name.partition('+')[0]}@{host}", algorithm="sha256"
    ).hexdigest()[:32]


def address_in(token):
    """The address that the link of a letter confirms. Raises BadSignature."""
    return signing.loads(token, salt=SALT, max_age=GOOD_FOR)


@transaction.atomic
def forget(*addresses):
    """No letters, no rows, no trace in the ledger; but that today's question was asked is known for a day, and what an
    owner or somebody who logs in waits for is sent."""
    addresses = [normalize_email(address) for address in addresses if address]
    Subscription.objects.filter(address__in=addresses).delete()
    Person.objects.filter(address__in=addresses).delete()
    letters = Email.objects.filter(to__in=addresses)
    at_rest = letters.finished().exclude(kind=KIND) | letters.filter(kind__in=replies.KINDS)
    at_rest.delete()
    letters.filter(kind=KIND, made_at__lte=timezone.now() - A_DAY).delete()


def exported(*addresses):
    """What is stored about letters to these addresses, for whoever reads them."""
    found = Subscription.objects.filter(address__in=[normalize_email(address) for address in addresses if address])
    return [
        {
            "address": subscription.address,
            "what": subscription.what,
            "how": subscription.how,
            "post": absolute_url(subscription.post.get_absolute_url()) if subscription.post else None,
            "comment": subscription.comment_id,
            "asked_at": subscription.made_at.isoformat(),
            "confirmed_at": subscription.confirmed_at.isoformat() if subscription.confirmed_at else None,
        }
        for subscription in found.select_related("post")
    ]
