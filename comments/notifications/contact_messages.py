"""Emails to the owners about messages of contact forms, unless the discussion settings turn them off: each good one, at
most `MAX_PER_HOUR`; that some are held, once a day; of spam nothing. Plain text; what the sender typed is defanged, as
in the emails about comments."""

from datetime import timedelta

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import DiscussionSettings, Message
from comments.notifications.owner import owners, reply_to
from core import mail
from core.models import Email
from core.site import absolute_url, site, site_locale
from core.text import defang

KIND, HELD = "contact message", "contact messages held"
MAX_PER_HOUR = 10  # emails, so that a flood of messages does not become a flood of emails


def notify_owners(message):
    """Queue the emails about a new message, in the transaction that saves it."""
    if not DiscussionSettings.now().mail_messages:
        return
    notify = {Message.State.NEW: queue_message, Message.State.PENDING: queue_number}.get(message.state)
    for owner in owners() if notify else ():
        with site_locale():
            notify(message, owner)


def queue_message(message, owner):
    hour = timezone.now() - timedelta(hours=1)
    sent = Email.objects.filter(kind=KIND, to=owner.email, created_at__gt=hour).count()
    if sent >= MAX_PER_HOUR:
        return
    context = {
        "post": message.post,
        "writer": defang(message.name),
        "email": defang(message.email),
        "lines": defang(message.text).splitlines(),
        "is_altered": any(defang(said) != said for said in (message.text, message.name, message.email)),
        "reply_to": reply_to(message),
        "messages_url": absolute_url(reverse("desk_messages")),
        "last": sent == MAX_PER_HOUR - 1,
    }
    mail.queue(
        to=owner.email,
        subject=_("[%(site)s] Message from %(name)s") % {"site": site().title, "name": defang(message.name)},
        text=render_to_string("comments/mail/message.txt", context),
        kind=KIND,
        key=f"message {message.pk}, to {owner.pk}",
        headers=reply_to(message),
    )


def queue_number(_message, owner):
    """Queue the email that says that messages are held, unless there was one today."""
    context = {"messages_url": absolute_url(reverse("desk_messages_in", args=[Message.State.PENDING]))}
    mail.queue(
        to=owner.email,
        subject=_("[%(site)s] A message was held") % {"site": site().title},
        text=render_to_string("comments/mail/messages_held.txt", context),
        kind=HELD,
        key=f"messages held on {timezone.localdate()}, to {owner.pk}",
    )


@mail.check_before_sending(KIND)
def check_message_email(email):
    """Do not send the email if the message was moved to spam or the trash, or deleted, meanwhile, or if emails about
    messages were turned off."""
    number = email.key.removeprefix("message ").partition(",")[0]
    return DiscussionSettings.now().mail_messages and Message.objects.accepted().filter(pk=number).exists()


@mail.check_before_sending(HELD)
def check_number_email(_email):
    return DiscussionSettings.now().mail_messages and Message.objects.pending().exists()


def forget(numbers):
    """Delete the emails that quote these messages."""
    for number in numbers:
        Email.objects.filter(kind=KIND, key__startswith=f"message {number},").delete()
