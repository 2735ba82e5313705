"""Letters to the owners about answers: each by itself up to three an hour, what is beyond that or looks alike together.

A letter is plain text. What strangers wrote is quoted in it so that no mail program finds a link of theirs there; the
links are ours, and the pages behind them (`comments.moderation.email_links`) change nothing by being looked at.
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
from comments.models.moderation_action import afterwards
from comments.models.reasons import strongest
from comments.moderation import clusters, email_links
from core import mail
from core.email_addresses import is_deliverable
from core.models import Email
from core.site import absolute_url, site, site_locale
from core.text import defang
from core.written_queries import Parameter, PreparedQuery

HELD, PUBLISHED, FILED = DigestLine.What
KINDS = {HELD: "comment held", PUBLISHED: "published to owner"}
DIGEST = "comment digest"
AN_HOUR = 3  # letters; a flood of answers must not become a flood of mail


def write_about(comment, *, again=False):
    """Tell the owners of an answer that waits or stands, in the transaction that stores it; that it stood before is
    to be told `again`."""
    wanted = DiscussionSettings.now()
    if comment.state == Comment.State.PENDING and wanted.mail_held:
        tell(comment, HELD, again=again)
    elif comment.is_approved and wanted.mail_published:
        tell(comment, PUBLISHED)


@afterwards
def tell_what_others_let_in(decision):
    """An owner has seen what they approve themselves; what a moderator approves is published without them."""
    if decision.what != ModerationAction.What.APPROVE or decision.undone_at or decision.by_id is None:
        return
    if DiscussionSettings.now().mail_published:
        for comment in Comment.objects.filter(pk__in=decision.comment_ids).select_related("post", "person"):
            tell(comment, PUBLISHED, seen_by=decision.by_id)


def tell(comment, what, *, seen_by=None, again=False):
    writer = comment.person.account_id if comment.person else None
    is_new = not (seen_by or comment.edited_at)
    for owner in those_who_own():
        if owner.pk in (writer, seen_by):
            continue
        key = key_of(comment, what, owner, again=again)
        if goes_into_a_digest(owner, comment, what):
            if again:
                DigestLine.objects.about([comment.pk]).filter(to=owner, what=what).delete()
            if is_new or not letters_of(key=key):
                line = DigestLine(comment=comment, to=owner, what=what)
                DigestLine.objects.bulk_create([line], ignore_conflicts=True)
        else:
            write(owner, comment, what, key)


def goes_into_a_digest(owner, comment, what):
    """Whether there were letters enough in this hour, or the comment is one of a wave."""
    if waiting_for(owner=owner.pk):
        return True
    if DIGEST in (kinds := written_to(owner)) or len(kinds) >= AN_HOUR:
        return True
    return what == HELD and clusters.comes_in_one(comment)


def written_to(owner):
    """The kinds of the letters about comments that this owner was written in the last hour."""
    return [kind for (kind,) in letters_since(to=owner.email, since=timezone.now() - timedelta(hours=1))]


@PreparedQuery
def those_who_own():
    return get_user_model().objects.owners_with_email()


@PreparedQuery
def waiting_for():
    """One line that waits for the next digest of this owner."""
    return DigestLine.objects.untold().filter(to=Parameter("owner")).values_list("pk")[:1]


@PreparedQuery
def letters_of():
    return Email.objects.filter(key=Parameter("key", CharField())).values_list("pk")


@PreparedQuery
def letters_since():
    kinds, since = [*KINDS.values(), DIGEST], Parameter("since", DateTimeField())
    return Email.objects.filter(kind__in=kinds, to=Parameter("to", CharField()), made_at__gt=since).values_list("kind")


def write(owner, comment, what, key):
    with site_locale():
        subject = {
            HELD: _("[%(site)s] Please moderate: “%(post)s”"),
            PUBLISHED: _("[%(site)s] New comment on “%(post)s”"),
        }
        return mail.queue(
            to=owner.email,
            subject=subject[what] % {"site": site().title, "post": comment.post},
            text=text_of(comment, what, last=len(written_to(owner)) == AN_HOUR - 1),
            kind=KINDS[what],
            key=key,
            headers=reply_to(comment),
        )


def key_of(comment, what, owner, *, again=False):
    since = f", since {comment.state_since.isoformat()}" if again else ""
    return f"comment {comment.pk} {what}, to {owner.pk}{since}"


@mail.check_before_sending(KINDS[HELD])
def still_waits(letter):
    """Where mail has waited for its server, what was decided meanwhile is no news."""
    number = letter.key.split()[1]
    return Comment.objects.pending().filter(pk=number).exists()


def reply_to(comment):
    """The address that its writer gave, if it is a bare one that takes emails: an answer to the email goes there."""
    try:
        validate_email(comment.email)
    except ValidationError:
        return {}
    if not is_deliverable(comment.email):
        return {}
    # A quoted name may hold whatever a header must not, and no real address needs one.
    return {} if set(comment.email) & set("\"'<>()[],;:\\ \t\r\n") else {"Reply-To": comment.email}


def text_of(comment, what, *, last):
    context = told_of(comment) | {
        "post_url": absolute_url(comment.post.get_absolute_url()),
        "comment_url": absolute_url(comment.get_absolute_url()),
        "queue_url": absolute_url(reverse("desk_stack")),
        "waiting": Comment.objects.pending().count(),
        "last": last,
        "reply_to": reply_to(comment),
    }
    return render_to_string(f"comments/mail/{what}.txt", context)


def told_of(comment, line=None):
    """What a letter says of a comment, with nothing of its writer's that a mail program could make a link of."""
    return {
        "post": comment.post,
        "writer": defang(comment.writer),
        "email": defang(comment.email),
        "website": defang(comment.url),
        "lines": defang(comment.text).splitlines(),
        "reasons": [defang(str(reason.get("why", ""))) for reason in strongest(comment.reasons)],
        "is_altered": any(defang(said) != said for said in (comment.text, comment.url, comment.name, comment.email)),
        "decide_url": absolute_url(email_links.path_for(comment.pk, line)),
    }


def forget(numbers):
    """Take what quotes these comments out of the ledger: asked before they are erased, while it can be found."""
    for number in numbers:
        Email.objects.filter(kind__in=KINDS.values(), key__startswith=f"comment {number} ").delete()
    quoting = Email.objects.filter(pk__in=DigestLine.objects.about(numbers).values("letter"))
    waiting = list(quoting.waiting().values_list("pk", flat=True))
    DigestLine.objects.filter(letter__in=waiting, what=FILED).delete()
    DigestLine.objects.filter(letter__in=waiting).update(letter=None)  # the others are told by the next digest
    Email.objects.filter(pk__in=waiting).delete()
    quoting.update(text=_("This email quoted a comment that has since been deleted."), html="")
