"""People: their past on one page, and trust that the owner gives."""

import json

import pytest

from comments.models import Comment, Decision, Person
from ground.models import Letter

PEOPLE = "/desk/comments/people/"


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


@pytest.fixture
def ann(make_comment):
    """Somebody known by her browser."""
    person = Person.objects.of_browser("a" * 32)
    make_comment("First of Ann", person=person, name="Ann", email="ann@example.org")
    return person


def test_each_kind_lists_its_people(desk, rene, make_comment, ann):
    make_comment("Waiting", state="pending", name="Uwe", person=Person.objects.of_browser("u" * 32))
    make_comment("Good", state="pending", name="Fay", person=Person.objects.create(browser="f" * 32, trust="friend"))
    make_comment("Bad", state="spam", name="Bo", person=Person.objects.create(browser="b" * 32, trust="blocked"))
    for kind, name in [("unknown", "Uwe"), ("known", "Ann"), ("friends", "Fay"), ("blocked", "Bo")]:
        page = desk.get(PEOPLE, {"kind": kind}).content.decode()
        assert [other for other in ("Uwe", "Ann", "Fay", "Bo") if f"<bdi>{other}</bdi>" in page] == [name]


def test_a_person_is_found_by_name_or_account(desk, rene, make_comment, ann):
    make_comment("By account", name="R.", person=Person.objects.of_account(rene))
    for words, name in [("ann", "Ann"), ("rene@", "Rene"), ("Rene", "Rene")]:
        page = desk.get(PEOPLE, {"q": words}).content.decode()
        assert f"<bdi>{name}</bdi>" in page and page.count('class="table__title"') == 1
    assert 'class="empty"' in desk.get(PEOPLE, {"q": "ann@example.org"}).content.decode()


def test_ones_past_is_on_one_page(desk, ann, make_comment):
    make_comment("Second of Ann", state="spam", person=ann)
    make_comment("By an impostor", name="Ann", email="ann@example.org")
    page = desk.get(f"{PEOPLE}{ann.pk}/").content.decode()
    assert "First of Ann" in page and "Second of Ann" in page and "impostor" not in page
    assert "2nd comment, 1 approved, 1 spam" in page


def test_a_friend_is_let_in_and_a_blocked_one_is_not_heard(desk, guest, post, say, settings):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "The first.")
    person = Comment.objects.get().person
    answer = desk.post(f"{PEOPLE}{person.pk}/trust/", {"trust": "friend"})
    assert "Trust changed" in desk.get(answer["Location"]).content.decode()
    say(guest, post, "https://a.example https://b.example https://c.example")
    assert Comment.objects.get(text__contains="b.example").state == "approved"
    desk.post(f"{PEOPLE}{person.pk}/trust/", {"trust": "blocked"})
    say(guest, post, "Me again.")
    assert Comment.objects.get(text="Me again.").state == "spam"


def test_trust_is_not_given_to_whoever_types_the_same(desk, guest, post, say, client, settings):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "The first.")
    Comment.objects.get().person.trust_as("friend", None)
    client.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    say(client, post, "I am her, honestly.")
    assert Comment.objects.get(text__contains="honestly").state == "pending"


def test_trust_is_undone_like_everything(desk, ann):
    desk.post(f"{PEOPLE}{ann.pk}/trust/", {"trust": "blocked"})
    assert Decision.objects.get().undo() == 1
    ann.refresh_from_db()
    assert ann.trust == "unknown"


@pytest.mark.parametrize("trust", ["", "owner", None])
def test_no_other_trust_is_there(desk, ann, trust):
    desk.post(f"{PEOPLE}{ann.pk}/trust/", {} if trust is None else {"trust": trust})
    ann.refresh_from_db()
    assert ann.trust == "unknown" and not Decision.objects.exists()


def test_looking_at_a_person_changes_nothing(desk, ann):
    assert desk.get(f"{PEOPLE}{ann.pk}/trust/").status_code == 405


def test_people_cost_the_same_for_one_and_for_twenty(desk, ann, make_comment, connection_queries):
    few = connection_queries(lambda: desk.get(PEOPLE))
    for n in range(20):
        make_comment(str(n), person=Person.objects.of_browser(f"{n:032}"))
    assert connection_queries(lambda: desk.get(PEOPLE)) == few


def test_they_are_shut_for_readers(as_, rene, ann):
    reader = as_(rene)
    assert reader.get(PEOPLE).status_code == 403 and reader.get(f"{PEOPLE}{ann.pk}/").status_code == 403
    assert reader.post(f"{PEOPLE}{ann.pk}/trust/", {"trust": "friend"}).status_code == 403


ADDRESS = "/desk/comments/address/"


def test_the_owner_tells_somebody_what_is_stored_under_an_address(ada, as_, ann, make_comment):
    make_comment("Of somebody else", email="bob@example.org")
    owner = as_(ada)
    assert "First of Ann" in owner.get(ADDRESS, {"email": "ANN@example.org"}).content.decode()
    answer = owner.get(ADDRESS, {"email": "ann@example.org", "as": "json"})
    told = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert [comment["text"] for comment in told["comments"]] == ["First of Ann"]


def test_what_was_written_under_an_address_is_erased_with_its_letters(ada, as_, guest, post, say):
    say(guest, post, "Forget me.", email="ann@example.org")
    comment = Comment.objects.get()
    assert Letter.objects.filter(text__contains="Forget me.").exists()
    as_(ada).post(f"{ADDRESS}forget/", {"email": "ann@example.org", "how": "erase"})
    assert not Comment.objects.filter(pk=comment.pk).exists()
    assert not Letter.objects.filter(text__contains="Forget me.").exists()


def test_or_keeps_its_text_without_a_name(ada, as_, post, ann):
    comment = Comment.objects.get()
    as_(ada).post(f"{ADDRESS}forget/", {"email": "ann@example.org", "how": "anonymise"})
    comment.refresh_from_db()
    assert (comment.text, comment.name, comment.email, comment.person) == ("First of Ann", "", "", None)


@pytest.mark.parametrize(
    "sent",
    [{}, {"email": "ann@example.org"}, {"email": "ann@example.org", "how": "x"}, {"email": "", "how": "erase"}],
)
def test_nothing_is_forgotten_by_mistake(ada, as_, ann, sent):
    as_(ada).post(f"{ADDRESS}forget/", sent)
    assert Comment.objects.get().name == "Ann"


def test_addresses_are_the_owners_affair(as_, mona, ann):
    moderator = as_(mona)
    assert moderator.get(ADDRESS, {"email": "ann@example.org"}).status_code == 403
    assert moderator.post(f"{ADDRESS}forget/", {"email": "ann@example.org", "how": "erase"}).status_code == 403
    assert Comment.objects.exists()
