"""Who types somebody else's name or address waits, and the owner reads why: a generated table of all combinations."""

from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Block, Comment, Person

HERE = {"origin": "http://localhost:8000"}
# Whom a name or an address belongs to: Ada owns the blog, Rene has an account, Bob and Zoe are approved guests.
NAMES = {
    "Ada": "Ada",
    "ADA": "Ada",
    "Аdа": "Ada",  # Cyrillic
    "Ａｄａ": "Ada",
    "ada ✓ (Author)": "Ada",
    "👑 Admin": "Admin",
    "Rene": "Rene",
    "ŔENE": "Rene",
    "Bob": "Bob",
    "B o b ✓": "Bob",
    "Zoe": "Zoe",
    "The Ada Runs Team": "the ada runs",  # on the owner's list
    "Yves": None,
}
ADDRESSES = {
    "ada@example.org": "Ada",
    "Rene@example.org": "Rene",
    "bob@example.org": "Bob",
    "zoe@example.org": "Zoe",
    "yves@example.org": None,
}


@pytest.fixture
def browsers(ada, rene, post, discussion, say, settings):
    """A blog on which everybody appears at once, with Bob and Zoe, who were approved in browsers of their own."""
    settings.LONGRUN_LIMITS = False
    discussion.previously_approved, discussion.flood_seconds = False, 0
    discussion.reserved_names = "The ada runs"
    discussion.save()
    browsers = {"fresh": Client(headers=HERE)}
    for name in ("Bob", "Zoe"):
        browsers[name] = Client(headers=HERE)
        say(browsers[name], post, f"First of {name}", author=name, email=f"{name.lower()}@example.org")
        assert Comment.objects.filter(name=name).get().is_approved
    return browsers


def newest():
    return Comment.objects.order_by("-pk").first()


def why(comment):
    return [reason["why"] for reason in comment.reasons if reason["rule"] == "hold_impersonation"]


@pytest.mark.long
@pytest.mark.parametrize("whose", ["fresh", "Bob", "Zoe"])
def test_a_guest_waits_under_every_name_and_address_but_their_own(browsers, post, say, whose):
    seen = set(Comment.objects.values_list("pk", flat=True))
    for number, (name, address) in enumerate(product(NAMES, ADDRESSES)):
        others = [whom for whom in (NAMES[name], ADDRESSES[address]) if whom not in (None, whose)]
        say(browsers[whose], post, f"A good run on day {number}.", author=name, email=address)
        comment = Comment.objects.exclude(pk__in=seen).get()
        if others:
            assert comment.state == "pending" and len(why(comment)) == 1, (name, address)
            assert any(other.casefold() in why(comment)[0].casefold() for other in others), (name, address)
        else:
            assert (comment.state, why(comment)) == ("approved", []), (name, address, comment.reasons)
        comment.delete()


def test_an_account_has_its_own_name_and_nobody_elses(browsers, rene, post, as_):
    client = as_(rene)
    for name, held in [("Rene", False), ("Ada ✓", True), ("Bob", True), ("René", False)]:
        rene.name = name
        rene.save()
        client.post(f"/comments/{post.pk}/", {"comment": f"As {name}"}, headers=HERE)
        assert bool(why(newest())) is held, name


def test_a_name_that_was_approved_once_is_not_asked_for_again(browsers, ada, post, say):
    say(browsers["fresh"], post, "I am called so as well.", author="Ada", email="another@example.org")
    assert newest().state == "pending"
    newest().approve(ada)
    say(browsers["fresh"], post, "Once more.", author="Ada", email="another@example.org")
    assert newest().state == "approved"


def test_a_name_of_three_months_ago_is_free_again(browsers, post, say):
    Comment.objects.filter(name="Bob").update(posted_at=timezone.now() - timedelta(days=91))
    say(browsers["fresh"], post, "Another Bob.", author="Bob", email="another@example.org")
    assert newest().state == "approved"


def test_a_friend_is_a_friend_under_one_name(browsers, ada, post, say):
    Person.objects.get(comments__name="Bob").set_trust("friend", ada)
    for name, state in [("Bob", "approved"), ("Ada", "pending"), ("Bob", "approved")]:
        say(browsers["Bob"], post, f"{name} {state} {Comment.objects.count()}", author=name, email="bob@example.org")
        assert newest().state == state


@pytest.mark.parametrize("trust", ["known", "friend"])
def test_whoever_is_trusted_before_a_comment_was_approved_is_trusted_as_they_wrote(
    ada, post, say, discussion, guest, trust, settings
):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "One.")
    newest().person.set_trust(trust, ada)
    for name, state in [("Ann", "approved"), ("Carl", "pending"), ("Carl", "pending")]:
        say(guest, post, f"{name} {Comment.objects.count()}", author=name)
        assert newest().state == state


def test_the_owner_reads_under_which_name_a_browser_wrote_before(guest, ada, post, say, settings):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "One.")
    newest().approve(ada)
    say(guest, post, "Two.", author="Carl")
    assert "was called Ann before" in newest().reasons[0]["why"]


# Blocking


@pytest.fixture
def blocked(ada, post, say, guest, settings):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "You all are wrong.", author="Mallory", email="mallory@example.org")
    person = newest().person
    person.set_trust("blocked", ada, network_days=7)
    return person


@pytest.mark.parametrize(
    ("email", "place", "state"),
    [
        ("mallory@example.org", "203.0.113.9", "spam"),
        ("Mallory@Example.org", "203.0.113.9", "spam"),
        ("other@example.org", "127.0.0.1", "spam"),  # the same network
        ("other@example.org", "203.0.113.9", "pending"),
    ],
)
def test_a_block_reaches_the_address_and_for_a_time_the_network(blocked, post, say, email, place, state):
    say(Client(headers=HERE, REMOTE_ADDR=place), post, "Me again.", author="M.", email=email)
    assert newest().state == state


def test_a_network_is_free_after_its_time(blocked, post, say):
    Block.objects.filter(kind="network").update(until=timezone.now())
    say(Client(headers=HERE), post, "A neighbour.", author="N.", email="n@example.org")
    assert newest().state == "pending"


def test_a_block_that_is_taken_back_reaches_nothing(blocked, ada, post, say):
    blocked.set_trust("unknown", ada)
    say(Client(headers=HERE), post, "Forgiven.", author="Mallory", email="mallory@example.org")
    assert newest().state == "pending" and not Block.objects.standing().exists()


def test_a_block_whose_end_is_undone_reaches_as_far_as_before(blocked, ada, post, say):
    reached = set(Block.objects.standing().values_list("kind", "value"))
    blocked.set_trust("unknown", ada).undo()
    assert set(Block.objects.standing().values_list("kind", "value")) == reached and len(reached) == 2
    say(Client(headers=HERE, REMOTE_ADDR="203.0.113.9"), post, "Me again.", author="M.", email="mallory@example.org")
    assert newest().state == "spam"


def test_an_undone_block_reaches_nothing(blocked, ada, post, say):
    blocked.set_trust("unknown", ada)
    blocked.set_trust("blocked", ada).undo()
    say(Client(headers=HERE), post, "Forgiven.", author="Mallory", email="mallory@example.org")
    assert newest().state == "pending"


def test_whoever_is_blocked_cannot_have_others_binned_by_typing_their_address(
    blocked, ada, post, say, guest, make_comment
):
    make_comment("Long ago", name="Ann", email="ann@example.org")
    blocked.set_trust("unknown", ada)
    say(guest, post, "Typed hers.", author="Mallory", email="ann@example.org")
    blocked.set_trust("blocked", ada)
    say(Client(headers=HERE, REMOTE_ADDR="203.0.113.9"), post, "It is me, Ann.")
    assert newest().state == "pending"
