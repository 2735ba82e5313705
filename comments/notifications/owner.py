"""Emails to the owners about comments: up to three single emails an hour; further or similar comments in a digest.

Emails are plain text. Quoted text is defanged, so that mail programs make no links of it. The only links are ours, and
opening their pages (`comments.moderation.email_links`) changes nothing.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField, DateTimeField
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment, DigestLine, DiscussionSettings, ModerationAction
from comments.models.moderation_action import after_action
from comments.models.reasons import strongest
from comments.moderation import clusters, email_links
from core import mail
from core.email_addresses import is_deliverable
from core.models import Email
from core.site import absolute_url, site, site_locale
from core.text import defang
from core.written_queries import Parameter, PreparedModels, PreparedQuery

HELD, PUBLISHED, FILED = DigestLine.What
KINDS = {HELD: "comment held", PUBLISHED: "published to owner"}
DIGEST = "comment digest"
MAX_PER_HOUR = 3  # emails, so that a flood of comments does not become a flood of emails


def notify_owners(comment, *, again=False):
    """Notify the owners of a held or published comment, in the transaction that saves it.

    `again`: a published comment was edited, so an earlier notification about it does not count."""
    wanted = DiscussionSettings.now()
    if comment.state == Comment.State.PENDING and wanted.mail_held:
        notify(comment, HELD, again=again)
    elif comment.is_approved and wanted.mail_published:
        notify(comment, PUBLISHED)


@after_action
def notify_of_approval(decision):
    """Notify the other owners when somebody approves a comment; the one who approved it has seen it."""
    if decision.what != ModerationAction.What.APPROVE or decision.undone_at or decision.by_id is None:
        return
    if DiscussionSettings.now().mail_published:
        for comment in Comment.objects.filter(pk__in=decision.comment_ids).select_related("post", "person"):
            notify(comment, PUBLISHED, seen_by=decision.by_id)


def notify(comment, what, *, seen_by=None, again=False):
    writer = comment.person.account_id if comment.person else None
    is_new = not (seen_by or comment.edited_at)
    for owner in owners():
        if owner.pk in (writer, seen_by):
            continue
        key = key_of(comment, what, owner, again=again)
        if needs_digest(owner, comment, what):
            if again:
                DigestLine.objects.about([comment.pk]).filter(to=owner, what=what).delete()
            if is_new or not emails_by_key(key=key):
                line = DigestLine(comment=comment, to=owner, what=what)
                DigestLine.objects.bulk_create([line], ignore_conflicts=True)
        else:
            queue_email(owner, comment, what, key)


def needs_digest(owner, comment, what):
    """Whether this owner got enough emails in the last hour, or the comment belongs to a cluster."""
    if pending_line(owner=owner.pk):
        return True
    if DIGEST in (kinds := recent_emails(owner)) or len(kinds) >= MAX_PER_HOUR:
        return True
    return what == HELD and clusters.belongs_to_cluster(comment)


def recent_emails(owner):
    """The kinds of the emails about comments queued for this owner in the last hour, one entry per email."""
    return [kind for (kind,) in emails_since(to=owner.email, since=timezone.now() - timedelta(hours=1))]


@PreparedModels
def owners():
    return get_user_model().objects.owners_with_email()


@PreparedQuery
def pending_line():
    """The id of one line that is still to be sent in this owner's next digest."""
    return DigestLine.objects.unsent().filter(to=Parameter("owner")).values_list("pk")[:1]


@PreparedQuery
def emails_by_key():
    return Email.objects.filter(key=Parameter("key", CharField())).values_list("pk")


@PreparedQuery
def emails_since():
    kinds, since = [*KINDS.values(), DIGEST], Parameter("since", DateTimeField())
    return Email.objects.filter(kind__in=kinds, to=Parameter("to", CharField()), created_at__gt=since).values_list(
        "kind"
    )


def queue_email(owner, comment, what, key):
    with site_locale():
        subject = {
            HELD: _("[%(site)s] Please moderate: “%(post)s”"),
            PUBLISHED: _("[%(site)s] New comment on “%(post)s”"),
        }
        return mail.queue(
            to=owner.email,
            subject=subject[what] % {"site": site().title, "post": comment.post},
            text=text_of(comment, what, last=len(recent_emails(owner)) == MAX_PER_HOUR - 1),
            kind=KINDS[what],
            key=key,
            headers=reply_to(comment),
        )


def key_of(comment, what, owner, *, again=False):
    since = f", since {comment.state_since.isoformat()}" if again else ""
    return f"comment {comment.pk} {what}, to {owner.pk}{since}"


@mail.check_before_sending(KINDS[HELD])
def check_held_email(email):
    """Do not send the email if the comment is no longer held, as after a delay of the mail server."""
    number = email.key.split()[1]
    return Comment.objects.pending().filter(pk=number).exists()


def reply_to(comment):
    """A Reply-To header with the commenter's address, if that is valid and deliverable; else no headers."""
    try:
        validate_email(comment.email)
    except ValidationError:
        return {}
    if not is_deliverable(comment.email):
        return {}
    # A quoted local part may contain characters that are unsafe in a header, and real addresses do not need it.
    return {} if set(comment.email) & set("\"'<>()[],;:\\ \t\r\n") else {"Reply-To": comment.email}


def text_of(comment, what, *, last):
    context = comment_context(comment) | {
        "post_url": absolute_url(comment.post.get_absolute_url()),
        "comment_url": absolute_url(comment.get_absolute_url()),
        "queue_url": absolute_url(reverse("desk_review")),
        "waiting": Comment.objects.pending().count(),
        "last": last,
        "reply_to": reply_to(comment),
    }
    return render_to_string(f"comments/mail/{what}.txt", context)


def comment_context(comment, line=None):
    """The template context for a comment, defanged so that mail programs make no links of the commenter's text."""
    return {
        "post": comment.post,
        "writer": defang(comment.writer),
        "email": defang(comment.email),
        "website": defang(comment.url),
        "lines": defang(comment.text).splitlines(),
        "reasons": [defang(str(reason.get("why", ""))) for reason in strongest(comment.reasons)],
        "is_altered": any(defang(said) != said for said in (comment.text, comment.url, comment.name, comment.email)),
        "decide_url": absolute_url(email_links.moderation_path(comment.pk, line)),
    }


def forget(numbers):
    """Delete or empty the emails that quote these comments. Call before erasing them, while the emails can be found."""
    for number in numbers:
        Email.objects.filter(kind__in=KINDS.values(), key__startswith=f"comment {number} ").delete()
    quoting = Email.objects.filter(pk__in=DigestLine.objects.about(numbers).values("email"))
    waiting = list(quoting.waiting().values_list("pk", flat=True))
    DigestLine.objects.filter(email__in=waiting, what=FILED).delete()
    DigestLine.objects.filter(email__in=waiting).update(email=None)  # the other comments go into the next digest
    Email.objects.filter(pk__in=waiting).delete()
    quoting.update(text=_("This email quoted a comment that has since been deleted."), html="")
