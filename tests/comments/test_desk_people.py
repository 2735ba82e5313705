"""People: their past on one page, and trust that the owner gives."""

import json
import re

import pytest
from allauth.account.models import EmailAddress

from comments.models import Block, Comment, ModerationAction, Person
from core.models import Email
from tests.markup import squeeze

PEOPLE = "/desk/comments/commenters/"


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
    assert "impostor" in page.split('id="past"')[0], "a block of her address would reach that"
    past = page.split('id="past"')[1]
    assert "First of Ann" in past and "Second of Ann" in past and "impostor" not in past
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


@pytest.mark.parametrize(("trust", "state", "button"), [("friend", "approved", "Approve"), ("blocked", "spam", "Mark")])
def test_on_their_page_trust_decides_the_comment_and_offers_the_others(desk, ann, make_comment, trust, state, button):
    some = [make_comment(f"Ann waits {n}", state="pending", person=ann) for n in range(3)]
    address = f"{PEOPLE}{ann.pk}/"
    row = desk.get(address).content.decode().split(f'<li id="comment-{some[1].pk}">')[1].split("</li>")[0]
    fields = dict(re.findall(r'type="hidden" name="(then|who|page|saw)" value="([^"]*)"', row))
    assert f'value="{trust} {some[1].pk}"' in row
    place = desk.post(f"{address}trust/", fields | {"trust": f"{trust} {some[1].pk}"})["Location"]
    assert place.startswith(address) and place.endswith(f"#comment-{some[1].pk}")
    page = desk.get(place).content.decode()
    row = page.split(f'<li id="comment-{some[1].pk}">')[1].split("</li>")[0]
    some[1].refresh_from_db(), ann.refresh_from_db()
    assert (some[1].state, ann.trust) == (state, trust) and "their other 2" in row and "Undo" in row
    offer = row.split('action="/desk/comments/decide/"')[1].split("</form>")[0]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', offer))
    assert desk.post("/desk/comments/decide/", sent)["Location"].startswith(address)
    assert ann.comments.filter(state="pending").count() == 0
    undo = re.search(r'action="(/desk/\S+/undo/)"', row)[1]
    place = desk.post(undo, fields)["Location"]
    row = desk.get(place).content.decode().split(f'<li id="comment-{some[1].pk}">')[1].split("</li>")[0]
    assert "1 comment was restored." in row


def test_trust_on_an_old_page_overrides_nobody(desk, ann, mona):
    page = desk.get(f"{PEOPLE}{ann.pk}/").content.decode()
    fields = dict(re.findall(r'type="hidden" name="(then|who|trusted)" value="([^"]*)"', squeeze(page)))
    ann.set_trust("friend", mona)
    answer = desk.post(f"{PEOPLE}{ann.pk}/trust/", fields | {"trust": "blocked"})
    ann.refresh_from_db()
    assert (
        ann.trust == "friend"
        and "changed this commenter in the meantime: Friend." in desk.get(answer["Location"]).content.decode()
    )


def test_trust_is_not_given_to_whoever_types_the_same(desk, guest, post, say, client, settings):
    settings.LONGRUN_LIMITS = False
    say(guest, post, "The first.")
    Comment.objects.get().person.set_trust("friend", None)
    client.defaults["HTTP_ORIGIN"] = "http://localhost:8000"
    say(client, post, "I am her, honestly.")
    assert Comment.objects.get(text__contains="honestly").state == "pending"


def test_trust_is_undone_like_everything(desk, ann):
    desk.post(f"{PEOPLE}{ann.pk}/trust/", {"trust": "blocked"})
    assert ModerationAction.objects.get().undo() == 1
    ann.refresh_from_db()
    assert ann.trust == "unknown"


@pytest.mark.parametrize("trust", ["", "owner", None])
def test_no_other_trust_is_there(desk, ann, trust):
    desk.post(f"{PEOPLE}{ann.pk}/trust/", {} if trust is None else {"trust": trust})
    ann.refresh_from_db()
    assert ann.trust == "unknown" and not ModerationAction.objects.exists()


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


ADDRESS = "/desk/comments/personal-data/"


def test_the_owner_tells_somebody_what_is_stored_under_an_address(ada, as_, ann, make_comment):
    make_comment("Of somebody else", email="bob@example.org")
    owner = as_(ada)
    assert "First of Ann" in owner.get(ADDRESS, {"email": "ANN@example.org"}).content.decode()
    answer = owner.get(ADDRESS, {"email": "ann@example.org", "as": "json", "person": ann.pk})
    told = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert [comment["text"] for comment in told["comments"]] == ["First of Ann"]


def test_the_export_hands_over_ones_own_words_and_facts_alone(ada, rene, as_, ann, make_comment):
    """Ann's browser and Rene's account wrote under Rene's address; only the account's words are proved to be his."""
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    facts = {"facts": {"agent": "Firefox", "network": "abc"}, "email": rene.email}
    make_comment("His", person=Person.objects.of_account(rene), **facts)
    make_comment("Ann typed it", person=ann, **facts)
    make_comment("Imported", **facts)

    def told(**asked):
        answer = as_(ada).get(ADDRESS, {"email": rene.email, "as": "json"} | asked)
        return {row["text"]: row.get("network") for row in json.loads(answer.content)["comments"]}

    assert told() == {"His": "abc"}
    assert told(person=ann.pk) == {"His": "abc", "Ann typed it": None}
    assert told(person=[ann.pk, "none", "7777", "x"]) == {"His": "abc", "Ann typed it": None, "Imported": None}
    page = as_(ada).get(ADDRESS, {"email": rene.email}).content.decode()
    assert page.count('type="checkbox"') == 3 and "an account with this address" in page


def test_a_block_reaches_a_network_for_as_long_as_chosen(desk, ann, make_comment):
    make_comment("Bad", person=ann, name="Ann", email="ann@example.org", facts={"network": "abc"})
    for days, blocks in [
        ("0", {"ann@example.org"}),
        ("nonsense", {"ann@example.org"}),
        ("7", {"ann@example.org", "abc"}),
    ]:
        desk.post(f"{PEOPLE}{ann.pk}/trust/", {"trust": "unknown"})
        desk.post(f"{PEOPLE}{ann.pk}/trust/", {"trust": "blocked", "network": days})
        assert set(Block.objects.values_list("value", flat=True)) == blocks
    assert "a network until" in desk.get(f"{PEOPLE}{ann.pk}/").content.decode()


def test_what_was_written_under_an_address_is_erased_with_its_emails(ada, as_, guest, post, say):
    say(guest, post, "Forget me.", email="ann@example.org")
    comment = Comment.objects.get()
    assert Email.objects.filter(text__contains="Forget me.").exists()
    as_(ada).post(f"{ADDRESS}erase/", {"email": "ann@example.org", "how": "erase"})
    assert not Comment.objects.filter(pk=comment.pk).exists()
    assert not Email.objects.filter(text__contains="Forget me.").exists()


def test_or_keeps_its_text_without_a_name(ada, as_, post, ann):
    comment = Comment.objects.get()
    as_(ada).post(f"{ADDRESS}erase/", {"email": "ann@example.org", "how": "anonymise"})
    comment.refresh_from_db()
    assert (comment.text, comment.name, comment.email, comment.person) == ("First of Ann", "", "", None)


@pytest.mark.parametrize(
    "sent",
    [{}, {"email": "ann@example.org"}, {"email": "ann@example.org", "how": "x"}, {"email": "", "how": "erase"}],
)
def test_nothing_is_forgotten_by_mistake(ada, as_, ann, sent):
    as_(ada).post(f"{ADDRESS}erase/", sent)
    assert Comment.objects.get().name == "Ann"


def test_addresses_are_the_owners_affair(as_, mona, ann):
    moderator = as_(mona)
    assert moderator.get(ADDRESS, {"email": "ann@example.org"}).status_code == 403
    assert moderator.post(f"{ADDRESS}erase/", {"email": "ann@example.org", "how": "erase"}).status_code == 403
    assert Comment.objects.exists()
