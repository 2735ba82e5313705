"""Whether the name or email address of a new comment could be mistaken for somebody else's.

Names are compared as readers see them (`core.confusables`): letter case, accents, look-alike letters of other
scripts, emoji and "(Author)" make no difference. They are compared with the owner's reserved names, with every account,
and with commenters whose comments were approved in the last 90 days. Commenters who have an approved comment under the
same name and address are not checked (`Person.is_accepted_as`).
"""

from datetime import timedelta
from functools import cache

from django.contrib.auth import get_user_model
from django.db.models import CharField, DateTimeField, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment
from core import confusables
from core.email_addresses import normalize_email
from core.written_queries import Parameter, PreparedModels, PreparedQuery, parameter_values, parameters

REMEMBERED = timedelta(days=90)
DIFFERENT = 50  # pairs of a name and an address that are compared; far more than one address has spellings


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
    values = parameter_values(names) | {"user": user.pk or 0, "address": address, "address_key": address_key}
    others = accounts_alike(len(names), bool(address))(**values) if names or address else []
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


@cache
def accounts_alike(number, with_address):
    """The query for other accounts with one of `number` names, or the email address."""
    alike = Q(name_key__in=parameters(number, CharField()))
    if with_address:
        alike |= Q(email=Parameter("address", CharField())) | Q(email_key=Parameter("address_key", CharField()))
    others = get_user_model().objects.filter(alike, is_active=True).exclude(pk=Parameter("user"))
    return PreparedModels(lambda: others[:20])


def works_here(account):
    return account.has_perm("core.use_desk")


def of_a_commenter(comment, names):
    """The name of another approved commenter with a different address, or their address in another browser."""
    address = normalize_email(comment.email)
    values = {"since": timezone.now() - REMEMBERED, "person": comment.person_id or 0}
    alike = commenters_named(len(names))(**parameter_values(names), **values) if names else []
    if other := next((name for name, email, _first in alike if email.casefold() != address.casefold()), None):
        return _("The name looks like that of %s, whose comments you approved, with another email address.") % other
    if address and (found := commenters_at(address=comment.email, **values)):
        ((other,),) = found
        return _("The email address is that of %s, whose comments you approved, but from another browser.") % other
    return ""


def recently_approved():
    recent = Comment.objects.approved().filter(posted_at__gt=Parameter("since", DateTimeField()))
    return recent.exclude(person=Parameter("person")).order_by("pk")


@cache
def commenters_named(number):
    """The query for (name, email address) of approved commenters with one of `number` names, each pair once."""
    named = recently_approved().filter(name_key__in=parameters(number, CharField())).order_by()
    pairs = named.values_list("name", "email").annotate(Min("pk")).order_by("pk__min")
    return PreparedQuery(lambda: pairs[:DIFFERENT])


@PreparedQuery
def commenters_at():
    """The name of an approved commenter with this email address."""
    return recently_approved().filter(email=Parameter("address", CharField())).values_list("name")[:1]
