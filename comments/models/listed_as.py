"""The desk's list of commenters is read from an index: each Person stores `listed_as` (the trust, or "known" for who
earned it by an approved comment), `last_at` (of the newest comment; None without one, or when they were first seen if
they are blocked, at a message for example) and the numbers of comments, in the transaction that changes a comment or
the trust."""

from django.apps import apps
from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.signals import post_delete, pre_delete

from comments.models.moderation_action import all_comments, parts
from core.written_queries import Parameter, PreparedUpdate

DECIDED_BY = {"person", "person_id", "state", "posted_at"}  # the fields of a comment by which both are decided


def recount_commenters(pks):
    """Store them anew for these people; None among them is nobody. Call it in the transaction of the change.

    PostgreSQL needs the rows locked before: a statement that waits for a row does not see the comments which the other
    transaction has written meanwhile."""
    people, model = sorted(set(pks) - {None}), apps.get_model("comments.Person")
    for some in parts(people):
        if connection.features.has_select_for_update:
            list(model.objects.filter(pk__in=some).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        if len(people) == 1:
            recount_commenter(pk=people[0])
        else:
            model.objects.filter(pk__in=some).update(**computed())


def computed():
    """What is stored, as expressions; for an UPDATE of people."""
    theirs = all_comments().filter(person=OuterRef("pk")).order_by()
    number = theirs.values("person").annotate(number=Count("pk")).values("number")
    earned = Case(When(Exists(theirs.approved()), then=Value("known")), default=Value("unknown"))
    return {
        "last_at": Coalesce(
            Subquery(theirs.order_by("-posted_at").values("posted_at")[:1]),
            Case(When(trust="blocked", then=F("created_at"))),
        ),
        "comment_count": Coalesce(Subquery(number), 0),
        "approved_count": Coalesce(
            Subquery(theirs.approved().values("person").annotate(number=Count("pk")).values("number")), 0
        ),
        "listed_as": Case(When(~Q(trust="unknown"), then=F("trust")), default=earned),
    }


@PreparedUpdate
def recount_commenter():
    return apps.get_model("comments.Person").objects.filter(pk=Parameter("pk")), computed()


def connect_deletions(model):
    """Comments are deleted with their posts as well, of which only Django's signals tell."""
    pre_delete.connect(remember_commenter, sender=model)
    post_delete.connect(recount_after_deletion, sender=model)


def remember_commenter(sender, instance, origin, **_facts):
    """Before all deletions of one call, whose `origin` is the queryset or the object that is deleted."""
    origin.__dict__.setdefault("commenters_of_deleted", set()).add(instance.person_id)


def recount_after_deletion(sender, origin, **_facts):
    """After all comments of one call are gone: the first of them recounts for all."""
    recount_commenters(origin.__dict__.pop("commenters_of_deleted", ()))
