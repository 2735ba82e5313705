"""What each commenter stores for the desk's list is what their comments and their trust say, whatever was done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import Comment, ModerationAction, Person
from comments.views.merge_accounts import merge_comments

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PEOPLE = "/desk/comments/commenters/"


def stored():
    rows = Person.objects.values_list("pk", "listed_as", "last_at", "comment_count", "approved_count")
    return {pk: tuple(row) for pk, *row in rows}


def computed():
    """The same from the comments themselves."""
    approved = Count("comments", filter=Q(comments__state="approved"))
    people = Person.objects.annotate(last=Max("comments__posted_at"), number=Count("comments"), approved=approved)
    found = {}
    for who in people:
        earned = "known" if who.approved else "unknown"
        found[who.pk] = (earned if who.trust == "unknown" else who.trust, who.last, who.number, who.approved)
    return found


@pytest.fixture
def crowd(make_comment):
    """Three browsers with two comments each, one comment after the other."""
    now, people = timezone.now() - timedelta(days=9), [Person.objects.of_browser(f"{at:032}") for at in range(3)]
    comments = [
        make_comment(person=people[at % 3], text=f"Number {at} of them", name=f"Name {at}",
                     state="pending", posted_at=now + timedelta(hours=at))
        for at in range(6)
    ]  # fmt: skip
    return people, comments


UNDONE = ("undo", "spam", "trash and restore", "a friend, and undone")
DEEDS = {
    "approve": lambda who, said, by: said[5].approve(by),
    "approve many": lambda who, said, by: Comment.objects.filter(person=who[0]).approve(by),
    "undo": lambda who, said, by: said[4].approve(by).undo(),
    "spam": lambda who, said, by: (said[3].approve(by), said[3].mark_spam(by)),
    "trash and restore": lambda who, said, by: (said[3].trash(by), said[3].restore(by)),
    "a friend, and undone": lambda who, said, by: who[1].set_trust("friend", by, beside=said[1].itself).undo(),
    "a friend": lambda who, said, by: who[1].set_trust("friend", by, beside=said[1].itself),
    "blocked": lambda who, said, by: who[2].set_trust("blocked", by),
    "known": lambda who, said, by: Person.objects.filter(pk=who[2].pk).update(trust="known"),
    "another writer": lambda who, said, by: Comment.objects.filter(pk=said[5].pk).update(person=who[0]),
    "another writer's number": lambda who, said, by: Comment.objects.filter(pk=said[5].pk).update(person_id=who[0].pk),
    "later": lambda who, said, by: Comment.objects.filter(pk=said[0].pk).update(posted_at=timezone.now()),
    "saved with a date": lambda who, said, by: save(said[1], posted_at=timezone.now()),
    "saved whole": lambda who, said, by: (setattr(said[2], "state", "approved"), said[2].save()),
    "saved whole by an old instance": lambda who, said, by: (said[0].approve(by), who[0].save()),
    "anonymous": lambda who, said, by: Comment.objects.filter(person=who[1]).anonymise(),
    "erased": lambda who, said, by: Comment.objects.filter(pk=said[5].pk).erase(),
    "deleted": lambda who, said, by: said[5].delete(),
    "all of one deleted": lambda who, said, by: Comment.objects.filter(person=who[0]).delete(),
    "deleted with the post": lambda who, said, by: said[0].post.delete(),
    "accounts merged": lambda who, said, by: merge_comments(by, account(who[2])),
    "in bulk": lambda who, said, by: Comment.objects.bulk_create(
        [Comment(post=said[0].post, person=each, text="More", state="approved") for each in who[:2]]
    ),
}  # fmt: skip


def save(comment, **values):
    for name, value in values.items():
        setattr(comment, name, value)
    comment.save(update_fields=list(values))


def account(person):
    from django.contrib.auth import get_user_model

    person.account = get_user_model().objects.create_user("other@example.org")
    person.save(update_fields=["account"])
    return person.account


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_stored_is_what_the_comments_say(deed, crowd, mona):
    before = stored()
    assert before == computed() and {row[1] for row in before.values()} >= {each.posted_at for each in crowd[1][3:]}
    DEEDS[deed](*crowd, mona)
    assert stored() == computed()
    assert deed in UNDONE or stored() != before


def test_many_deeds_one_after_another(crowd, mona):
    people, comments = crowd
    for deed in ("approve", "a friend", "another writer", "blocked", "spam", "in bulk", "anonymous", "erased"):
        DEEDS[deed](people, comments, mona)
        assert stored() == computed(), deed
    while action := ModerationAction.objects.standing().exclude(what="erase").newest_first().first():
        action.undo()
        assert stored() == computed()


def test_the_migration_fills_them_in(crowd, mona):
    crowd[1][5].approve(mona)
    right = stored()
    Person.objects.update(listed_as="unknown", last_at=None, comment_count=0, approved_count=0)
    assert stored() != right
    migration = MigrationExecutor(connection).loader.get_migration("comments", "0005_fill_commenters_in_lists")
    with connection.cursor() as cursor:
        cursor.execute(migration.operations[0].sql)
    assert stored() == right == computed()


def test_the_list_is_in_the_order_of_the_last_comment(crowd, as_, mona):
    people, comments = crowd
    comments[4].approve(mona)
    comments[2].approve(mona)
    shown = as_(mona).get(PEOPLE).context["page"].object_list
    assert [(who.pk, who.last_name, who.comment_count, who.approved_count) for who in shown] == [
        (people[2].pk, "Name 5", 2, 1),
        (people[1].pk, "Name 4", 2, 1),
    ]
    shown = as_(mona).get(f"{PEOPLE}?kind=unknown").context["page"].object_list
    assert [(who.pk, who.last_at, who.comment_count, who.approved_count) for who in shown] == [
        (people[0].pk, comments[3].posted_at, 2, 0)
    ]


def test_the_list_asks_for_as_much_whatever_it_shows(crowd, as_, mona):
    desk = as_(mona)
    Comment.objects.all().approve(mona)
    desk.get(PEOPLE)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(PEOPLE).context["page"].paginator.count == 3
    # how many there are, and one page of them
    assert len([each for each in asked if "person" in each["sql"]]) == 2
    Person.objects.filter(listed_as="known").update(trust="friend")
    with CaptureQueriesContext(connection) as asked:
        assert not desk.get(PEOPLE).context["page"].object_list
    assert len([each for each in asked if "person" in each["sql"]]) == 1
