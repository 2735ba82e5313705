"""Comments of before: offered to whoever has the address for certain, never taken."""

import pytest
from allauth.account.models import EmailAddress

from comments.models import Comment, Person
from comments.views.claim import claimable


@pytest.fixture
def rene(rene):
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    return rene


@pytest.fixture
def earlier(post, make_comment):
    return [make_comment(f"Thought {number}.", name="R.", email="Rene@Example.org") for number in range(3)]


def take(client, comments):
    return client.post("/accounts/me/earlier/", {"do": "take", "comment": [comment.pk for comment in comments]})


def test_the_form_asks_once_and_the_page_shows_them(as_, rene, post, earlier):
    client = as_(rene)
    asked = client.get(post.path).content.decode()
    assert "3 earlier comments were written with your email address. Are they yours?" in asked
    page = client.get("/accounts/me/earlier/").content.decode()
    assert page.count('name="comment"') == 3 and "Thought 2." in page
    assert Comment.objects.filter(person=None).count() == 3


def test_what_is_claimed_is_theirs_under_the_name_of_then(as_, rene, post, earlier):
    client = as_(rene)
    take(client, earlier[:2])
    assert Comment.objects.filter(person__account=rene, name="R.").count() == 2
    earlier[2].refresh_from_db()
    assert earlier[2].person is None
    assert "earlier comment" not in client.get(post.path).content.decode()


def test_none_is_taken_by_who_leaves_them(as_, rene, post, earlier):
    client = as_(rene)
    client.post("/accounts/me/earlier/", {"do": "leave", "comment": [earlier[0].pk]})
    assert not Comment.objects.filter(person__account=rene).exists()
    assert "written with your email address" not in client.get(post.path).content.decode()


def test_an_address_that_was_never_confirmed_claims_nothing(as_, rene, earlier):
    EmailAddress.objects.update(verified=False)
    client = as_(rene)
    assert not claimable(rene).exists()
    take(client, earlier)
    assert not Comment.objects.filter(person__account=rene).exists()


def test_nobody_claims_by_number_what_is_not_offered(as_, rene, ada, make_comment, earlier):
    of_ada = make_comment("Mine.", person=Person.objects.of_account(ada), email="rene@example.org")
    other = make_comment("Somebody else's.", email="ann@example.org")
    take(as_(rene), [of_ada, other])
    assert not Comment.objects.filter(person__account=rene).exists()


def test_a_browsers_comments_can_be_claimed_and_a_blocked_ones_cannot(as_, rene, make_comment):
    browser, blocked = Person.objects.of_browser("a" * 32), Person.objects.of_browser("b" * 32)
    blocked.trust = Person.Trust.BLOCKED
    blocked.save()
    one = make_comment("One.", person=browser, email=rene.email)
    two = make_comment("Two.", person=blocked, email=rene.email)
    take(as_(rene), [one, two])
    assert list(Comment.objects.filter(person__account=rene)) == [one]


@pytest.mark.parametrize("state", ["spam", "trash"])
def test_what_was_thrown_away_is_not_offered(rene, make_comment, state):
    make_comment("Buy.", email=rene.email, state=state)
    assert not claimable(rene).exists()


def test_a_guest_is_sent_to_log_in_and_looking_changes_nothing(as_, rene, earlier):
    assert as_(None).get("/accounts/me/earlier/")["Location"].startswith("/accounts/login/")
    as_(rene).get("/accounts/me/earlier/?do=take&comment=1")
    assert Comment.objects.filter(person=None).count() == 3


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30, "²"])
def test_nonsense_claims_nothing(as_, rene, earlier, number):
    answer = as_(rene).post("/accounts/me/earlier/", {"do": "take", "comment": number})
    assert answer.status_code == 302


@pytest.mark.db
def test_an_address_of_look_alike_letters_is_somebody_elses(as_, rene, make_comment):
    EmailAddress.objects.create(user=rene, email="ann@gmaıl.com", verified=True)
    comment = make_comment("Mine, not yours.", email="ann@gmail.com")
    client = as_(rene)
    assert "Mine, not yours." not in client.get("/accounts/me/earlier/").content.decode()
    take(client, [comment])
    comment.refresh_from_db()
    assert comment.person is None
