"""The email log at the desk: each email with its recipient, state and reason; a test email; resending."""

import re

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from core import email_log, mail, rate_limits
from core.models import Email
from core.pagination import CountedPaginator
from core.site import site
from core.text import tidy_line
from server.email_providers import PROVIDERS

PER_PAGE = 50
STATES = {
    "": gettext_lazy("All"),
    "waiting": gettext_lazy("Waiting"),
    "sending": gettext_lazy("Sending"),
    "sent": gettext_lazy("Sent"),
    "refused": gettext_lazy("Refused"),
    "bounced": gettext_lazy("Bounced"),
    "failed": gettext_lazy("Failed"),
}
KINDS = {
    "comment held": gettext_lazy("Held comment"),
    "contact message": gettext_lazy("Message of a contact form"),
    "contact messages held": gettext_lazy("Held messages"),
    "published to owner": gettext_lazy("Published comment"),
    "comment digest": gettext_lazy("Comment digest"),
    "comment wave": gettext_lazy("Many similar comments"),
    "weekly": gettext_lazy("Weekly report"),
    "restore drill": gettext_lazy("Failed restore drill"),
    "test": gettext_lazy("Test"),
    "account": gettext_lazy("Account"),
    "code": gettext_lazy("Login code"),
    "invitation": gettext_lazy("Invitation"),
    # To readers.
    "confirm subscription": gettext_lazy("Subscription confirmation"),
    "new comment": gettext_lazy("Reply notification"),
    "comment published": gettext_lazy("Comment published, to the commenter"),
    "new post": gettext_lazy("New post"),
    "daily digest": gettext_lazy("Daily digest"),
}
# These emails contain links or codes that open somebody's account.
SECRET_KINDS = {"account", "code", "invitation"}


@at_the_desk("core.manage_emails")
@require_safe
def email_list(request):
    """All emails, newest first; `show` is a state, `q` a part of the recipient's address."""
    words = tidy_line(request.GET.get("q", ""))[:254]
    show = request.GET.get("show", "")
    show = show if show in STATES else ""
    found = Email.objects.addressed_to(words)
    counts = found.counts()
    rows = found.in_state(show).defer("text", "html", "headers").order_by("-pk")
    context = {
        "page": CountedPaginator(rows, PER_PAGE, counts[show]).get_page(request.GET.get("page")),
        "statuses": [
            (state, label, counts[state]) for state, label in STATES.items() if counts[state] or state == show
        ],
        "show": show,
        "q": words,
        "kinds": KINDS,
        "is_configured": mail.is_configured(),
        "by": mail_service(),
        "keep_text": email_log.KEEP_TEXT.days,
        "keep_row": email_log.KEEP_ROW.days,
    }
    return render(request, "desk/emails/email_list.html", context)


@at_the_desk("core.manage_emails")
@require_safe
def email_detail(request, pk):
    """One email, its text and its state. Links in emails to others are redacted, since they may log somebody in."""
    found = get_object_or_404(Email, pk=pk)
    theirs = found.to != request.user.email
    context = {
        "email": found,
        "kind": KINDS.get(found.kind, found.kind),
        "is_a_key": theirs and found.kind in SECRET_KINDS,
        "text": redact_links(found.text) if theirs else found.text,
        "is_configured": mail.is_configured(),
        "keep_text": email_log.KEEP_TEXT.days,
    }
    return render(request, "desk/emails/email_detail.html", context)


@at_the_desk("core.manage_emails")
@require_POST
def resend(request, pk):
    """Queue the email again, to be sent at once."""
    found = get_object_or_404(Email, pk=pk)
    if not found.can_be_sent_again:
        messages.info(request, _("This email cannot be sent again: it has been sent, or its text is no longer kept."))
    elif not mail.is_configured():
        messages.info(request, _("Email is not set up (EMAIL_HOST), so the email has to wait."))
    else:
        mail.resend(found)
        messages.success(request, _("The email is being sent again. Its status is shown here."))
    return redirect("desk_email", pk=pk)


@at_the_desk("core.manage_emails")
@require_POST
def send_test(request):
    """Send a test email to the user within the request, and show the result."""
    if not request.user.email:
        messages.info(request, _("Your account has no email address for a test."))
        return redirect("desk_emails")
    if rate_limits.hit("test_letter", f"account {request.user.pk}"):
        messages.info(request, _("Too many tests; wait a minute and try again."))
        return redirect("desk_emails")
    sent = mail.send_now(
        to=request.user.email,
        subject=_("[%(site)s] Test email") % {"site": site().title},
        text=_("If you can read this, emails from your blog reach you. You do not need to do anything."),
        kind="test",
    )
    add_result_message(request, sent)
    return redirect("desk_email", pk=sent.pk)


def add_result_message(request, sent):
    by = mail_service()
    if not mail.is_configured():
        messages.error(request, _("Nothing was sent: email is not set up (EMAIL_HOST). The email is waiting."))
    elif sent.state == Email.State.SENT:
        said = _("%s has accepted the email. Check your inbox, and the spam folder too.")
        messages.success(request, said % by)
    elif sent.state == Email.State.REFUSED:
        messages.error(request, _("%(by)s has rejected it: %(why)s") % {"by": by, "why": sent.last_error})
    elif sent.state == Email.State.WAITING:
        said = _("%(by)s has not accepted it: %(why)s It will be tried again.")
        messages.error(request, said % {"by": by, "why": sent.last_error.rstrip(".") + "."})
    else:
        messages.info(request, _("The email is being sent; check again in a moment."))


def mail_service():
    """The configured provider's name or SMTP server, "" if there is none."""
    if settings.EMAIL_PROVIDER:
        return PROVIDERS[settings.EMAIL_PROVIDER].label
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_HOST else ""


def redact_links(text):
    """The text with the signed parts of the blog's own links replaced by "…"."""
    home = re.escape(settings.LONGRUN_URL)
    return re.sub(rf"{home}/\S+", lambda link: PART.sub(redact_part, link[0]), text)


PART = re.compile(r"(?<=[/=?&])[^/=?&\s]{16,}")


def redact_part(part):
    """Replace a part of a URL that may be a token: those have capitals or a colon, slugs have neither."""
    return part[0] if re.fullmatch(r"[a-z0-9.%-]+", part[0]) else "…"
