"""A rule is tried on the last comments before it is saved."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from comments.models import Comment, DiscussionSettings, Person
from comments.moderation import rule_preview
from tests.filling import fill
from tests.markup import squeeze

SETTINGS = "/desk/settings/discussion/"


@pytest.fixture
def past(discussion, post, ada):
    """What came before: Ann twice, Bob with links, Cy in the spam, an old post's late one, and Ada herself."""
    ann, bob = (Person.objects.create(trust="unknown") for _ in range(2))
    day = timezone.now() - timedelta(days=3)

    def came(text, name, state="approved", person=None, **facts):
        facts = {"posted_at": day + timedelta(hours=Comment.objects.count())} | facts
        return Comment.objects.create(
            post=post, text=text, name=name, email=f"{name.lower()}@example.org", state=state, person=person, **facts
        )

    came("The ferry was late.", "Ann", person=ann)
    came("The ferry was late again.", "Ann", person=ann)
    came("See https://a.example and https://b.example", "Bob", person=bob)
    came("Cheap casino https://c.example", "Cy", "spam")
    came("A casino on the ferry!", "Ada", person=Person.objects.of_account(ada))
    came("Long after: casino.", "Dora", posted_at=post.publish_at + timedelta(days=40))


@pytest.mark.parametrize(
    ("changed", "held", "let_in"),
    [
        ({"moderation_keys": "casino"}, ["Dora", "Cy"], []),
        ({"moderation_keys": "FERRY"}, ["Ann", "Ann"], []),
        ({"disallowed_keys": "c.example"}, ["Cy"], []),
        ({"link_limit": 1}, ["Cy"], []),
        ({"link_limit": 0}, [], ["Bob"]),
        ({"link_limit": 3}, [], ["Bob"]),
        ({"reserved_names": "D\u043era"}, ["Dora"], []),
        ({"manual_approval": True}, ["Dora", "Cy", "Ann", "Ann"], []),
        ({"previously_approved": True}, ["Dora", "Cy", "Ann"], []),
        ({"close_after_days": 30}, ["Dora"], []),
        ({"close_after_days": 30, "close_quietly": True}, ["Dora"], []),
        ({"must_log_in": True}, ["Dora", "Cy", "Ann", "Ann"], []),
        ({"flood_seconds": 60}, [], []),
    ],
)
def test_what_it_would_have_done(past, changed, held, let_in):
    before, after = (DiscussionSettings(previously_approved=False, link_limit=2) for _ in range(2))
    for name, value in changed.items():
        setattr(after, name, value)
    found = rule_preview.preview_settings(before, after)
    assert found.number == 5
    assert [comment.name for comment, _why in found.held] == held and all(why for _comment, why in found.held)
    assert [comment.name for comment in found.let_in] == let_in
    assert rule_preview.changes_a_rule(before, after) == ("flood_seconds" not in changed)


def test_a_new_rule_is_saved_by_a_second_press(as_, ada, past):
    DiscussionSettings.objects.update(previously_approved=False)
    desk = as_(ada)
    page = fill(desk, SETTINGS, moderation_keys="casino").content.decode()
    assert (
        "Not saved yet" in page
        and "These settings would also have held or rejected these 2 of your last 5 comments" in page
    )
    assert "(1 of them is spam or in the trash)" in page and "<bdi>Dora</bdi>" in page
    assert DiscussionSettings.objects.get().moderation_keys == ""
    rehearsed = re.search(r'name="rehearsed" value="(\w+)"', squeeze(page))[1]
    fill(desk, SETTINGS, moderation_keys="ferry", press=f"rehearsed={rehearsed}")
    assert DiscussionSettings.objects.get().moderation_keys == "", "something else was typed after the preview"
    fill(desk, SETTINGS, moderation_keys="casino", press=f"rehearsed={rehearsed}")
    assert DiscussionSettings.objects.get().moderation_keys == "casino"
    fill(desk, SETTINGS, moderation_keys="casino\nzeppelin")
    answer = desk.get(SETTINGS)
    assert "Your last 5 comments would have been treated the same way" in answer.content.decode(), (
        "none is held: one press"
    )


def test_blocking_a_host_is_rehearsed_before_it_is_pressed(as_, mona, past, post):
    """Three look alike and lead to c.example, as Cy's in the spam and one that stands."""
    text = "Win at https://c.example/{0} now"
    some = [Comment.objects.create(post=post, name=f"W{n}", text=text.format(n), state="pending") for n in range(3)]
    Comment.objects.create(post=post, name="Fay", text="I wrote about c.example once", state="approved")
    page = as_(mona).get("/desk/comments/clusters/").content.decode()
    told = page.split("If c.example is blocked:")[1].split("</form>")[0]
    # Cy's is of the group.
    assert "It would also have affected this one of your last 9 comments" in told and "<bdi>Fay</bdi>" in told
    assert "<bdi>W0</bdi>" not in told and DiscussionSettings.objects.get().disallowed_keys == ""
    Comment.objects.filter(name="Fay").delete()
    assert "It would not have affected any other" in as_(mona).get("/desk/comments/clusters/").content.decode() and some


@pytest.mark.parametrize(
    ("facts", "reached", "unreached"),
    [
        ({"email": "ANN@example.org"}, "by_address", "by_network"),
        ({"email": "fay@example.org", "facts": {"network": "n1"}}, "by_network", "by_address"),
        ({"email": "fay@example.org", "facts": {"network": "n2"}}, None, "by_network"),
    ],
)
def test_blocking_a_writer_is_rehearsed_on_their_page(as_, mona, past, post, facts, reached, unreached):
    ann = Comment.objects.filter(name="Ann").first().person
    ann.comments.update(facts={"network": "n1"})
    fay = Comment.objects.create(post=post, name="Fay", text="Another browser", state="approved", **facts)
    context = as_(mona).get(f"/desk/comments/commenters/{ann.pk}/").context
    assert context["last"] == 6 and context[unreached] == []
    if reached:
        assert context[reached] == [fay]


STACK, LIST = "/desk/comments/review/", "/desk/comments/"


def words(page):
    html = re.sub(r"<[^>]+>", " ", page.content.decode().partition("<main")[2])
    return " ".join(unescape(html).split())


@pytest.mark.db
@pytest.mark.parametrize(("where", "then"), [(STACK, "review"), (LIST, ""), ("person", "person")])
@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([], "Of your last 6 comments it would have held no other."),
        ([("fay@example.org", "approved")], "Of your last 7 comments it would have held no other."),
        ([("ANN@example.org", "approved")], "It would also have held 1 of your last 7 comments. See them"),
        (
            [("ann@example.org", "approved"), ("ann@example.org", "spam"), ("ann@EXAMPLE.org", "pending")],
            "It would also have held 3 of your last 9 comments. (1 of them is spam or in the trash) See them",
        ),
    ],
)
def test_a_one_press_block_tells_its_rehearsal_beside_its_undo(as_, mona, past, post, where, then, others, told):
    ann = Comment.objects.filter(name="Ann").first().person
    shown = Comment.objects.create(
        post=post, name="Ann", email="ann@example.org", text="Buy now", state="pending", person=ann
    )
    for n, (email, state) in enumerate(others):
        Comment.objects.create(post=post, name=f"Namesake {n}", email=email, text=f"Other {n}", state=state)
    desk = as_(mona)
    trust = {"trust": f"blocked {shown.pk}", "then": then, "status": "pending", "who": ann.pk}
    page = desk.post(f"/desk/comments/commenters/{ann.pk}/trust/", trust, follow=True)
    shown.refresh_from_db(), ann.refresh_from_db()
    assert (shown.state, ann.trust) == ("spam", "blocked"), "one press stays one press"
    assert told in words(page) and "Undo" in words(page).partition(told)[2][:20]
    assert ("See them" in words(page)) == ("See them" in told)
    if "See them" not in told:
        return
    see = re.search(r'href="(/desk/comments/commenters/\d+/block-preview/\?decided=\d+)"', squeeze(page.content))[1]
    listed = desk.get(see)
    assert [comment.name for comment in listed.context["comments"]] == [
        f"Namesake {n}" for n in reversed(range(len(others)))
    ]
    assert "Buy now" not in words(listed) and f"these {len(others)} of others" in words(listed).replace("this", "these")
    undo = re.search(r'action="(/desk/comments/history/\d+/undo/)"', squeeze(listed.content))[1]
    back = desk.post(undo, {"then": "person", "who": ann.pk}, follow=True)
    ann.refresh_from_db(), shown.refresh_from_db()
    assert (ann.trust, shown.state) == ("unknown", "pending") and back.status_code == 200
    assert "it would have held no other." in words(desk.get(see)) and "Undo" not in words(desk.get(see))


def test_a_friend_has_no_rehearsal_and_a_block_with_a_network_tells_of_it(as_, mona, past, post):
    ann = Comment.objects.filter(name="Ann").first().person
    ann.comments.update(facts={"network": "n1"})
    Comment.objects.create(post=post, name="Fay", text="x", email="fay@example.org", facts={"network": "n1"})
    desk, address = as_(mona), f"/desk/comments/commenters/{ann.pk}/trust/"
    said = "It would also have held 1 of your last 6 comments."
    assert "would also have held" not in words(desk.post(address, {"trust": "friend"}, follow=True))
    assert said in words(desk.post(address, {"trust": "blocked", "network": "7"}, follow=True))
    desk.post(address, {"trust": "unknown"})
    assert said not in words(desk.post(address, {"trust": "blocked"}, follow=True))


def test_what_a_block_reaches_is_for_moderators(as_, arthur, rene, past):
    ann = Comment.objects.filter(name="Ann").first().person
    for user in (arthur, rene):
        assert as_(user).get(f"/desk/comments/commenters/{ann.pk}/block-preview/").status_code == 403


def test_a_rehearsal_asks_as_often_for_many_comments(past, post, django_assert_num_queries):
    Comment.objects.bulk_create(Comment(post=post, text=f"Number {n}", state="approved") for n in range(60))
    before, after = DiscussionSettings(), DiscussionSettings(moderation_keys="number", manual_approval=True)
    with django_assert_num_queries(2):
        assert rule_preview.preview_settings(before, after).number == 65
