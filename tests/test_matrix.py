"""7 roles × the states of posts and comments × every address: no word is met by whoever may not see it.

What a role may see is the table in accounts/roles.py; which addresses there are is asked of the resolver. A new name
that needs arguments must be given a line in tests/matrix.py, or the first test fails.
"""

import logging

import pytest
from django.db import transaction

from accounts import roles
from tests import matrix
from tests.matrix import word

GUEST = "guest"
EVERYBODY = [GUEST, *roles.NAMES]
# Every address for each role takes minutes: `make test` asks for a guest, `make test-long` for the others.
DESK = (GUEST, "reader", "moderator")
DESK_IN_TURN = [role if role in DESK else pytest.param(role, marks=pytest.mark.long) for role in EVERYBODY]
IN_TURN = [role if role == GUEST else pytest.param(role, marks=pytest.mark.long) for role in EVERYBODY]


@pytest.fixture
def world(ada, ed, arthur, cora, mona, rene, settings, tmp_path, caplog, settled):
    settings.MEDIA_ROOT = tmp_path
    settings.LONGRUN_LIMITS = False
    caplog.set_level(logging.CRITICAL)
    cast = {"editor": ed, "author": arthur, "contributor": cora, "moderator": mona, "reader": rene}
    built = matrix.build(ada, cast)
    settled()  # else each of thousands of answers makes menu and sidebar anew
    return built


@pytest.fixture
def visitor(world, as_):
    """(client, user) of a role. What breaks answers 500, as in life."""
    from django.contrib.auth.models import AnonymousUser

    def of(role):
        person = world.people.get(role)
        client = as_(person)
        client.raise_request_exception = False
        return client, person or AnonymousUser()

    return of


def test_every_name_has_a_line(world):
    assert matrix.without_a_line(world) == [], "new names need a line in tests/matrix.py"


def test_the_words_are_where_they_should_be(world, visitor):
    """Else the tests below would find nothing because there is nothing."""
    client, owner = visitor("owner")
    met = set()
    for name in ("home", "desk_posts", "desk_comments", "desk_emails"):
        met |= matrix.words(client.get(matrix.reverses(name)))
    states = ["public", "draft", "private", "scheduled", "heldpending", "email"]
    assert {word(state) for state in states} <= met
    assert world.may_see(owner) == {*world.posts, *world.comments, *world.media, *world.emails}


def secret(answer, allowed):
    """The words that should not be in it; a page that breaks is wrong as well."""
    return "broken" if answer.status_code == 500 else matrix.words(answer) - allowed


@pytest.mark.parametrize("role", IN_TURN)
def test_nobody_meets_a_word_that_their_role_may_not_see(world, visitor, role):
    client, user = visitor(role)
    allowed = world.may_see(user)
    if user.has_perm("comments.moderate"):
        allowed = allowed | {word("address")}
    leaks = {}
    for name, path in matrix.paths(world):
        answer = client.get(path)
        if found := secret(answer, allowed):
            leaks[name, path] = found
    assert not leaks, "\n".join(f"{path}: {found}" for (_name, path), found in sorted(leaks.items()))


@pytest.mark.long
@pytest.mark.parametrize("role", IN_TURN)
def test_nor_in_the_answer_to_a_form(world, visitor, role):
    """Every address is sent an empty form, each in a transaction that is taken back."""
    client, user = visitor(role)
    allowed = world.may_see(user) | ({word("address")} if user.has_perm("comments.moderate") else set())
    cookies, leaks = client.cookies.copy(), {}
    for name, path in matrix.paths(world):
        with transaction.atomic():
            answer = client.post(path, {}, headers={"Origin": "http://localhost:8000"})
            if found := secret(answer, allowed):
                leaks[name, path] = found
            transaction.set_rollback(True)
        client.cookies = cookies.copy()
    assert not leaks, "\n".join(f"{path}: {found}" for (_name, path), found in sorted(leaks.items()))


@pytest.mark.long
@pytest.mark.parametrize("role", EVERYBODY)
def test_a_file_is_served_to_whoever_may_see_its_post_alone(world, visitor, role):
    client, user = visitor(role)
    allowed = world.may_see(user)
    served = {
        found for found, picture in world.media.items() if client.get(picture.get_absolute_url()).status_code == 200
    }
    assert served <= allowed
    assert word("filepublic") in served


@pytest.mark.long
@pytest.mark.parametrize("role", EVERYBODY)
def test_a_post_is_read_at_its_address_by_whoever_may(world, visitor, role):
    """The door that opens: each role meets at its address what the table lets it read."""
    client, user = visitor(role)
    for found, post in world.posts.items():
        if post.path and post.visibility != "password" and post.status == "published" and found in world.may_see(user):
            assert found in matrix.words(client.get(post.path)), post.path


@pytest.mark.parametrize("role", DESK_IN_TURN)
def test_the_desk_is_open_to_whoever_works_there_alone(world, visitor, role):
    client, user = visitor(role)
    for name in dict.fromkeys(matrix.names()):
        if name.startswith("desk") and name not in ("desk_token", "desk_signed_in") and matrix.reverses(name):
            status = client.get(matrix.reverses(name)).status_code
            if not user.has_perm("core.use_desk"):
                assert status in (302, 403, 405), name
