"""Whether the name or email address of a new comment could be mistaken for somebody else's.

Names are compared as readers see them (`core.confusables`): letter case, accents, look-alike letters of other
scripts, emoji and "(Author)" make no difference. They are compared with the owner's reserved names, with every account,
and with commenters whose comments were approved in the last 90 days. Commenters who have an approved comment under the
same name and address are not checked (`Person.is_accepted_as`).
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment
from core import confusables
from core.email_addresses import normalize_email

REMEMBERED = timedelta(days=90)


def why_mistaken(comment, user, settings):
    """The reason as a sentence for the moderator, which says whom readers could take the commenter for; or ""."""
    names = confusables.skeletons(comment.name)
    return (
        of_nobody(comment, names, user, settings)
        or of_an_account(comment, names, user)
        or of_a_commenter(comment, names)
    )


def of_nobody(comment, names, user, settings):
    """A name that no guest may use: one that the owner reserved, or a role ("Admin")."""
    if user.is_authenticated:
        return ""
    for line in settings.reserved_names.splitlines():
        if confusables.skeletons(line) & names:
            return _("The name is on your list of reserved names: “%s”.") % line.strip()
    if confusables.is_role_name(comment.name):
        return _("The name claims to belong to this blog: “%s”.") % comment.name
    return ""


def of_an_account(comment, names, user):
    """A name or address of another account. Staff take precedence over readers, names over addresses."""
    address, address_key = normalize_email(comment.email), confusables.skeleton(comment.email)
    alike = Q(name_key__in=names)
    if address:
        alike |= Q(email=address) | Q(email_key=address_key)
    others = get_user_model().objects.filter(alike, is_active=True).exclude(pk=user.pk)[:20]
    ranked = sorted(others, key=lambda other: (not works_here(other), other.name_key not in names))
    for other in ranked:
        is_staff = works_here(other)
        if other.name_key in names:
            said = (
                _("The name looks like that of %s, who works here.")
                if is_staff
                else _("The name looks like that of %s, who has an account here.")
            )
        elif user.is_authenticated:  # the address of a logged-in user is confirmed, so it is their own
            continue
        else:
            said = (
                _("The email address is that of %s, who works here, but the commenter is not logged in.")
                if is_staff
                else _("The email address is that of %s, who has an account here, but the commenter is not logged in.")
            )
        return said % other.name
    return ""


def works_here(account):
    return account.has_perm("core.use_desk")


def of_a_commenter(comment, names):
    """The name of another approved commenter with a different address, or their address in another browser."""
    address = normalize_email(comment.email)
    recent = Comment.objects.approved().filter(posted_at__gt=timezone.now() - REMEMBERED)
    others = recent.exclude(person=comment.person_id) if comment.person_id else recent
    if other := others.filter(name_key__in=names).exclude(email__iexact=address).values_list("name", flat=True).first():
        return _("The name looks like that of %s, whose comments you approved, with another email address.") % other
    if address and (other := others.filter(email=comment.email).values_list("name", flat=True).first()):
        return _("The email address is that of %s, whose comments you approved, but from another browser.") % other
    return ""
